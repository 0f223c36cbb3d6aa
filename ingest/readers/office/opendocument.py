"""OpenDocument reader (.odt, .ods): headings, paragraphs, lists and tables as they are displayed."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element

from ingest.blocks.model import DocumentPart
from ingest.blocks.table_layout import TableSlot, continues_table, merge_tables
from ingest.blocks.unread_parts import (
    HIDDEN_CELLS_REASON,
    HIDDEN_SHEET_REASON,
    HIDDEN_TEXT_REASON,
    STRUCK_REASON,
)
from ingest.errors import UnreadableDocumentError
from ingest.readers.block_writer import BlockWriter
from ingest.readers.office import ooxml_package as package

# Rows and cells are repeated up to the end of a sheet.
_MOST_REPEATED = 1_000
_MOST_CELLS = 1_000_000
_HIDDEN = {"collapse", "filter"}
# Deleted text, comments, marks of notes and readings of kanji are not part of a line.
_NOT_SHOWN = {"tracked-changes", "annotation", "note-citation", "ruby-text", "forms"}


def read_open_document(path: Path) -> list[DocumentPart]:
    """Return the lines of a text or a workbook; a workbook has a heading per sheet.

    Raises UnreadableDocumentError if the file is damaged, encrypted, too large or of another kind.
    """
    writer = BlockWriter()
    with package.open_package(path, package.OPEN_DOCUMENT) as parts:
        if b"encryption-data" in parts.read("META-INF/manifest.xml"):
            raise UnreadableDocumentError(f"{path.name}: {package.ENCRYPTED_MESSAGE}")
        root = package.parse_part(parts.read(package.main_part(parts)))
        dropped = _remove_unshown(root)
        body = next(element for element in root if _tag(element) == "body")[0]
        if _tag(body) == "spreadsheet":
            _write_sheets(writer, [table for table in body if _tag(table) == "table"])
        else:
            _write_content(writer, body)
    for text, reason in dropped:
        writer.add_dropped(text, reason)
    return writer.parts


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: Element, name: str, default: str = "") -> str:
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), default)


# The styles of what is struck through or hidden, each with the reason.
def _unshown_styles(root: Element) -> dict[str, str]:
    reasons = {}
    for style in (style for style in root.iter() if _tag(style) == "style"):
        for part in style:
            if _value(part, "display") in {"false", "none"}:
                is_sheet = _tag(part) == "table-properties"
                reasons[_value(style, "name")] = HIDDEN_SHEET_REASON if is_sheet else HIDDEN_TEXT_REASON
            elif _value(part, "text-line-through-style", "none") != "none":
                reasons[_value(style, "name")] = STRUCK_REASON
    return reasons


# The texts that are struck through or hidden, each with the reason.
def _remove_unshown(root: Element) -> list[tuple[str, str]]:
    reasons = _unshown_styles(root)
    dropped = []
    for parent in root.iter():
        for child in list(parent):
            reason = reasons.get(_value(child, "style-name"), "")
            if _value(child, "visibility") in _HIDDEN and _tag(child) != "table-column":
                reason = HIDDEN_CELLS_REASON
            if not reason and _tag(child) not in _NOT_SHOWN:
                continue
            if reason:
                blocks = [part for part in child.iter() if _tag(part) in {"p", "h"}]
                dropped.append((" ".join(map(_text, blocks or [child])), reason))
            position = list(parent).index(child)
            if position:
                before = parent[position - 1]
                before.tail = (before.tail or "") + (child.tail or "")
            else:
                parent.text = (parent.text or "") + (child.tail or "")
            parent.remove(child)
    return dropped


def _write_sheets(writer: BlockWriter, sheets: Sequence[Element]) -> None:
    for sheet in sheets:
        hidden = _hidden_columns(sheet)
        rows = _rows(sheet)
        spans = {slot: range(slot.column, slot.column + slot.width) for row in rows for slot in row}
        unshown = [slot for slot, columns in spans.items() if hidden.issuperset(columns)]
        rows = [[slot for slot in row if not hidden.issuperset(spans[slot])] for row in rows]
        if len(sheets) > 1 and any(rows):
            writer.add_heading(1, _value(sheet, "name"))
        parts = [[slot for row in group for slot in row] for is_filled, group in groupby(rows, key=bool) if is_filled]
        for part in merge_tables(parts, continues_table):
            writer.start_block()
            writer.add_table(part)
        for slot in unshown:
            writer.add_dropped(slot.text, HIDDEN_CELLS_REASON)


def _hidden_columns(sheet: Element) -> set[int]:
    hidden: set[int] = set()
    count = 0
    for column in (part for part in sheet.iter() if _tag(part) == "table-column"):
        first, count = count, count + min(int(_value(column, "number-columns-repeated", "1")), _MOST_CELLS)
        if _value(column, "visibility") in _HIDDEN:
            hidden |= {*range(first, count)}
    return hidden


def _write_content(writer: BlockWriter, element: Element, depth: int = -1) -> None:
    for part in element:
        match _tag(part):
            case "h":
                writer.add_heading(int(_value(part, "outline-level", "1")), _text(part))
            case "p" if depth < 0:
                writer.add_paragraph(_text(part))
            case "p":
                writer.add_item(_text(part), depth)
            case "list":
                _write_content(writer, part, depth + 1)
            case "table":
                writer.start_block()
                writer.add_table([slot for row in _rows(part) for slot in row])
            case _:
                _write_content(writer, part, depth)
        if _tag(part) in {"p", "h"}:
            for box in (box for box in part.iter() if _tag(box) in {"text-box", "note-body"}):
                _write_content(writer, box)


def _text(element: Element) -> str:
    pieces = [element.text or ""]
    for part in element:
        if _tag(part) not in {"frame", "note"}:
            pieces.append({"s": " ", "tab": " ", "line-break": "\n"}.get(_tag(part)) or _text(part))
        pieces.append(part.tail or "")
    return "".join(pieces)


def _rows(table: Element) -> list[list[TableSlot]]:
    rows: list[list[TableSlot]] = []
    elements = (row for row in table.iter() if _tag(row) == "table-row")
    header = {row for part in table.iter() if _tag(part) == "table-header-rows" for row in part}
    for element in elements:
        for _ in range(min(int(_value(element, "number-rows-repeated", "1")), _MOST_REPEATED)):
            rows.append(list(_slots(element, len(rows), is_header=element in header)))
        if sum(map(len, rows[-_MOST_REPEATED:])) > _MOST_CELLS:
            raise UnreadableDocumentError("表が大きすぎるので読みません。分けて置いてください。")
    return rows


def _slots(row: Element, number: int, *, is_header: bool) -> Iterator[TableSlot]:
    column = 0
    for cell in row:
        repeated = int(_value(cell, "number-columns-repeated", "1"))
        text = "\n".join(_text(part) for part in cell.iter() if _tag(part) in {"p", "h"})
        if text.strip():
            height, width = (int(_value(cell, f"number-{side}-spanned", "1")) for side in ("rows", "columns"))
            for n in range(min(repeated, _MOST_REPEATED)):
                yield TableSlot(text, number, column + n, height, width, is_header)
        column += repeated
