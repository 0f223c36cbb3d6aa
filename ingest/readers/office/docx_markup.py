"""Edits WordprocessingML: drops deleted text, unwraps fields and text boxes, builds paragraphs and tables."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ingest.readers.office.docx_styles import W, child_value, is_on
from ingest.readers.office.office_chart import chart_table

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


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
