"""Reads the raw text of Office files from their XML, with the reason if readers leave it out."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from ingest.readers.office.docx_styles import W
from ingest.readers.office.ooxml_package import (
    DOCX,
    PPTX,
    XLSX,
    is_empty,
    main_part,
    open_package,
    parse_part,
    related_parts,
)

# Text, page (the slide), and why it is left out, "" for text that should be read.
OfficeText = tuple[str, int | None, str]

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_RUNNING = "ヘッダー・フッター"
_DELETED = "取り消された文字"
_HIDDEN = "隠し文字"
_COMMENT = "コメント"
_NOTES = "発表者のメモ"
_RUBY = "ふりがな"
_HIDDEN_SHEET = "表示しないシート"
_HIDDEN_CELL = "表示しない行・列"
_HIDDEN_SLIDE = "表示しないスライド"
_FURNITURE_TYPES = {"dt", "sldNum", "ftr", "hdr"}
_GENERAL_FORMAT = "0"
_COLUMN = re.compile(r"[A-Z]+")


def docx_texts(path: Path) -> Iterator[OfficeText]:
    """Yield the text of a Word file; raises UnreadableDocumentError."""
    if is_empty(path):
        return
    with open_package(path, DOCX) as parts:
        main = main_part(parts)
        folder = main.rpartition("/")[0]
        yield from _word_texts(parse_part(parts.read(main)), "")
        for name in parts.namelist():
            kind = re.fullmatch(rf"{re.escape(folder)}/(footnotes|endnotes|comments|header|footer)\d*\.xml", name)
            if kind:
                reason = {"header": _RUNNING, "footer": _RUNNING, "comments": _COMMENT}.get(kind[1], "")
                yield from _word_texts(parse_part(parts.read(name)), reason)


def _word_texts(element: Element, reason: str) -> Iterator[OfficeText]:
    """Yield the texts of an element's runs in order, without the copies for older programs."""
    tag = element.tag
    if tag == _FALLBACK:
        return
    if tag in {f"{W}del", f"{W}moveFrom"}:
        reason = reason or _DELETED
    elif tag == f"{W}rt":
        reason = reason or _RUBY
    elif tag == f"{W}r" and element.find(f"{W}rPr/{W}vanish") is not None:
        reason = reason or _HIDDEN
    elif tag in {f"{W}t", f"{W}delText"}:
        yield element.text or "", None, reason
    for child in element:
        yield from _word_texts(child, reason)
    if tag == f"{W}p":
        yield "\n", None, reason


def pptx_texts(path: Path) -> Iterator[OfficeText]:
    """Yield the text of a presentation, the slide's number as page; raises UnreadableDocumentError."""
    if is_empty(path):
        return
    with open_package(path, PPTX) as parts:
        main = main_part(parts)
        targets = related_parts(parts, main)
        ids = [_relation(child) for child in parse_part(parts.read(main)).iter() if _name(child) == "sldId"]
        for number, name in enumerate((targets[key] for key in ids if key in targets), start=1):
            yield from _slide_texts(parts, name, number)


def _slide_texts(parts: zipfile.ZipFile, name: str, number: int) -> Iterator[OfficeText]:
    slide = parse_part(parts.read(name))
    hidden = _HIDDEN_SLIDE if slide.get("show") in {"0", "false"} else ""
    yield from _drawing_texts(slide, number, hidden)
    for target in related_parts(parts, name).values():
        if target in parts.namelist() and ("/diagrams/data" in target or "/notesSlides/" in target):
            reason = _NOTES if "/notesSlides/" in target else hidden
            yield from _drawing_texts(parse_part(parts.read(target)), number, reason)


def _drawing_texts(element: Element, page: int | None, reason: str) -> Iterator[OfficeText]:
    """Yield the texts of shapes, tables and diagrams."""
    if element.tag == _FALLBACK:
        return
    name = _name(element)
    if name == "sp":
        properties = [descendant for child in element if _name(child).startswith("nv") for descendant in child.iter()]
        if any(_name(descendant) == "ph" and descendant.get("type") in _FURNITURE_TYPES for descendant in properties):
            reason = reason or _RUNNING
        if any(_name(descendant) == "cNvPr" and descendant.get("hidden") in {"1", "true"} for descendant in properties):
            reason = reason or _HIDDEN
    elif name == "fld" and element.get("type", "").startswith(("slidenum", "datetime")):
        reason = reason or _RUNNING
    elif name == "t":
        yield element.text or "", page, reason
    for child in element:
        yield from _drawing_texts(child, page, reason)
    if name == "p":
        yield "\n", page, reason


def xlsx_texts(path: Path) -> Iterator[OfficeText]:
    """Yield the texts of a workbook's cells and shapes, and its figures without a number format.

    A formatted figure (1,234円) is not in the XML as it is shown. Raises UnreadableDocumentError.
    """
    if is_empty(path):
        return
    with open_package(path, XLSX) as parts:
        main = main_part(parts)
        targets = related_parts(parts, main)
        shared = _shared_strings(parts)
        plain_styles = _plain_styles(parts)
        for element in parse_part(parts.read(main)).iter():
            part = targets.get(_relation(element), "") if _name(element) == "sheet" else ""
            if part in parts.namelist():
                hidden = "" if element.get("state", "visible") == "visible" else _HIDDEN_SHEET
                yield from _sheet_texts(parse_part(parts.read(part)), shared, plain_styles, hidden)
                for target in related_parts(parts, part).values():
                    if "/drawings/drawing" in target and target in parts.namelist():
                        yield from _drawing_texts(parse_part(parts.read(target)), None, hidden)


def _sheet_texts(sheet: Element, shared: list[str], plain_styles: set[str], hidden_sheet: str) -> Iterator[OfficeText]:
    hidden_columns: set[int] = set()
    for element in sheet.iter():
        if _name(element) == "col" and (element.get("hidden") in {"1", "true"} or element.get("width") == "0"):
            hidden_columns |= set(range(int(element.get("min", "1")), int(element.get("max", "1")) + 1))
        if _name(element) != "row":
            continue
        is_hidden_row = element.get("hidden") in {"1", "true"} or element.get("ht") == "0"
        for cell in element:
            is_hidden = is_hidden_row or _column_number(cell.get("r", "")) in hidden_columns
            reason = hidden_sheet or (_HIDDEN_CELL if is_hidden else "")
            yield _cell_text(cell, shared, plain_styles), None, reason
            yield "\n", None, reason


def _cell_text(cell: Element, shared: list[str], plain_styles: set[str]) -> str:
    kind = cell.get("t", "n")
    value = next((child.text or "" for child in cell if _name(child) == "v"), "")
    if kind == "s":
        return shared[int(value)] if value.isdecimal() and int(value) < len(shared) else ""
    if kind == "inlineStr":
        return _string_text(cell)
    if kind == "str":
        return value
    return f"{float(value):.11g}" if kind == "n" and value and cell.get("s", "0") in plain_styles else ""


def _shared_strings(parts: zipfile.ZipFile) -> list[str]:
    part = _find_part(parts, "sharedStrings.xml")
    return [_string_text(child) for child in parse_part(part) if _name(child) == "si"] if part else []


def _plain_styles(parts: zipfile.ZipFile) -> set[str]:
    part = _find_part(parts, "styles.xml")
    formats = next((child for child in parse_part(part) if _name(child) == "cellXfs"), ()) if part else ()
    styles = {
        str(n)
        for n, cell_format in enumerate(formats)
        if cell_format.get("numFmtId", _GENERAL_FORMAT) == _GENERAL_FORMAT
    }
    return styles if part else {"0"}


def _find_part(parts: zipfile.ZipFile, ending: str) -> bytes:
    names = [name for name in parts.namelist() if name.endswith(ending)]
    return parts.read(names[0]) if names else b""


def _string_text(element: Element) -> str:
    if _name(element) == "rPh":
        return ""
    return (element.text or "" if _name(element) == "t" else "") + "".join(map(_string_text, element))


def _column_number(reference: str) -> int:
    number = 0
    for letter in (_COLUMN.match(reference) or ("",))[0]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _relation(element: Element) -> str:
    return next((value for key, value in element.items() if key.endswith("}id")), "")
