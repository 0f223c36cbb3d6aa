"""PowerPoint reader: a page per slide, its shapes in reading order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.line_writer import LineWriter, one_line
from ingest.readers.office.chart import write_chart
from ingest.readers.office.ooxml_package import PPTX, is_empty, open_package, parse
from ingest.readers.table_writer import Slot, write_table

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import Slide
    from pptx.text.text import TextFrame

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# Placeholders that say nothing of the slide's own: date, slide number, footer, header (ST_PlaceholderType).
_FURNITURE = {"dt", "sldNum", "ftr", "hdr"}
_MOST_SLIDES = 5_000
_DEEPEST_GROUP = 20
# Shapes that overlap by less than this share of the smaller one stand below each other, or side by side.
_OVERLAP = 0.15


@dataclass(frozen=True, slots=True)
class _Shape:
    """A shape (python-pptx) with its box on the slide or in its group, in EMU."""

    shape: Any
    left: int
    top: int
    right: int
    bottom: int


def read_pptx(path: Path) -> list[Line]:
    """Return the lines of a presentation, a page a slide; nothing of hidden slides and of notes to the speaker.

    Raises UnreadableDocumentError where the file is damaged, locked, too large or no presentation.
    """
    if is_empty(path):
        return []
    written = LineWriter()
    with open_package(path, PPTX):
        slides = list(_opened(path).slides)
        if len(slides) > _MOST_SLIDES:
            raise UnreadableDocumentError(
                f"{path.name}: スライドが多すぎるので読みません（上限は{_MOST_SLIDES:,}枚）。分けて置いてください。"
            )
        levels = _levels(slides)
        for number, slide in enumerate(slides, start=1):
            if slide.element.get("show") not in {"0", "false"}:
                written.page = number
                written.part()
                _Slide(written, slide).write(levels[number - 1])
    return written.lines


def pptx_title(path: Path) -> str:
    """Return the title of the first slide that has one, "" where none has."""
    if is_empty(path):
        return ""
    with open_package(path, PPTX):
        return next((title for slide in _opened(path).slides if (title := _title(slide))), "")


def _opened(path: Path) -> "Presentation":
    from pptx import Presentation  # noqa: PLC0415 -- 0.2 s that those who read no such file need not pay

    return Presentation(str(path))


def _title(slide: "Slide") -> str:
    shape = slide.shapes.title
    return one_line(shape.text_frame.text) if shape is not None else ""


def _levels(slides: Sequence["Slide"]) -> list[int]:
    """Return the level of each slide's title: the first slide's is outermost, a section's stands over what follows."""
    kinds = [slide.slide_layout.element.get("type", "") for slide in slides]
    titled = bool(slides) and any(_placeholder(shape) in {"ctrTitle", "subTitle"} for shape in slides[0].shapes)
    inner = 1 + titled + ("secHead" in kinds)
    return [1 if not at and titled else 1 + titled if kind == "secHead" else inner for at, kind in enumerate(kinds)]


class _Slide:
    """A slide that is being written."""

    def __init__(self, written: LineWriter, slide: "Slide") -> None:
        self._written = written
        self._slide = slide

    def write(self, level: int) -> None:
        """Write the slide, its title first."""
        self._written.heading(level, _title(self._slide))
        title = self._slide.shapes.title
        for shape in _in_order(self._slide.shapes):
            if title is None or shape.shape_id != title.shape_id:
                self._write(shape, 0)

    def _write(self, shape: Any, depth: int) -> None:
        if _is_hidden(shape) or _placeholder(shape) in _FURNITURE:
            return
        if hasattr(shape, "shapes"):
            for inner in _in_order(shape.shapes) if depth < _DEEPEST_GROUP else ():
                self._write(inner, depth + 1)
        elif getattr(shape, "has_table", False):
            self._table(shape.table)
        elif getattr(shape, "has_chart", False):
            write_chart(self._written, shape.chart.element)  # the library leaves out what it does not know
        elif shape.has_text_frame:
            self._text(shape.text_frame, body=_placeholder(shape) in {"body", "obj", ""} and shape.is_placeholder)
        elif shape.element.tag == f"{_P}graphicFrame":  # SmartArt is no shape to the library
            self._diagram(shape)

    def _text(self, frame: "TextFrame", *, body: bool) -> None:
        """Write the paragraphs of a text; a body's are the items of a list, where there are several."""
        paragraphs = [(p, text) for p in frame.paragraphs if (text := _paragraph_text(p._p))]  # noqa: SLF001
        listed = body and len(paragraphs) > 1
        self._written.part()
        for paragraph, text in paragraphs:
            if _is_item(paragraph._p, listed=listed):  # noqa: SLF001
                self._written.item(text, paragraph.level)
            else:
                self._written.paragraph(text)

    def _table(self, table: Any) -> None:
        slots = []
        for at, row in enumerate(table.rows):
            for column, cell in enumerate(row.cells):
                if not cell.is_spanned:
                    height, width = (cell.span_height, cell.span_width) if cell.is_merge_origin else (1, 1)
                    text = "\n".join(filter(None, (_paragraph_text(p._p) for p in cell.text_frame.paragraphs)))  # noqa: SLF001
                    slots.append(Slot(text, at, column, height, width, _is_bold(cell)))
        write_table(self._written, slots, headers=1 if table.first_row and len(table.rows) > 1 else None)

    def _diagram(self, shape: Any) -> None:
        """Write the texts of SmartArt as a list, each below the one it belongs to."""
        ids = next(shape.element.iter(f"{_DGM}relIds"), None)
        part = self._slide.part.rels[ids.get(f"{_R}dm")].target_part if ids is not None else None
        if part is None:
            return
        for text, depth in _diagram_texts(parse(part.blob)):
            self._written.item(text, depth)


def _placeholder(shape: Any) -> str | None:
    """Return the type of a placeholder as the file has it, "" for one of no type, None for what is none."""
    found = next(shape.element.iter(f"{_P}ph"), None)
    return None if found is None else found.get("type", "")


def _is_hidden(shape: Any) -> bool:
    found = next(shape.element.iter(f"{_P}cNvPr"), None)
    return found is not None and found.get("hidden") in {"1", "true"}


def _paragraph_text(paragraph: Any) -> str:
    """Return the text of a paragraph, without the number of the slide and its date; line breaks stay."""
    pieces = []
    for one in paragraph:
        if one.tag == f"{_A}br":
            pieces.append("\n")
        elif one.tag in {f"{_A}r", f"{_A}fld"} and not one.get("type", "").startswith(("slidenum", "datetime")):
            pieces.append(one.findtext(f"{_A}t") or "")
    return "".join(pieces).replace("\v", "\n").replace("\t", "\u3000").strip()


def _is_item(paragraph: Any, *, listed: bool) -> bool:
    """Whether a paragraph has a bullet or a number: of its own, or as those of its kind have."""
    properties = paragraph.find(f"{_A}pPr")
    own = {one.tag for one in properties} if properties is not None else set()
    if f"{_A}buNone" in own:
        return False
    return listed or bool(own & {f"{_A}buChar", f"{_A}buAutoNum", f"{_A}buBlip"})


def _is_bold(cell: Any) -> bool:
    runs = [run for paragraph in cell.text_frame.paragraphs for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.font.bold for run in runs)


def _diagram_texts(model: Element) -> Iterator[tuple[str, int]]:
    """Yield the texts of SmartArt with their depth, from its data model: points, and which is under which."""
    texts = {
        one.get("modelId", ""): one_line("".join(t.text or "" for t in one.iter(f"{_A}t")))
        for one in model.iter(f"{_DGM}pt")
        if one.get("type", "node") in {"node", "doc", "asst"}
    }
    below: dict[str, list[tuple[int, str]]] = {}
    for one in model.iter(f"{_DGM}cxn"):
        if one.get("type", "parOf") == "parOf":
            below.setdefault(one.get("srcId", ""), []).append((int(one.get("srcOrd", "0")), one.get("destId", "")))
    under = {child for children in below.values() for _, child in children}
    waiting = [(one, 0) for one in reversed(texts) if one not in under]
    while waiting:
        point, depth = waiting.pop()
        text = texts.pop(point, None)
        if text is None:
            continue
        if text:
            yield text, depth
        inner = depth + 1 if text else depth
        waiting += [(child, inner) for _, child in sorted(below.get(point, []), reverse=True)]


def _in_order(shapes: Any) -> list[Any]:
    """Return the shapes as they are read: what stands above before what stands below, columns one after the other."""
    placed = [_placed(shape) for shape in shapes]
    return [one.shape for one in _cut(placed)]


def _placed(shape: Any) -> _Shape:
    left, top = shape.left or 0, shape.top or 0
    return _Shape(shape, left, top, left + (shape.width or 0), top + (shape.height or 0))


def _cut(shapes: Sequence[_Shape]) -> list[_Shape]:
    """Order shapes by cutting the slide where none stands (recursive XY-cut, Nagy and Seth 1984).

    A column is cut off only where several shapes stand in each: beside a single one they are a row.
    """
    if len(shapes) < 2:  # noqa: PLR2004 -- nothing to order
        return list(shapes)
    columns, rows = _bands(shapes, across=True), _bands(shapes, across=False)
    if len(columns) > 1 and (len(rows) == 1 or _are_columns(columns)):
        return [one for column in columns for one in _cut(column)]
    if len(rows) == 1:
        return sorted(shapes, key=lambda one: (one.top, one.left))
    return [one for stretch in _row_groups(rows) for one in _cut(stretch)]


def _are_columns(columns: Sequence[Sequence[_Shape]]) -> bool:
    return len(columns) > 1 and all(len(column) > 1 for column in columns)


def _row_groups(rows: Sequence[list[_Shape]]) -> Iterator[list[_Shape]]:
    """Yield the rows of shapes, those together that stand in the same columns: above a table that covers all."""
    at = 0
    while at < len(rows):
        end = at + 1
        while end < len(rows) and _are_columns(_bands([one for row in rows[at : end + 1] for one in row], across=True)):
            end += 1
        yield [one for row in rows[at:end] for one in row]
        at = end


def _bands(shapes: Sequence[_Shape], *, across: bool) -> list[list[_Shape]]:
    """Return the shapes that stand side by side (`across`) or below each other, apart; small overlaps count as none."""
    spans = sorted(
        ((one.left, one.right, one) if across else (one.top, one.bottom, one) for one in shapes), key=lambda s: s[:2]
    )
    found: list[list[_Shape]] = []
    end = 0
    for start, stop, one in spans:
        if not found or start >= end - _OVERLAP * max(0, min(stop - start, end - start)):
            found.append([])
        found[-1].append(one)
        end = max(end, stop) if len(found[-1]) > 1 else stop
    return found
