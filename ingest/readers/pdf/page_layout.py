"""Turns page content into lines: joins wrapped lines and separates paragraphs and tables."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from ingest.blocks.model import DocumentPart
from ingest.blocks.table_layout import table_blocks
from ingest.documents import Line
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.sentences import ends_sentence
from ingest.readers.pdf.content import PageContent
from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.grid import Grid, find_grids
from ingest.readers.pdf.pdf_table import PdfTable, build_table, with_continued_header
from ingest.readers.pdf.pdf_text import decode_pdf_text, is_readable, join_line_parts, to_display_text
from ingest.readers.pdf.reading_order import LayoutBlock, frame_contains, sort_by_reading_order
from ingest.readers.pdf.text_rows import TextRow, group_rows, split_by_frames
from ingest.readers.text_files import broken_share

# A page with a larger broken share is unreadable; of 805 readable ones the worst has .05 (decision 038).
BROKEN_THRESHOLD = 0.2
# In character heights: gap between paragraphs in narrow and in wide line spacing, room of a full line at the margin,
# and minimum length of a wrapped line.
_MAX_LINE_GAP = 1.0
_MAX_WIDE_LINE_GAP = 1.6
_MAX_MARGIN = 1.3
_MIN_WRAPPED_LENGTH = 8
# A gap this many times the typical one separates paragraphs too.
_GAP_RATIO = 1.5
# Maximum ratio of type sizes within a paragraph.
_MAX_SIZE_RATIO = 1.15
_MIN_TITLE_LETTERS = 3
_MAX_TITLE_LENGTH = 80
# Minimum ratio of a title's type size to the typical one of the page, which needs some rows.
_TITLE_SIZE_RATIO = 1.2
_MIN_ROWS = 3
# Above a slide's title there are at most a running head and a date.
_MAX_BLOCKS_ABOVE_TITLE = 3
_MIN_CELLS = 4
# More boxes are a drawing.
_MAX_FRAMES = 200
# Points: height of the column heads above a line.
_COLUMN_HEAD_HEIGHT = 36.0
# Maximum length of a running head, which is not a table caption.
_MAX_RUNNING_HEAD_LENGTH = 30
_CAPTION = re.compile(rf"(?:図表|表|別表|様式|資料)\s?[\d０-９{KANJI_ONE_TO_TEN}第]|[(（〔]?単位[\s:：]")
_LETTERS = re.compile(r"[A-Za-z\u3041-\u30ff\u3400-\u9fff]")
_ITEM_MARK = re.compile(r"[・※＊*●○■□◆◇➢]")
_ITEM_START = re.compile(
    r"[・•‣◦▪➤➢►✓✔☑◆→⇒◎○●■□◇▼▶※＊*【＜《〔]"
    rf"|[(（]?(?:\d{{1,2}}|[０-９]{{1,2}}|[ア-ンa-z])[)）.．、\s]|[①-⒵]|第[\d０-９{KANJI_ONE_TO_TEN}]+[編章節款条]|[-–—]\s"
    r"|[^\s。、]{1,8}\u3000\S"  # a name before its value: 会場　…
)


PageText = list[str | PdfTable]
"""The lines of a page, with a blank one after each paragraph, and its tables, in reading order."""


class DocumentLayout:
    """The layout of a document, page by page, since a table may continue on the next page."""

    def __init__(self) -> None:
        self._previous_table: PdfTable | None = None  # the last table of the previous page

    def page_text(self, content: PageContent) -> PageText | None:
        """Return the text of the next page, [] for an empty one, None if its content is not text."""
        text = decode_pdf_text(
            "".join(glyph.char for glyph in content.glyphs if glyph.char == "\n" or not glyph.char.isspace())
        )
        if not to_display_text(text):
            return [] if content.is_blank else None
        if broken_share(text) > BROKEN_THRESHOLD or not is_readable("".join(glyph.char for glyph in content.glyphs)):
            return None
        return self.arrange(content)

    def arrange(self, content: PageContent) -> PageText:
        self._previous_table, previous = None, self._previous_table
        blocks = _page_blocks(content)
        title = _slide_title(blocks) if content.is_wide else None
        lines: PageText = []
        for block in blocks:
            if block.table:
                self._previous_table = with_continued_header(block.table, previous)
                previous = None
                lines.append(self._previous_table)
                continue
            texts = list(_join_broken_lines(block.rows))
            # More than a running head or page number.
            if not all(len(text) <= _MAX_RUNNING_HEAD_LENGTH and not _CAPTION.match(text) for text in texts):
                self._previous_table = previous = None
            lines += [f"# {' '.join(texts)}"] if block is title else texts
            lines.append("")
        return lines


def page_parts(text: PageText, page: int, numbers: Iterator[int]) -> Iterator[DocumentPart]:
    """Yield the parts of a page (from 1), their lines with the next of `numbers`."""
    for piece in text:
        if isinstance(piece, str):
            yield Line(next(numbers), piece, page)
        else:
            yield from table_blocks(piece.layout(), lambda _: (next(numbers),), page)


def _slide_title(blocks: Sequence[LayoutBlock]) -> LayoutBlock | None:
    paragraphs = [block for block in blocks if block.rows]
    sizes = [row.size for block in paragraphs for row in block.rows]
    if len(sizes) < _MIN_ROWS:
        return None
    largest = max(paragraphs, key=lambda block: median(row.size for row in block.rows))
    text = " ".join(row.text for row in largest.rows)
    is_larger = median(row.size for row in largest.rows) > _TITLE_SIZE_RATIO * median(sizes)
    below = [block for block in blocks if block is not largest and block.box.bottom < largest.box.top]
    is_on_top = len(below) >= len(blocks) - _MAX_BLOCKS_ABOVE_TITLE
    is_title = (
        len(_LETTERS.findall(text)) >= _MIN_TITLE_LETTERS
        and len(text) <= _MAX_TITLE_LENGTH
        and not (ends_sentence(text) or _ITEM_MARK.match(text))
    )
    return largest if is_larger and is_on_top and is_title else None


def _page_blocks(content: PageContent) -> list[LayoutBlock]:
    grids = find_grids(content.drawing)
    tables, remaining = _find_tables(content, grids)
    boxes = [area.box for area in content.drawing.areas] + [grid.box for grid in grids if grid.cell_count == 1]
    boxes = [box for box in boxes if not any(frame_contains(table.box, box) for table in tables)]
    frames = sorted(set(boxes), key=lambda box: -box.area)[:_MAX_FRAMES]
    lines = content.drawing.horizontal
    heads = {Box(line.left, line.bottom, line.right, line.top + _COLUMN_HEAD_HEIGHT) for line in lines}
    column_heads = [*sorted(heads, key=lambda box: -box.area)[:_MAX_FRAMES], *frames]
    blocks = _paragraphs(
        [part for row in group_rows(remaining) for part in split_by_frames(row, column_heads, remaining)], frames
    )
    paragraphs = [
        LayoutBlock(bounding_box([row.box for row in rows]), rows[0].position, tuple(rows)) for rows in blocks
    ]
    return sort_by_reading_order([*tables, *paragraphs], frames)


def _find_tables(content: PageContent, grids: Sequence[Grid]) -> tuple[list[LayoutBlock], list[Glyph]]:
    tables: list[LayoutBlock] = []
    remaining = content.glyphs
    for grid in sorted(grids, key=lambda grid: grid.box.area):
        if grid.cell_count < _MIN_CELLS:
            continue
        glyphs = grid.box.glyphs_inside(remaining)
        if glyphs and (table := build_table(grid, glyphs, content.drawing)):
            used = {glyph.position for glyph in glyphs}
            remaining = [glyph for glyph in remaining if glyph.position not in used]
            tables.append(LayoutBlock(grid.box, glyphs[0].position, table=table))
    return tables, remaining


def _join_broken_lines(paragraph: Sequence[TextRow]) -> Iterator[str]:
    text = ""
    margin = max((row.right for row in paragraph if not row.has_parts), default=0.0)
    for row, following in zip(paragraph, [*paragraph[1:], None], strict=True):
        text = join_line_parts(text, row.text)
        if following is None or not _is_wrapped(row, following, margin):
            yield to_display_text(text)
            text = ""


def _paragraphs(rows: Sequence[TextRow], frames: Sequence[Box]) -> Iterator[list[TextRow]]:
    gaps = [gap for a, b in pairwise(rows) if (gap := a.bottom - b.top) > 0]
    typical_gap = median(gaps) if gaps else 0.0
    paragraph: list[TextRow] = []
    block_frame = None
    for row in rows:
        frame = next((frame for frame in reversed(frames) if frame_contains(frame, row.box)), None)
        if paragraph and (frame != block_frame or not _are_in_one_paragraph(paragraph[-1], row, typical_gap)):
            yield paragraph
            paragraph = []
        paragraph.append(row)
        block_frame = frame
    yield from [paragraph] if paragraph else []


def _are_in_one_paragraph(above: TextRow, below: TextRow, typical_gap: float) -> bool:
    size = max(above.size, below.size)
    gap = above.bottom - below.top
    has_same_size = size <= _MAX_SIZE_RATIO * min(above.size, below.size)
    return (
        has_same_size
        and -size < gap < max(_MAX_LINE_GAP * size, min(_GAP_RATIO * typical_gap, _MAX_WIDE_LINE_GAP * size))
        and below.left < above.right
    )


# The last cell of a table row continues if the next row begins below it.
def _is_wrapped(row: TextRow, following: TextRow, margin: float) -> bool:
    if following.has_parts or ends_sentence(row.text) or _ITEM_START.match(to_display_text(following.text)):
        return False
    if row.has_parts and not abs(following.left - row.last_part_left) < row.size / 2:
        return False
    return (
        row.right > margin - _MAX_MARGIN * row.size and row.right - row.last_part_left > _MIN_WRAPPED_LENGTH * row.size
    )
