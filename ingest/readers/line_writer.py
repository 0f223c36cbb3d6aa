"""Writes headings, paragraphs, list items and tables as lines."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from ingest.documents import Line
from ingest.japanese.markers import ORDINAL
from ingest.japanese.notation import ERA, ERA_LETTER

_Kind = Literal["heading", "text", "ordinal", "item", "row", "caption"]
_DEEPEST = 6
# Names with values (an office, its hours, its telephone) become one passage up to this many names and characters.
_MOST_FACTS = 12
_LONGEST_FACTS = 300
JAPANESE = r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
# Control characters, zero-width and bidirectional marks, tag characters (read by machines only), and U+FFFC, which
# marks an unread page (`unread_page`).
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff"
    r"\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# 1. · (1) · ① · ア before a word: consecutive paragraphs with such numbers are a list typed by hand.
_ORDINAL = re.compile(rf"(?:{ORDINAL}|[・•]\s*)\S")
# A number is an item's only before a space, unlike 1.5倍, so 1.印かん gets the missing space.
_MISSING_SPACE = re.compile(r"^([\d]{1,2}[.)])(?=[^\s\d.)、。])")
# A column name is at most this long and is not an amount (3,200円, 12名); years may be names: 令和5年度, R5, 2023.
_LONGEST_NAME = 40
_AMOUNT = re.compile(r"[-+▲△▼]?[\d０-９][\d０-９,，.．]*\s*[^\d０-９\s]{0,3}")
_YEAR = re.compile(
    rf"(?:(?:{ERA}|{ERA_LETTER})?\s?(?:[\d０-９]{{1,2}}|元)|(?:18|19|20)[\d０-９]{{2}})(?:年度?|[./]\d+)?"
)
# Printed at the right above a table: (単位：千円), 令和7年4月1日現在.
_UNIT_OR_DATE = re.compile(r"[(（【]?\s*単位\s*[:：は]?.{1,20}|.{1,25}現在\s*[)）]?")
_NOTE = re.compile(r"\s*[※*＊(（注]|\s*(?:資料|出典|備考)\s*[:：]|.{25}", re.DOTALL)
_SENTENCE = re.compile(r"[。！？]$")
_PAIR_COLUMNS = 2
# Two columns: the second cell of the first row is a column name only if it is short and has no figure.
_LONGEST_SECOND = 15


class LineWriter:
    """The lines of a document, written from its start; a blank line separates blocks.

    `page` is the page of the lines written next, None if the format has no pages.
    """

    def __init__(self) -> None:
        self.page: int | None = None
        self.level = 0  # of the last heading
        self._lines: list[Line] = []
        self._last: _Kind | None = None

    @property
    def lines(self) -> list[Line]:
        """The lines written so far."""
        return list(self._lines)

    def add_heading(self, level: int, text: str) -> None:
        """Write a heading; `level` counts from 1, the outermost."""
        if text := to_one_line(text):
            self.level = min(level, _DEEPEST)
            self._write("heading", f"{'#' * self.level} {text}")

    def add_paragraph(self, text: str) -> None:
        """Write a paragraph, each of its lines separately; typed list items stay one block."""
        for raw in text.split("\n"):
            if line := _MISSING_SPACE.sub(r"\1 ", to_one_line(raw)):
                self._write("ordinal" if _ORDINAL.match(line) else "text", line)

    def add_item(self, text: str, depth: int = 0, number: str = "") -> None:
        """Write a list item; `depth` is 0 for the outermost level, `number` is printed before the text."""
        if text := to_one_line(text):
            self._write("item", f"{'  ' * depth}- {number} {text}" if number else f"{'  ' * depth}- {text}")

    def add_table(self, rows: Sequence[Sequence[str]], caption: str = "") -> None:
        """Write a table under its caption; the first row holds the column names, empty if there are none.

        A row of a single cell is a heading of the rows below it.
        """
        if not rows:
            return
        if caption := to_one_line(caption):
            self._write("caption", caption)
        header, *body = rows
        for row in (header, ["---"] * len(header), *body):
            cells = (to_one_line(cell).replace("|", r"\|") for cell in row)
            self._write("row", f"| {' | '.join(cells)} |")
        self.start_block()

    def add_facts(self, pairs: Sequence[Sequence[str]]) -> None:
        """Write names with values: as one row if they are few and short, otherwise one row per pair."""
        pairs = [(to_one_line(name), to_one_line(value)) for name, value in pairs]
        names = [name for name, _ in pairs]
        fits_one_row = 1 < len(pairs) <= _MOST_FACTS and sum(len(n) + len(v) for n, v in pairs) <= _LONGEST_FACTS
        if fits_one_row and all(names) and len(set(names)) == len(names):
            self.add_table([names, [value for _, value in pairs]])
        else:
            self.add_table([("", ""), *pairs])

    def start_block(self) -> None:
        """Separate the next line from the one before even if both are of the same kind."""
        if self._lines:
            self._last = "text"

    def _write(self, kind: _Kind, text: str) -> None:
        adjoining = {("item", "item"), ("row", "row"), ("caption", "row"), ("caption", "caption")}
        continues_list = kind == self._last == "ordinal" and _ordinal_form(text) == _ordinal_form(self._lines[-1].text)
        if self._lines and not continues_list and (self._last, kind) not in adjoining:
            self._lines.append(Line(len(self._lines) + 1, "", self.page))
        self._lines.append(Line(len(self._lines) + 1, text, self.page))
        self._last = kind


def _ordinal_form(text: str) -> str:
    mark = _ORDINAL.match(text)
    return re.sub(r"[①-⑳]", "①", re.sub(r"[ア-ン]", "ア", re.sub(r"\d+", "0", mark[0][:-1].strip()))) if mark else ""


def strip_invisible(text: str) -> str:
    """Return the text without control, format and tag characters; lone surrogates become U+FFFD."""
    return _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", text))


def to_one_line(text: str) -> str:
    """Return the text on one line: line breaks and runs of white space become single spaces."""
    return re.sub(r"[^\S\u3000]+", " ", strip_invisible(text)).strip()


def join_wrapped_name(text: str) -> str:
    """Return a column name on one line; Japanese that was wrapped is joined without a space."""
    parts = [to_one_line(part) for part in text.split("\n")]
    joined = parts[0]
    for left, right in pairwise(parts):
        is_japanese = re.search(rf"{JAPANESE}$", left) and re.match(JAPANESE, right)
        joined += ("" if is_japanese or not joined else " ") + right
    return joined.strip()


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


def write_table(
    writer: LineWriter, slots: Sequence[TableSlot], *, headers: int | None = None, caption: str = ""
) -> None:
    """Write a table: merged cells are repeated in each position, several header rows become one.

    `headers` is the number of header rows that the format declares, None if it declares nothing. A row of one cell
    across the table is the table's title at the top, a note at the end, and elsewhere a heading of the rows below. A
    table of one column without a name is written as paragraphs.
    """
    slots = _compact_columns(slots)
    titles, rows, notes = _split_titles_and_notes(slots)
    if not rows:
        return
    if len(rows[0]) == 1 and not (headers or rows[0][0].is_header):
        for text in (caption, *titles, *(row[0].text for row in rows)):
            writer.add_paragraph(text)
    else:
        titles_above = len({slot.row for slot in slots if slot.text and slot.row < (min(slot.row for slot in rows[0]))})
        count = None if headers is None else max(0, headers - titles_above)
        _write_body(writer, rows, count, [*([caption] if caption else []), *titles])
    for note in notes:
        writer.add_paragraph(note)


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


def _split_titles_and_notes(slots: Sequence[TableSlot]) -> tuple[list[str], list[list[TableSlot]], list[str]]:
    titles: list[str] = []
    notes: list[str] = []
    rows = _rows_of_slots(slots)
    while len(rows) > 1:
        start = next((index for index, row in enumerate(rows) if not (_is_across(row) or _is_unit_or_date_row(row))), 0)
        end = next((index for index in range(len(rows), start, -1) if not _is_note(rows[index - 1])), len(rows))
        if not start and end == len(rows):
            break
        titles += [_only_text(row) for row in rows[:start]]
        notes = [_only_text(row) for row in rows[end:]] + notes
        rows = _rows_of_slots(list(dict.fromkeys(slot for row in rows[start:end] for slot in row)))
    return titles, rows, notes


def _rows_of_slots(slots: Sequence[TableSlot]) -> list[list[TableSlot]]:
    filled = [slot for slot in slots if to_one_line(slot.text)]
    row_index = {number: index for index, number in enumerate(sorted({slot.row for slot in filled}))}
    column_index = {number: index for index, number in enumerate(sorted({slot.column for slot in filled}))}
    grid = [[TableSlot("", row, column) for column in column_index] for row in row_index]
    for slot in filled:
        for row in range(slot.row, slot.row + slot.height):
            for column in range(slot.column, slot.column + slot.width):
                if row in row_index and column in column_index:
                    grid[row_index[row]][column_index[column]] = slot
    return grid


def _is_across(row: Sequence[TableSlot]) -> bool:
    first = row[0]
    covers = all(slot is first for slot in row)
    return len(row) > 1 and bool(first.text) and first.height == 1 and (covers or not any(s.text for s in row[1:]))


def _is_note(row: Sequence[TableSlot]) -> bool:
    return _is_across(row) and (_is_one_cell_across(row) or bool(_NOTE.match(row[0].text)))


def _is_unit_or_date_row(row: Sequence[TableSlot]) -> bool:
    filled = {slot for slot in row if slot.text}
    return len(filled) == 1 and bool(_UNIT_OR_DATE.fullmatch(_only_text(row)))


def _only_text(row: Sequence[TableSlot]) -> str:
    return to_one_line(next((slot.text for slot in row if slot.text), ""))


def _is_one_cell_across(row: Sequence[TableSlot]) -> bool:
    return _is_across(row) and row[-1] is row[0]


def _write_body(
    writer: LineWriter, rows: Sequence[list[TableSlot]], headers: int | None, titles: Sequence[str]
) -> None:
    count = _header_rows(rows) if headers is None else headers
    count = min(_header_height(rows, count), len(rows))
    for title in titles[:-1]:
        writer.add_paragraph(title)
    caption = titles[-1] if titles else ""
    names = _column_names(rows[:count]) if count else [""] * len(rows[0])
    body = [[_only_text(row)] if _is_one_cell_across(row) else [slot.text for slot in row] for row in rows[count:]]
    pairs = [] if count else _name_value_pairs(rows)
    if pairs:
        writer.add_paragraph(caption)
        writer.add_facts(pairs)
    else:
        writer.add_table([names, *body], caption)


def _column_names(rows: Sequence[Sequence[TableSlot]]) -> list[str]:
    return [
        " ".join(filter(None, (join_wrapped_name(slot.text) for slot in dict.fromkeys(column))))
        for column in zip(*rows, strict=True)
    ]


def _header_rows(rows: Sequence[Sequence[TableSlot]]) -> int:
    marked = next((index for index, row in enumerate(rows) if not _is_named(row)), 0)
    if marked:
        return marked
    if all(row[0].is_header for row in rows if row[0].text) and any(row[0].text for row in rows):
        return 0
    return 1 if len(rows) > 1 and _has_name_texts(rows) else 0


def _is_named(row: Sequence[TableSlot]) -> bool:
    return any(slot.text for slot in row) and all(slot.is_header for slot in row if slot.text)


def _has_name_texts(rows: Sequence[Sequence[TableSlot]]) -> bool:
    texts = [to_one_line(slot.text) for slot in rows[0]]
    others = texts[1:]
    if any(len(text) > _LONGEST_NAME or _SENTENCE.search(text) for text in texts):
        return False
    if any(_AMOUNT.fullmatch(text) and not _YEAR.fullmatch(text) for text in others):
        return False
    if len(texts) == _PAIR_COLUMNS and (
        len(others[0]) > _LONGEST_SECOND or _has_figure(others[0]) or others[0].isdecimal()
    ):
        return False
    return any(others)


def _has_figure(text: str) -> bool:
    return bool(re.search(r"[\d０-９]", text)) and not _YEAR.fullmatch(text)


def _header_height(rows: Sequence[Sequence[TableSlot]], count: int) -> int:
    if not count:
        return 0
    first = rows[0][0].row
    last = max(slot.row + slot.height for row in rows[:count] for slot in row)
    count = max(count, sum(first <= (max(slot.row for slot in row)) < last for row in rows))
    top = rows[:count]
    is_divided = any(
        slot.width > 1 and slot.text and not _is_one_cell_across(row) and row.count(slot) > 1
        for row in top[-1:]
        for slot in row
    )
    below = rows[count] if count < len(rows) else ()
    return (
        count + 1 if is_divided and below and not any(_has_figure(to_one_line(slot.text)) for slot in below) else count
    )


def _name_value_pairs(rows: Sequence[Sequence[TableSlot]]) -> list[list[str]]:
    if len(rows[0]) == _PAIR_COLUMNS:
        return [[slot.text for slot in row] for row in rows] if all(map(_is_pair, rows)) else []
    pairs = [pair for row in rows for pair in _row_pairs(list(dict.fromkeys(slot for slot in row if slot.text)))]
    return pairs if all(pairs) else []


def _is_pair(row: Sequence[TableSlot]) -> bool:
    return all(slot.text for slot in row) and not _is_one_cell_across(row)


def _row_pairs(slots: Sequence[TableSlot]) -> Iterator[list[str]]:
    for name, value in zip(slots[::2], [*slots[1::2], None], strict=False):
        yield [name.text, value.text] if value and name.is_header and not value.is_header else []
