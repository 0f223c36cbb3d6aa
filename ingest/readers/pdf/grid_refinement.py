"""Splits table rows and columns that no line separates, by the text in their cells."""

import re
from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import count, pairwise

from ingest.readers.pdf.cell import CellLine, cell_lines, glyphs_by_cell
from ingest.readers.pdf.content import is_upright, size_of
from ingest.readers.pdf.geometry import Glyph, bounding_box
from ingest.readers.pdf.grid import Grid

# (▲ 1.2), 37.6%, －: what stands in a column of figures, one a line.
FIGURES = re.compile(r"(?:[(（]?[▲△+\-－−]?\s?[\d０-９][\d０-９,，.．]*\s?[%％]?[)）]?\s*)+|[-－―…*＊]")
# In sizes of a character: how level lines of one row are, and how short of its cell's side a line ends that is whole.
_LEVEL, _SHORT = 0.5, 1.2
# A word or label has no fewer characters, and stands so many times further from the next than its letters.
_SHORTEST, _APART = 2, 1.3


def refine_grid(grid: Grid, inside: Sequence[Glyph]) -> Grid:
    """Return a grid with the rows and columns that the characters in it show.

    A row of cells whose lines stand on the same levels, one column of them nothing but figures, is as many rows. A
    cell over several rows with a line of its own for each of them is as many cells, and so is one over several columns.
    """
    held = glyphs_by_cell(grid, inside)
    if stacked := _stacked_rows(grid, held):
        grid = _with_rows(grid, stacked)
        held = glyphs_by_cell(grid, inside)
    cells = [list(row) for row in grid.cells]
    fresh = count(1 + max(cell for row in cells for cell in row))
    for cell, glyphs in held.items():
        rows = [r for r, row in enumerate(grid.cells) if cell in row]
        columns = [c for c, at in enumerate(grid.cells[rows[0]]) if at == cell]
        if len(rows) > 1 and _are_apart(cell_lines(glyphs), [grid.ys[r] for r in rows[1:]], grid, columns):
            for r in rows:
                own = next(fresh)
                for c in columns:
                    cells[r][c] = own
        elif len(columns) > 1 and _stand_apart(glyphs, [grid.xs[c] for c in columns[1:]]):
            for c in columns:
                own = next(fresh)
                for r in rows:
                    cells[r][c] = own
    return Grid(grid.xs, grid.ys, tuple(map(tuple, cells)), grid.whole)


def _stacked_rows(grid: Grid, held: Mapping[int, Sequence[Glyph]]) -> dict[int, list[float]]:
    """Return the rows of the grid that are several, each with the heights at which they are to be parted."""
    found: dict[int, list[float]] = {}
    for r, row in enumerate(grid.cells):
        beside = {cell for other in (*grid.cells[max(r - 1, 0) : r], *grid.cells[r + 1 : r + 2]) for cell in other}
        cells = [cell_lines(held[cell]) for cell in dict.fromkeys(row) if cell in held and cell not in beside]
        lines = [of_cell for of_cell in cells if len(of_cell) > 1]
        single = sum(len(of_cell) == 1 for of_cell in cells)
        if len(lines) > 1 and single <= 1 and _are_level(lines) and any(map(_are_figures, lines)):
            found[r] = [(a.box.bottom + b.box.top) / 2 for a, b in pairwise(lines[0])]
    return found


def _are_figures(lines: Sequence[CellLine]) -> bool:
    return all(FIGURES.fullmatch(line.text) for line in lines)


def _are_level(cells: Sequence[Sequence[CellLine]]) -> bool:
    """Whether all cells have as many lines, at the same heights."""
    return all(len(lines) == len(cells[0]) for lines in cells) and all(
        abs(line.box.bottom - first.box.bottom) < _LEVEL * first.size
        for lines in cells
        for line, first in zip(lines, cells[0], strict=True)
    )


def _with_rows(grid: Grid, cuts: Mapping[int, Sequence[float]]) -> Grid:
    """Return a grid with rows parted at heights; a cell of one line stays one over all of them."""
    fresh = count(1 + max(cell for row in grid.cells for cell in row))
    cells: list[tuple[int, ...]] = []
    ys: list[float] = []
    for r, row in enumerate(grid.cells):
        ys += [grid.ys[r], *cuts.get(r, ())]
        cells.append(row)
        shared = {cell for i, other in enumerate(grid.cells) if i != r for cell in other}
        for _ in cuts.get(r, ()):
            names = {cell: cell if cell in shared else next(fresh) for cell in row}
            cells.append(tuple(names[cell] for cell in row))
    return Grid(grid.xs, (*ys, grid.ys[-1]), tuple(cells), grid.whole)


def _are_apart(lines: Sequence[CellLine], sides: Sequence[float], grid: Grid, columns: Sequence[int]) -> bool:
    """Whether each row has a whole line of its own: none was broken at the side of the cell."""
    if len(lines) != len(sides) + 1 or any(len(line.text) < _SHORTEST for line in lines):
        return False
    right = grid.xs[columns[-1] + 1]
    if any(right - line.box.right < _SHORT * line.size and not line.spread for line in lines[:-1]):
        return False
    return all(
        a.box.bottom >= side - a.size / 2 and b.box.top <= side + b.size / 2
        for (a, b), side in zip(pairwise(lines), sides, strict=True)
    )


def _stand_apart(glyphs: Sequence[Glyph], sides: Sequence[float]) -> bool:
    """Whether each column has a word of its own, and the words stand further apart than their letters."""
    groups: list[list[Glyph]] = [[] for _ in range(len(sides) + 1)]
    for glyph in glyphs:
        groups[bisect(sides, (glyph.left + glyph.right) / 2)].append(glyph)
    seen = [[glyph for glyph in group if not glyph.char.isspace()] for group in groups]
    if any(len(group) < _SHORTEST for group in seen):
        return False
    boxes = [bounding_box(group) for group in seen]
    if all(is_upright(group, size_of(group)) for group in seen):
        return all(a.right <= b.left for a, b in pairwise(boxes))
    if any(len(cell_lines(group)) != 1 for group in groups):
        return False
    inner = max(b.left - a.right for group in seen for a, b in pairwise(sorted(group, key=lambda g: g.left)))
    size = size_of(seen[0])
    return all(b.left - a.right > max(_APART * inner, size) for a, b in pairwise(boxes))
