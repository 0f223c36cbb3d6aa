"""Word reader: prepares the document for mammoth, which converts it to HTML."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

from ingest.documents import Line
from ingest.readers.html import html_lines, parse_page
from ingest.readers.office.docx_markup import (
    chart_of,
    is_centred,
    is_shaded,
    paragraph_of,
    prepend_label,
    references,
    set_property,
    text_of,
    tidy,
)
from ingest.readers.office.docx_numbers import Numbering
from ingest.readers.office.docx_styles import Styles, W
from ingest.readers.office.ooxml_package import (
    DOCX,
    is_empty,
    main_part,
    open_package,
    parse,
    related_parts,
    title_property,
)

_STRICT = (
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
_DEEPEST = 6
# What mammoth is told: a heading is known by what `_Preparation` writes in place of its style.
_HEADING = "ShirubeHeading"
_STYLE_MAP = "\n".join(f"p.{_HEADING}{level} => h{level}:fresh" for level in range(1, _DEEPEST + 1))
_NUMBERED = re.compile(r"第?\s?[\d０-９一二三四五六七八九十ⅠⅡⅢ]+(?:[編章節部条]|[\s.．、)）])")
# A centred line above the first heading is no longer where it is the title.
_LONGEST_TITLE = 60


def read_docx(path: Path) -> list[Line]:
    """Return the lines of a document: with what was inserted and without what was deleted, comments and headers.

    Raises UnreadableDocumentError where the file is damaged, locked, too large or no document of Word.
    """
    if is_empty(path):
        return []
    with open_package(path, DOCX) as parts:
        prepared = _Preparation(parts).document()
        html = _html(prepared)
    return html_lines(parse_page(html, path.name), path.name, whole=True)


def docx_title(path: Path) -> str:
    """Return the title of a document: its paragraph in the style of titles, else its first heading; "" without one."""
    if is_empty(path):
        return ""
    with open_package(path, DOCX) as parts:
        return _Preparation(parts).title()


def _html(document: bytes) -> str:
    import mammoth  # noqa: PLC0415 -- 0.1 s that those who read no such file need not pay

    def picture(_image: Any) -> dict[str, str]:
        return {}  # its bytes are not read; mammoth adds what the author said of it

    result = mammoth.convert_to_html(
        io.BytesIO(document),
        style_map=_STYLE_MAP,
        include_embedded_style_map=False,
        convert_image=mammoth.images.img_element(picture),
    )
    return str(result.value)


class _Preparation:
    """A document whose parts are put so that mammoth reads all of them; mammoth does the rest."""

    def __init__(self, parts: zipfile.ZipFile) -> None:
        self._parts = parts
        self._main = main_part(parts)
        self._folder = self._main.rpartition("/")[0]
        root = _parsed_part(parts, self._main)
        assert root is not None  # `package` has seen it
        self._root = root
        self._styles = Styles(_parsed_part(parts, f"{self._folder}/styles.xml"))
        self._numbering = Numbering(_parsed_part(parts, f"{self._folder}/numbering.xml"))
        self._notes = self._note_texts()
        tidy(self._root)

    def title(self) -> str:
        """Return the title of the document, "" without one: a numbered heading is that of a chapter."""
        first, is_chapter = "", False
        centred = ""
        for paragraph in self._root.iter(f"{W}p"):
            text = text_of(paragraph)
            if not text or self._styles.is_contents(paragraph):
                continue
            if self._styles.is_title(paragraph):
                return text
            if first:
                continue
            if self._styles.heading(paragraph, text):
                first = text
                is_chapter = bool(_NUMBERED.match(text)) or self._styles.numbering(paragraph) is not None
            elif not centred and is_centred(paragraph) and len(text) <= _LONGEST_TITLE:
                centred = text
        return centred or (title_property(self._parts) if is_chapter or not first else "") or first

    def document(self) -> bytes:
        """Return the document as a file that mammoth opens: its parts of text, without notes."""
        self._put_charts()
        self._mark_headings()
        self._put_notes()
        for table in self._root.iter(f"{W}tbl"):
            self._mark_names(table)
        numbering = f"{self._folder}/numbering.xml"
        kept = {name: self._parts.read(name) for name in self._parts.namelist() if _is_needed(name)}
        kept[self._main] = tostring(self._root, encoding="utf-8", xml_declaration=True)
        if (root := _parsed_part(self._parts, numbering)) is not None:
            kept[numbering] = tostring(_unlinked(root), encoding="utf-8", xml_declaration=True)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            for name, content in kept.items():
                made.writestr(name, content)
        return file.getvalue()

    def _mark_headings(self) -> None:
        """Write before each paragraph the number that Word shows, and what heading it is; contents are taken out."""
        paragraphs = list(self._root.iter(f"{W}p"))
        below = 1 if any(self._styles.is_title(one) and text_of(one) for one in paragraphs) else 0
        for paragraph in paragraphs:
            if self._styles.is_contents(paragraph):
                paragraph[:] = []
                continue
            text = text_of(paragraph)
            numbered = self._styles.numbering(paragraph)
            label = self._numbering.label(numbered) if numbered is not None and text else None
            title = bool(text) and self._styles.is_title(paragraph)
            level = 1 if title else (self._styles.heading(paragraph, text) or 0) + below if text else 0
            level = level if title or level > below else 0
            if label is not None or level:
                set_property(paragraph, "numPr", None)
            if label:
                prepend_label(paragraph, label)
            set_property(paragraph, "pStyle", f"{_HEADING}{min(level, _DEEPEST)}" if level else None)

    def _note_texts(self) -> dict[tuple[str, str], str]:
        """Return the texts of footnotes and endnotes by their kind and id."""
        found = {}
        for kind in ("footnote", "endnote"):
            root = _parsed_part(self._parts, f"{self._folder}/{kind}s.xml")
            for note in () if root is None else root.iter(f"{W}{kind}"):
                tidy(note)
                found[kind, note.get(f"{W}id", "")] = " ".join(filter(None, map(text_of, note.iter(f"{W}p"))))
        return found

    def _put_notes(self) -> None:
        """Put each note below the paragraph or table that refers to it: （注1） there, 注1 before its text."""
        count = 0
        for holder in [self._root, *self._root.iter()]:
            if holder.tag not in {f"{W}body", f"{W}sdtContent", f"{W}document"}:
                continue
            for block in [one for one in holder if one.tag in {f"{W}p", f"{W}tbl"}]:
                notes = []
                for reference in references(block):
                    text = self._notes.get((reference.tag[len(W) : -len("Reference")], reference.get(f"{W}id", "")), "")
                    if text:
                        count += 1
                        notes.append(paragraph_of(f"注{count} {text}"))
                        reference.tag, reference.text = f"{W}t", f"（注{count}）"
                place = list(holder).index(block) + 1 if notes else 0
                holder[place:place] = notes

    def _put_charts(self) -> None:
        """Put the values of each chart as a table below the paragraph in which it stands."""
        targets = related_parts(self._parts, self._main)
        for holder in [one for one in self._root.iter() if one.tag in {f"{W}body", f"{W}sdtContent", f"{W}tc"}]:
            for block in holder.findall(f"{W}p"):
                names = dict.fromkeys(targets.get(one.get(_ID, ""), "") for one in block.iter(_CHART))
                charts = [chart_of(root) for name in names if (root := _parsed_part(self._parts, name)) is not None]
                place = list(holder).index(block) + 1 if charts else 0
                holder[place:place] = [one for chart in charts for one in chart]

    def _mark_names(self, table: Element) -> None:
        """Set in bold the cells of a table that a colour or its style sets apart, which HTML would not show."""
        rows = table.findall(f"{W}tr")
        cells = [row.findall(f"{W}tc") for row in rows]
        shaded = {id(cell) for row in cells for cell in row if is_shaded(cell)}
        if len(shaded) < sum(map(len, cells)):
            marked = [cell for row in cells for cell in row if id(cell) in shaded]
        else:
            marked = []
        if self._styles.names(table, "firstRow") and len(cells) > 1:
            marked += cells[0]
        if self._styles.names(table, "firstColumn"):
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
    for strict, usual in _STRICT:
        content = content.replace(strict, usual)
    return parse(content)


def _is_needed(name: str) -> bool:
    """Whether mammoth needs a part: none of notes and comments, which are dealt with here, and no pictures."""
    left_out = re.search(r"/(?:footnotes|endnotes|comments\w*|people|settings)\.xml$", name)
    return name.endswith((".xml", ".rels")) and not left_out


def _unlinked(root: Element) -> Element:
    """Return the numbering without its links to styles: a paragraph whose number is written has none any more."""
    for level in root.iter(f"{W}lvl"):
        for link in level.findall(f"{W}pStyle"):
            level.remove(link)
    return root
