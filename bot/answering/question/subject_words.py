"""Whether a text names a subject: by the learned importance of its words, and without words that only ask."""

from collections.abc import Collection

import numpy as np

from ingest.embedding.words import shipped_word_vectors
from ingest.japanese.lexicon import NORMAL_FORMS, load_lexicon
from ingest.japanese.tokenise import LIGHT_WORDS, morphemes, words

CONVERSATION_WORDS = {name: frozenset(listed) for name, listed in load_lexicon("conversation").items()}
ASKING_WORDS = LIGHT_WORDS | NORMAL_FORMS | CONVERSATION_WORDS["telling"] | CONVERSATION_WORDS["helping"]
"""Words of a question that only ask."""
# Words of less importance together name no subject (decision 028).
MIN_SUBJECT_IMPORTANCE = 1.6
# The importance of a word without a vector (decision 028).
_UNKNOWN_WORD_IMPORTANCE = 3.0
# Suffixes, counters and adverbial nouns, which name no subject.
_NO_SUBJECT_POS = frozenset({"接尾辞", "助数詞", "助数詞可能", "副詞可能"})


def importance(terms: Collection[str]) -> float:
    """Return the summed length of the word vectors of index terms, which grows with how specific they are."""
    vectors = shipped_word_vectors()
    known_terms = [term for term in terms if term in vectors.terms]
    lengths = np.linalg.norm(vectors.rows(vectors.ids(known_terms)), axis=1)
    return float(lengths.sum()) + _UNKNOWN_WORD_IMPORTANCE * (len(terms) - len(known_terms))


def is_vague(text: str) -> bool:
    """Whether normalised `text` hardly names a subject: 費用は?, 死んだときは?; not 粗大ごみは?."""
    return importance({*words(text)}) < MIN_SUBJECT_IMPORTANCE


def has_no_subject(text: str) -> bool:
    """Whether normalised `text` asks without naming a subject: だれですか, あれはどこにありますか."""
    empty_words = LIGHT_WORDS | NORMAL_FORMS
    nouns = (m for m in morphemes(text) if m.is_noun and m.normal not in empty_words)
    return all(_NO_SUBJECT_POS & {*m.pos} for m in nouns) and is_vague(text)


def names_only_labels(text: str) -> bool:
    """Whether normalised `text` names only labels of notices and not what they belong to: 費用は?, 会場はどこ."""
    _, particle, predicate = text.rpartition("を")
    named = _content_forms(text) - ASKING_WORDS
    # With an action (駐車場を予約したい) the label is the subject itself.
    has_action = bool(particle and _content_forms(predicate) - ASKING_WORDS)
    return bool(named) and named <= CONVERSATION_WORDS["labels"] and not has_action


def _content_forms(text: str) -> set[str]:
    return {m.normal for m in morphemes(text) if m.is_content}
