"""Reads tables from lines, also those without ruling lines, and joins tables that go on over pages."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from ingest.blocks.line_joining import join
from ingest.blocks.line_marks import is_complete_line, line_kind, make_block, strip_line_mark
from ingest.blocks.table_layout import GROUP, TableSlot, arrange_table, table_blocks
from ingest.documents import Block, BlockRow, Line
from ingest.japanese import nfkc, normalise_without_spaces

_BARS = str.maketrans("│┃║｜", "||||")
_SEPARATOR = re.compile(r"[|\s:]*+-[|\s:-]*+")
# 1人1日当たり / 965g / 910g, 登録者数／86人／120人; gaps between columns are wider than those between words.
_SEPARATORS = (
    re.compile(r"(?<!\s)\s++/\s++|(?:(?<!\s)\s++)?／\s*+"),
    re.compile(r"[ ]*+\u3000[ \u3000]*+|[ ]{2,}"),
)
# (1)⇥13ミリメートル　1,100円: an item whose number a tab separates is no row.
_ITEM = re.compile(r"[(（][\dア-ン]{1,2}[)）]\t[^\t]+")
# With fewer cells or rows, slashes and gaps may be coincidental.
_MIN_CELLS = 3
_MIN_ROWS = 3
# A longer text of a cell fills its width, so that its line was wrapped.
_MAX_PHRASE_LENGTH = 15


def read_table(group: Sequence[Line]) -> list[Block]:
    """Return [labels, table, notes] if the paragraph has rows of cells, else []."""
    texts = [line.text.rstrip() for line in group]
    stripped = [text.strip() for text in texts]
    certain = [i for i, text in enumerate(stripped) if ("\t" in text and not _ITEM.fullmatch(text)) or _has_bars(text)]
    if len(certain) < 2 and not any(_has_bars(texts[i]) for i in certain):
        return []
    first = certain[0]
    last = max(certain[-1], *(i for i, text in enumerate(texts) if i > first and text.startswith("\t")), 0)
    rows, header = _rows(group[first : last + 1])
    width = max((len(row.cells) for row in rows), default=0)
    slots = [
        TableSlot(cell, number, column, width=width if len(row.cells) == 1 else 1)  # a row of one cell extends over all
        for number, row in enumerate(rows)
        for column, cell in enumerate(row.cells)
    ]
    layout = arrange_table(slots, headers=None if header is None else header + any(rows[header].cells))
    if not layout.rows and not layout.header:
        return []
    blocks = list(table_blocks(layout, lambda number: rows[number].lines, group[0].page))
    others = {number for block in blocks if block.kind != "table" for number in block.lines}
    lines = tuple(line.number for line in group[first : last + 1] if line.number not in others)
    blocks = [replace(block, lines=lines) if block.kind == "table" else block for block in blocks]
    return [
        *(make_block("label", line) for line in group[:first]),
        *blocks,
        *(make_block(line_kind(line), line) for line in group[last + 1 :]),
    ]


def _has_bars(text: str) -> bool:
    return text.lstrip().translate(_BARS).startswith("|")


def _rows(lines: Sequence[Line]) -> tuple[list[BlockRow], int | None]:
    rows: list[BlockRow] = []
    header: int | None = None
    for line in lines:
        text = line.text.rstrip()
        if _has_bars(text):
            text = text.strip().translate(_BARS)
            if not (_SEPARATOR.fullmatch(text) and (len(rows) == 1 or "--" in text)):
                cells = re.split(r"(?<!\\)\|", re.sub(r"(?<!\\)\|$", "", text[1:]))
                texts = (strip_line_mark(cell.replace(r"\|", "|"), "table") for cell in cells)
                rows.append(BlockRow((line.number,), tuple(texts)))
            elif header is None and rows:
                header = len(rows) - 1
        elif "\t" in text or GROUP.match(text.strip()) or not rows:
            rows.append(BlockRow((line.number,), tuple(strip_line_mark(cell, "table") for cell in text.split("\t"))))
        else:
            *others, broken = rows[-1].cells
            rows[-1] = BlockRow((*rows[-1].lines, line.number), (*others, join(broken, strip_line_mark(text, "table"))))
    header_row = rows[header] if header is not None else None
    rows = [row for row in rows if any(row.cells) or row is header_row]
    return rows, None if header_row is None else rows.index(header_row)


def heads_rows(row: BlockRow, header: BlockRow) -> bool:
    """Whether a row is one cell that is a heading of the rows below: marked (【本庁】), or over the full width."""
    first, *others = row.cells
    return not any(others) and (bool(GROUP.match(first)) or len(row.cells) < len(header.cells))


def tab_aligned_rows(group: Sequence[Line]) -> list[Line]:
    """Return the lines of a paragraph; rows of a table get tabs between their cells.

    Lines with a page are unchanged, because readers of pages set tabs themselves.
    """
    lines = list(group)
    if lines[0].page is not None:
        return lines
    for separator in _SEPARATORS:
        tabbed: list[Line] = []
        for count, run in groupby(lines, partial(_count_cells, separator)):
            rows = list(run)
            is_table = count >= _MIN_CELLS and len(rows) >= _MIN_ROWS
            if is_table:
                header, *others = ([nfkc(cell) for cell in separator.split(row.text.strip())[1:]] for row in rows)
                is_table = not any(re.fullmatch(r"[\d.,%]+", cell) for cell in header)
                is_table = is_table and all(re.search(r"\d", " ".join(cells)) for cells in others)
            tabbed += [replace(r, text=separator.sub("\t", r.text.strip())) for r in rows] if is_table else rows
        lines = tabbed
    return lines


def _count_cells(separator: re.Pattern[str], line: Line) -> int:
    text = line.text.strip()
    is_other = line_kind(line) != "text" or "\t" in line.text or text.startswith(("#", "|", "第"))
    return 0 if is_other else len(separator.split(text))


def join_continued_tables(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with each table that goes on over pages as one, its rows with their pages.

    The first row of a page without a name in its first column belongs to the last row of the page before if it
    completes that row. Repeated header rows become dropped blocks.
    """
    joined: list[Block] = []
    last: int | None = None  # the position of the last table if only dropped blocks follow it
    for block in blocks:
        if block.kind != "table":
            last = last if block.kind == "dropped" else None
            joined.append(block)
            continue
        table, repeated = _without_repeated_headers(block)
        if last is not None and continues_on_next_page(joined[last], table):
            joined[last] = _join_tables(joined[last], table)
            repeated = [_header_block(table, table.rows[0]), *repeated]
        else:
            last = len(joined)
            joined.append(table)
        joined += repeated
    return joined


def _without_repeated_headers(table: Block) -> tuple[Block, list[Block]]:
    header, *rows = table.rows
    repeated = [row for row in rows if any(header.cells) and _compared(row) == _compared(header)]
    if not repeated or len(repeated) == len(rows):
        return table, []
    gone = {number for row in repeated for number in row.lines}
    lines = tuple(number for number in table.lines if number not in gone)
    shortened = replace(table, lines=lines, rows=(header, *(row for row in rows if row not in repeated)))
    return shortened, [_header_block(table, row) for row in repeated]


def _header_block(table: Block, row: BlockRow) -> Block:
    return Block("dropped", " ".join(filter(None, row.cells)), row.lines, table.page, "繰り返しの見出し行")


def _compared(row: BlockRow) -> list[str]:
    return [normalise_without_spaces(cell) for cell in row.cells]


def continues_on_next_page(table: Block, following: Block) -> bool:
    """Whether a table is on the page after another one and repeats its header."""
    if table.page is None or following.page is None or len(following.rows) == 1:
        return False
    header, last = table.rows[0], table.rows[-1]
    is_next_page = following.page == (last.page or table.page) + 1
    return is_next_page and any(header.cells) and _compared(header) == _compared(following.rows[0])


def _join_tables(table: Block, following: Block) -> Block:
    header, *rows = following.rows
    continuing = [replace(row, page=row.page or following.page) for row in rows]
    last = table.rows[-1]
    first = continuing[0]
    above = list(table.rows)
    pairs = list(zip(last.cells, first.cells, strict=False))
    is_open = any((cell and not is_complete_line(cell)) or not below for cell, below in pairs[1:])
    has_cells = not first.cells[0] and any(first.cells) and len(last.cells) == len(first.cells)
    if len(above) > 1 and has_cells and is_open:
        above[-1] = BlockRow((*last.lines, *first.lines), tuple(_join_cells(*pair) for pair in pairs), last.page)
        continuing = continuing[1:]
    lines = (*table.lines, *(number for number in following.lines if number not in header.lines))
    return replace(table, lines=lines, rows=(*above, *continuing))


def _join_cells(above: str, below: str) -> str:
    if not above or not below:
        return above or below
    is_wrapped = len(above) > _MAX_PHRASE_LENGTH or not is_complete_line(above) or below.startswith(("（", "("))
    return join(above, below) if is_wrapped else f"{above} {below}"
