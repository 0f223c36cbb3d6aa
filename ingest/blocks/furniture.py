"""Finds lines without content: rules, running heads, page numbers, contents."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from itertools import pairwise

from ingest.blocks.headings import heading
from ingest.blocks.model import DocumentPart
from ingest.documents import Block, Line

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


def find_furniture(parts: Sequence[DocumentPart]) -> dict[int, str]:
    """Return the positions of lines to drop, each with the reason."""
    texts = [part.text.strip() if isinstance(part, Line) else "" for part in parts]
    reasons = {i: "罫線" for i, text in enumerate(texts) if _RULE.match(text) or is_frame(text)}
    reasons |= dict.fromkeys(_page_numbers(texts), "ページ番号")
    # Entries with leader dots before non-decreasing page numbers: 期間……4.
    entries = [i for i, text in enumerate(texts) if _LEADER.search(text)]
    numbers = [int(re.findall(r"\d+", texts[i])[-1]) for i in entries]
    if len(entries) >= _MIN_ENTRIES and all(a <= b for a, b in pairwise(numbers)):
        reasons |= dict.fromkeys(entries, "目次")
    running_heads = [*_running_heads(parts, texts, reasons), *_counted_heads(texts)]
    return reasons | dict.fromkeys(running_heads, "ページごとに繰り返す見出し")


def is_frame(text: str) -> bool:
    """Whether a line is part of a table frame, which separates no rows."""
    return bool(text.strip()) and bool(_FRAME.match(text.strip()))


# Numbers that increase page by page in one form: - 1 -, 2/30, 3ページ.
def _page_numbers(texts: Sequence[str]) -> list[int]:
    by_shape = defaultdict[str, list[int]](list)
    for i, text in enumerate(texts):
        if _PAGE_NUMBER.match(text):
            by_shape[_mask_numbers(text)].append(i)
    positions = list[int]()
    for alike in by_shape.values():
        numbers = [int(re.findall(r"\d+", texts[i])[0]) for i in alike]
        if len(alike) > 1 and all(a < b for a, b in pairwise(numbers)):
            positions += alike
    return positions


# The first occurrence of a heading stays. A block at the edge of a page is no running head, and nothing beside it is.
def _running_heads(parts: Sequence[DocumentPart], texts: Sequence[str], dropped: Collection[int]) -> set[int]:
    pages: dict[int, list[int]] = defaultdict(list)
    for i, part in enumerate(parts):
        if part.page is not None and (texts[i] or isinstance(part, Block)) and i not in dropped:
            pages[part.page].append(i)
    positions: set[int] = set()
    while len(pages) >= _MIN_PAGES:
        edges = {i for page in pages.values() if page for i in (page[0], page[-1])}
        edges = {i for i in edges if texts[i] and not re.search(r"^\||[。、]$", texts[i])}
        counts = Counter(_mask_numbers(texts[i]) for i in edges)
        recurring = {i for i in edges if counts[_mask_numbers(texts[i])] * 2 >= len(pages)}
        if not recurring:
            break
        positions |= recurring
        pages = {page: [i for i in places if i not in recurring] for page, places in pages.items()}
    first = {texts[i]: i for i in sorted(positions, reverse=True) if heading(Line(0, texts[i]))}
    return positions - set(first.values())


def _counted_heads(texts: Sequence[str]) -> list[int]:
    by_text = defaultdict[str, list[tuple[int, int]]](list)
    for i, text in enumerate(texts):
        if match := _COUNTED.fullmatch(text):
            by_text[match["text"]].append((i, int(match["number"])))
    counted = [same for same in by_text.values() if all(a < b for (_, a), (_, b) in pairwise(same))]
    return [i for same in counted if len(same) >= _MIN_PAGES for i, _ in same]


def _mask_numbers(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def is_contents(group: Sequence[Line]) -> bool:
    """Whether a paragraph is a table of contents: most lines are headings that end in a page number."""
    numbered = [line for line in group if heading(line) or re.match(r"^\d{1,2}(?:\.\d{1,2})*\.?\s", line.text)]
    entries = [line for line in group if _ENTRY.search(line.text.strip())]
    return len(group) >= _MIN_ENTRIES and len(numbered) * 2 > len(group) and len(entries) * 2 > len(group)
