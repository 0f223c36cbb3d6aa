"""Finds titles, column names, rows and notes in the cells of a table, for every format.

A row of one cell across the table is its title at the top, a note at the end, and elsewhere a heading of the rows
below. A unit or a day beside the title belongs to the title. Column names over several rows become one, and a name over
several columns is part of each of theirs, whether the cells are merged or those beside it are left empty.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from ingest.blocks.headings import is_label
from ingest.blocks.line_marks import line_kind, make_block
from ingest.blocks.line_text import join_wrapped_name, to_one_line
from ingest.documents import Block, BlockRow, Line
from ingest.japanese import nfkc, quantities
from ingest.japanese.notation import ERA, ERA_LETTER

# A column name is at most this long and is not an amount (3,200円, 12名); a year or class may be: 令和5年度, 65歳以上.
_LONGEST_NAME = 40
AMOUNT = re.compile(r"[-+▲△▼]?[\d０-９][\d０-９,，.．]*\s*(?![^\d０-９\s]?(?:以上|以下|未満|代$))[^\d０-９\s]{0,3}")
_YEAR = re.compile(
    rf"(?:(?:{ERA}|{ERA_LETTER})?\s?(?:[\d０-９]{{1,2}}|元)|(?:18|19|20)[\d０-９]{{2}})(?:年度?|[./]\d+)?"
)
# Printed at the right above a table: (単位：千円), 令和7年4月1日現在.
UNIT_OR_DAY = re.compile(r"[(（【]?\s*単位\s*[:：は]?.{1,20}|.{1,25}現在\s*[)）]?")
_NOTE = re.compile(r"\s*[※*＊(（注]|\s*(?:資料|出典|備考)\s*[:：]|.{25}", re.DOTALL)
# A row of one cell that is a heading of the rows below: 【本庁】, ■ 支所.
GROUP = re.compile(r"^(?:【|[■●◆◎○□◇])")
_SENTENCE = re.compile(r"[。！？]$")
_PAIR_COLUMNS = 2
# A title beside a unit or day has at least this many columns below it.
_MIN_TITLED_COLUMNS = 3
# Two columns: the second cell of the first row is a column name only if it is short and has no figure.
_LONGEST_SECOND = 15


@dataclass(frozen=True, slots=True)
class TableSlot:
    """A cell with its position (from 0) and the rows and columns that it spans.

    `is_header` says that the format marks the cell as a row or column name, by its type or its style.
    """

    text: str
    row: int
    column: int
    height: int = 1
    width: int = 1
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """The texts of a row, one for a title, note or heading of rows; `number` is its row among the slots."""

    cells: tuple[str, ...]
    number: int


@dataclass(frozen=True)
class TableLayout:
    """A table: its `titles`, its `names` of columns (empty without any) from the rows `header`, its `rows` and `notes`.

    Merged cells are repeated in each position.
    """

    titles: list[LayoutRow] = field(default_factory=list)
    names: tuple[str, ...] = ()
    header: tuple[int, ...] = ()
    rows: list[LayoutRow] = field(default_factory=list)
    notes: list[LayoutRow] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def is_text(self) -> bool:
        """Whether this is a column without a name, which is no table but text."""
        return len(self.names) == 1 and not self.header


_EMPTY = TableSlot("", -1, -1)
_Row = Sequence[TableSlot]


def arrange_table(slots: Sequence[TableSlot], *, headers: int | None = None) -> TableLayout:
    """Return the table of these cells; merged cells are repeated in each position.

    `headers` is the number of header rows that the format declares, None if it declares nothing.
    """
    titles, rows, notes = _split_titles_and_notes(_compact_columns(slots))
    if not rows:
        return TableLayout(titles, notes=notes)
    if headers is None:
        count = _count_header_rows(rows)
    else:
        first = _number(rows[0])
        count = max(0, headers - len({slot.row for slot in slots if slot.text and slot.row < first}))
    count = min(_header_height(rows, count), len(rows))
    names = _column_names(rows[:count]) if count else ("",) * len(rows[0])
    body = [
        LayoutRow((_only_text(row),) if _is_one_cell_across(row) else tuple(slot.text for slot in row), _number(row))
        for row in rows[count:]
    ]
    pairs = [] if count else _name_value_pairs(rows)
    return TableLayout(titles, names, tuple(_number(row) for row in rows[:count]), body, notes, pairs)


def table_blocks(
    layout: TableLayout, lines_of: Callable[[int], tuple[int, ...]], page: int | None = None
) -> Iterator[Block]:
    """Yield the blocks of a table: its titles, the table, its notes.

    `lines_of` returns the source lines of a row by its number; it is called once for each row, from top to bottom.
    """
    for title in layout.titles:
        block = Block("text", to_one_line(title.cells[0]), lines_of(title.number), page)
        is_title = is_label(block) or UNIT_OR_DAY.fullmatch(block.text)
        yield replace(block, kind="label") if is_title else block
    if layout.rows or layout.header:
        header = BlockRow(tuple(line for number in layout.header for line in lines_of(number)), layout.names)
        rows = [BlockRow(lines_of(row.number), tuple(map(to_one_line, row.cells))) for row in layout.rows]
        lines = tuple(line for row in (header, *rows) for line in row.lines)
        yield Block("table", "", lines, page, rows=(header, *rows))
    for note in layout.notes:
        line = Line(lines_of(note.number)[0], to_one_line(note.cells[0]), page)
        yield make_block(line_kind(line), line)


def merge_tables(
    tables: Iterable[list[TableSlot]], should_merge: Callable[[list[TableSlot], list[TableSlot]], bool]
) -> list[list[TableSlot]]:
    """Return tables with each one that should be merged with the one before as a part of it."""
    merged: list[list[TableSlot]] = []
    for table in tables:
        if merged and should_merge(merged[-1], table):
            merged[-1] = [*merged[-1], *table]
        else:
            merged.append(table)
    return merged


def continues_table(above: Sequence[TableSlot], below: Sequence[TableSlot]) -> bool:
    """Whether cells below an empty row are rows of the table above it, and no table with column names of its own.

    Its first row has a cell like those below the name of a column above: 22-2222, 11-1111.
    """
    columns = {slot.column for slot in above}
    first, names = min(slot.row for slot in below), min(slot.row for slot in above)
    top = [slot for slot in below if slot.row == first]
    has_same_columns = {slot.column for slot in below} <= columns and min(columns) == min(slot.column for slot in below)
    shapes = {(slot.column, _shape(slot.text)) for slot in above if slot.row > names}
    is_alike = any((slot.column, _shape(slot.text)) in shapes for slot in top if slot.column > min(columns))
    return has_same_columns and is_alike and not any(slot.is_header for slot in top[1:])


def _shape(text: str) -> str:
    return re.sub(r"[\d.,]+", "0", nfkc(text).strip())


def _number(row: _Row) -> int:
    return max(slot.row for slot in row)


def _compact_columns(slots: Sequence[TableSlot]) -> list[TableSlot]:
    first_columns = sorted({slot.column for slot in slots})
    column_index = {column: index for index, column in enumerate(first_columns)}
    last = max((slot.row for slot in slots), default=0)
    return [
        replace(
            slot,
            column=column_index[slot.column],
            width=bisect_left(first_columns, slot.column + max(1, slot.width)) - column_index[slot.column],
            height=min(slot.height, last + 1 - slot.row),
        )
        for slot in slots
    ]


def _split_titles_and_notes(slots: Sequence[TableSlot]) -> tuple[list[LayoutRow], list[_Row], list[LayoutRow]]:
    titles: list[LayoutRow] = []
    notes: list[LayoutRow] = []
    rows = _rows_of_slots(slots)
    while len(rows) > 1:
        start = next((i for i in range(len(rows) - 1) if not _is_title(rows[i], rows[i + 1])), len(rows) - 1)
        if start == len(rows) - 1 and _is_title(rows[-1], ()):
            start = 0  # every row is one text
        end = next((i for i in range(len(rows), start, -1) if not _is_note(rows[i - 1])), len(rows))
        if not start and end == len(rows):
            break
        titles += [LayoutRow((text,), _number(row)) for row in rows[:start] for text in _texts(row)]
        notes = [LayoutRow((_only_text(row),), _number(row)) for row in rows[end:]] + notes
        rows = _rows_of_slots(list(dict.fromkeys(slot for row in rows[start:end] for slot in row)))
    return titles, rows, notes


def _rows_of_slots(slots: Sequence[TableSlot]) -> list[_Row]:
    filled = [slot for slot in slots if to_one_line(slot.text)]
    row_index = {number: index for index, number in enumerate(sorted({slot.row for slot in filled}))}
    column_index = {number: index for index, number in enumerate(sorted({slot.column for slot in filled}))}
    grid = [[_EMPTY] * len(column_index) for _ in row_index]
    for slot in filled:
        for row in range(slot.row, slot.row + slot.height):
            for column in range(slot.column, slot.column + slot.width):
                if row in row_index and column in column_index:
                    grid[row_index[row]][column_index[column]] = slot
    return list(grid)


def _is_across(row: _Row) -> bool:
    first = row[0]
    covers = all(slot is first for slot in row)
    return len(row) > 1 and bool(first.text) and first.height == 1 and (covers or not any(s.text for s in row[1:]))


def _is_title(row: _Row, below: _Row) -> bool:
    if _is_across(row):
        return True
    filled = list(dict.fromkeys(slot for slot in row if slot.text))
    if not any(UNIT_OR_DAY.fullmatch(to_one_line(slot.text)) for slot in filled):
        return False
    if len(filled) == 1:
        return True
    below_filled = {slot for slot in below if slot.text}
    is_apart = bool(below) and bool(below[0].text) and not below_filled & set(filled)
    return (
        len(filled) == _PAIR_COLUMNS
        and len(row) >= _MIN_TITLED_COLUMNS
        and is_apart
        and len(below_filled) > len(filled)
    )


def _is_note(row: _Row) -> bool:
    return (
        _is_across(row)
        and not GROUP.match(row[0].text)
        and (_is_one_cell_across(row) or bool(_NOTE.match(row[0].text)))
    )


def _texts(row: _Row) -> list[str]:
    return [to_one_line(slot.text) for slot in dict.fromkeys(row) if slot.text]


def _only_text(row: _Row) -> str:
    return next(iter(_texts(row)), "")


def _is_one_cell_across(row: _Row) -> bool:
    return _is_across(row) and row[-1] is row[0]


def _column_names(rows: Sequence[_Row]) -> tuple[str, ...]:
    parted = [*(_spread(row, below) for row, below in pairwise(rows)), rows[-1]]
    return tuple(
        " ".join(filter(None, (join_wrapped_name(slot.text) for slot in dict.fromkeys(column))))
        for column in zip(*parted, strict=True)
    )


def _spread(row: _Row, below: _Row) -> list[TableSlot]:
    spread = list(row)
    for column in range(1, len(row)):
        above = spread[column - 1]
        has_names = below[column].text and below[column - 1].text and below[column - 1] is not above
        if not row[column].text and above.text and has_names:
            spread[column] = above
    return spread


def _count_header_rows(rows: Sequence[_Row]) -> int:
    filled = ([slot for slot in row if slot.text] for row in rows)
    if marked := next((n for n, row in enumerate(filled) if not row or not all(slot.is_header for slot in row)), 0):
        return marked
    if all(row[0].is_header for row in rows if row[0].text) and any(row[0].text for row in rows):
        return 0
    return 1 if len(rows) > 1 and _has_name_texts(rows) else 0


def _has_name_texts(rows: Sequence[_Row]) -> bool:
    texts = [to_one_line(slot.text) for slot in rows[0]]
    others = texts[1:]
    if any(len(text) > _LONGEST_NAME or _SENTENCE.search(text) for text in texts):
        return False
    if any(AMOUNT.fullmatch(text) and not _YEAR.fullmatch(text) for text in others):
        return False
    if len(texts) == _PAIR_COLUMNS and (
        len(others[0]) > _LONGEST_SECOND or _has_figure(others[0]) or others[0].isdecimal()
    ):
        return False
    # The first row of a table without names has amounts like those below: 3人.
    for column, slot in enumerate(rows[0][1:], start=1):
        unit = _unit(slot.text)
        if unit and {_unit(row[column].text) for row in rows[1:] if row[column].text} == {unit}:
            return False
    return any(others)


def _unit(cell: str) -> str:
    text = nfkc(cell).strip()
    return next((q.unit for q in quantities(text) if q.start == 0 and q.end == len(text)), "")


def _has_figure(text: str) -> bool:
    return bool(re.search(r"[\d０-９]", text)) and not _YEAR.fullmatch(text)


def _header_height(rows: Sequence[_Row], count: int) -> int:
    if not count:
        return 0
    last = max(slot.row + slot.height for row in rows[:count] for slot in row)
    count = max(count, sum(_number(row) < last for row in rows))
    below = rows[count] if count < len(rows) else ()
    if not below or any(_has_figure(to_one_line(slot.text)) for slot in below):
        return count
    top = rows[count - 1]
    is_divided = any(
        slot.width > 1 and slot.text and top.count(slot) > 1 and not _is_one_cell_across(top) for slot in top
    )
    return count + 1 if is_divided or _names_below_empty(top, below, rows[count + 1 :]) else count


# The names below an empty part of a header: their columns have figures further down, and they have none.
def _names_below_empty(top: _Row, below: _Row, others: Sequence[_Row]) -> bool:
    empty = [column for column, slot in enumerate(top) if column and not slot.text]
    if not empty or not all(below[column].text and (top[column - 1].text or column - 1 in empty) for column in empty):
        return False
    figures = [
        column
        for column in {*empty, *(column - 1 for column in empty)}
        if 2 * sum(bool(re.search(r"\d", row[column].text)) for row in others) > len(others)
    ]
    return bool(others) and len(figures) > len(empty)


def _name_value_pairs(rows: Sequence[_Row]) -> list[tuple[str, str]]:
    if len(rows[0]) == _PAIR_COLUMNS:
        are_pairs = all(slot.text for row in rows for slot in row) and not any(map(_is_one_cell_across, rows))
        return [(name.text, value.text) for name, value in rows] if are_pairs else []
    pairs: list[tuple[str, str]] = []
    for row in rows:
        slots = list(dict.fromkeys(slot for slot in row if slot.text))
        for name, value in zip(slots[::2], [*slots[1::2], _EMPTY], strict=False):
            if not (name.is_header and value.text) or value.is_header:
                return []
            pairs.append((name.text, value.text))
    return pairs
