"""The marks `[n]` that cite source n in a text."""

import re
from collections.abc import Iterable

CITATION_MARK = re.compile(r"\[(\d{1,3})\]")


def format_marks(numbers: Iterable[int]) -> str:
    """Return the marks of source numbers: [1][2]."""
    return "".join(f"[{n}]" for n in numbers)


def read_marks(text: str) -> tuple[int, ...]:
    """Return the source numbers that a text cites, in order and with repetitions."""
    return tuple(map(int, CITATION_MARK.findall(text)))


def remove_marks(text: str) -> str:
    """Return a text without its marks."""
    return CITATION_MARK.sub("", text)


def escape_marks(text: str) -> str:
    """Return words of a document with full-width brackets if they look like a mark, because they cite nothing."""
    return CITATION_MARK.sub(lambda mark: f"［{mark[1]}］", text)
