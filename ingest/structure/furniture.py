"""Lines that help the reader of pages and say nothing of their own: running heads, page numbers, rules, contents."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.documents import Line
from ingest.structure.headings import LONGEST_MEMBER, heading

_RULE = re.compile(r"^(?:[-=_*─━―‐＝～~・…\s]{3,}|[`~]{3,}\w*)$")
_LINES = "─━═┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛╔╦╗╠╬╣╚╩╝"
_FRAME = re.compile(rf"^(?:\+[-=+]{{2,}}|[\s│┃║|]*[{_LINES}][\s│┃║|{_LINES}]*)$")
_PAGE_NUMBER = re.compile(
    r"^(?:[-―–—]\s*\d{1,4}\s*[-―–—]|\d{1,4}\s*/\s*\d{1,4}|(?:p\.?|page)\s*\d{1,4}|\d{1,4}\s*(?:ページ|頁))$",
    re.IGNORECASE,
)
_LEADER = re.compile(r"\S.*?(?:[.．・]{3,}|[…‥]{2,})\s*\d{1,3}$")
_ENTRY = re.compile(r"^\S.*?(?:\t|[ 　.．・…‥]{2,}|\s)\s*\d{1,3}$")
_COUNTED = re.compile(r"(?P<text>[^\s#].*?)(?P<gap>[\t 　]+)(?P<number>\d{1,3})")
# Fewer pages or entries than this show no repetition.
_FEWEST = 3


def furniture(lines: Sequence[Line]) -> dict[int, str]:
    """Return the places in `lines` of what is to be dropped, each with the reason."""
    found = dict.fromkeys(_front_matter(lines), "文書の管理情報")
    found |= dict.fromkeys(_comments(lines), "注釈（表示されない文）")
    found |= {i: "罫線" for i, line in enumerate(lines) if i not in found and is_rule(line.text)}
    found |= dict.fromkeys(_page_numbers(lines), "ページ番号")
    found |= dict.fromkeys(_leaders(lines), "目次")
    repeated = [*_running_heads(lines, found), *_counted_heads(lines), *_heads_over_numbers(lines)]
    found |= dict.fromkeys(_close(lines), "結びの語")
    return found | dict.fromkeys(repeated, "ページごとに繰り返す見出し")


def is_rule(text: str) -> bool:
    """Whether a line is drawn and not written: ----, ====, the frame of a table, a fence of code."""
    stripped = text.strip()
    return bool(stripped) and bool(_RULE.match(stripped) or _FRAME.match(stripped))


def is_frame(text: str) -> bool:
    """Whether a rule is part of a table's frame, which parts no rows."""
    return bool(_FRAME.match(text.strip()))


def _front_matter(lines: Sequence[Line]) -> range:
    """Return the places of the block between two --- with which a Markdown file may begin."""
    first = next((i for i, line in enumerate(lines) if line.text.strip()), None)
    if first is None or lines[first].text.strip() != "---":
        return range(0)
    end = next((i for i in range(first + 1, len(lines)) if lines[i].text.strip() in ("---", "...")), None)
    inside = [line.text for line in lines[first + 1 : end] if line.text.strip()]
    is_data = all(re.match(r"[\w-]+\s*:|\s|-\s|#", text) for text in inside)
    return range(first, end + 1) if end and inside and is_data else range(0)


def _comments(lines: Sequence[Line]) -> Iterator[int]:
    """Yield the places of lines that are nothing but <!-- … -->, over several lines too."""
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


def _page_numbers(lines: Sequence[Line]) -> list[int]:
    """Return the places of numbers that count up page by page in one form: - 1 -, 2/30, 3ページ."""
    places = [i for i, line in enumerate(lines) if _PAGE_NUMBER.match(line.text.strip())]
    shapes = Counter(_masked(lines[i].text) for i in places)
    found = []
    for shape in shapes:
        alike = [i for i in places if _masked(lines[i].text) == shape]
        numbers = [int(re.findall(r"\d+", lines[i].text)[0]) for i in alike]
        if len(alike) > 1 and all(a < b for a, b in pairwise(numbers)):
            found += alike
    return found


def _leaders(lines: Sequence[Line]) -> list[int]:
    """Return the places of entries with leader dots before a page number that does not fall: 期間……4."""
    places = [i for i, line in enumerate(lines) if _LEADER.match(line.text.strip())]
    numbers = [int(re.findall(r"\d+", lines[i].text)[-1]) for i in places]
    rises = all(a <= b for a, b in pairwise(numbers))
    return places if len(places) >= _FEWEST and rises else []


def is_contents(group: Sequence[Line]) -> bool:
    """Whether a paragraph is a table of contents: most lines are headings, and most end in a page number."""
    numbered = [line for line in group if heading(line) or re.match(r"^\d{1,2}(?:\.\d{1,2})*\.?\s", line.text)]
    entries = [line for line in group if _ENTRY.match(line.text.strip())]
    return len(group) >= _FEWEST and len(numbered) * 2 > len(group) and len(entries) * 2 > len(group)


def _running_heads(lines: Sequence[Line], dropped: dict[int, str]) -> set[int]:
    """Return the places of first and last lines of pages that come back on half the pages or more.

    Page numbers in them count as the same. Where such a line is a heading, its first appearance stays.
    """
    pages: dict[int, list[int]] = {}
    for i, line in enumerate(lines):
        if line.page is not None and line.text.strip() and i not in dropped:
            pages.setdefault(line.page, []).append(i)
    found: set[int] = set()
    while len(pages) >= _FEWEST:
        edges = {i for page in pages.values() if page for i in (page[0], page[-1])}
        edges = {i for i in edges if not re.search(r"[。、]$", lines[i].text.strip())}
        counts = Counter(_masked(lines[i].text) for i in edges)
        recurring = {i for i in edges if counts[_masked(lines[i].text)] * 2 >= len(pages)}
        if not recurring:
            break
        found |= recurring
        pages = {page: [i for i in places if i not in recurring] for page, places in pages.items()}
    return found - _first_headings(lines, found)


def _counted_heads(lines: Sequence[Line]) -> list[int]:
    """Return the places of one text that comes back with a number that counts up: heads of pages that were lost.

    A short text one space before its number (Stage 1, Stage 2) counts the members of a series instead.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for i, line in enumerate(lines):
        match = _COUNTED.fullmatch(line.text.strip())
        if match and (match["gap"] != " " or len(match["text"]) > LONGEST_MEMBER):
            found.setdefault(match["text"], []).append((i, int(match["number"])))
    counted = [same for same in found.values() if all(a < b for (_, a), (_, b) in pairwise(same))]
    return [i for same in counted if len(same) >= _FEWEST for i, _ in same]


def _heads_over_numbers(lines: Sequence[Line]) -> list[int]:
    """Return the places of one text that comes back with a page number that counts up right under it."""
    found: dict[str, list[tuple[int, int]]] = {}
    for i, (line, below) in enumerate(pairwise(lines)):
        if line.text.strip() and re.fullmatch(r"\s*\d{1,3}\s*", below.text):
            found.setdefault(line.text.strip(), []).append((i, int(below.text)))
    counted = [same for same in found.values() if all(a < b for (_, a), (_, b) in pairwise(same))]
    return [place for same in counted if len(same) >= _FEWEST for i, _ in same for place in (i, i + 1)]


def _close(lines: Sequence[Line]) -> list[int]:
    """Return the place of 以上 where it ends the document."""
    last = next((i for i in reversed(range(len(lines))) if lines[i].text.strip()), None)
    return [last] if last is not None and lines[last].text.strip() in {"以上", "以 上", "以　上"} else []


def _first_headings(lines: Sequence[Line], places: set[int]) -> set[int]:
    first: dict[str, int] = {}
    for i in sorted(places):
        if heading(lines[i]):
            first.setdefault(lines[i].text.strip(), i)
    return set(first.values())


def _masked(text: str) -> str:
    return re.sub(r"\d+", "0", text.strip())
