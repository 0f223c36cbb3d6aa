"""Finds running heads and page numbers, also if page breaks are lost."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

from ingest.documents import Line
from ingest.structure.headings import LONGEST_MEMBER, heading

# Reasons for dropping a page number.
PAGE_NUMBER = "ページ番号"
_PAGE_NUMBER = re.compile(
    r"^(?:[-―–—]\s*\d{1,4}\s*[-―–—]|\d{1,4}\s*/\s*\d{1,4}|(?:p\.?|page)\s*\d{1,4}|\d{1,4}\s*(?:ページ|頁))$",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?P<text>[^\s#].*?)(?P<gap>[\t 　]+)(?P<number>\d{1,3})")
# With fewer pages, repetition may be coincidental.
_MIN_PAGES = 3


def running_heads(lines: Sequence[Line], dropped: Collection[int]) -> list[int]:
    """Return the positions of lines at page tops and bottoms that repeat, except `dropped` ones."""
    return [*_edges(lines, dropped), *_counted_heads(lines), *_heads_over_numbers(lines)]


def page_numbers(lines: Sequence[Line]) -> list[int]:
    """Return the positions of numbers that increase page by page in one form: - 1 -, 2/30, 3ページ."""
    places = [i for i, line in enumerate(lines) if _PAGE_NUMBER.match(line.text.strip())]
    shapes = Counter(_mask_numbers(lines[i].text) for i in places)
    positions = list[int]()
    for shape in shapes:
        alike = [i for i in places if _mask_numbers(lines[i].text) == shape]
        numbers = [int(re.findall(r"\d+", lines[i].text)[0]) for i in alike]
        if len(alike) > 1 and all(a < b for a, b in pairwise(numbers)):
            positions += alike
    return positions


def _edges(lines: Sequence[Line], dropped: Collection[int]) -> set[int]:
    """Return the positions of first and last lines of pages that repeat on at least half of the pages.

    Page numbers in them are ignored. The first occurrence of a heading stays, and so do headers of continued tables.
    """
    pages: dict[int, list[int]] = {}
    for i, line in enumerate(lines):
        if line.page is not None and line.text.strip() and i not in dropped:
            pages.setdefault(line.page, []).append(i)
    positions: set[int] = set()
    while len(pages) >= _MIN_PAGES:
        edges = {i for page in pages.values() if page for i in (page[0], page[-1])}
        edges = {i for i in edges if not re.search(r"^\||[。、]$", lines[i].text.strip())}
        counts = Counter(_mask_numbers(lines[i].text) for i in edges)
        recurring = {i for i in edges if counts[_mask_numbers(lines[i].text)] * 2 >= len(pages)}
        if not recurring:
            break
        positions |= recurring
        pages = {page: [i for i in places if i not in recurring] for page, places in pages.items()}
    return positions - _first_headings(lines, positions)


def _counted_heads(lines: Sequence[Line]) -> list[int]:
    """Return the positions of a text repeated with an increasing number: running heads of lost pages.

    A short text one space before its number (Stage 1, Stage 2) is a series instead.
    """
    by_text: dict[str, list[tuple[int, int]]] = {}
    for i, line in enumerate(lines):
        match = _COUNTED.fullmatch(line.text.strip())
        if match and (match["gap"] != " " or len(match["text"]) > LONGEST_MEMBER):
            by_text.setdefault(match["text"], []).append((i, int(match["number"])))
    counted = [same for same in by_text.values() if all(a < b for (_, a), (_, b) in pairwise(same))]
    return [i for same in counted if len(same) >= _MIN_PAGES for i, _ in same]


def _heads_over_numbers(lines: Sequence[Line]) -> list[int]:
    by_text: dict[str, list[tuple[int, int]]] = {}
    for i, (line, below) in enumerate(pairwise(lines)):
        if line.text.strip() and re.fullmatch(r"\s*\d{1,3}\s*", below.text):
            by_text.setdefault(line.text.strip(), []).append((i, int(below.text)))
    counted = [same for same in by_text.values() if all(a < b for (_, a), (_, b) in pairwise(same))]
    return [place for same in counted if len(same) >= _MIN_PAGES for i, _ in same for place in (i, i + 1)]


def _first_headings(lines: Sequence[Line], places: set[int]) -> set[int]:
    first: dict[str, int] = {}
    for i in sorted(places):
        if heading(lines[i]):
            first.setdefault(lines[i].text.strip(), i)
    return set(first.values())


def _mask_numbers(text: str) -> str:
    return re.sub(r"\d+", "0", text.strip())
