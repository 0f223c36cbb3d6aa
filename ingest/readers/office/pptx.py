"""PowerPoint reader: a page per slide, its shapes in reading order."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.blocks.line_text import to_one_line
from ingest.blocks.link_targets import with_target
from ingest.blocks.model import SourceDocument
from ingest.blocks.table_layout import TableSlot
from ingest.blocks.unread_parts import STRUCK_REASON, UNREAD_PICTURES_REASON
from ingest.errors import UnreadableDocumentError
from ingest.readers.block_writer import BlockWriter
from ingest.readers.office.ooxml_package import PPTX, open_package, parse_part
from ingest.readers.pdf.geometry import Box
from ingest.readers.pdf.reading_order import LayoutBlock, sort_by_reading_order

if TYPE_CHECKING:
    from pptx.slide import Slide
    from pptx.text.text import TextFrame

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# Placeholders without content of the slide: date, slide number, footer, header (ST_PlaceholderType).
_FURNITURE = {"dt", "sldNum", "ftr", "hdr"}
_MAX_SLIDES = 5_000
_MAX_GROUP_DEPTH = 20
# Units of length in a point.
_EMU = 12_700


def read_pptx(path: Path) -> SourceDocument:
    """Return a presentation, a page per slide, without hidden slides and notes, titled as its first slide is."""
    from pptx import Presentation  # noqa: PLC0415 -- imported on use: 0.2 s

    writer = BlockWriter()
    with open_package(path, PPTX):
        slides = list(Presentation(str(path)).slides)
        if len(slides) > _MAX_SLIDES:
            raise UnreadableDocumentError(
                f"{path.name}: スライドが多すぎるので読みません（上限は{_MAX_SLIDES:,}枚）。分けて置いてください。"
            )
        levels = _title_levels(slides)
        for number, slide in enumerate(slides, start=1):
            if slide.element.get("show") not in {"0", "false"}:
                writer.page = number
                writer.start_block()
                _SlideWriter(writer, slide).write(levels[number - 1])
        return SourceDocument(writer.parts, next(filter(None, map(_title, slides)), ""))


def _title(slide: "Slide", struck: list[str] | None = None) -> str:
    shape = slide.shapes.title
    paragraphs = shape.text_frame.paragraphs if shape is not None else ()
    return to_one_line(" ".join(_paragraph_text(p, struck if struck is not None else []) for p in paragraphs))


def _title_levels(slides: Sequence["Slide"]) -> list[int]:
    kinds = [slide.slide_layout.element.get("type", "") for slide in slides]
    has_title_slide = bool(slides) and any(
        _placeholder_type(shape) in {"ctrTitle", "subTitle"} for shape in slides[0].shapes
    )
    inner = 1 + has_title_slide + ("secHead" in kinds)
    return [
        1 if not index and has_title_slide else (1 + has_title_slide if kind == "secHead" else inner)
        for index, kind in enumerate(kinds)
    ]


class _SlideWriter:
    def __init__(self, writer: BlockWriter, slide: "Slide") -> None:
        self._writer = writer
        self._slide = slide

    def write(self, level: int) -> None:
        struck: list[str] = []
        self._writer.add_heading(level, _title(self._slide, struck))
        self._writer.add_dropped(" ".join(struck), STRUCK_REASON)
        title = self._slide.shapes.title
        for shape in _in_reading_order(self._slide.shapes):
            if title is None or shape.shape_id != title.shape_id:
                self._write_shape(shape, 0)

    def _write_shape(self, shape: Any, depth: int) -> None:
        properties = next(shape.element.iter(f"{_P}cNvPr"), None)
        is_hidden = properties is not None and properties.get("hidden") in {"1", "true"}
        if is_hidden or _placeholder_type(shape) in _FURNITURE:
            return
        if hasattr(shape, "shapes"):
            for inner in _in_reading_order(shape.shapes) if depth < _MAX_GROUP_DEPTH else ():
                self._write_shape(inner, depth + 1)
        elif getattr(shape, "has_table", False):
            self._write_table(shape.table)
        elif getattr(shape, "has_chart", False):
            self._writer.add_dropped(shape.name, UNREAD_PICTURES_REASON)
        elif shape.has_text_frame:
            self._write_text(
                shape.text_frame, body=_placeholder_type(shape) in {"body", "obj", ""} and shape.is_placeholder
            )
        elif shape.element.tag == f"{_P}graphicFrame":  # python-pptx has no class for SmartArt
            self._write_diagram(shape)

    def _write_text(self, frame: "TextFrame", *, body: bool) -> None:
        struck: list[str] = []
        paragraphs = [(p, text) for p in frame.paragraphs if (text := _paragraph_text(p, struck))]
        is_list = body and len(paragraphs) > 1
        self._writer.start_block()
        for paragraph, text in paragraphs:
            properties = paragraph._p.find(f"{_A}pPr")  # noqa: SLF001
            marks = {child.tag.removeprefix(_A) for child in (() if properties is None else properties)}
            if "buNone" not in marks and (is_list or marks & {"buChar", "buAutoNum", "buBlip"}):
                self._writer.add_item(text, paragraph.level)
            else:
                self._writer.add_paragraph(text)
        self._writer.add_dropped(" ".join(struck), STRUCK_REASON)

    def _write_table(self, table: Any) -> None:
        slots = []
        struck: list[str] = []
        for row_index, row in enumerate(table.rows):
            for column, cell in enumerate(row.cells):
                if not cell.is_spanned:
                    height, width = (cell.span_height, cell.span_width) if cell.is_merge_origin else (1, 1)
                    lines = [_paragraph_text(p, struck) for p in cell.text_frame.paragraphs]
                    text = "\n".join(filter(None, lines))
                    runs = [run for p in cell.text_frame.paragraphs for run in p.runs if run.text.strip()]
                    is_bold = bool(runs) and all(run.font.bold for run in runs)
                    slots.append(TableSlot(text, row_index, column, height, width, is_bold))
        self._writer.add_table(slots, headers=1 if table.first_row and len(table.rows) > 1 else None)
        self._writer.add_dropped(" ".join(struck), STRUCK_REASON)

    def _write_diagram(self, shape: Any) -> None:
        ids = next(shape.element.iter(f"{_DGM}relIds"), None)
        part = self._slide.part.rels[ids.get(f"{_R}dm")].target_part if ids is not None else None
        if part is None:
            return
        for point in parse_part(part.blob).iter(f"{_DGM}pt"):
            if point.get("type", "node") in {"node", "doc", "asst"}:
                self._writer.add_item("".join(text.text or "" for text in point.iter(f"{_A}t")))


def _placeholder_type(shape: Any) -> str | None:
    placeholder = next(shape.element.iter(f"{_P}ph"), None)
    return None if placeholder is None else placeholder.get("type", "")


def _paragraph_text(paragraph: Any, struck: list[str]) -> str:
    pieces: list[str] = []
    for piece in paragraph._p:  # noqa: SLF001
        if piece.tag == f"{_A}br":
            pieces.append("\n")
        elif piece.tag in {f"{_A}r", f"{_A}fld"} and not piece.get("type", "").startswith(("slidenum", "datetime")):
            properties = piece.find(f"{_A}rPr")
            is_struck = properties is not None and properties.get("strike", "noStrike") != "noStrike"
            text = piece.findtext(f"{_A}t") or ""
            link = piece.find(f"{_A}rPr/{_A}hlinkClick")
            relation = paragraph.part.rels.get(link.get(f"{_R}id", "")) if link is not None else None
            if relation is not None and relation.is_external and not is_struck:
                text = with_target(text, relation.target_ref)
            (struck if is_struck else pieces).append(text)
    return "".join(pieces).replace("\v", "\n").replace("\t", "\u3000").strip()


# Columns come before rows where each column has several shapes, whatever the order in which the shapes were drawn.
def _in_reading_order(shapes: Any) -> list[Any]:
    placed = sorted(shapes, key=lambda shape: (shape.left or 0, shape.top or 0))
    blocks = []
    for position, shape in enumerate(placed):
        left, top = (shape.left or 0) / _EMU, (shape.top or 0) / _EMU
        right, bottom = left + (shape.width or 0) / _EMU, top + (shape.height or 0) / _EMU
        blocks.append(LayoutBlock(Box(left, -bottom, right, -top), position))
    return [placed[block.position] for block in sort_by_reading_order(blocks, ())]
