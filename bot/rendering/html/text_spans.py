"""Text spans for highlighting: quotes in passages, differences between two texts."""

from difflib import SequenceMatcher
from typing import NamedTuple

from ingest.japanese.tokenise import morphemes


class TextSpan(NamedTuple):
    """A span of a text, and whether it is highlighted."""

    text: str
    is_marked: bool


def highlight_quote(passage: str, quote: str) -> tuple[TextSpan, ...]:
    """Split a passage into spans with the quote highlighted.

    Where the passage no longer contains the quote, because its document was replaced, only the quote is returned.
    """
    if not quote:
        return (TextSpan(passage, is_marked=False),)
    before, marked, after = passage.partition(quote)
    if not marked:
        return (TextSpan(quote, is_marked=True),)
    spans = (TextSpan(before, is_marked=False), TextSpan(marked, is_marked=True), TextSpan(after, is_marked=False))
    return tuple(span for span in spans if span.text)


def diff_words(text: str, other: str) -> tuple[tuple[TextSpan, ...], tuple[TextSpan, ...]]:
    """Split two texts into spans of words, with the differences highlighted."""
    words, other_words = _split_words(text), _split_words(other)
    left, right = [], []
    matcher = SequenceMatcher(None, words, other_words, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        left.append(TextSpan("".join(words[start:end]), is_marked=tag != "equal"))
        right.append(TextSpan("".join(other_words[other_start:other_end]), is_marked=tag != "equal"))
    return tuple(span for span in left if span.text), tuple(span for span in right if span.text)


def _split_words(text: str) -> list[str]:
    """Return the words of a text, and the text between them."""
    parts, end = [], 0
    for morpheme in morphemes(text):
        if morpheme.start > end:
            parts.append(text[end : morpheme.start])
        parts.append(text[morpheme.start : morpheme.end])
        end = morpheme.end
    return [part for part in (*parts, text[end:]) if part]
