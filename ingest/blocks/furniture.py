"""Finds lines without content: rules, comments, running heads, page numbers, contents."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from ingest.blocks.headings import heading
from ingest.documents import Line

_RULE = re.compile(r"^(?:[-=_*─━―‐＝～~・…\s]{3,}|[`~]{3,}\w*)$")
_LINES = "─━═┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛╔╦╗╠╬╣╚╩╝"
_FRAME = re.compile(rf"^(?:\+[-=+]{{2,}}|[\s│┃║|]*[{_LINES}][\s│┃║|{_LINES}]*)$")
_TAGS = re.compile(r"(?:</?[A-Za-z][\w-]*(?:\s[^<>]*)?>\s*)+$")
# Reasons for dropping a page number.
PAGE_NUMBER = "ページ番号"
_PAGE_NUMBER = re.compile(
    r"^(?:[-―–—]\s*\d{1,4}\s*[-―–—]|\d{1,4}\s*/\s*\d{1,4}|(?:p\.?|page)\s*\d{1,4}|\d{1,4}\s*(?:ページ|頁))$",
    re.IGNORECASE,
)
# A text with a number after a gap; a short one with a single space is a series (Stage 1, Stage 2).
_COUNTED = re.compile(r"(?P<text>[^\s#].*?)(?:[\t 　]{2,}|\t|　|(?<=.{13}) )(?P<number>\d{1,3})")
# With fewer pages, repetition may be coincidental.
_MIN_PAGES = 3
# After the first character of a line.
_LEADER = re.compile(r"(?<=.)(?:[.．・]{3}|[…‥]{2})\s*\d{1,3}$")
_ENTRY = re.compile(r"(?<=.)(?:[ 　.．・…‥]{2}|\s)\d{1,3}$")
# Minimum number of entries.
_MIN_ENTRIES = 3


def find_furniture(lines: Sequence[Line]) -> dict[int, str]:
    """Return the positions of lines to drop, each with the reason."""
    reasons = dict.fromkeys(_front_matter(lines), "文書の管理情報")
    reasons |= dict.fromkeys(_comments(lines), "注釈（表示されない文）")
    reasons |= {i: "文字のないタグ" for i, line in enumerate(lines) if _TAGS.match(line.text.strip())}
    reasons |= {i: "罫線" for i, line in enumerate(lines) if i not in reasons and is_rule(line.text)}
    reasons |= dict.fromkeys(page_numbers(lines), PAGE_NUMBER)
    reasons |= dict.fromkeys(dot_leader_entries(lines), "目次")
    reasons |= dict.fromkeys(_close(lines), "結びの語")
    running_heads = [*_running_heads(lines, reasons), *_counted_heads(lines), *_heads_over_numbers(lines)]
    return reasons | dict.fromkeys(running_heads, "ページごとに繰り返す見出し")


def is_rule(text: str) -> bool:
    """Whether a line is drawn: ----, ====, a table frame, a code fence."""
    stripped = text.strip()
    return bool(stripped) and bool(_RULE.match(stripped) or _FRAME.match(stripped))


def is_frame(text: str) -> bool:
    """Whether a rule is part of a table frame, which separates no rows."""
    return bool(_FRAME.match(text.strip()))


def _front_matter(lines: Sequence[Line]) -> range:
    first = next((i for i, line in enumerate(lines) if line.text.strip()), None)
    if first is None or lines[first].text.strip() != "---":
        return range(0)
    end = next((i for i in range(first + 1, len(lines)) if lines[i].text.strip() in ("---", "...")), None)
    inside = [line.text for line in lines[first + 1 : end] if line.text.strip()]
    is_data = all(re.match(r"[\w-]+\s*:|\s|-\s|#", text) for text in inside)
    return range(first, end + 1) if end and inside and is_data else range(0)


def _comments(lines: Sequence[Line]) -> Iterator[int]:
    inside = False
    for i, line in enumerate(lines):
        text = line.text.strip()
        inside = inside or (text.startswith("<!--") and any("-->" in later.text for later in lines[i:]))
        if inside:
            if "-->" in text and not text.endswith("-->"):
                inside = False
                continue
            yield i
            inside = "-->" not in text


def _close(lines: Sequence[Line]) -> list[int]:
    last = next((i for i in reversed(range(len(lines))) if lines[i].text.strip()), None)
    return [last] if last is not None and lines[last].text.strip() in {"以上", "以 上", "以　上"} else []


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
    return positions - _first_headings(lines, positions)


def _counted_heads(lines: Sequence[Line]) -> list[int]:
    by_text: dict[str, list[tuple[int, int]]] = {}
    for i, line in enumerate(lines):
        if match := _COUNTED.fullmatch(line.text.strip()):
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


def dot_leader_entries(lines: Sequence[Line]) -> list[int]:
    """Return the positions of entries with leader dots before non-decreasing page numbers: 期間……4."""
    places = [i for i, line in enumerate(lines) if _LEADER.search(line.text.strip())]
    numbers = [int(re.findall(r"\d+", lines[i].text)[-1]) for i in places]
    rises = all(a <= b for a, b in pairwise(numbers))
    return places if len(places) >= _MIN_ENTRIES and rises else []


def is_contents(group: Sequence[Line]) -> bool:
    """Whether a paragraph is a table of contents: most lines are headings that end in a page number."""
    numbered = [line for line in group if heading(line) or re.match(r"^\d{1,2}(?:\.\d{1,2})*\.?\s", line.text)]
    entries = [line for line in group if _ENTRY.search(line.text.strip())]
    return len(group) >= _MIN_ENTRIES and len(numbered) * 2 > len(group) and len(entries) * 2 > len(group)
