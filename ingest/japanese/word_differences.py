"""Marks the words in which two texts differ."""

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from ingest.japanese.tokenise import morphemes

# Pairs of equal words, or of equal lines, with which two texts are compared; the work of a comparison grows with them.
_MAX_EQUAL_PAIRS = 200_000
# Characters of two texts that are compared word by word.
_MAX_CHARACTERS = 6_000


class TextSpan(NamedTuple):
    """A span of a text, and whether it is highlighted."""

    text: str
    is_marked: bool


Spans = tuple[TextSpan, ...]


def diff_words(text: str, other: str, max_characters: int = _MAX_CHARACTERS) -> tuple[Spans, Spans]:
    """Split two texts into spans, with the words in which they differ highlighted; the work is bounded.

    Texts of more than `max_characters` together are compared by lines. Repetitive ones are highlighted as a whole.
    """
    is_short = len(text) + len(other) <= max_characters
    parts, others = (_split_words(side) if is_short else side.splitlines(keepends=True) for side in (text, other))
    counts, other_counts = Counter(parts), Counter(others)
    if sum(count * other_counts[part] for part, count in counts.items()) > _MAX_EQUAL_PAIRS:
        parts, others = [text], [other]
    sides = list[TextSpan](), list[TextSpan]()
    matcher = SequenceMatcher(None, parts, others, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        for side, written in zip(sides, (parts[start:end], others[other_start:other_end]), strict=True):
            side.extend([TextSpan("".join(written), is_marked=tag != "equal")] if written else [])
    return tuple(sides[0]), tuple(sides[1])


def _split_words(text: str) -> Sequence[str]:
    bounds = sorted({0, len(text), *(place for word in morphemes(text) for place in (word.start, word.end))})
    return [text[start:end] for start, end in pairwise(bounds)]
