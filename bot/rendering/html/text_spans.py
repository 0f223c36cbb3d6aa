"""Text spans for highlighting: quotes in passages, differences between two texts."""

from difflib import SequenceMatcher
from typing import NamedTuple

from ingest.japanese.tokenise import morphemes


class TextSpan(NamedTuple):
    """A stretch of a text, and whether it is set apart."""

    text: str
    is_marked: bool


def highlight_quote(passage: str, quote: str) -> tuple[TextSpan, ...]:
    """Cut a passage before and behind its quoted words, which are set apart; joined, the stretches are the passage.

    A passage that does not hold them (its document was replaced since, or the passage is gone and empty) is left out:
    what was quoted stands alone.
    """
    if not quote:
        return (TextSpan(passage, is_marked=False),)
    before, found, behind = passage.partition(quote)
    if not found:
        return (TextSpan(quote, is_marked=True),)
    cut = (TextSpan(before, is_marked=False), TextSpan(found, is_marked=True), TextSpan(behind, is_marked=False))
    return tuple(stretch for stretch in cut if stretch.text)


def diff_words(one: str, other: str) -> tuple[tuple[TextSpan, ...], tuple[TextSpan, ...]]:
    """Cut two texts where they differ, between words; the stretches of each, joined, are the text."""
    ones, others = _split_words(one), _split_words(other)
    left, right = [], []
    for tag, start, end, other_start, other_end in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        left.append(TextSpan("".join(ones[start:end]), is_marked=tag != "equal"))
        right.append(TextSpan("".join(others[other_start:other_end]), is_marked=tag != "equal"))
    return tuple(words for words in left if words.text), tuple(words for words in right if words.text)


def _split_words(text: str) -> list[str]:
    """Return the words of a text, and what stands between them."""
    found, at = [], 0
    for morpheme in morphemes(text):
        if morpheme.start > at:
            found.append(text[at : morpheme.start])
        found.append(text[morpheme.start : morpheme.end])
        at = morpheme.end
    return [word for word in (*found, text[at:]) if word]
