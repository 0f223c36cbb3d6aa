"""Word reader: prepares the document for mammoth, which converts it to HTML."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

from ingest.documents import Line
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.readers.html import html_lines, parse_page
from ingest.readers.office.docx_styles import ParagraphNumbering, Styles, W, child_value, is_on
from ingest.readers.office.office_chart import chart_table
from ingest.readers.office.ooxml_package import (
    DOCX,
    is_empty,
    main_part,
    open_package,
    parse_part,
    related_parts,
    title_property,
)

_STRICT_NAMESPACES = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MAX_HEADING_LEVEL = 6
# Style name that `_mark_headings` writes for mammoth's style map.
_HEADING = "ShirubeHeading"
_STYLE_MAP = "\n".join(f"p.{_HEADING}{level} => h{level}:fresh" for level in range(1, _MAX_HEADING_LEVEL + 1))
_NUMBERED = re.compile(rf"第?\s?[\d０-９{KANJI_ONE_TO_TEN}ⅠⅡⅢ]+(?:[編章節部条]|[\s.．、)）])")
# A centred line before the first heading is the title up to this length.
_MAX_TITLE_LENGTH = 60
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


def read_docx(path: Path) -> list[Line]:
    """Return the lines of a document with insertions, without deletions, comments, headers and footers.

    Raises UnreadableDocumentError if the file is damaged, encrypted, too large or not a Word document.
    """
    if is_empty(path):
        return []
    with open_package(path, DOCX) as parts:
        prepared = _DocumentPreparation(parts).to_docx()
        html = _to_html(prepared)
    return html_lines(parse_page(html, path.name), path.name, is_generated=True)


def docx_title(path: Path) -> str:
    """Return the paragraph in the Title style, else a centred first line, the title property, or the first heading."""
    if is_empty(path):
        return ""
    with open_package(path, DOCX) as parts:
        return _DocumentPreparation(parts).title()


def _to_html(document: bytes) -> str:
    import mammoth  # noqa: PLC0415 -- imported on use: 0.1 s

    def omit_picture(_image: Any) -> dict[str, str]:
        return {}  # mammoth adds the alternative text by itself

    result = mammoth.convert_to_html(
        io.BytesIO(document),
        style_map=_STYLE_MAP,
        include_embedded_style_map=False,
        convert_image=mammoth.images.img_element(omit_picture),
    )
    return str(result.value)


class _DocumentPreparation:
    """Rewrites the parts of a document that mammoth would drop: numbers, notes, charts, shaded headers."""

    def __init__(self, parts: zipfile.ZipFile) -> None:
        self._parts = parts
        self._main = main_part(parts)
        self._folder = self._main.rpartition("/")[0]
        root = _parsed_part(parts, self._main)
        assert root is not None  # checked by `open_package`
        self._root = root
        self._styles = Styles(_parsed_part(parts, f"{self._folder}/styles.xml"))
        self._numbering = ParagraphNumbering(_parsed_part(parts, f"{self._folder}/numbering.xml"))
        self._notes = self._note_texts()
        clean_markup(self._root)

    def title(self) -> str:
        first = ""
        is_chapter = False
        centred = ""
        for paragraph in self._root.iter(f"{W}p"):
            text = element_text(paragraph)
            if not text or self._styles.is_contents_entry(paragraph):
                continue
            if self._styles.is_title(paragraph):
                return text
            if first:
                continue
            if self._styles.heading_level(paragraph, text):
                first = text
                is_chapter = bool(_NUMBERED.match(text)) or self._styles.number_properties(paragraph) is not None
            elif not centred and is_centred(paragraph) and len(text) <= _MAX_TITLE_LENGTH:
                centred = text
        return centred or (title_property(self._parts) if is_chapter or not first else "") or first

    def to_docx(self) -> bytes:
        self._insert_charts()
        self._mark_headings()
        self._insert_notes()
        for table in self._root.iter(f"{W}tbl"):
            self._embolden_headers(table)
        numbering = f"{self._folder}/numbering.xml"
        kept_parts = {name: self._parts.read(name) for name in self._parts.namelist() if _is_needed(name)}
        kept_parts[self._main] = tostring(self._root, encoding="utf-8", xml_declaration=True)
        if (root := _parsed_part(self._parts, numbering)) is not None:
            kept_parts[numbering] = tostring(_without_style_links(root), encoding="utf-8", xml_declaration=True)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in kept_parts.items():
                archive.writestr(name, content)
        return file.getvalue()

    def _mark_headings(self) -> None:
        paragraphs = list(self._root.iter(f"{W}p"))
        offset = (
            1 if any(self._styles.is_title(candidate) and element_text(candidate) for candidate in paragraphs) else 0
        )
        for paragraph in paragraphs:
            if self._styles.is_contents_entry(paragraph):
                paragraph[:] = []
                continue
            text = element_text(paragraph)
            number_properties = self._styles.number_properties(paragraph)
            label = self._numbering.label(number_properties) if number_properties is not None and text else None
            is_title = bool(text) and self._styles.is_title(paragraph)
            level = 1 if is_title else (self._styles.heading_level(paragraph, text) or 0) + offset if text else 0
            level = level if is_title or level > offset else 0
            if label is not None or level:
                set_paragraph_property(paragraph, "numPr", None)
            if label:
                prepend_label(paragraph, label)
            set_paragraph_property(
                paragraph, "pStyle", f"{_HEADING}{min(level, _MAX_HEADING_LEVEL)}" if level else None
            )

    def _note_texts(self) -> dict[tuple[str, str], str]:
        notes = {}
        for kind in ("footnote", "endnote"):
            root = _parsed_part(self._parts, f"{self._folder}/{kind}s.xml")
            for note in () if root is None else root.iter(f"{W}{kind}"):
                clean_markup(note)
                notes[kind, note.get(f"{W}id", "")] = " ".join(filter(None, map(element_text, note.iter(f"{W}p"))))
        return notes

    def _insert_notes(self) -> None:
        count = 0
        for holder in [self._root, *self._root.iter()]:
            if holder.tag not in {f"{W}body", f"{W}sdtContent", f"{W}document"}:
                continue
            for block in [child for child in holder if child.tag in {f"{W}p", f"{W}tbl"}]:
                notes = []
                for reference in note_references(block):
                    text = self._notes.get((reference.tag[len(W) : -len("Reference")], reference.get(f"{W}id", "")), "")
                    if text:
                        count += 1
                        notes.append(make_paragraph(f"注{count} {text}"))
                        reference.tag = f"{W}t"
                        reference.text = f"（注{count}）"
                position = list(holder).index(block) + 1 if notes else 0
                holder[position:position] = notes

    def _insert_charts(self) -> None:
        targets = related_parts(self._parts, self._main)
        holder_tags = {f"{W}body", f"{W}sdtContent", f"{W}tc"}
        for holder in [element for element in self._root.iter() if element.tag in holder_tags]:
            for block in holder.findall(f"{W}p"):
                names = dict.fromkeys(targets.get(reference.get(_ID, ""), "") for reference in block.iter(_CHART))
                charts = [
                    chart_elements(root) for name in names if (root := _parsed_part(self._parts, name)) is not None
                ]
                position = list(holder).index(block) + 1 if charts else 0
                holder[position:position] = [element for chart in charts for element in chart]

    def _embolden_headers(self, table: Element) -> None:
        """Make shaded or styled header cells bold, since HTML would not show their style."""
        rows = table.findall(f"{W}tr")
        cells = [row.findall(f"{W}tc") for row in rows]
        shaded = {id(cell) for row in cells for cell in row if is_shaded(cell)}
        if len(shaded) < sum(map(len, cells)):
            marked = [cell for row in cells for cell in row if id(cell) in shaded]
        else:
            marked = []
        if self._styles.has_header_style(table, "firstRow") and len(cells) > 1:
            marked += cells[0]
        if self._styles.has_header_style(table, "firstColumn"):
            marked += [row[0] for row in cells if row]
        for run in [run for cell in marked for run in cell.iter(f"{W}r")]:
            properties = run.find(f"{W}rPr")
            if properties is None:
                properties = Element(f"{W}rPr")
                run.insert(0, properties)
            properties[:] = [Element(f"{W}b")]


def _parsed_part(parts: zipfile.ZipFile, name: str) -> Element | None:
    if name not in parts.namelist():
        return None
    content = parts.read(name)
    for strict, transitional in _STRICT_NAMESPACES:
        content = content.replace(strict, transitional)
    return parse_part(content)


def _is_needed(name: str) -> bool:
    is_skipped = re.search(r"/(?:footnotes|endnotes|comments\w*|people|settings)\.xml$", name)
    return name.endswith((".xml", ".rels")) and not is_skipped


def _without_style_links(root: Element) -> Element:
    """Return the numbering without links to styles, since numbers are written out by now."""
    for level in root.iter(f"{W}lvl"):
        for link in level.findall(f"{W}pStyle"):
            level.remove(link)
    return root


def clean_markup(root: Element) -> None:
    """Remove deleted and hidden content; unwrap fields, ruby and text boxes."""
    for parent in list(root.iter()):
        if parent.tag in {f"{W}rPr", f"{W}trPr", f"{W}pPr"}:
            continue
        children: list[Element] = []
        for child in parent:
            children += _cleaned_element(child)
        if children != list(parent):
            parent[:] = children


def _cleaned_element(child: Element) -> list[Element]:
    tag = child.tag
    if tag in {f"{W}del", f"{W}moveFrom"} or (tag == f"{W}r" and is_on(child.find(f"{W}rPr"), "vanish")):
        return []
    if tag == f"{W}tab":
        text = Element(f"{W}t")
        text.text = "\u3000"
        return [text]
    if tag in {f"{W}fldSimple", f"{W}rubyBase"}:
        return [replacement for inner in child for replacement in _cleaned_element(inner)]
    if tag == f"{W}ruby":
        return [replacement for inner in child.findall(f"{W}rubyBase") for replacement in _cleaned_element(inner)]
    if tag in {f"{_MC}AlternateContent", f"{W}drawing"}:
        boxes = _text_boxes(child)
        if boxes:
            return boxes
    return [child]


def _text_boxes(element: Element) -> list[Element]:
    choice = element.find(f"{_MC}Choice")
    boxes = list((element if choice is None else choice).iter(f"{W}txbxContent"))
    pictures = []
    for box in boxes:
        clean_markup(box)
        picture = Element(f"{W}pict")
        picture.append(box)
        pictures.append(picture)
    return pictures


def element_text(element: Element) -> str:
    """Return the text of an element, stripped."""
    return "".join(run_text.text or "" for run_text in element.iter(f"{W}t")).strip()


def note_references(block: Element) -> Iterator[Element]:
    """Yield the references to footnotes and endnotes; callers may change them."""
    for element in list(block.iter()):
        if element.tag in {f"{W}footnoteReference", f"{W}endnoteReference"}:
            yield element


def make_paragraph(text: str) -> Element:
    """Return a paragraph with one run."""
    paragraph = Element(f"{W}p")
    run = Element(f"{W}r")
    content = Element(f"{W}t")
    content.text = text
    run.append(content)
    paragraph.append(run)
    return paragraph


def chart_elements(space: Element) -> list[Element]:
    """Return a chart's title as a paragraph and its values as a table with a shaded header row."""
    caption, rows = chart_table(space)
    table = Element(f"{W}tbl")
    for row_index, row in enumerate(rows):
        table_row = Element(f"{W}tr")
        for text in row:
            cell = Element(f"{W}tc")
            if not row_index:
                properties = Element(f"{W}tcPr")
                properties.append(Element(f"{W}shd", {f"{W}fill": "D9D9D9"}))
                cell.append(properties)
            cell.append(make_paragraph(text))
            table_row.append(cell)
        table.append(table_row)
    return [*([make_paragraph(caption)] if caption else []), *([table] if rows else [])]


def set_paragraph_property(paragraph: Element, name: str, setting: str | None) -> None:
    """Set a paragraph property, or remove it if `setting` is None."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = Element(f"{W}pPr")
        paragraph.insert(0, properties)
    for old in properties.findall(f"{W}{name}"):
        properties.remove(old)
    if setting is not None:
        properties.insert(0, Element(f"{W}{name}", {f"{W}val": setting}))


def prepend_label(paragraph: Element, label: str) -> None:
    """Insert a number before the text of a paragraph."""
    run = make_paragraph(f"{label} ")[0]
    paragraph.insert(1 if paragraph[0].tag == f"{W}pPr" else 0, run)


def is_centred(paragraph: Element) -> bool:
    """Whether the paragraph itself, not its style, is centred."""
    return child_value(paragraph.find(f"{W}pPr"), "jc") == "center"


def is_shaded(cell: Element) -> bool:
    """Whether a cell has a fill colour other than white."""
    shade = cell.find(f"{W}tcPr/{W}shd")
    fill = "" if shade is None else shade.get(f"{W}fill", "auto")
    return bool(fill) and fill.upper() not in {"AUTO", "FFFFFF"}
