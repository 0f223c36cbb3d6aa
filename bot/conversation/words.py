"""Conversation word lists (words.toml) and the learned importance of terms."""

import tomllib
from collections.abc import Collection
from pathlib import Path

import numpy as np

from ingest.embedding.words import shipped_word_vectors
from ingest.japanese.interrogatives import NORMAL_FORMS
from ingest.japanese.tokenise import LIGHT_WORDS, morphemes

WORDS = {
    name: frozenset(words.split())
    for name, words in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")).items()
}
_ASKING = LIGHT_WORDS | NORMAL_FORMS | WORDS["telling"] | WORDS["helping"]
# Words of less importance together name no subject (decision 028).
LITTLE = 1.6
# The importance of a word without a vector (decision 028).
_UNKNOWN = 3.0


def importance(terms: Collection[str]) -> float:
    """Return the summed length of the word vectors of index terms, which grows with how specific they are."""
    vectors = shipped_word_vectors()
    known = [term for term in terms if term in vectors.terms]
    lengths = np.linalg.norm(vectors.rows(vectors.ids(known)), axis=1)
    return float(lengths.sum()) + _UNKNOWN * (len(terms) - len(known))


def subject_terms(terms: Collection[str]) -> frozenset[str]:
    """Return the index terms that name the subject of a question; none where they are too general."""
    named = frozenset(terms) - _ASKING - WORDS["labels"]
    return named if importance(named) >= LITTLE else frozenset()


def names_only_labels(text: str) -> bool:
    """Whether normalised `text` names only labels of notices and not what they belong to: 費用は?, 会場はどこ."""
    _, particle, predicate = text.rpartition("を")
    said, action = ({m.normal for m in morphemes(part) if m.is_content} - _ASKING for part in (text, predicate))
    # With an action (駐車場を予約したい) the label is the subject itself.
    return bool(said) and said <= WORDS["labels"] and not (particle and action)
