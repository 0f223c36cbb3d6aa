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
# Importance below which words say nothing in particular (decision 028).
LITTLE = 1.6
# Nobody knows how much an unknown word says (decision 028).
_UNKNOWN = 3.0


def importance(terms: Collection[str]) -> float:
    """Return how much index terms say together, which is learned: the sum of the lengths of their vectors."""
    vectors = shipped_word_vectors()
    known = [term for term in terms if term in vectors.terms]
    lengths = np.linalg.norm(vectors.rows(vectors.ids(known)), axis=1)
    return float(lengths.sum()) + _UNKNOWN * (len(terms) - len(known))


def subject_terms(terms: Collection[str]) -> frozenset[str]:
    """Return those of a question's index terms that name what it is about; none where they hardly say anything."""
    named = frozenset(terms) - _ASKING - WORDS["labels"]
    return named if importance(named) >= LITTLE else frozenset()


def names_only_labels(text: str) -> bool:
    """Whether normalised `text` names what notices tell behind labels, and nothing that has it: 費用は?, 会場はどこ."""
    _, done, to_it = text.rpartition("を")
    said, wished = ({m.normal for m in morphemes(part) if m.is_content} - _ASKING for part in (text, to_it))
    # Who wants something done with one (駐車場を予約したい) may speak of it alone.
    return bool(said) and said <= WORDS["labels"] and not (done and wished)
