"""Finds lines without content: rules, running heads, page numbers, contents."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

from ingest.blocks.headings import heading
from ingest.documents import Line

_RULE = re.compile(r"^(?:[-=_*─━―‐＝～~・…\s]{3,}|[`~]{3,}\w*)$")
_LINES = "─━═┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛╔╦╗╠╬╣╚╩╝"
_FRAME = re.compile(rf"^(?:\+[-=+]{{2,}}|[\s│┃║|]*[{_LINES}][\s│┃║|{_LINES}]*)$")
_PAGE_NUMBER = re.compile(
    r"^(?:[-―–—]\s*\d{1,4}\s*[-―–—]|\d{1,4}\s*/\s*\d{1,4}|(?:p\.?|page)\s*\d{1,4}|\d{1,4}\s*(?:ページ|頁))$",
    re.IGNORECASE,
)
# A text with a number after a gap; a short one with a single space is a series (Stage 1, Stage 2).
_COUNTED = re.compile(r"(?P<text>[^\s#].*?)(?:(?<![\t 　])[\t 　]{2,}+|\t|　|(?<=.{13}) )(?P<number>\d{1,3})")
# With fewer pages, repetition may be coincidental.
_MIN_PAGES = 3
# After the first character of a line.
_LEADER = re.compile(r"(?<=.)(?:[.．・]{3}|[…‥]{2})\s*\d{1,3}$")
_ENTRY = re.compile(r"(?<=.)(?:[ 　.．・…‥]{2}|\s)\d{1,3}$")
# Minimum number of entries.
_MIN_ENTRIES = 3


def find_furniture(lines: Sequence[Line]) -> dict[int, str]:
    """Return the positions of lines to drop, each with the reason."""
    reasons = {i: "罫線" for i, line in enumerate(lines) if _RULE.match(line.text.strip()) or is_frame(line.text)}
    reasons |= dict.fromkeys(_page_numbers(lines), "ページ番号")
    reasons |= dict.fromkeys(_contents_entries(lines), "目次")
    running_heads = [*_running_heads(lines, reasons), *_counted_heads(lines)]
    return reasons | dict.fromkeys(running_heads, "ページごとに繰り返す見出し")


def is_frame(text: str) -> bool:
    """Whether a line is part of a table frame, which separates no rows."""
    return bool(text.strip()) and bool(_FRAME.match(text.strip()))


# Numbers that increase page by page in one form: - 1 -, 2/30, 3ページ.
def _page_numbers(lines: Sequence[Line]) -> list[int]:
    places = [i for i, line in enumerate(lines) if _PAGE_NUMBER.match(line.text.strip())]
    shapes = Counter(_mask_numbers(lines[i].text) for i in places)
    positions = list[int]()
    for shape in shapes:
        alike = [i for i in places if _mask_numbers(lines[i].text) == shape]
        numbers = [int(re.findall(r"\d+", lines[i].text)[0]) for i in alike]
        if len(alike) > 1 and all(a < b for a, b in pairwise(numbers)):
            positions += alike
    return positions


# The first occurrence of a heading stays, and so do headers of continued tables.
def _running_heads(lines: Sequence[Line], dropped: Collection[int]) -> set[int]:
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
    first = {lines[i].text.strip(): i for i in sorted(positions, reverse=True) if heading(lines[i])}
    return positions - set(first.values())


def _counted_heads(lines: Sequence[Line]) -> list[int]:
    by_text: dict[str, list[tuple[int, int]]] = {}
    for i, line in enumerate(lines):
        if match := _COUNTED.fullmatch(line.text.strip()):
            by_text.setdefault(match["text"], []).append((i, int(match["number"])))
    counted = [same for same in by_text.values() if all(a < b for (_, a), (_, b) in pairwise(same))]
    return [i for same in counted if len(same) >= _MIN_PAGES for i, _ in same]


def _mask_numbers(text: str) -> str:
    return re.sub(r"\d+", "0", text.strip())


# Entries with leader dots before non-decreasing page numbers: 期間……4.
def _contents_entries(lines: Sequence[Line]) -> list[int]:
    places = [i for i, line in enumerate(lines) if _LEADER.search(line.text.strip())]
    numbers = [int(re.findall(r"\d+", lines[i].text)[-1]) for i in places]
    rises = all(a <= b for a, b in pairwise(numbers))
    return places if len(places) >= _MIN_ENTRIES and rises else []


def is_contents(group: Sequence[Line]) -> bool:
    """Whether a paragraph is a table of contents: most lines are headings that end in a page number."""
    numbered = [line for line in group if heading(line) or re.match(r"^\d{1,2}(?:\.\d{1,2})*\.?\s", line.text)]
    entries = [line for line in group if _ENTRY.search(line.text.strip())]
    return len(group) >= _MIN_ENTRIES and len(numbered) * 2 > len(group) and len(entries) * 2 > len(group)
