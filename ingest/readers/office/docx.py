"""Word reader: writes the paragraphs, tables, notes, and text boxes of a document as lines."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby, takewhile
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from ingest.blocks.link_targets import with_target
from ingest.blocks.model import DocumentPart, SourceDocument
from ingest.blocks.table_layout import TableSlot
from ingest.blocks.unread_parts import HIDDEN_TEXT_REASON, STRUCK_REASON, UNREAD_CELL, UNREAD_PICTURES_REASON
from ingest.errors import UnreadableDocumentError
from ingest.japanese.contacts import LINK_TARGET
from ingest.readers.block_writer import BlockWriter
from ingest.readers.html.html_reader import picture_description, raised_digits
from ingest.readers.office.docx_styles import ParagraphNumbering, Styles, W, child_value, is_on
from ingest.readers.office.ooxml_package import DOCX, main_part, open_package, parse_part, related_parts
from ingest.readers.pdf.pdf_text import to_display_text

_STRICT_NAMESPACE = re.compile(rb"http://purl\.oclc\.org/ooxml/(wordprocessingml|officeDocument)/(main|relationships)")
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_LINK_FIELD = re.compile(r'\s*HYPERLINK\s+"([^"]+)"(?!.*\\l)')
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
# A centred line before the first heading is the title up to this length.
_MAX_TITLE_LENGTH = 60
# Cells of a table, merged ones counted in each position.
_MAX_CELLS = 200_000
# Elements that hold blocks, rows or cells without being one.
_WRAPPERS = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
_CHARACTERS = {"tab": "\u3000", "cr": "\n", "noBreakHyphen": "-"}
# Deleted text, the copy of a drawing for older programs, readings of kanji, and settings.
_LEFT_OUT = frozenset(("del", "moveFrom", "Fallback", "rt", "rPr", "pPr", "sdtPr"))


class _Piece(NamedTuple):
    text: str
    is_bold: bool
    reason: str  # why it is not shown, else ""


@dataclass
class _Content:
    pieces: list[_Piece] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    has_picture: bool = False
    # The open ones: where their results start in the pieces, and their instructions.
    fields: list[tuple[int, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces if not piece.reason).strip()

    @property
    def is_bold(self) -> bool:
        shown = [piece for piece in self.pieces if piece.text.strip() and not piece.reason]
        return bool(shown) and all(piece.is_bold for piece in shown)

    @property
    def dropped(self) -> list[tuple[str, str]]:
        groups = groupby(self.pieces, key=attrgetter("reason"))
        return [("".join(piece.text for piece in pieces), reason) for reason, pieces in groups if reason]


def read_docx(path: Path) -> SourceDocument:
    """Return a document with insertions, without deletions, comments, headers and footers.

    The title is the paragraph in the Title style, else a centred first line, or the first heading.
    """
    with open_package(path, DOCX) as parts:
        reader = _DocumentReader(parts, path.name)
        return SourceDocument(reader.parts(), reader.title())


class _DocumentReader:
    def __init__(self, parts: zipfile.ZipFile, name: str) -> None:
        self._parts = parts
        self._name = name
        self._contents: dict[Element, _Content] = {}  # kept, because notes are numbered as they are met
        main = main_part(parts)
        folder = main.rpartition("/")[0]
        root = _parsed_part(parts, main)
        assert root is not None  # checked by `open_package`
        self._root = root
        self._styles = Styles(_parsed_part(parts, f"{folder}/styles.xml"))
        self._numbering = ParagraphNumbering(_parsed_part(parts, f"{folder}/numbering.xml"))
        self._writer = BlockWriter()
        self._links = related_parts(parts, main, external=True)
        self._notes: dict[tuple[str, str], str] = {}
        self._note_count = 0
        self._pending_notes: list[str] = []  # of the block that is being read
        for kind in ("footnote", "endnote"):
            notes = _parsed_part(parts, f"{folder}/{kind}s.xml")
            for note in () if notes is None else notes.iter(f"{W}{kind}"):
                texts = (self._content(paragraph).text for paragraph in note.iter(f"{W}p"))
                self._notes[f"{kind}Reference", note.get(f"{W}id", "")] = " ".join(filter(None, texts))
        # A document with a title has its headings one level below.
        titles = filter(self._styles.is_title, root.iter(f"{W}p"))
        self._offset = int(any(self._content(title).text for title in titles))

    def parts(self) -> list[DocumentPart]:
        for body in self._root.iter(f"{W}body"):
            for block in _unwrapped(body):
                self._read_block(block)
                for note in self._pending_notes:
                    self._writer.add_paragraph(note)
                self._pending_notes.clear()
        return self._writer.parts

    def title(self) -> str:
        centred = ""
        for paragraph in self._root.iter(f"{W}p"):
            text = LINK_TARGET.sub("", self._content(paragraph).text)
            if not text or self._styles.is_contents_entry(paragraph):
                continue
            if self._styles.is_title(paragraph):
                return text
            if not self._offset and self._styles.heading_level(paragraph, text):
                return centred or text
            if not centred and child_value(paragraph.find(f"{W}pPr"), "jc") == "center":
                centred = text if len(text) <= _MAX_TITLE_LENGTH else ""
        return centred

    def _read_block(self, block: Element) -> None:
        if block.tag == f"{W}p":
            self._read_paragraph(block)
        elif block.tag == f"{W}tbl":
            self._read_table(block)

    def _read_paragraph(self, paragraph: Element) -> None:
        if self._styles.is_contents_entry(paragraph):
            return
        content = self._content(paragraph)
        label, depth = self._label(paragraph, content)
        level = self._styles.heading_level(paragraph, content.text)
        if content.text and self._styles.is_title(paragraph):
            self._writer.add_heading(1, f"{label or ''} {content.text}")
        elif content.text and level:
            self._writer.add_heading(level + self._offset, f"{label or ''} {content.text}")
        elif label is None:
            self._writer.add_item(content.text, depth)
        else:
            self._writer.add_paragraph(f"{label} {content.text}" if label else content.text)
        for box in content.boxes:
            for block in _unwrapped(box):
                self._read_block(block)
        self._write_besides_text([content])

    def _label(self, paragraph: Element, content: _Content) -> tuple[str | None, int]:
        properties = self._styles.number_properties(paragraph) if content.pieces else None
        if properties is None:
            return "", 0
        depth = child_value(properties, "ilvl") or "0"
        return self._numbering.label(properties), int(depth) if depth.isdecimal() else 0

    def _write_besides_text(self, contents: Sequence[_Content]) -> None:
        for text, reason in (piece for content in contents for piece in content.dropped):
            self._writer.add_dropped(text, reason)

    def _read_table(self, table: Element) -> None:
        rows = [row for row in _unwrapped(table) if row.tag == f"{W}tr" and row.find(f"{W}trPr/{W}del") is None]
        cells = [[cell for cell in _unwrapped(row) if cell.tag == f"{W}tc"] for row in rows]
        if len(rows) * max(map(len, cells), default=0) > _MAX_CELLS:
            raise UnreadableDocumentError(
                f"{self._name}: 表のセルが多すぎます（上限は{_MAX_CELLS:,}）。"
                "表を分けるか、CSV で保存し直してください。"
            )
        blocks = [block for row in cells for cell in row for block in _unwrapped(cell)]
        has_blocks = any(
            block.tag == f"{W}tbl"
            or (block.tag == f"{W}p" and self._styles.heading_level(block, self._content(block).text))
            for block in blocks
        )
        if has_blocks or sum(map(len, cells)) == 1:  # lays out a page
            for block in blocks:
                self._read_block(block)
            return
        marked = set()
        for cell in (cell for row in cells for cell in row):
            shade = cell.find(f"{W}tcPr/{W}shd")
            if shade is not None and shade.get(f"{W}fill", "auto").upper() not in {"", "AUTO", "FFFFFF"}:
                marked.add(id(cell))
        marked = marked if len(marked) < sum(map(len, cells)) else set()
        headers = sum(1 for _ in takewhile(lambda row: is_on(row.find(f"{W}trPr"), "tblHeader"), rows))
        contents: list[_Content] = []  # of the paragraphs in the cells
        slots: list[TableSlot] = []
        merged: dict[int, int] = {}  # by column, the position in `slots` of the cell that may continue below
        for row_number, row in enumerate(cells):
            before = child_value(rows[row_number].find(f"{W}trPr"), "gridBefore") or "0"
            column = int(before) if before.isdecimal() else 0
            for cell in row:
                properties = cell.find(f"{W}tcPr")
                span = child_value(properties, "gridSpan") or "1"
                width = max(1, int(span)) if span.isdecimal() else 1
                continues = child_value(properties, "vMerge") in {"1", "continue"}
                if continues and column in merged:
                    above = slots[merged[column]]
                    slots[merged[column]] = replace(above, height=above.height + 1)
                else:
                    text, is_bold = self._cell_text(cell, contents)
                    is_header = is_bold or row_number < headers or id(cell) in marked
                    merged[column] = len(slots)
                    slots.append(TableSlot(text, row_number, column, 1, width, is_header))
                column += width
        self._writer.add_table(slots, headers=headers or None)
        self._write_besides_text(contents)

    def _cell_text(self, cell: Element, contents: list[_Content]) -> tuple[str, bool]:
        texts: list[str] = []
        start = len(contents)
        for paragraph in (block for block in _unwrapped(cell) if block.tag == f"{W}p"):
            content = self._content(paragraph)
            label, _ = self._label(paragraph, content)
            inner = [self._content(boxed) for box in content.boxes for boxed in box.iter(f"{W}p")]
            texts += [f"{label} {content.text}" if label else content.text, *(boxed.text for boxed in inner)]
            contents += [content, *inner]
        text = "\n".join(filter(None, texts))
        own = contents[start:]
        is_bold = bool(text) and all(content.is_bold for content in own if content.text)
        return text or (UNREAD_CELL if any(content.has_picture for content in own) else ""), is_bold

    def _content(self, paragraph: Element) -> _Content:
        if paragraph not in self._contents:
            self._contents[paragraph] = content = _Content()
            for child in paragraph:
                self._add_inline(child, content, paragraph, bold=False, reason="")
        return self._contents[paragraph]

    def _add_inline(self, element: Element, content: _Content, paragraph: Element, *, bold: bool, reason: str) -> None:
        name = element.tag.rpartition("}")[2]
        if name in _LEFT_OUT or _is_placeholder(element):
            return
        if name == "txbxContent":
            content.boxes.append(element)
            return
        properties = element.find(f"{W}rPr")
        bold = bold or is_on(properties, "b")
        if name == "r":
            has = partial(self._styles.has_property, run=properties, paragraph=paragraph)
            reason = HIDDEN_TEXT_REASON if has("vanish") else STRUCK_REASON if has("strike") or has("dstrike") else ""
        start = len(content.pieces)
        if name == "imagedata" or (name == "drawing" and element.find(".//{*}blip") is not None):
            content.has_picture = True
            drawing = element.find(".//{*}docPr")
            text = picture_description("" if drawing is None else drawing.get("descr", ""))
        elif element.tag == _CHART:
            text, reason = "グラフ", UNREAD_PICTURES_REASON
        else:
            text = self._own_text(name, element)
        if text:
            content.pieces.append(_Piece(text, bold, reason))
        for child in element:
            self._add_inline(child, content, paragraph, bold=bold, reason=reason)
        self._read_link(name, element, content, start)
        if child_value(properties, "vertAlign") == "superscript":
            raised = [piece._replace(text=raised_digits(piece.text)) for piece in content.pieces[start:]]
            content.pieces[start:] = raised

    # A field has its instruction and its result in the runs between marks.
    def _read_link(self, name: str, element: Element, content: _Content, start: int) -> None:
        kind = element.get(f"{W}fldCharType") if name == "fldChar" else name
        instruction = element.get(f"{W}instr", "")
        if kind == "begin":
            content.fields.append((start, ""))
        elif kind == "instrText" and content.fields:
            begun, written = content.fields[-1]
            content.fields[-1] = begun, written + (element.text or "")
        elif kind == "end" and content.fields:
            start, instruction = content.fields.pop()
        link = _LINK_FIELD.match(instruction)
        target = link[1] if link else self._links.get(element.get(f"{_R}id", "")) if kind == "hyperlink" else None
        shown = [piece for piece in content.pieces[start:] if not piece.reason] if target else []
        text = "".join(piece.text for piece in shown).rstrip()
        if added := with_target(text, target)[len(text) :]:
            content.pieces.append(_Piece(added, shown[-1].is_bold, ""))

    def _own_text(self, name: str, element: Element) -> str:
        if name == "t":
            return element.text or ""
        if name == "br":
            return "\n" if element.get(f"{W}type", "textWrapping") == "textWrapping" else ""
        if name == "sym" and re.fullmatch(r"[0-9A-Fa-f]{1,4}", element.get(f"{W}char", "")):
            return to_display_text(chr(int(element.get(f"{W}char", ""), 16)))
        if note := self._notes.get((name, element.get(f"{W}id", ""))):
            self._note_count += 1
            self._pending_notes.append(f"注{self._note_count} {note}")
            return f"（注{self._note_count}）"
        if name == "ddList":
            entries = [entry.get(f"{W}val", "") for entry in element.iter(f"{W}listEntry")]
            chosen = child_value(element, "result") or "0"
            return next(iter(entries[int(chosen) :]), "") if chosen.isdecimal() else ""
        state = "checked" if element.find(f"{W}checked") is not None else "default"
        return ("☑" if is_on(element, state) else "☐") if name == "checkBox" else _CHARACTERS.get(name, "")


def _unwrapped(holder: Element) -> Iterator[Element]:
    for child in holder:
        if _is_placeholder(child):
            continue
        if child.tag in _WRAPPERS:
            yield from _unwrapped(child)
        else:
            yield child


# A content control without a value shows what to enter.
def _is_placeholder(element: Element) -> bool:
    return element.tag == f"{W}sdt" and is_on(element.find(f"{W}sdtPr"), "showingPlcHdr")


def _parsed_part(parts: zipfile.ZipFile, name: str) -> Element | None:
    if name not in parts.namelist():
        return None
    return parse_part(_STRICT_NAMESPACE.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", parts.read(name)))
