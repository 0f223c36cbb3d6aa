"""Joins tables that continue on the next page, and drops repeated header rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.japanese import normalise_without_spaces
from ingest.structure.blocks import Block, BlockRow
from ingest.structure.line_joining import join
from ingest.structure.line_marks import is_complete_line

# A longer text of a cell fills its width, so that its line was wrapped.
_MAX_PHRASE_LENGTH = 15
REPEATED_HEADER = "繰り返しの見出し行"


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
        if last is not None and _continues(joined[last], table):
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
    return Block("dropped", " ".join(filter(None, row.cells)), row.lines, table.page, REPEATED_HEADER)


def _compared(row: BlockRow) -> list[str]:
    return [normalise_without_spaces(cell) for cell in row.cells]


def _continues(table: Block, following: Block) -> bool:
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
    if len(above) > 1 and _completes(last, first):
        above[-1] = BlockRow((*last.lines, *first.lines), tuple(_joined_cells(last, first)), last.page)
        continuing = continuing[1:]
    lines = (*table.lines, *(number for number in following.lines if number not in header.lines))
    return replace(table, lines=lines, rows=(*above, *continuing))


def _completes(last: BlockRow, first: BlockRow) -> bool:
    if first.cells[0] or len(last.cells) != len(first.cells) or not any(first.cells):
        return False
    pairs = list(zip(last.cells[1:], first.cells[1:], strict=True))
    return not all(cell for _, cell in pairs) or any(above and not is_complete_line(above) for above, _ in pairs)


def _joined_cells(last: BlockRow, first: BlockRow) -> Iterator[str]:
    for above, below in zip(last.cells, first.cells, strict=True):
        if not above or not below:
            yield above or below
            continue
        is_wrapped = len(above) > _MAX_PHRASE_LENGTH or not is_complete_line(above) or below.startswith(("（", "("))
        yield join(above, below) if is_wrapped else f"{above} {below}"
