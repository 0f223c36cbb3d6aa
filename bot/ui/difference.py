"""In which words two texts differ."""

from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from ingest.tokenise import morphemes


class Words(NamedTuple):
    """Words that stand in both texts, or in this one only."""

    kind: Literal["both", "only"]
    text: str


def differing(one: str, other: str) -> tuple[tuple[Words, ...], tuple[Words, ...]]:
    """Cut two texts where they differ, between words; the pieces of each, joined, are the text."""
    ones, others = _words(one), _words(other)
    left, right = [], []
    for tag, start, end, other_start, other_end in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        kind: Literal["both", "only"] = "both" if tag == "equal" else "only"
        left.append(Words(kind, "".join(ones[start:end])))
        right.append(Words(kind, "".join(others[other_start:other_end])))
    return tuple(words for words in left if words.text), tuple(words for words in right if words.text)


def _words(text: str) -> list[str]:
    """Return the words of a text, and what stands between them."""
    found, at = [], 0
    for morpheme in morphemes(text):
        if morpheme.start > at:
            found.append(text[at : morpheme.start])
        found.append(text[morpheme.start : morpheme.end])
        at = morpheme.end
    return [word for word in (*found, text[at:]) if word]
