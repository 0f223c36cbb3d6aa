"""Detects tables without ruling lines, their cells separated by slashes or wide gaps."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from ingest.documents import Line
from ingest.japanese import nfkc
from ingest.structure.line_marks import line_kind

# 1人1日当たり / 965g / 910g, 登録者数／86人／120人; gaps between columns are wider than those between words.
_SEPARATORS = (re.compile(r"\s+/\s+|\s*／\s*"), re.compile(r"[ \u3000]*\u3000[ \u3000]*|[ ]{2,}"))
# With fewer cells or rows, slashes and gaps may be coincidental.
_MIN_CELLS = 3
_MIN_ROWS = 3


def tab_aligned_rows(group: Sequence[Line]) -> list[Line]:
    """Return the lines of a paragraph; rows of a table get tabs between their cells.

    Lines with a page are unchanged, because readers of pages set tabs themselves.
    """
    lines = list(group)
    if lines[0].page is not None:
        return lines
    for separator in _SEPARATORS:
        lines = _with_tabs(lines, separator)
    return lines


def _with_tabs(lines: Sequence[Line], separator: re.Pattern[str]) -> list[Line]:
    tabbed: list[Line] = []
    for count, run in groupby(lines, _counter(separator)):
        rows = list(run)
        is_table = count >= _MIN_CELLS and len(rows) >= _MIN_ROWS and _has_header(rows, separator)
        tabbed += [replace(line, text=separator.sub("\t", line.text.strip())) for line in rows] if is_table else rows
    return tabbed


def _counter(separator: re.Pattern[str]) -> Callable[[Line], int]:
    def count(line: Line) -> int:
        if line_kind(line) != "text" or "\t" in line.text or line.text.strip().startswith(("#", "|", "第")):
            return 0
        return len(separator.split(line.text.strip()))

    return count


def _has_header(rows: Sequence[Line], separator: re.Pattern[str]) -> bool:
    header, *others = ([nfkc(cell) for cell in separator.split(row.text.strip())[1:]] for row in rows)
    has_names = not any(re.fullmatch(r"[\d.,%]+", cell) for cell in header)
    return has_names and all(re.search(r"\d", " ".join(cells)) for cells in others)
