"""Excel reader: the visible tables of each sheet, with values as displayed."""

import re
import warnings
import zipfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element

from ingest.blocks.line_text import to_one_line
from ingest.blocks.link_targets import with_target
from ingest.blocks.model import SourceDocument
from ingest.blocks.table_layout import TableSlot, continues_table, merge_tables
from ingest.blocks.unread_parts import HIDDEN_CELLS_REASON, HIDDEN_SHEET_REASON, STRUCK_REASON
from ingest.documents import Block, Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.block_writer import BlockWriter
from ingest.readers.office.ooxml_package import XLSX, main_part, open_package, parse_part, related_parts
from ingest.readers.office.xlsx_formats import BUILTIN_FORMATS, format_cell
from ingest.readers.office.xlsx_forms import is_form, write_form

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.styles.colors import Color
    from openpyxl.worksheet.cell_range import CellRange
    from openpyxl.worksheet.worksheet import Worksheet

# Cells of a sheet including merged ones: 100,000 rows of ten columns, half a kilobyte each.
_MAX_CELLS = 1_000_000
# Columns in use on a sheet: a year of days has 366.
_MAX_COLUMNS = 1_000
_MAX_TITLE_LENGTH = 60
# Cells, formulas and merged ranges in the XML of a sheet; parsing it would take as long as reading the workbook.
_CELL = re.compile(rb"<(?:\w+:)?c[ />]")
_FORMULA = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\br="([A-Z]+\d+)")([^>]*)>\s*<(?:\w+:)?f\b(.*?)</(?:\w+:)?c>', re.DOTALL)
_LINK_FORMULA = re.compile(
    rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]+\d+)"[^<>]*>\s*<(?:\w+:)?f>HYPERLINK\((?:"|&quot;)([^"&<]*(?:&amp;[^"&<]*)*)(?:"|&quot;)'
)
_VALUE = re.compile(rb"<(?:\w+:)?v>[^<]|<(?:\w+:)?is>")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_AMOUNT = re.compile(r"[-+▲△▼(（]?\s?[¥￥]?[\d０-９][\d０-９,，.．]*\s*[^\d０-９\s]{0,3}[)）]?|[-－―…*＊]")
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
# Default sheet names.
_DEFAULT_SHEET_NAME = re.compile(r"(?:Sheet|シート|ワークシート|表|Table)\s?\d{0,3}", re.IGNORECASE)
_MAX_LISTED_CELLS = 5
_WHITE = {"FFFFFFFF", "00FFFFFF"}
_NO_COLOUR = "00000000"
_INVISIBLE_FORMAT = re.compile(r"(?:\[\w+\])?;;;\s*")


# The targets of HYPERLINK formulas by row and column, from 1.
_Links = Mapping[tuple[int, int], str]


@dataclass(frozen=True, slots=True)
class _SheetExtras:
    unsaved_formulas: tuple[str, ...] = ()
    shape_texts: tuple[str, ...] = ()
    links: _Links = field(default_factory=dict)


# Cells of a sheet between empty rows and columns.
_Region = list[TableSlot]


def read_xlsx(path: Path) -> SourceDocument:
    """Return the blocks of a workbook: a heading per sheet, then its tables and the texts of its shapes.

    What is struck through, hidden or outside the print area is dropped with the reason. The title is the first line
    above a table, else the first sheet's name.
    """
    writer = BlockWriter()
    import openpyxl  # noqa: PLC0415 -- imported on use: 0.2 s

    with open_package(path, XLSX) as parts, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about parts that are not read: print areas, validation
        extras_by_sheet = {name: _sheet_extras(parts, part, path.name) for name, part in _sheet_parts(parts)}
        book = openpyxl.load_workbook(path, data_only=True, keep_links=False, rich_text=True)
        visible = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
        reader = _SheetReader(book, path.name)
        for sheet in book.worksheets:
            extras = extras_by_sheet.get(sheet.title, _SheetExtras())
            slots, dropped = reader.read_cells(sheet, extras.links)
            if sheet.title in visible:
                _write_sheet(writer, sheet, slots, extras, visible)
            for text, reason in dropped:
                writer.add_dropped(text, reason)
    written = writer.parts
    first = next((part for part in written if isinstance(part, Line) or part.kind in {"label", "text"}), None)
    if first and len(first.text) <= _MAX_TITLE_LENGTH and not first.text.endswith("。"):
        return SourceDocument(written, first.text)
    headings = (part.text for part in written if isinstance(part, Block) and part.kind == "heading")
    return SourceDocument(written, next(headings, ""))


def _write_sheet(
    writer: BlockWriter, sheet: "Worksheet", slots: Sequence[TableSlot], extras: _SheetExtras, visible: Sequence[str]
) -> None:
    has_content = slots or extras.unsaved_formulas or extras.shape_texts
    if has_content and (len(visible) > 1 or not _DEFAULT_SHEET_NAME.fullmatch(sheet.title)):
        writer.add_heading(1, sheet.title)
    if is_form(sheet, slots):
        write_form(writer, slots)
        slots = ()
    for region in _regions(slots):
        writer.start_block()
        writer.add_table(region)
    for text in extras.shape_texts:
        writer.start_block()
        writer.add_paragraph(text)
    if cells := extras.unsaved_formulas:
        suffix = f"など{len(cells)}か所" if len(cells) > _MAX_LISTED_CELLS else ""
        named = "、".join(cells[:_MAX_LISTED_CELLS])
        writer.add_paragraph(f"（計算結果が保存されていない式があり、その値は読めません：{named}{suffix}）")


def _sheet_parts(parts: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    main = main_part(parts)
    targets = related_parts(parts, main)
    for element in parse_part(parts.read(main)).iter():
        if element.tag.rpartition("}")[2] == "sheet":
            part = targets.get(next((v for k, v in element.items() if k.endswith("}id")), ""), "")
            if part in parts.namelist():
                yield element.get("name", ""), part


def _sheet_extras(parts: zipfile.ZipFile, part: str, name: str) -> _SheetExtras:
    from openpyxl.utils import coordinate_to_tuple, range_boundaries  # noqa: PLC0415 -- imported on use

    content = parts.read(part)
    merged = (range_boundaries(area.decode()) for area in _MERGED.findall(content))
    n_merged = sum((right - left + 1) * (bottom - top + 1) for left, top, right, bottom in merged)
    if len(_CELL.findall(content)) + n_merged > _MAX_CELLS:
        raise _too_large_error(name, f"セルが多すぎます（上限は{_MAX_CELLS:,}）")
    cells = [
        name.decode()
        for name, attributes, cell in _FORMULA.findall(content)
        if not _VALUE.search(cell) and b't="str"' not in attributes
    ]
    formulas = _LINK_FORMULA.findall(content) if b"HYPERLINK(" in content else []
    links = {coordinate_to_tuple(cell.decode()): unescape(target.decode()) for cell, target in formulas}
    drawings = [target for target in related_parts(parts, part).values() if "/drawings/" in target]
    roots = [parse_part(parts.read(drawing)) for drawing in drawings if drawing in parts.namelist()]
    return _SheetExtras(tuple(cells), tuple(text for root in roots for text in _shape_texts(root)), links)


def _shape_texts(drawing: Element) -> Iterator[str]:
    for shape in drawing.iter(f"{_XDR}sp"):
        is_hidden = any(properties.get("hidden") in {"1", "true"} for properties in shape.iter(f"{_XDR}cNvPr"))
        lines = ["".join(text.text or "" for text in line.iter(f"{_A}t")) for line in shape.iter(f"{_A}p")]
        if any(lines) and not is_hidden:
            yield "\n".join(lines)


def _too_large_error(name: str, reason: str) -> UnreadableDocumentError:
    return UnreadableDocumentError(
        f"{name}: 表が大きすぎるので読みません。{reason}。要るところだけを別のブックか CSV に保存して置いてください。"
    )


class _Style(NamedTuple):
    is_header: bool
    is_struck: bool
    is_invisible: bool


class _SheetReader:
    def __init__(self, book: "Workbook", name: str) -> None:
        self._since_1904 = book.epoch.year == 1904
        self._name = name
        self._styles: dict[int, _Style] = {}  # by style id

    def read_cells(self, sheet: "Worksheet", links: _Links) -> tuple[list[TableSlot], list[tuple[str, str]]]:
        """Return the cells that are shown, and the texts of the others by row with the reason."""
        hidden_rows = sorted(number for number, row in sheet.row_dimensions.items() if row.hidden or row.height == 0)
        hidden_columns = sorted(_hidden_columns(sheet))
        merged = {(area.min_row, area.min_col): area for area in sheet.merged_cells.ranges}
        slots: list[TableSlot] = []
        dropped: dict[tuple[int, str], list[str]] = {}
        for (row, column), cell in sheet._cells.items():  # noqa: SLF001 -- `iter_rows` would create a cell for each empty position
            if cell.value is None:
                continue
            area = merged.get((row, column))
            rows = range(row, area.max_row + 1 if area else row + 1)
            columns = range(column, area.max_col + 1 if area else column + 1)
            height = _count_visible(rows, hidden_rows)
            width = _count_visible(columns, hidden_columns)
            text, struck = self._display_text(cell)
            text = with_target(text, cell.hyperlink.target if cell.hyperlink else links.get((row, column)))
            style = self._style(cell)
            reason = _unshown_reason(sheet, cell, style, is_hidden=not (height and width))
            if style.is_struck:
                text, struck = "", text + struck
            if reason or struck:
                unshown = (text + struck or str(cell.value)) if reason else struck
                dropped.setdefault((row, reason or STRUCK_REASON), []).append(unshown)
            if not reason and text.strip():
                top = _count_visible(range(1, row), hidden_rows)
                left = _count_visible(range(1, column), hidden_columns)
                slots.append(TableSlot(text, top, left, height, width, style.is_header))
        if len({slot.column for slot in slots}) > _MAX_COLUMNS:
            raise _too_large_error(self._name, f"シート「{sheet.title}」の列が多すぎます（上限は{_MAX_COLUMNS:,}列）")
        return slots, [(" ".join(texts), reason) for (_, reason), texts in sorted(dropped.items())]

    # The text, and what is struck through in it.
    def _display_text(self, cell: "Cell") -> tuple[str, str]:
        if cell.data_type == "e":  # #DIV/0!, #REF!
            return "", ""
        if isinstance(cell.value, list):  # of runs with a format each, or plain
            runs = [(str(run), bool(getattr(getattr(run, "font", None), "strike", False))) for run in cell.value]
            texts = ["".join(text for text, is_struck in runs if is_struck is wanted) for wanted in (False, True)]
        else:
            form = BUILTIN_FORMATS.get(cell._style.numFmtId) or cell.number_format  # noqa: SLF001 -- not in the public API
            texts = [format_cell(cell.value, form, since_1904=self._since_1904), ""]
        shown, struck = (text.replace("_x000D_", "").replace("\r", "") for text in texts)
        return shown, struck

    def _style(self, cell: "Cell") -> _Style:
        if cell.style_id not in self._styles:
            font, fill = cell.font, cell.fill
            is_plain = fill.fill_type is None or _is_white(fill.fgColor)
            has_colour = fill.fill_type == "solid" and not is_plain and fill.fgColor.rgb != _NO_COLOUR
            is_invisible = bool(_INVISIBLE_FORMAT.fullmatch(cell.number_format)) or (is_plain and _is_white(font.color))
            self._styles[cell.style_id] = _Style(bool(font.b) or has_colour, bool(font.strike), is_invisible)
        return self._styles[cell.style_id]


def _unshown_reason(sheet: "Worksheet", cell: "Cell", style: _Style, *, is_hidden: bool) -> str:
    from openpyxl.worksheet.cell_range import CellRange  # noqa: PLC0415 -- imported on use

    if sheet.sheet_state != "visible":
        return HIDDEN_SHEET_REASON
    if is_hidden:
        return HIDDEN_CELLS_REASON
    printed = sheet._print_area.ranges  # noqa: SLF001 -- the public property is text
    if printed and not _is_in(cell, printed):
        return "印刷範囲の外"
    # White letters may be on the colour of a table's style or of a condition.
    if style.is_invisible:
        tables = [CellRange(table.ref) for table in sheet.tables.values()]
        conditions = [area for rule in sheet.conditional_formatting for area in rule.cells.ranges]
        return "" if _is_in(cell, [*tables, *conditions]) else "見えない書式（;;; または白い文字）"
    return ""


def _is_white(colour: "Color | None") -> bool:
    if colour is None or colour.tint:
        return False
    return colour.theme == 0 if colour.type == "theme" else colour.type == "rgb" and colour.rgb in _WHITE


def _is_in(cell: "Cell", areas: Iterable["CellRange"]) -> bool:
    return any(a.min_row <= cell.row <= a.max_row and a.min_col <= cell.column <= a.max_col for a in areas)


def _hidden_columns(sheet: "Worksheet") -> set[int]:
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415 -- imported on use

    hidden: set[int] = set()
    for letter, dimension in sheet.column_dimensions.items():
        if dimension.hidden or dimension.width == 0:
            first = dimension.min or column_index_from_string(letter)
            hidden |= set(range(first, (dimension.max or first) + 1))
    return hidden


def _count_visible(positions: range, hidden: Sequence[int]) -> int:
    return len(positions) - (bisect_left(hidden, positions.stop) - bisect_left(hidden, positions.start))


def _regions(slots: Sequence[TableSlot]) -> list[_Region]:
    if not slots:
        return []
    regions: list[_Region] = []
    for band in _split_at_gaps(slots, by_row=True):
        columns = merge_tables(_split_at_gaps(band, by_row=False), _lacks_names)
        regions += [part_region for part in columns for part_region in _regions(part)] if len(columns) > 1 else columns
    return merge_tables(regions, continues_table)


def _split_at_gaps(slots: Sequence[TableSlot], *, by_row: bool) -> list[_Region]:
    regions: list[_Region] = []
    end = -1
    for slot in sorted(slots, key=lambda s: (s.row, s.column) if by_row else (s.column, s.row)):
        start, size = (slot.row, slot.height) if by_row else (slot.column, slot.width)
        if start > end:
            regions.append([])
        regions[-1].append(slot)
        end = max(end, start + size)
    return regions


def _lacks_names(left: _Region, right: _Region) -> bool:
    first = min(slot.column for slot in right)
    names = [slot for slot in right if slot.column == first]
    names = names[1:] or names
    shares_rows = {slot.row for slot in right} <= {slot.row for slot in left}
    return shares_rows and bool(names) and all(_AMOUNT.fullmatch(to_one_line(slot.text)) for slot in names)
