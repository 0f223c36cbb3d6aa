"""Index terms of labels, heads, cells and questions."""

from functools import lru_cache

from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.tokenise import morphemes, words

FIGURE_NOUNS = frozenset(load_lexicon("measures")["figures"])
"""Nouns of figures, which a column head may leave out: 座席 for 座席数."""


@lru_cache(maxsize=8192)
def index_terms(text: str) -> frozenset[str]:
    """Return the index terms of a label, head or cell."""
    return frozenset(words(text))


def as_written_terms(question: str, text: str) -> frozenset[str]:
    """Return the index terms of a question whose words are written in a text, also inside other words: 月 in 年月."""
    return frozenset(
        morpheme.normal.lower() for morpheme in morphemes(question) if morpheme.is_content and morpheme.surface in text
    )


@lru_cache(maxsize=256)
def suffix_terms(question: str) -> frozenset[str]:
    """Return the index terms of a question that only qualify the noun before: 児 of 5歳児."""
    return frozenset(morpheme.normal.lower() for morpheme in morphemes(question) if morpheme.pos[0] == "接尾辞")


@lru_cache(maxsize=4096)
def has_proper_name(term: str) -> bool:
    """Whether a term has a proper name."""
    return any("固有名詞" in morpheme.pos for morpheme in morphemes(term))
