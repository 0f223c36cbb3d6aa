"""Marks the words in which two texts differ."""

from collections import Counter
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from ingest.japanese.tokenise import morphemes

# Pairs of equal words, or of equal lines, with which two texts are compared; the work of a comparison grows with them.
_MAX_EQUAL_PAIRS = 200_000
# Characters of changed lines that are compared word by word.
_MAX_COMPARED_CHARACTERS = 6_000
# Characters that are compared word by word for one document.
_MAX_CHARACTERS = 500_000
# More differences are not marked one by one: between two texts, and for one document.
_MAX_SPANS = 400
_MAX_SPANS_IN_TOTAL = 10_000


class TextSpan(NamedTuple):
    """A span of a text, and whether it is highlighted."""

    text: str
    is_marked: bool


Spans = tuple[TextSpan, ...]


def diff_words(text: str, other: str) -> tuple[Spans, Spans]:
    """Split two texts into spans of words, with the differences highlighted; the work is not bounded."""
    return _mark(_split_words(text), _split_words(other))


def has_few_equal_pairs(items: Sequence[Hashable], others: Sequence[Hashable]) -> bool:
    """Whether two sequences can be compared with bounded work."""
    counts, other_counts = Counter(items), Counter(others)
    return sum(count * other_counts[item] for item, count in counts.items()) <= _MAX_EQUAL_PAIRS


class WordComparison:
    """Compares pairs of texts line by line, and changed lines word by word, with bounded work in total.

    At most `characters` are compared word by word; beyond the bounds, changed lines are marked as a whole.
    """

    def __init__(self, characters: int = _MAX_CHARACTERS) -> None:
        self._left = characters
        self._left_spans = _MAX_SPANS_IN_TOTAL

    def compare(self, text: str, other: str) -> tuple[Spans, Spans]:
        """Split two texts into spans, with the differences highlighted."""
        lines, other_lines = text.splitlines(keepends=True), other.splitlines(keepends=True)
        if not has_few_equal_pairs(lines, other_lines):
            return _whole(text), _whole(other)
        spans, other_spans = list[TextSpan](), list[TextSpan]()
        matcher = SequenceMatcher(None, lines, other_lines, autojunk=False)
        for tag, start, end, other_start, other_end in matcher.get_opcodes():
            block, other_block = "".join(lines[start:end]), "".join(other_lines[other_start:other_end])
            if tag == "equal":
                spans.append(TextSpan(block, is_marked=False))
                other_spans.append(TextSpan(block, is_marked=False))
                continue
            left, right = self._compare_block(block, other_block)
            spans += left
            other_spans += right
        count = len(spans) + len(other_spans)
        if count > min(_MAX_SPANS, self._left_spans):
            return _whole(text), _whole(other)
        self._left_spans -= count
        return tuple(spans), tuple(other_spans)

    def _compare_block(self, text: str, other: str) -> tuple[Spans, Spans]:
        length = len(text) + len(other)
        if text and other and length <= min(_MAX_COMPARED_CHARACTERS, self._left):
            self._left -= length
            words, other_words = _split_words(text), _split_words(other)
            if has_few_equal_pairs(words, other_words):
                return _mark(words, other_words)
        return _whole(text), _whole(other)


def _whole(text: str) -> Spans:
    return (TextSpan(text, is_marked=True),) if text else ()


def _mark(words: Sequence[str], other_words: Sequence[str]) -> tuple[Spans, Spans]:
    left, right = [], []
    matcher = SequenceMatcher(None, words, other_words, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        left.append(TextSpan("".join(words[start:end]), is_marked=tag != "equal"))
        right.append(TextSpan("".join(other_words[other_start:other_end]), is_marked=tag != "equal"))
    return tuple(span for span in left if span.text), tuple(span for span in right if span.text)


def _split_words(text: str) -> list[str]:
    parts, end = [], 0
    for morpheme in morphemes(text):
        if morpheme.start > end:
            parts.append(text[end : morpheme.start])
        parts.append(text[morpheme.start : morpheme.end])
        end = morpheme.end
    return [part for part in (*parts, text[end:]) if part]
