"""Forms on grid paper (方眼紙): sheets of narrow columns that are merged into labels and values."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from ingest.blocks.table_layout import TableSlot
from ingest.blocks.unread_parts import UNCHOSEN_REASON
from ingest.readers.block_writer import BlockWriter
from ingest.readers.pdf.pdf_text import join_spread_letters

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# Columns of a sheet of grid paper, and their width in digits; the default width is 8.43.
_MIN_COLUMNS = 10
_MAX_WIDTH = 4.0
_DEFAULT_WIDTH = 8.43
_MIN_SPANNING = 3
# Equal rows of cells that touch are a table from this number of rows and cells.
_MIN_TABLE = 3
_SHORT = 2
_DIGIT = re.compile(r"[\d０-９]")
_DIGITS = re.compile(r"[\d０-９-－‐−―().（）]+")
_NUMBERED = re.compile(r"[\d０-９] | [\d０-９]")
_TICKED = re.compile(r"[☑☒✓✔■]\s?[^\s□☐☑☒✓✔■]")
_UNTICKED = re.compile(r"(?<!\s)\s*+[□☐]\s?(?:[（(][^（）()]*[）)]|[^\s□☐☑☒✓✔■（(])+")
# What begins a text, not a label: a box, a note, a bullet, a figure.
_NO_LABEL = re.compile(r"[□☐☑☒✓✔■※*＊・●○\d０-９（(]|.$")

_Line = Sequence[TableSlot]


def is_form(sheet: "Worksheet", slots: Sequence[TableSlot]) -> bool:
    """Whether most columns in use are narrow and most words are in several of them."""
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415 -- imported on use

    n_columns = max((slot.column + slot.width for slot in slots), default=0)
    widths = [sheet.sheet_format.defaultColWidth or _DEFAULT_WIDTH] * n_columns
    for letter, dimension in sheet.column_dimensions.items():
        first = dimension.min or column_index_from_string(letter)
        for column in range(first - 1, min(dimension.max or first, n_columns)):
            widths[column] = dimension.width
    narrow = {column for column, width in enumerate(widths) if width <= _MAX_WIDTH}
    words = [slot for slot in slots if len(slot.text) >= _SHORT]
    n_spanning = sum(slot.width > 1 or (slot.column in narrow and len(slot.text) > _SHORT) for slot in words)
    is_grid = n_columns >= _MIN_COLUMNS and 4 * len(narrow) >= 3 * n_columns
    return is_grid and n_spanning >= max(_MIN_SPANNING, len(words) / 2)


def write_form(writer: BlockWriter, slots: Sequence[TableSlot]) -> None:
    """Add the labels of a form with their values as rows, its tables, and what stands alone as paragraphs.

    Where a box is ticked, the choices of its line that are not are dropped with the reason.
    """
    by_row = groupby(sorted(slots, key=attrgetter("row", "column")), key=attrgetter("row"))
    lines = [list(line) for _, line in by_row]
    above: list[TableSlot] = []  # labels over several rows
    fields: list[tuple[str, str]] = []
    for _, group in groupby(lines, key=lambda line: [(slot.column, slot.width) for slot in line]):
        run = list(group)
        if _is_table(run):
            _write_fields(writer, fields)
            writer.add_table([slot for line in run for slot in line])
            continue
        for line in run:
            above = [slot for slot in above if slot.row + slot.height > line[0].row]
            label = " ".join(map(_text, above))
            pairs = [(f"{label} {name}".strip(), value) for name, value in _pairs(line)]
            if len(pairs) > 1 or all(pairs[0]):
                fields += pairs
            else:
                _write_fields(writer, fields)
                writer.add_paragraph("".join(pairs[0]))
            above += [slot for slot in line[:1] if slot.height > 1 and len(line) > 1]
    _write_fields(writer, fields)


def _write_fields(writer: BlockWriter, fields: list[tuple[str, str]]) -> None:
    named = [(name, " ".join(value for _, value in same)) for name, same in groupby(fields, key=itemgetter(0))]
    ticked = {value for _, value in named if _TICKED.search(value)}
    if named:
        writer.add_rows([("", ""), *((name, _UNTICKED.sub("", v) if v in ticked else v) for name, v in named)])
    for text in (text for _, value in named if value in ticked for text in _UNTICKED.findall(value)):
        writer.add_dropped(text, UNCHOSEN_REASON)
    fields.clear()
    writer.start_block()


def _is_table(run: Sequence[_Line]) -> bool:
    first = run[0]
    touches = all(left.column + left.width == right.column for left, right in pairwise(first))
    if min(len(run), len(first)) < _MIN_TABLE or not touches or any(slot.width == 1 for slot in first):
        return False
    has_head = all(slot.is_header for slot in first) and not all(slot.is_header for slot in run[1])
    return has_head or not all(map(_are_pairs, run))


# Labels of one width, each before its value.
def _are_pairs(line: _Line) -> bool:
    labels = line[::2]
    is_even = len(line) % 2 == 0 and all(slot.width > 1 for slot in line)
    return is_even and len({slot.width for slot in labels}) == 1 and not any(_DIGIT.search(s.text) for s in labels)


def _pairs(line: _Line) -> Iterator[tuple[str, str]]:
    gap = min((right.column - left.column - left.width for left, right in pairwise(line)), default=0)
    are_apart = gap > _SHORT and {slot.width for slot in line} == {max(line[0].width, 2)}
    if are_apart or all(slot.is_header for slot in line):  # labels without values
        yield "", _join(line)
        return
    alternates = _are_pairs(line)
    label, value = "", list[TableSlot]()
    for n, slot in enumerate(line):
        is_first = n + 1 < len(line) and (not n or (slot.is_header and not line[n - 1].is_header))
        if (alternates and n % 2 == 0) or (is_first and not _NO_LABEL.match(slot.text)):
            if label or value:
                yield label, _join(value)
            label, value = _text(slot), []
        elif n == 1 and line[0].height > 1 and n + 1 < len(line) and not _NO_LABEL.match(slot.text):
            label = f"{label} {_text(slot)}"
        else:
            value.append(slot)
    yield label, _join(value)


def _text(slot: TableSlot) -> str:
    return " ".join(map(join_spread_letters, slot.text.replace("\u3000", " ").split("\n"))).strip()


# Digits a cell are one number, a box and its words one choice; other cells with a gap between them are apart.
def _join(slots: _Line) -> str:
    joined = ""
    end = 0
    for slot in slots:
        text = _text(slot)
        are_digits = bool(_DIGITS.fullmatch(joined[-1:] + text))
        touches = slot.column <= end + are_digits
        is_short = min(len(text), len(joined.rpartition(" ")[2])) == 1 or _NUMBERED.search(f"{joined[-1:]} {text}")
        joined += f" {text}" if joined and not (touches and (is_short or are_digits)) else text
        # Letters go over the next cells if these are empty; a Japanese one is as wide as a narrow column.
        end = slot.column + max(slot.width, len(text) if slot.width == 1 else 0)
    return joined
