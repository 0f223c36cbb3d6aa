"""Builds tables from grids: which grids hold data, cell texts and header rows."""

import re
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.blocks.table_layout import UNIT_OR_DAY, TableLayout, TableSlot, arrange_table
from ingest.blocks.unread_parts import UNREAD_CELL
from ingest.japanese.sentences import ends_sentence
from ingest.readers.pdf.content import glyph_size, is_vertical
from ingest.readers.pdf.drawing import Drawing
from ingest.readers.pdf.geometry import Box, Glyph, group_by_place
from ingest.readers.pdf.grid import Grid
from ingest.readers.pdf.pdf_text import decode_pdf_text, join_line_parts, to_display_text

# Fewer cells with text are a numbered box.
_MIN_TEXT_CELLS = 4
# A smaller share of cells after merging is a form.
_MIN_CELL_SHARE = 0.45
# Ratio of columns to cells of the fullest row; bar charts have more.
_MAX_COLUMN_RATIO = 2
# Points: thinner pictures are lines.
_MIN_PICTURE_SIDE = 4.0
# In character sizes: gap between words, room that a full line may leave at the margin, half of a vertical column.
_WORD_GAP = 1.0
_MAX_MARGIN = 1.5
_HALF_COLUMN_WIDTH = 0.75
_ITEM_START = re.compile(r"[・•●○■□◆◇➢※]\s?\S")
_LETTER = re.compile(r"[A-Za-z\u3041-\u30ff\u3400-\u9fff]")
# Points: difference of column widths of a continued table.
_WIDTH_TOLERANCE = 4.0
_MAX_NAME_LENGTH = 40
# More rows are no header.
_MAX_HEADER_ROWS = 4
# Minimum indent of centred text in points, and its tolerance as a share of the cell.
_MIN_INDENT = 8.0
_CENTRE_TOLERANCE = 0.15
_FIGURE_CELL = re.compile(r"[▲△+\-－−]?[\d０-９][\d０-９,，.．]*\s*[%％]?")


@dataclass(frozen=True, slots=True)
class PdfTable:
    """A table of a page: `rows` of cells, header rows first, merged cells repeated.

    A row of one cell spans the table; all others have equal length. `column_edges` identify a table that continues on
    the next page.
    """

    rows: tuple[tuple[str, ...], ...]
    header_count: int
    column_edges: tuple[float, ...]

    @property
    def header_rows(self) -> tuple[tuple[str, ...], ...]:
        """The rows that name columns."""
        return tuple(row for row in self.rows[: self.header_count] if len(row) > 1)

    def column_names(self) -> tuple[str, ...]:
        """Return one name per column: the distinct texts of its header rows, "" for a picture."""
        if not self.header_rows:
            return ("",) * max(map(len, self.rows))
        columns = zip(*self.header_rows, strict=True)
        return tuple(
            " ".join(dict.fromkeys(name for name in column if name not in {"", UNREAD_CELL})) for column in columns
        )

    def layout(self) -> TableLayout:
        names = self.column_names()
        titles = [row for row in self.rows[: self.header_count] if len(row) == 1]
        rows = [*titles, names, *self.rows[self.header_count :]]
        slots = [
            TableSlot(cell, number, column, width=len(names) if len(row) == 1 else 1)
            for number, row in enumerate(rows)
            for column, cell in enumerate(row)
        ]
        layout = arrange_table(slots, headers=len(titles) + any(names))
        # Below its header, a row of one filled cell is no title, unless it gives the unit.
        inside = [t for t in layout.titles if t.number > len(titles) and not UNIT_OR_DAY.fullmatch(t.cells[0])]
        layout.rows[:0] = inside
        layout.titles[:] = [title for title in layout.titles if title not in inside]
        return layout


def with_continued_header(table: PdfTable, previous: PdfTable | None) -> PdfTable:
    """Return the table with the header of the one on the previous page if it continues that table."""
    if previous is None or len(table.column_edges) != len(previous.column_edges) or not previous.header_rows:
        return table
    widths, previous_widths = ([b - a for a, b in pairwise(compared.column_edges)] for compared in (table, previous))
    if any(abs(a - b) > _WIDTH_TOLERANCE for a, b in zip(widths, previous_widths, strict=True)):
        return table
    header_rows = previous.header_rows
    if table.header_rows == header_rows or table.rows[: len(header_rows)] == header_rows:
        return replace(table, header_count=max(table.header_count, len(header_rows)))
    return replace(table, rows=(*header_rows, *table.rows), header_count=len(header_rows))


def build_table(grid: Grid, glyphs: Sequence[Glyph], drawing: Drawing) -> PdfTable | None:
    """Return the table of a grid, None for a frame or drawing; `glyphs` are the characters in it.

    A cell that holds a picture and no text says that it was not read.
    """
    if not grid.is_rectangular:
        return None
    cell_glyphs: dict[int, list[Glyph]] = defaultdict(list)
    for glyph, cell in zip(glyphs, grid.cells_of(glyphs), strict=True):
        cell_glyphs[cell].append(glyph)
    texts = {cell: text for cell, glyphs in cell_glyphs.items() if (text := _cell_text(glyphs))}
    pictures = dict.fromkeys(_picture_cells(grid, texts, drawing.pictures), UNREAD_CELL)
    filled = texts.keys() | pictures.keys()
    grid = grid.without_lines(_idle_rows(grid, filled), _idle_rows(grid.transposed(), filled))
    if not _is_data_grid(grid, texts):
        return None
    texts |= pictures
    rows = tuple(tuple(texts.get(cell, "") for cell in (row if len(set(row)) > 1 else row[:1])) for row in grid.cells)
    table = PdfTable(rows, HeaderDetector(grid, rows, cell_glyphs).count(), grid.xs)
    return table if _has_names(table) else None


# On one line; vertical columns are read from right to left.
def _cell_text(glyphs: Sequence[Glyph]) -> str:
    visible = [glyph for glyph in glyphs if not glyph.char.isspace()]
    if not visible:
        return ""
    size = glyph_size(visible)
    if is_vertical(visible, size):
        columns = group_by_place(visible, lambda g: -(g.left + g.right) / 2, size * _HALF_COLUMN_WIDTH)
        ordered = [g for column in columns for g in sorted(column, key=lambda g: (-round(g.top), g.left))]
        return to_display_text(decode_pdf_text("".join(g.char for g in ordered)))
    margin = max(glyph.right for glyph in visible) - _MAX_MARGIN * size
    text = ""
    is_broken = True
    for line in group_by_place(glyphs, lambda g: -(g.bottom + g.top) / 2, size / 2):
        visible = [glyph for glyph in line if not glyph.char.isspace()]
        ordered = sorted(line, key=lambda glyph: glyph.left)
        pieces = [
            f" {glyph.char}" if previous and glyph.left - previous.right > _WORD_GAP * size else glyph.char
            for previous, glyph in zip([None, *ordered], ordered, strict=False)
        ]
        line_text = to_display_text(decode_pdf_text(" ".join("".join(pieces).split())))
        if visible and line_text:
            text = join_line_parts(text, line_text) if is_broken or not text else f"{text} {line_text}"
            is_broken = max(glyph.right for glyph in visible) > margin
    return text


def _picture_cells(grid: Grid, texts: Container[int], pictures: Sequence[Box]) -> list[int]:
    inside = [
        picture
        for picture in pictures
        if grid.box.encloses(picture)
        and min(picture.right - picture.left, picture.top - picture.bottom) >= _MIN_PICTURE_SIDE
    ]
    empty = {cell for row in grid.cells for cell in row if cell not in texts} if inside else ()
    return [
        cell
        for cell in empty
        for box in [grid.cell_box(cell)]
        if any(box.encloses(picture) or picture.contains_centre(box) for picture in inside)
    ]


def _has_names(table: PdfTable) -> bool:
    body = [row for row in table.rows[table.header_count :] if len(row) > 1]
    if not body or (not table.header_rows and len(body) < 2):
        return False
    if table.header_rows and sum(map(bool, table.column_names())) * 2 > len(table.column_names()) - 1:
        return True
    labels = [row[0] for row in body if row[0]]
    names = [label for label in labels if len(label) <= _MAX_NAME_LENGTH and not _ITEM_START.match(label)]
    return len(names) * 2 > len(body) and any(_LETTER.search(cell) for row in body for cell in row)


def _idle_rows(grid: Grid, texts: Container[int]) -> list[int]:
    idle_rows = []
    for index, row in enumerate(grid.cells):
        neighbours = [*grid.cells[index - 1 : index], *grid.cells[index + 1 : index + 2]]
        own_cells = [cell for cell in row if not any(cell in neighbour for neighbour in neighbours)]
        if (index and row == grid.cells[index - 1]) or (own_cells and not any(cell in texts for cell in row)):
            idle_rows.append(index)
    return idle_rows


def _is_data_grid(grid: Grid, texts: Container[int]) -> bool:
    rows = [row for row in grid.cells if len(set(row)) > 1]
    if len(rows) < 2:
        return False
    width = len(rows[0])
    cells = {cell for row in rows for cell in row}
    filled = sum(cell in texts for cell in cells)
    fullest = max(len(set(row)) for row in rows)
    return (
        filled >= _MIN_TEXT_CELLS
        and len(cells) >= _MIN_CELL_SHARE * len(rows) * width
        and width <= _MAX_COLUMN_RATIO * fullest
    )


@dataclass(frozen=True, slots=True)
class HeaderDetector:
    """Counts header rows by merged cells and texts."""

    grid: Grid
    rows: Sequence[Sequence[str]]
    cell_glyphs: Mapping[int, Sequence[Glyph]]

    def count(self) -> int:
        """Return the number of header rows, including titles over the full width."""
        titles = next((index for index, row in enumerate(self.rows) if len(row) > 1), len(self.rows))
        if len(self.rows) - titles < 2:
            return titles
        merged = self._count_merged(titles)
        return titles + (merged if merged is not None else int(self._is_name_row(titles)))

    def _count_merged(self, first: int) -> int | None:
        cells = self.grid.cells
        spans = {cell: sum(cell in row for row in cells) for cell in cells[first]}
        deepest = max(spans.values())
        spans_columns = any(cells[first].count(cell) > 1 for cell in cells[first] if cell != cells[first][0])
        if 1 < deepest <= _MAX_HEADER_ROWS and first + deepest < len(cells):
            if spans_columns or all(spans[cell] == deepest for cell in cells[first]):
                return deepest
            if all(map(self._is_name_row, range(first, first + deepest))) and not self._is_name_row(first + deepest):
                return deepest
            heads_group = sum(row[0] == cells[first + deepest][0] for row in cells) > 1
            return 0 if spans[cells[first][0]] == deepest and (heads_group or not self._is_name_row(first)) else None
        return 2 if spans_columns and self._is_name_row(first + 1) else None

    # In two columns, the second name must be centred above values that are not, or above figures.
    def _is_name_row(self, index: int) -> bool:
        names = [text for text in self.rows[index][1:] if text]
        if not names or len(names) * 2 < len(self.rows[index]) - 1:
            return False
        if any(ends_sentence(name) or len(name) > _MAX_NAME_LENGTH or _FIGURE_CELL.fullmatch(name) for name in names):
            return False
        if len(set(self.grid.cells[index])) != 2:
            return True
        below = [row[-1] for row in self.rows[index + 1 :]]
        if below and all(_FIGURE_CELL.match(text) for text in below if text):
            return True
        centred_values = [self._is_centred(row[-1]) for row in self.grid.cells[index + 1 :]]
        return self._is_centred(self.grid.cells[index][-1]) and sum(centred_values) * 2 <= len(centred_values)

    def _is_centred(self, cell: int) -> bool:
        box = self.grid.cell_box(cell)
        visible = [glyph for glyph in self.cell_glyphs.get(cell, ()) if not glyph.char.isspace()]
        if not visible:
            return False
        left_room = min(glyph.left for glyph in visible) - box.left
        right_room = box.right - max(glyph.right for glyph in visible)
        return min(left_room, right_room) > _MIN_INDENT and abs(left_room - right_room) < _CENTRE_TOLERANCE * (
            box.right - box.left
        )
