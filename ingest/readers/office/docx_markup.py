"""Edits WordprocessingML: removes deleted text, unwraps boxes, makes paragraphs and tables."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ingest.readers.office.chart import chart_table
from ingest.readers.office.docx_styles import W, is_on, value

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


def tidy(root: Element) -> None:
    """Take out what is deleted or hidden, and lay open what stands in fields, ruby and text boxes."""
    for parent in list(root.iter()):
        if parent.tag in {f"{W}rPr", f"{W}trPr", f"{W}pPr"}:
            continue
        children: list[Element] = []
        for child in parent:
            children += _replacements(child)
        if children != list(parent):
            parent[:] = children


def _replacements(child: Element) -> list[Element]:
    """Return what stands in place of an element."""
    tag = child.tag
    if tag in {f"{W}del", f"{W}moveFrom"} or (tag == f"{W}r" and is_on(child.find(f"{W}rPr"), "vanish")):
        return []
    if tag == f"{W}tab":
        text = Element(f"{W}t")
        text.text = "\u3000"
        return [text]
    if tag in {f"{W}fldSimple", f"{W}rubyBase"}:
        return [one for inner in child for one in _replacements(inner)]
    if tag == f"{W}ruby":
        return [one for inner in child.findall(f"{W}rubyBase") for one in _replacements(inner)]
    if tag in {f"{_MC}AlternateContent", f"{W}drawing"}:
        boxes = _boxes(child)
        if boxes:
            return boxes
    return [child]


def _boxes(element: Element) -> list[Element]:
    """Return the text boxes in a drawing, each once though it is there for older programs too."""
    chosen = element.find(f"{_MC}Choice")
    found = list((element if chosen is None else chosen).iter(f"{W}txbxContent"))
    held = []
    for box in found:
        tidy(box)
        holder = Element(f"{W}pict")
        holder.append(box)
        held.append(holder)
    return held


def text_of(element: Element) -> str:
    """Return what an element says, without white space around it."""
    return "".join(one.text or "" for one in element.iter(f"{W}t")).strip()


def references(block: Element) -> Iterator[Element]:
    """Yield what refers to footnotes and endnotes; who takes them may change them."""
    for one in list(block.iter()):
        if one.tag in {f"{W}footnoteReference", f"{W}endnoteReference"}:
            yield one


def paragraph_of(text: str) -> Element:
    """Return a paragraph of one run."""
    paragraph, run, content = Element(f"{W}p"), Element(f"{W}r"), Element(f"{W}t")
    content.text = text
    run.append(content)
    paragraph.append(run)
    return paragraph


def chart_of(space: Element) -> list[Element]:
    """Return the title of a chart as a paragraph and its values as a table, its names in a colour."""
    caption, rows = chart_table(space)
    table = Element(f"{W}tbl")
    for at, row in enumerate(rows):
        line = Element(f"{W}tr")
        for text in row:
            cell = Element(f"{W}tc")
            if not at:
                properties = Element(f"{W}tcPr")
                properties.append(Element(f"{W}shd", {f"{W}fill": "D9D9D9"}))
                cell.append(properties)
            cell.append(paragraph_of(text))
            line.append(cell)
        table.append(line)
    return [*([paragraph_of(caption)] if caption else []), *([table] if rows else [])]


def set_property(paragraph: Element, name: str, said: str | None) -> None:
    """Let the properties of a paragraph say `said` of `name`, or nothing."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = Element(f"{W}pPr")
        paragraph.insert(0, properties)
    for old in properties.findall(f"{W}{name}"):
        properties.remove(old)
    if said is not None:
        properties.insert(0, Element(f"{W}{name}", {f"{W}val": said}))


def prepend_label(paragraph: Element, label: str) -> None:
    """Write a number before the text of a paragraph."""
    run = paragraph_of(f"{label} ")[0]
    paragraph.insert(1 if paragraph[0].tag == f"{W}pPr" else 0, run)


def is_centred(paragraph: Element) -> bool:
    """Whether a paragraph itself says so, not its style."""
    return value(paragraph.find(f"{W}pPr"), "jc") == "center"


def is_shaded(cell: Element) -> bool:
    """Whether a cell has a colour of its own."""
    shade = cell.find(f"{W}tcPr/{W}shd")
    fill = "" if shade is None else shade.get(f"{W}fill", "auto")
    return bool(fill) and fill.upper() not in {"AUTO", "FFFFFF"}
