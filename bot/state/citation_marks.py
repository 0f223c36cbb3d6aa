"""The marks `[n]` that cite source n in a text."""

import re
from collections.abc import Iterable

CITATION_MARK = re.compile(r"\[(\d{1,3})\]")
_SENTENCE_END = re.compile(r"[。！？!?.]?\s*$")


def format_marks(numbers: Iterable[int]) -> str:
    """Return the marks of source numbers: [1][2]."""
    return "".join(f"[{n}]" for n in numbers)


def read_marks(text: str) -> tuple[int, ...]:
    """Return the source numbers that a text cites, in order and with repetitions."""
    return tuple(map(int, CITATION_MARK.findall(text)))


def remove_marks(text: str) -> str:
    """Return a text without its marks."""
    return CITATION_MARK.sub("", text)


def add_marks(text: str, numbers: Iterable[int]) -> str:
    """Return a sentence with the marks of these numbers before its full stop."""
    marks = format_marks(numbers)
    return _SENTENCE_END.sub(lambda end: marks + end[0], text, count=1)


def escape_marks(text: str) -> str:
    """Return words of a document with full-width brackets if they look like a mark, because they cite nothing."""
    return CITATION_MARK.sub(lambda mark: f"［{mark[1]}］", text)
