"""Reads tables whose cells are separated by tabs or bars, with titles and notes."""

import re
from collections.abc import Sequence

from ingest.documents import Line
from ingest.japanese import nfkc, quantities
from ingest.structure.blocks import Block, BlockRow
from ingest.structure.line_joining import join
from ingest.structure.line_marks import is_complete_line, line_kind, make_block, strip_line_mark

_BARS = str.maketrans("│┃║｜", "||||")
_SEPARATOR = re.compile(r"[|\s:-]*-[|\s:-]*")
# A row of one cell that is a heading of the rows below: 【本庁】, ■ 支所.
GROUP = re.compile(r"^(?:【|[■●◆◎○□◇])")


def read_table(group: Sequence[Line]) -> list[Block]:
    """Return [labels, table, notes] if the paragraph has rows of cells, else []."""
    texts = [line.text.rstrip() for line in group]
    certain = [i for i, text in enumerate(texts) if "\t" in text.strip() or _has_bars(text)]
    if len(certain) < 2 and not any(_has_bars(texts[i]) for i in certain):
        return []
    first = certain[0]
    last = max(certain[-1], *(i for i, text in enumerate(texts) if i > first and text.startswith("\t")), 0)
    titles, rows = _split_titles(*_rows(group[first : last + 1]))
    if not rows:
        return []
    number_of = tuple(line.number for line in group[first : last + 1])
    table = Block("table", "", number_of, group[0].page, rows=tuple(rows))
    return [
        *(make_block("label", line) for line in group[:first]),
        *(Block("label", "".join(row.cells), row.lines, group[0].page) for row in titles),
        table,
        *(make_block(line_kind(line), line) for line in group[last + 1 :]),
    ]


def _has_bars(text: str) -> bool:
    return text.lstrip().translate(_BARS).startswith("|")


def _rows(lines: Sequence[Line]) -> tuple[list[BlockRow], int | None]:
    rows: list[BlockRow] = []
    header: int | None = None
    wrapped: Line | None = None  # the first line of a cell that wraps into the next row
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        text = line.text.rstrip()
        if _has_bars(text):
            text = text.strip().translate(_BARS)
            if not _is_separator(text, len(rows)):
                rows.append(BlockRow((line.number,), _barred_cells(text)))
            elif header is None and rows:
                header = len(rows) - 1
        elif "\t" in text or GROUP.match(text.strip()) or not rows:
            rows.append(
                _join_wrapped(
                    wrapped,
                    BlockRow((line.number,), tuple(strip_line_mark(cell, "table") for cell in text.split("\t"))),
                )
            )
            wrapped = None
        elif following and "\t" in following.text and not is_complete_line(strip_line_mark(text, "table")):
            wrapped = line
        else:
            *cells, broken = rows[-1].cells
            rows[-1] = BlockRow((*rows[-1].lines, line.number), (*cells, join(broken, strip_line_mark(text, "table"))))
    header_row = rows[header] if header is not None else None
    rows = [row for row in rows if any(row.cells) or row is header_row]
    return rows, None if header_row is None else rows.index(header_row)


def _join_wrapped(wrapped: Line | None, row: BlockRow) -> BlockRow:
    if wrapped is None:
        return row
    first, *others = row.cells
    return BlockRow((wrapped.number, *row.lines), (join(strip_line_mark(wrapped.text, "table"), first), *others))


def _is_separator(text: str, row: int) -> bool:
    return bool(_SEPARATOR.fullmatch(text)) and (row == 1 or "--" in text)


def _barred_cells(text: str) -> tuple[str, ...]:
    inner = re.sub(r"(?<!\\)\|$", "", text[1:])
    return tuple(strip_line_mark(cell.replace(r"\|", "|"), "table") for cell in re.split(r"(?<!\\)\|", inner))


def heads_rows(row: BlockRow, header: BlockRow) -> bool:
    """Whether a row is one cell that is a heading of the rows below: marked (【本庁】), or over the full width."""
    first, *others = row.cells
    return not any(others) and (bool(GROUP.match(first)) or len(row.cells) < len(header.cells))


def _split_titles(rows: list[BlockRow], header: int | None) -> tuple[list[BlockRow], list[BlockRow]]:
    """Return (titles, rows): rows of one cell above the header are titles; a missing header becomes an empty one.

    `header` is its position if marked; an empty header means columns without names.
    """
    filled = [sum(map(bool, row.cells)) for row in rows]
    last = len(rows) - 1 if header is None else header
    start = 0
    while start < last and filled[start] == 1 and max(filled) > 1:
        start += 1
    titles = rows[:start]
    rows = rows[start:]
    if rows and not _has_header(rows):
        rows = [BlockRow((), ("",) * len(rows[0].cells)), *rows]
    return titles, rows


def _has_header(rows: Sequence[BlockRow]) -> bool:
    first, *others = rows
    for column, cell in enumerate(first.cells[1:], start=1):
        units = {_unit(row.cells[column]) for row in others if column < len(row.cells) and row.cells[column]}
        if _unit(cell) and units == {_unit(cell)}:
            return False
    return True


def _unit(cell: str) -> str:
    text = nfkc(cell).strip()
    return next((q.unit for q in quantities(text) if q.start == 0 and q.end == len(text)), "")
