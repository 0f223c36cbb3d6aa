"""Excel reader: the visible tables of each sheet, with values as displayed."""

import re
import warnings
import zipfile
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.line_writer import LineWriter, one_line
from ingest.readers.office.chart import source_ranges, write_chart
from ingest.readers.office.ooxml_package import XLSX, is_empty, main_part, open_package, parse, related_parts
from ingest.readers.office.xlsx_formats import BY_NUMBER, format_cell
from ingest.readers.table_writer import Slot, write_table

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

# Cells of a sheet, with those that are merged: 100,000 rows of ten columns. Each takes half a kilobyte.
_MOST_CELLS = 1_000_000
# Columns in use on one sheet: a year of days has 366.
_MOST_COLUMNS = 1_000
_LONGEST_TITLE = 60
# Cells, formulas with what stands behind them in their cells, and merged cells, in the XML of a sheet: parsing it for
# them takes as long as reading the book.
_CELL = re.compile(rb"<(?:\w+:)?c[ />]")
_FORMULA = re.compile(rb"<(?:\w+:)?c(|\s[^>]*)>\s*<(?:\w+:)?f\b(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v>[^<]|<(?:\w+:)?is>")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([^"]*)"')
_AMOUNT = re.compile(r"[-+▲△▼(（]?\s?[¥￥]?[\d０-９][\d０-９,，.．]*\s*[^\d０-９\s]{0,3}[)）]?|[-－―…*＊]")
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
# Names that a program gives a sheet by itself.
_NAMED_BY_ITSELF = re.compile(r"(?:Sheet|シート|ワークシート|表|Table)\s?\d{0,3}", re.IGNORECASE)
# Formulas without a value that a notice names; it counts the others.
_NAMED = 5
_WHITE = {"00000000", "FFFFFFFF", "00FFFFFF"}


@dataclass(frozen=True, slots=True)
class _SheetExtras:
    """What a sheet holds that openpyxl leaves out: cells whose formula has no value, texts of its shapes, charts."""

    without_value: tuple[str, ...] = ()
    boxes: tuple[str, ...] = ()
    charts: tuple[Element, ...] = ()


# The cells of a part of a sheet that empty rows and columns part from others.
Region = list[Slot]


def read_xlsx(path: Path) -> list[Line]:
    """Return the lines of a book: a heading a sheet, and the tables and lines on it; nothing of what is hidden.

    Raises UnreadableDocumentError where the file is damaged, locked, too large or no book of Excel.
    """
    written = LineWriter()
    if is_empty(path):
        return []
    with _opened(path) as (book, others):
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        reader = _Cells(book, path.name)
        for sheet in sheets:
            regions = _regions(reader.slots(sheet))
            other = others.get(sheet.title, _SheetExtras())
            if (regions or other != _SheetExtras()) and (
                len(sheets) > 1 or not _NAMED_BY_ITSELF.fullmatch(sheet.title)
            ):
                written.heading(1, sheet.title)
            for region in regions:
                written.part()
                write_table(written, region)
            for text in other.boxes:
                written.part()
                written.paragraph(text)
            for chart in other.charts:
                if not _is_of_cells(chart, [one.title for one in sheets]):
                    write_chart(written, chart)
            written.paragraph(_notice(other.without_value))
    return written.lines


def xlsx_title(path: Path) -> str:
    """Return the title of a book: the first line above a table, else the first sheet's name; "" without one."""
    texts = [line.text for line in read_xlsx(path)]
    alone = next((text for text in texts if text and not text.startswith(("#", "|", "-"))), "")
    if alone and len(alone) <= _LONGEST_TITLE and not alone.endswith("。"):
        return alone
    return next((text.lstrip("# ") for text in texts if text.startswith("#")), "")


@contextmanager
def _opened(path: Path) -> Iterator[tuple["Workbook", dict[str, _SheetExtras]]]:
    """Give a book with the values of its formulas, and by its sheets' names what the library does not tell of them."""
    import openpyxl  # noqa: PLC0415 -- 0.2 s that those who read no such file need not pay

    with open_package(path, XLSX) as parts, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that are not read: print areas, validation
        others = {name: _sheet_extras(parts, part, path.name) for name, part in _sheets(parts)}
        book = openpyxl.load_workbook(path, data_only=True, keep_links=False)
        try:
            yield book, others
        finally:
            book.close()


def _is_of_cells(chart: Element, sheets: Sequence[str]) -> bool:
    """Whether a chart draws what cells of these sheets say, which is read there."""
    held = {one.rpartition("!")[0].strip("'").replace("''", "'") for one in source_ranges(chart)}
    return bool(held) and held <= set(sheets)


def _sheets(parts: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet with that of its part."""
    main = main_part(parts)
    targets = related_parts(parts, main)
    for element in parse(parts.read(main)).iter():
        if element.tag.rpartition("}")[2] == "sheet":
            part = targets.get(next((v for k, v in element.items() if k.endswith("}id")), ""), "")
            if part in parts.namelist():
                yield element.get("name", ""), part


def _sheet_extras(parts: zipfile.ZipFile, part: str, name: str) -> _SheetExtras:
    """Return what the library does not tell of a sheet; raises where there are more cells than can be read."""
    content = parts.read(part)
    merged = sum(_area(found[1].decode("ascii", "replace")) for found in _MERGED.finditer(content))
    if len(_CELL.findall(content)) + merged > _MOST_CELLS:
        raise _too_large(name, f"セルが多すぎます（上限は{_MOST_CELLS:,}）")
    formulas = _FORMULA.finditer(content)
    cells = (_place(cell) for cell in formulas if not _VALUE.search(cell[2]) and b't="str"' not in cell[1])
    drawings = [one for one in related_parts(parts, part).values() if "/drawings/" in one and one in parts.namelist()]
    boxes = tuple(text for one in drawings for text in _boxes(parse(parts.read(one))))
    inside = [target for one in drawings for target in related_parts(parts, one).values() if "/charts/" in target]
    return _SheetExtras(tuple(cells), boxes, tuple(parse(parts.read(one)) for one in inside if one in parts.namelist()))


def _boxes(drawing: Element) -> Iterator[str]:
    """Yield the texts of the shapes of a sheet in their order, none of those that are hidden."""
    for shape in drawing.iter(f"{_XDR}sp"):
        is_hidden = any(one.get("hidden") in {"1", "true"} for one in shape.iter(f"{_XDR}cNvPr"))
        paragraphs = ("".join(t.text or "" for t in one.iter(f"{_A}t")) for one in shape.iter(f"{_A}p"))
        text = "\n".join(filter(None, paragraphs))
        if text and not is_hidden:
            yield text


def _place(cell: re.Match[bytes]) -> str:
    place = re.search(rb'\br="([A-Z]+\d+)"', cell[1])
    return place[1].decode("ascii") if place else ""


def _area(ref: str) -> int:
    """Return how many cells a range covers, 1 for what is none."""
    from openpyxl.utils import range_boundaries  # noqa: PLC0415 -- as in `_opened`

    left, top, right, bottom = (
        range_boundaries(ref) if re.fullmatch(r"[A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7}", ref) else (1,) * 4
    )
    return (right - left + 1) * (bottom - top + 1)


def _too_large(name: str, what: str) -> UnreadableDocumentError:
    return UnreadableDocumentError(
        f"{name}: 表が大きすぎるので読みません。{what}。要るところだけを別のブックか CSV に保存して置いてください。"
    )


class _Cells:
    """The cells of a book's sheets that are to be seen and hold something."""

    def __init__(self, book: "Workbook", name: str) -> None:
        self._since_1904 = book.epoch.year == 1904  # noqa: PLR2004 -- the other of the two
        self._name = name
        self._named: dict[int, bool] = {}  # by the number of a cell's style

    def slots(self, sheet: "Worksheet") -> list[Slot]:
        """Return the cells of a sheet with their places among the rows and columns that are to be seen."""
        hidden_rows = sorted(at for at, row in sheet.row_dimensions.items() if row.hidden or row.height == 0)
        hidden_columns = sorted(_hidden_columns(sheet))
        merged = {(one.min_row, one.min_col): one for one in sheet.merged_cells.ranges}
        slots = []
        for (row, column), cell in sheet._cells.items():  # noqa: SLF001 -- `iter_rows` makes a cell of each empty place
            if cell.value is None or not (text := self._text(cell)).strip():
                continue
            area = merged.get((row, column))
            rows = range(row, area.max_row + 1 if area else row + 1)
            columns = range(column, area.max_col + 1 if area else column + 1)
            height, width = _count_visible(rows, hidden_rows), _count_visible(columns, hidden_columns)
            if height and width:
                top, left = _count_visible(range(1, row), hidden_rows), _count_visible(range(1, column), hidden_columns)
                slots.append(Slot(text, top, left, height, width, self._is_named(cell)))
        if len({slot.column for slot in slots}) > _MOST_COLUMNS:
            raise _too_large(self._name, f"シート「{sheet.title}」の列が多すぎます（上限は{_MOST_COLUMNS:,}列）")
        return slots

    def _text(self, cell: "Cell") -> str:
        if cell.data_type == "e":  # #DIV/0!, #REF!
            return ""
        form = BY_NUMBER.get(cell._style.numFmtId) or cell.number_format  # noqa: SLF001 -- the library tells it only so
        return format_cell(cell.value, form, since_1904=self._since_1904).replace("_x000D_", "").replace("\r", "")

    def _is_named(self, cell: "Cell") -> bool:
        """Whether a cell is set apart by its type or its colour, as names of rows and columns are."""
        style = cell.style_id
        if style not in self._named:
            colour = cell.fill.fgColor
            is_white = colour.rgb in _WHITE if colour.type == "rgb" else colour.type == "theme" and colour.theme == 0
            self._named[style] = bool(cell.font.b) or (
                cell.fill.fill_type == "solid" and not (is_white and not colour.tint)
            )
        return self._named[style]


def _hidden_columns(sheet: "Worksheet") -> set[int]:
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415 -- as in `_opened`

    hidden: set[int] = set()
    for letter, one in sheet.column_dimensions.items():
        if one.hidden or one.width == 0:
            first = one.min or column_index_from_string(letter)
            hidden |= set(range(first, (one.max or first) + 1))
    return hidden


def _count_visible(places: range, hidden: Sequence[int]) -> int:
    """Return how many of the places are to be seen."""
    return len(places) - (bisect_left(hidden, places.stop) - bisect_left(hidden, places.start))


def _regions(slots: Sequence[Slot]) -> list[Region]:
    """Return the parts of a sheet from top to bottom, and side by side from left to right."""
    if not slots:
        return []
    found: list[Region] = []
    for band in _cut(slots, by_row=True):
        beside = _merge_regions(_cut(band, by_row=False), _lacks_names)
        found += [one for part in beside for one in _regions(part)] if len(beside) > 1 else beside
    return _merge_regions(found, _goes_on)


def _cut(slots: Sequence[Slot], *, by_row: bool) -> list[Region]:
    """Return the cells between empty rows, or between empty columns."""
    found: list[Region] = []
    end = -1
    for slot in sorted(slots, key=lambda s: (s.row, s.column) if by_row else (s.column, s.row)):
        start, size = (slot.row, slot.height) if by_row else (slot.column, slot.width)
        if start > end:
            found.append([])
        found[-1].append(slot)
        end = max(end, start + size)
    return found


def _merge_regions(regions: Sequence[Region], belongs: Callable[[Region, Region], bool]) -> list[Region]:
    found: list[Region] = []
    for region in regions:
        if found and belongs(found[-1], region):
            found[-1] = [*found[-1], *region]
        else:
            found.append(region)
    return found


def _lacks_names(left: Region, right: Region) -> bool:
    """Whether the right of two parts is of the same rows and has figures where a table names its rows."""
    first = min(slot.column for slot in right)
    names = [slot for slot in right if slot.column == first]
    names = names[1:] or names
    same = {slot.row for slot in right} <= {slot.row for slot in left}
    return same and bool(names) and all(_AMOUNT.fullmatch(one_line(slot.text)) for slot in names)


def _goes_on(above: Region, below: Region) -> bool:
    """Whether a part has the columns of the one above it and begins with a row of figures: no names of its own."""
    columns = {slot.column for slot in above}
    first = min(slot.row for slot in below)
    top = [slot for slot in below if slot.row == first]
    figures = sum(bool(_AMOUNT.fullmatch(one_line(slot.text))) for slot in top)
    alike = {slot.column for slot in below} <= columns and len(top) > 1 and min(columns) == min(s.column for s in below)
    return alike and figures * 2 >= len(top) and not any(slot.named for slot in top[1:])


def _notice(cells: Sequence[str]) -> str:
    """Return what tells that the values of these cells are not in the file, "" for none."""
    if not cells:
        return ""
    more = f"など{len(cells)}か所" if len(cells) > _NAMED else ""
    return f"（計算結果が保存されていない式があり、その値は読めません：{'、'.join(cells[:_NAMED])}{more}）"
