"""Turns page content into lines: joins broken lines and separates paragraphs and tables."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from ingest.readers.mojibake import broken_share
from ingest.readers.pdf.chart import find_aligned_tables, find_drawn_charts
from ingest.readers.pdf.content import Content, page_content
from ingest.readers.pdf.drawing import Drawing
from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.grid import Grid, find_grids
from ingest.readers.pdf.reading_order import Piece, encloses, sort_by_reading_order
from ingest.readers.pdf.table import Table, build_table, with_continued_header
from ingest.readers.pdf.text import clean, join, legible
from ingest.readers.pdf.text_rows import Row, is_blank, split_by_frames

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# A page of which a larger share is no text is not readable; of 805 readable ones the worst has .05 (decision 038).
_MOST_BROKEN = 0.2
# In heights of a character: the room that parts paragraphs in narrow and in wide type, how far short of the margin a
# full line may end, and how long a line is that the width of the page can have broken.
_ROOM, _MOST_ROOM, _SHORT, _LONG = 1.0, 1.6, 1.3, 8
# So much more than the usual room between two lines parts paragraphs too.
_MORE = 1.5
# Lines of one paragraph differ less in the size of their type.
_SAME_SIZE = 1.15
# A title has no fewer or more characters, and is so much larger than what else stands on its page.
_SHORTEST_TITLE, _LONGEST_TITLE, _LARGER = 3, 80, 1.2
# A page of fewer lines has no usual size of type; above the title of a slide stand a running head and a date at most.
_FEWEST, _ABOVE = 3, 3
# A table has no fewer cells.
_FEWEST_CELLS = 4
# A page of a drawing has more boxes than can be told apart.
_MOST_FRAMES = 200
# Points: what a line underlines stands no higher above it.
_HEAD = 36.0
# A running head is no longer, and no caption of a table.
_LONGEST_HEAD = 30
_CAPTION = re.compile(r"(?:図表|表|別表|様式|資料)\s?[\d０-９一二三四五六七八九十第]|[(（〔]?単位[\s:：]")
_LETTERS = re.compile(r"[A-Za-z\u3041-\u30ff\u3400-\u9fff]")
_MARKED = re.compile(r"[・※＊*●○■□◆◇➢]")
_ENDS = re.compile(r"[。!?！？][」』)）]*$")
_OPENS = re.compile(
    r"[・•‣◦▪➤➢►✓✔☑◆→⇒◎○●■□◇▼▶※＊*【＜《〔]"
    r"|[(（]?(?:\d{1,2}|[０-９]{1,2}|[ア-ンa-z])[)）.．、\s]|[①-⒵]|第[\d０-９一二三四五六七八九十]+[編章節款条]|[-–—]\s"
)


class Layout:
    """The layout of a document, page by page: a table may go on from the page before."""

    def __init__(self) -> None:
        self._table: Table | None = None  # the last one of the page before

    def page_lines(self, page: "PdfPage") -> list[str] | None:
        """Return the lines of the next page, none for an empty one; None where it shows something that is no text."""
        found = page_content(page)
        text = clean("".join(glyph.char for glyph in found.glyphs if glyph.char == "\n" or not glyph.char.isspace()))
        if not legible(text):
            return [] if is_blank(page) else None
        if broken_share(text) > _MOST_BROKEN:
            return None
        return self.lines(found)

    def lines(self, found: Content) -> list[str]:
        """Return the lines of what stands on the next page; a blank one stands behind each paragraph and table."""
        self._table, above = None, self._table
        pieces = page_pieces(found)
        title = _slide_title(pieces) if found.is_wide else None
        lines: list[str] = []
        for piece in pieces:
            if piece.table:
                self._table, above = with_continued_header(piece.table, above), None
                lines += [*self._table.lines(), ""]
                continue
            texts = list(_join_broken_lines(piece.rows))
            if not all(map(_is_short, texts)):  # more than a running head or a page number
                self._table = above = None
            lines += [f"# {' '.join(texts)}"] if piece is title else texts
            lines.append("")
        return lines


def _slide_title(pieces: Sequence[Piece]) -> Piece | None:
    """Return the title of a slide: what is set in its largest type and stands above all else; None without one."""
    written = [piece for piece in pieces if piece.rows]
    sizes = [row.size for piece in written for row in piece.rows]
    if len(sizes) < _FEWEST:
        return None
    largest = max(written, key=lambda piece: median(row.size for row in piece.rows))
    text = " ".join(row.text for row in largest.rows)
    stands_out = median(row.size for row in largest.rows) > _LARGER * median(sizes)
    below = [piece for piece in pieces if piece is not largest and piece.box.bottom < largest.box.top]
    on_top = len(below) >= len(pieces) - _ABOVE
    return largest if stands_out and on_top and _may_be_title(text) else None


def page_pieces(found: Content) -> list[Piece]:
    """Return the tables and paragraphs of a page in the order of reading."""
    lattice = find_grids(found.drawing)
    charts = find_drawn_charts(found.glyphs, found.drawing.fills)
    tables, rest = _tables(found, lattice, [glyph for glyph in found.glyphs if glyph.at not in charts.figures])
    frames = _frames(found.drawing, lattice, [piece.box for piece in tables])
    lists, rows_left = find_aligned_tables([glyph for glyph in rest if glyph.at not in charts.names])
    tables += [Piece(table.box, at, table=table) for table, at in charts.tables + lists]
    over = [*_areas_over_lines(found.drawing), *frames]
    blocks = _blocks([part for row in rows_left for part in split_by_frames(row, over, rest)], frames)
    return sort_by_reading_order(
        [*tables, *(Piece(bounding_box(block), block[0].at, tuple(block)) for block in blocks)], frames
    )


def _tables(found: Content, lattice: Sequence[Grid], rest: list[Glyph]) -> tuple[list[Piece], list[Glyph]]:
    """Return the tables of a page, and what of `rest`, its characters, is in none; one in another has its own."""
    tables: list[Piece] = []
    for grid in sorted(lattice, key=lambda grid: grid.box.area):
        if grid.count < _FEWEST_CELLS:
            continue
        inside = grid.box.held(rest)
        if inside and (told := build_table(grid, inside, found.drawing.areas)):
            table, own = told
            taken = {glyph.at for glyph in own}
            rest = [glyph for glyph in rest if glyph.at not in taken]
            tables.append(Piece(grid.box, own[0].at, table=table))
    return tables, rest


def _frames(drawing: Drawing, lattice: Sequence[Grid], tables: Sequence[Box]) -> list[Box]:
    """Return what may hold paragraphs, the largest first: boxes and coloured areas, but no cells of tables."""
    boxes = [area.box for area in drawing.areas] + [grid.box for grid in lattice if grid.is_frame]
    boxes = [box for box in boxes if not any(encloses(table, box) for table in tables)]
    return sorted(set(boxes), key=lambda box: -box.area)[:_MOST_FRAMES]


def _areas_over_lines(drawing: Drawing) -> list[Box]:
    """Return the room over each line across, the largest first: heads of columns stand there, each over its own."""
    rooms = {Box(line.left, line.bottom, line.right, line.top + _HEAD) for line in drawing.across}
    return sorted(rooms, key=lambda box: -box.area)[:_MOST_FRAMES]


def _may_be_title(text: str) -> bool:
    """Whether a line is short and says something, and is neither a sentence nor an item."""
    letters = len(_LETTERS.findall(text))
    return (
        letters >= _SHORTEST_TITLE and len(text) <= _LONGEST_TITLE and not (_ENDS.search(text) or _MARKED.match(text))
    )


def _is_short(text: str) -> bool:
    return len(text) <= _LONGEST_HEAD and not _CAPTION.match(text)


def _join_broken_lines(block: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of a paragraph, those that its width broke joined."""
    text = ""
    margin = max((row.right for row in block if not row.parted), default=0.0)
    for row, following in zip(block, [*block[1:], None], strict=True):
        text = join(text, row.text)
        if following is None or not _is_broken(row, following, margin):
            yield legible(text)
            text = ""


def _blocks(found: Sequence[Row], frames: Sequence[Box]) -> Iterator[list[Row]]:
    """Yield the rows that stand close below each other in type of one size, and in one frame."""
    gaps = [gap for a, b in pairwise(found) if (gap := a.bottom - b.top) > 0]
    usual = median(gaps) if gaps else 0.0
    block: list[Row] = []
    around = None
    for row in found:
        frame = next((frame for frame in reversed(frames) if encloses(frame, row.box)), None)
        if block and (frame != around or not _is_close(block[-1], row, usual)):
            yield block
            block = []
        block.append(row)
        around = frame
    yield from [block] if block else []


def _is_close(above: Row, below: Row, usual: float) -> bool:
    size = max(above.size, below.size)
    gap = above.bottom - below.top
    alike = size <= _SAME_SIZE * min(above.size, below.size)
    return alike and -size < gap < max(_ROOM * size, min(_MORE * usual, _MOST_ROOM * size)) and below.left < above.right


def _is_broken(row: Row, following: Row, margin: float) -> bool:
    """Whether a line goes on in the next because its room ended: it reaches the margin and no sentence ended.

    The last cell of a row of a table goes on where the next line begins below it.
    """
    if following.parted or _ENDS.search(row.text) or _OPENS.match(legible(following.text)):
        return False
    if row.parted and not abs(following.left - row.inner) < row.size / 2:
        return False
    return row.right > margin - _SHORT * row.size and row.right - row.inner > _LONG * row.size
