"""The text of table cells, and rows of a grid that only this text separates."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count, pairwise
from typing import NamedTuple

from ingest.readers.pdf.content import glyph_size, is_vertical
from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.grid import Grid
from ingest.readers.pdf.pdf_text import decode_pdf_text, join_line_parts, to_display_text

# In character sizes: gap between words.
_WORD_GAP = 1.0
# In character sizes: room that a full line may leave at the margin.
_MAX_MARGIN = 1.5
# In character sizes: half the width of a vertical column.
_HALF_COLUMN_WIDTH = 0.75
# Texts of a column of figures, one per line: (▲ 1.2), 37.6%, －.
FIGURE_TEXT = re.compile(r"(?:[(（]?[▲△+\-－−]?\s?[\d０-９][\d０-９,，.．]*\s?[%％]?[)）]?\s*)+|[-－―…*＊]")
# In character sizes: tolerance of level lines.
_LEVEL_TOLERANCE = 0.5


class CellLine(NamedTuple):
    """A line of a cell with its box and character size."""

    text: str
    box: Box
    size: float


def glyphs_by_cell(grid: Grid, glyphs: Sequence[Glyph]) -> dict[int, list[Glyph]]:
    """Return the characters of each cell that has any."""
    by_cell: dict[int, list[Glyph]] = defaultdict(list)
    for glyph, cell in zip(glyphs, grid.cells_of(glyphs), strict=True):
        by_cell[cell].append(glyph)
    return by_cell


def cell_text(glyphs: Sequence[Glyph]) -> str:
    """Return the text of a cell on one line; vertical columns are read from right to left."""
    visible = [glyph for glyph in glyphs if not glyph.char.isspace()]
    if not visible:
        return ""
    size = glyph_size(visible)
    if is_vertical(visible, size):
        columns = _group_by_place(visible, lambda g: -(g.left + g.right) / 2, size * _HALF_COLUMN_WIDTH)
        return to_display_text(
            decode_pdf_text("".join(g.char for column in columns for g in sorted(column, key=_vertical_order)))
        )
    margin = max(glyph.right for glyph in visible) - _MAX_MARGIN * size
    text = ""
    is_broken = True
    for line in cell_lines(glyphs):
        if line.text:
            text = join_line_parts(text, line.text) if is_broken or not text else f"{text} {line.text}"
            is_broken = line.box.right > margin
    return text


def cell_lines(glyphs: Sequence[Glyph]) -> list[CellLine]:
    """Return the horizontal lines of a cell from the top; none for an empty or vertical cell."""
    visible = [glyph for glyph in glyphs if not glyph.char.isspace()]
    if not visible:
        return []
    size = glyph_size(visible)
    if is_vertical(visible, size):
        return []
    lines = []
    for line in _group_by_place(glyphs, _negated_centre_y, size / 2):
        visible_in_line = [glyph for glyph in line if not glyph.char.isspace()]
        if visible_in_line:
            line.sort(key=lambda glyph: glyph.left)
            box = bounding_box(visible_in_line)
            lines.append(CellLine(to_display_text(_join_with_spaces(line, size)), box, size))
    return lines


def _negated_centre_y(glyph: Glyph) -> float:
    return -(glyph.bottom + glyph.top) / 2


def _vertical_order(glyph: Glyph) -> tuple[float, float]:
    return -round(glyph.top), glyph.left


def _group_by_place(
    glyphs: Iterable[Glyph], coordinate: Callable[[Glyph], float], distance: float
) -> list[list[Glyph]]:
    groups: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=coordinate):
        if groups and coordinate(glyph) - coordinate(groups[-1][0]) <= distance:
            groups[-1].append(glyph)
        else:
            groups.append([glyph])
    return groups


def _join_with_spaces(line: Sequence[Glyph], size: float) -> str:
    text = ""
    for previous, glyph in zip([None, *line], line, strict=False):
        has_gap = previous is not None and glyph.left - previous.right > _WORD_GAP * size
        text += f" {glyph.char}" if has_gap else glyph.char
    return decode_pdf_text(" ".join(text.split()))


def refine_grid(grid: Grid, glyphs: Sequence[Glyph]) -> Grid:
    """Return the grid with a row of cells with level lines, one column of which is all figures, as so many rows."""
    stacked_rows = _stacked_rows(grid, glyphs_by_cell(grid, glyphs))
    return _split_rows(grid, stacked_rows) if stacked_rows else grid


def _stacked_rows(grid: Grid, cell_glyphs: Mapping[int, Sequence[Glyph]]) -> dict[int, list[float]]:
    cuts: dict[int, list[float]] = {}
    for r, row in enumerate(grid.cells):
        neighbours = {cell for other in (*grid.cells[max(r - 1, 0) : r], *grid.cells[r + 1 : r + 2]) for cell in other}
        cells = [
            cell_lines(cell_glyphs[cell])
            for cell in dict.fromkeys(row)
            if cell in cell_glyphs and cell not in neighbours
        ]
        lines = [of_cell for of_cell in cells if len(of_cell) > 1]
        single_count = sum(len(of_cell) == 1 for of_cell in cells)
        if (
            len(lines) > 1
            and single_count <= 1
            and _are_level(lines)
            and any(all(FIGURE_TEXT.fullmatch(line.text) for line in of_cell) for of_cell in lines)
        ):
            cuts[r] = [(a.box.bottom + b.box.top) / 2 for a, b in pairwise(lines[0])]
    return cuts


def _are_level(cells: Sequence[Sequence[CellLine]]) -> bool:
    return all(len(lines) == len(cells[0]) for lines in cells) and all(
        abs(line.box.bottom - first.box.bottom) < _LEVEL_TOLERANCE * first.size
        for lines in cells
        for line, first in zip(lines, cells[0], strict=True)
    )


def _split_rows(grid: Grid, cuts: Mapping[int, Sequence[float]]) -> Grid:
    new_cells = count(1 + max(cell for row in grid.cells for cell in row))
    cells: list[tuple[int, ...]] = []
    ys: list[float] = []
    for r, row in enumerate(grid.cells):
        ys += [grid.ys[r], *cuts.get(r, ())]
        cells.append(row)
        spanning = {cell for i, other in enumerate(grid.cells) if i != r for cell in other}
        for _ in cuts.get(r, ()):
            new_numbers = {cell: cell if cell in spanning else next(new_cells) for cell in row}
            cells.append(tuple(new_numbers[cell] for cell in row))
    return Grid(grid.xs, (*ys, grid.ys[-1]), tuple(cells), grid.is_rectangular)
