"""Writes tables with merged cells as Markdown: header rows, titles and notes."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.readers.line_writer import LineWriter, join_spread_name, one_line

# A name of a column is no longer, and is no amount: 3,200円, 12名; years are names: 令和5年度, R5, 2023.
_LONGEST_NAME = 40
_AMOUNT = re.compile(r"[-+▲△▼]?[\d０-９][\d０-９,，.．]*\s*[^\d０-９\s]{0,3}")
_YEAR = re.compile(r"(?:(?:令和|平成|昭和|[RHS])?\s?(?:[\d０-９]{1,2}|元)|(?:18|19|20)[\d０-９]{2})(?:年度?|[./]\d+)?")
# (単位：千円), 令和7年4月1日現在: they stand at the right above a table.
_BESIDE = re.compile(r"[(（【]?\s*単位\s*[:：は]?.{1,20}|.{1,25}現在\s*[)）]?")
_NOTE = re.compile(r"\s*[※*＊(（注]|\s*(?:資料|出典|備考)\s*[:：]|.{25}", re.DOTALL)
_SENTENCE = re.compile(r"[。！？]$")
_PAIR = 2
# The second cell of a table of two columns names what stands below it only where it is short and has no figure.
_LONGEST_SECOND = 15


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell with its place, counted from 0, and how many rows and columns it covers.

    `named` tells whether the format marks it as the name of a column or row, by what it is or by how it looks.
    """

    text: str
    row: int
    column: int
    height: int = 1
    width: int = 1
    named: bool = False


def write_table(written: LineWriter, slots: Sequence[Slot], *, headers: int | None = None, caption: str = "") -> None:
    """Write a table: a merged cell stands in each place that it covers, several rows of names are one.

    `headers` is how many rows the format says are names of columns, None where it does not say. A row of one cell
    across the whole table is its title at the top, a note at the end, and elsewhere the title of the rows below it.
    A table of one column without a name is written as paragraphs. What a cell covers beyond the columns and rows in
    which cells begin is none of the table.
    """
    slots = _within_columns(slots)
    titles, rows, notes = _split_titles_and_notes(slots)
    if not rows:
        return
    if len(rows[0]) == 1 and not (headers or rows[0][0].named):
        for text in (caption, *titles, *(row[0].text for row in rows)):
            written.paragraph(text)
    else:
        above = len({slot.row for slot in slots if slot.text and slot.row < _first_row(rows)})
        count = None if headers is None else max(0, headers - above)
        _write_body(written, rows, count, [*([caption] if caption else []), *titles])
    for note in notes:
        written.paragraph(note)


def _within_columns(slots: Sequence[Slot]) -> list[Slot]:
    """Return the cells with their columns counted anew: a column is one in which a cell begins, a row likewise."""
    starts = sorted({slot.column for slot in slots})
    place = {column: at for at, column in enumerate(starts)}
    last = max((slot.row for slot in slots), default=0)
    return [
        replace(
            slot,
            column=place[slot.column],
            width=bisect_left(starts, slot.column + max(1, slot.width)) - place[slot.column],
            height=min(slot.height, last + 1 - slot.row),
        )
        for slot in slots
    ]


def _split_titles_and_notes(slots: Sequence[Slot]) -> tuple[list[str], list[list[Slot]], list[str]]:
    """Return (titles, rows, notes): rows of one cell at the top and across the end are no part of the table itself."""
    titles: list[str] = []
    notes: list[str] = []
    rows = _rows(slots)
    while len(rows) > 1:
        start = next((at for at, row in enumerate(rows) if not (_is_across(row) or _is_unit_or_date_row(row))), 0)
        end = next((at for at in range(len(rows), start, -1) if not _is_note(rows[at - 1])), len(rows))
        if not start and end == len(rows):
            break
        titles += [_only_text(row) for row in rows[:start]]
        notes = [_only_text(row) for row in rows[end:]] + notes
        rows = _rows(list(dict.fromkeys(slot for row in rows[start:end] for slot in row)))
    return titles, rows, notes


def _first_row(rows: Sequence[Sequence[Slot]]) -> int:
    """Return the place of the first row in its format."""
    return min(slot.row for slot in rows[0])


def _rows(slots: Sequence[Slot]) -> list[list[Slot]]:
    """Return the cells of each row, one that covers several places in each of them; rows and columns of none are out.

    A place that no cell covers holds an empty one.
    """
    told = [slot for slot in slots if one_line(slot.text)]
    rows = {at: place for place, at in enumerate(sorted({slot.row for slot in told}))}
    columns = {at: place for place, at in enumerate(sorted({slot.column for slot in told}))}
    grid = [[Slot("", row, column) for column in columns] for row in rows]
    for slot in told:
        for row in range(slot.row, slot.row + slot.height):
            for column in range(slot.column, slot.column + slot.width):
                if row in rows and column in columns:
                    grid[rows[row]][columns[column]] = slot
    return grid


def _is_across(row: Sequence[Slot]) -> bool:
    """Whether one cell alone stands in a row, at its start or over all of it."""
    first = row[0]
    covers = all(slot is first for slot in row)
    return len(row) > 1 and bool(first.text) and first.height == 1 and (covers or not any(s.text for s in row[1:]))


def _is_note(row: Sequence[Slot]) -> bool:
    """Whether a row at the end is none of the table: it is merged, or too long for a name without values (計)."""
    return _is_across(row) and (_is_one_cell_across(row) or bool(_NOTE.match(row[0].text)))


def _is_unit_or_date_row(row: Sequence[Slot]) -> bool:
    """Whether nothing stands in a row but what a table is counted in, or of what day it is, at its right end."""
    told = {slot for slot in row if slot.text}
    return len(told) == 1 and bool(_BESIDE.fullmatch(_only_text(row)))


def _only_text(row: Sequence[Slot]) -> str:
    """Return the text of a row that has one."""
    return one_line(next((slot.text for slot in row if slot.text), ""))


def _is_one_cell_across(row: Sequence[Slot]) -> bool:
    return _is_across(row) and row[-1] is row[0]


def _write_body(written: LineWriter, rows: Sequence[list[Slot]], headers: int | None, titles: Sequence[str]) -> None:
    count = _header_rows(rows) if headers is None else headers
    count = min(_whole_header(rows, count), len(rows))
    for title in titles[:-1]:
        written.paragraph(title)
    caption = titles[-1] if titles else ""
    names = _names(rows[:count]) if count else [""] * len(rows[0])
    body = [[_only_text(row)] if _is_one_cell_across(row) else [slot.text for slot in row] for row in rows[count:]]
    pairs = [] if count else _pairs(rows)
    if pairs:
        written.paragraph(caption)
        written.facts(pairs)
    else:
        written.table([names, *body], caption)


def _names(rows: Sequence[Sequence[Slot]]) -> list[str]:
    """Return one name a column: what stands in the rows of names above each other, each cell once."""
    return [
        " ".join(filter(None, (join_spread_name(slot.text) for slot in dict.fromkeys(column))))
        for column in zip(*rows, strict=True)
    ]


def _header_rows(rows: Sequence[Sequence[Slot]]) -> int:
    """Return how many rows at the top name columns, by how they look and else by what they say."""
    marked = next((at for at, row in enumerate(rows) if not _is_named(row)), 0)
    if marked:
        return marked
    if all(row[0].named for row in rows if row[0].text) and any(row[0].text for row in rows):
        return 0
    return 1 if len(rows) > 1 and _has_name_texts(rows) else 0


def _is_named(row: Sequence[Slot]) -> bool:
    return any(slot.text for slot in row) and all(slot.named for slot in row if slot.text)


def _has_name_texts(rows: Sequence[Sequence[Slot]]) -> bool:
    texts = [one_line(slot.text) for slot in rows[0]]
    others = texts[1:]
    if any(len(text) > _LONGEST_NAME or _SENTENCE.search(text) for text in texts):
        return False
    if any(_AMOUNT.fullmatch(text) and not _YEAR.fullmatch(text) for text in others):
        return False
    if len(texts) == _PAIR and (len(others[0]) > _LONGEST_SECOND or _has_figure(others[0]) or others[0].isdecimal()):
        return False
    return any(others)


def _has_figure(text: str) -> bool:
    return bool(re.search(r"[\d０-９]", text)) and not _YEAR.fullmatch(text)


def _whole_header(rows: Sequence[Sequence[Slot]], count: int) -> int:
    """Return how many rows the header has: to the end of its cells, and one more below a cell over some columns."""
    if not count:
        return 0
    first = rows[0][0].row
    last = max(slot.row + slot.height for row in rows[:count] for slot in row)
    count = max(count, sum(first <= _row_of(row) < last for row in rows))
    top = rows[:count]
    parted = any(
        slot.width > 1 and slot.text and not _is_one_cell_across(row) and row.count(slot) > 1
        for row in top[-1:]
        for slot in row
    )
    below = rows[count] if count < len(rows) else ()
    return count + 1 if parted and below and not any(_has_figure(one_line(slot.text)) for slot in below) else count


def _row_of(row: Sequence[Slot]) -> int:
    """Return the place of a row in its format."""
    return max(slot.row for slot in row)


def _pairs(rows: Sequence[Sequence[Slot]]) -> list[list[str]]:
    """Return names with their values where each row is such a pair, or several as forms set them; else none."""
    if len(rows[0]) == _PAIR:
        return [[slot.text for slot in row] for row in rows] if all(map(_is_pair, rows)) else []
    found = [pair for row in rows for pair in _row_pairs(list(dict.fromkeys(slot for slot in row if slot.text)))]
    return found if all(found) else []


def _is_pair(row: Sequence[Slot]) -> bool:
    return all(slot.text for slot in row) and not _is_one_cell_across(row)


def _row_pairs(slots: Sequence[Slot]) -> Iterator[list[str]]:
    """Yield [name, value] of a row's cells, and an empty list where they are no such pairs."""
    for name, value in zip(slots[::2], [*slots[1::2], None], strict=False):
        yield [name.text, value.text] if value and name.named and not value.named else []
