"""Builds grids of cells, merged ones included, from the ruling lines of a page."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from ingest.readers.pdf.drawing import Area, Drawing
from ingest.readers.pdf.geometry import Box, Glyph

# Points. Lines that are no further apart are one (a double rule, the sides of two neighbours), and no line is shorter.
_SAME, _SHORTEST = 3.5, 5.0
# A background may end so far inside its cell.
_BESIDE = 8.0
# Square points. A smaller area holds no cells.
_LARGE = 400.0
# Of the side of a cell so much is drawn.
_DRAWN = 0.6
# A cell that takes more of a grid than this is no cell with boxes inside.
_ABSORBED = 0.4
# More lines than these are a drawing, and more cells no table of a page.
_MOST_LINES, _MOST_CELLS = 3_000, 20_000


class Stroke(NamedTuple):
    """A line: its place across its direction, its start and its end along it."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells between lines: `xs` from left to right and `ys` from top to bottom are the lines.

    `cells` holds for each row and column the number of the cell that stands there; a merged one stands at several
    places. `whole` says whether each cell is a rectangle.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[tuple[int, ...], ...]
    whole: bool

    @property
    def box(self) -> Box:
        """The place of the grid."""
        return Box(self.xs[0], self.ys[-1], self.xs[-1], self.ys[0])

    @property
    def count(self) -> int:
        """How many cells there are."""
        return len({cell for row in self.cells for cell in row})

    @property
    def is_frame(self) -> bool:
        """Whether it parts nothing."""
        return self.count == 1

    def parts(self) -> list["Grid"]:
        """Return the grid, or where a drawing hangs on it (the bars of a chart) the rows that it leaves."""
        if self.whole:
            return [self]
        torn: set[int] = set()
        for cell, (top, low, left, right) in _extents(self.cells).items():
            if any(self.cells[r][c] != cell for r in range(top, low + 1) for c in range(left, right + 1)):
                torn.update(range(top, low + 1))
        kept = [r for r in range(len(self.cells)) if r not in torn]
        runs = [[r for _, r in run] for _, run in groupby(enumerate(kept), lambda pair: pair[1] - pair[0])]
        return [self._rows(run[0], run[-1]) for run in runs]

    def _rows(self, first: int, last: int) -> "Grid":
        cells = self.cells[first : last + 1]
        return Grid(self.xs, self.ys[first : last + 2], cells, _are_rectangles(cells))

    def transposed(self) -> "Grid":
        """Return the grid with its columns as rows."""
        return Grid(self.ys, self.xs, tuple(zip(*self.cells, strict=True)), self.whole)

    def without(self, rows: Container[int], columns: Container[int]) -> "Grid":
        """Return the grid without some rows and columns, whose room their neighbours take."""
        kept = [r for r in range(len(self.cells)) if r not in rows]
        across = [c for c in range(len(self.cells[0])) if c not in columns]
        cells = tuple(tuple(self.cells[r][c] for c in across) for r in kept)
        xs = (*(self.xs[c] for c in across), self.xs[-1])
        ys = (*(self.ys[r] for r in kept), self.ys[-1])
        return Grid(xs, ys, cells, _are_rectangles(cells))

    def place_of(self, cell: int) -> Box:
        """Return where a cell stands."""
        rows = [r for r, row in enumerate(self.cells) if cell in row]
        columns = [c for c in range(len(self.xs) - 1) if any(self.cells[r][c] == cell for r in rows)]
        return Box(self.xs[columns[0]], self.ys[rows[-1] + 1], self.xs[columns[-1] + 1], self.ys[rows[0]])

    def cells_of(self, glyphs: Iterable[Glyph]) -> list[int]:
        """Return for each character inside the grid the number of the cell in which its middle stands."""
        falls = [-edge for edge in self.ys[1:-1]]
        sides = self.xs[1:-1]
        return [
            self.cells[bisect_right(falls, -(g.bottom + g.top) / 2)][bisect_right(sides, (g.left + g.right) / 2)]
            for g in glyphs
        ]


def find_grids(drawing: Drawing) -> list[Grid]:
    """Return the grids of lines that touch each other, from top to bottom; a frame is a grid of one cell.

    The edges of coloured rectangles count as lines where no line is drawn beside them.
    """
    across = [Stroke((b.bottom + b.top) / 2, b.left, b.right) for b in drawing.across]
    upright = [Stroke((b.left + b.right) / 2, b.bottom, b.top) for b in drawing.upright]
    if len(across) + len(upright) + len(drawing.areas) > _MOST_LINES:
        return []
    filled = _visible_areas(drawing.areas)
    edges = [Stroke(at, b.left, b.right) for b in filled for at in (b.bottom, b.top)]
    across = _merge_strokes([*across, *_undrawn_edges(edges, _merge_strokes(across))])
    edges = [Stroke(at, b.bottom, b.top) for b in filled for at in (b.left, b.right)]
    upright = _merge_strokes([*upright, *_undrawn_edges(edges, _merge_strokes(upright))])
    if not across or not upright:
        return []
    found = [part for a, u in _connected_groups(across, upright) if (grid := _grid(a, u)) for part in grid.parts()]
    return sorted(found, key=lambda grid: -grid.box.top)


def _visible_areas(areas: Sequence[Area]) -> list[Box]:
    """Return the coloured rectangles but those that stand in a larger one of their colour."""
    filled = [area for area in areas if area.straight and area.colour is not None and not area.framed]
    large: dict[int | None, list[Box]] = defaultdict(list)
    for area in filled:
        if area.box.area > _LARGE:
            large[area.colour].append(area.box)
    return [
        one.box
        for one in filled
        if not any(other.area > one.box.area and other.around(one.box) for other in large[one.colour])
    ]


def _undrawn_edges(edges: Iterable[Stroke], lines: Sequence[Stroke]) -> list[Stroke]:
    """Return the edges of colours along which no line is drawn."""
    return [
        edge
        for edge in edges
        if not any(
            abs(line.at - edge.at) <= _BESIDE
            and min(line.end, edge.end) - max(line.start, edge.start) >= _DRAWN * (edge.end - edge.start)
            for line in lines
        )
    ]


def _merge_strokes(strokes: Iterable[Stroke]) -> list[Stroke]:
    """Return the lines with those on one height, end to end, joined, without the short ones."""
    joined: list[Stroke] = []
    for level in _levels(sorted(strokes)):
        at = sum(s.at * (s.end - s.start) for s in level) / max(sum(s.end - s.start for s in level), 1e-6)
        start, end = level[0].start, level[0].end
        for stroke in level[1:]:
            if stroke.start > end + _SAME:
                joined.append(Stroke(at, start, end))
                start, end = stroke.start, stroke.end
            end = max(end, stroke.end)
        joined.append(Stroke(at, start, end))
    return [stroke for stroke in joined if stroke.end - stroke.start >= _SHORTEST]


def _levels(strokes: Sequence[Stroke]) -> list[list[Stroke]]:
    """Return the lines by height, those of one height in order of their starts."""
    levels: list[list[Stroke]] = []
    for stroke in strokes:
        if levels and stroke.at - levels[-1][0].at <= _SAME:
            levels[-1].append(stroke)
        else:
            levels.append([stroke])
    return [sorted(level, key=lambda s: s.start) for level in levels]


def _connected_groups(across: Sequence[Stroke], upright: Sequence[Stroke]) -> list[tuple[list[Stroke], list[Stroke]]]:
    """Return the groups of lines that cross or touch, each as (across, upright)."""
    a, u = np.array(across), np.array(upright)
    touch = (
        (a[:, None, 1] - _SAME <= u[None, :, 0])
        & (u[None, :, 0] <= a[:, None, 2] + _SAME)
        & (u[None, :, 1] - _SAME <= a[:, None, 0])
        & (a[:, None, 0] <= u[None, :, 2] + _SAME)
    )
    parent = list(range(len(across) + len(upright)))
    for i, j in zip(*np.nonzero(touch), strict=True):
        _unite(parent, int(i), len(across) + int(j))
    groups: dict[int, tuple[list[Stroke], list[Stroke]]] = defaultdict(lambda: ([], []))
    for i, stroke in enumerate([*across, *upright]):
        groups[_root(parent, i)][i >= len(across)].append(stroke)
    return [group for group in groups.values() if len(group[0]) > 1 and group[1]]


def _grid(across: Sequence[Stroke], upright: Sequence[Stroke]) -> Grid | None:
    """Return the cells between lines; what stands around them is a side of the outer cells, drawn or not."""
    left, right = min(s.start for s in across), max(s.end for s in across)
    top, bottom = max(s.at for s in across), min(s.at for s in across)
    xs = _places([left, right, *(s.at for s in upright)])
    ys = _places([bottom, top, *(s.at for s in across)])[::-1]
    height, width = len(ys) - 1, len(xs) - 1
    if height < 1 or width < 1 or height * width > _MOST_CELLS:
        return None
    below = _sides(across, ys, xs)  # at each line, whether it is drawn in each column
    beside = _sides(upright, xs, [-y for y in ys])
    parent = list(range(height * width))
    for r in range(height):
        for c in range(width):
            if c + 1 < width and not beside[c + 1][r]:
                _unite(parent, r * width + c, r * width + c + 1)
            if r + 1 < height and not below[r + 1][c]:
                _unite(parent, r * width + c, (r + 1) * width + c)
    cells = [[_root(parent, r * width + c) for c in range(width)] for r in range(height)]
    _absorb(cells, xs, ys)
    return Grid(tuple(xs), tuple(ys), tuple(map(tuple, cells)), _are_rectangles(cells))


def _absorb(cells: list[list[int]], xs: Sequence[float], ys: Sequence[float]) -> None:
    """Let a cell that has small boxes inside (the digits of a postal code) hold them, and be a rectangle again."""
    surface = (xs[-1] - xs[0]) * (ys[0] - ys[-1])
    for cell, (top, low, left, right) in _extents(cells).items():
        inside = {cells[r][c] for r in range(top, low + 1) for c in range(left, right + 1)}
        own = (xs[right + 1] - xs[left]) * (ys[top] - ys[low + 1])
        if len(inside) > 1 and own <= _ABSORBED * surface:
            for r in range(top, low + 1):
                cells[r][left : right + 1] = [cell] * (right + 1 - left)


def _extents(cells: Sequence[Sequence[int]]) -> dict[int, tuple[int, int, int, int]]:
    """Return the first and last row, and the first and last column, of each cell."""
    found: dict[int, tuple[int, int, int, int]] = {}
    for r, row in enumerate(cells):
        for c, cell in enumerate(row):
            top, low, left, right = found.get(cell, (r, r, c, c))
            found[cell] = (min(top, r), max(low, r), min(left, c), max(right, c))
    return found


def _places(values: Iterable[float]) -> list[float]:
    """Return the places from low to high, those that are one once."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SAME:
            found.append(value)
    return found


def _sides(strokes: Sequence[Stroke], levels: Sequence[float], stops: Sequence[float]) -> list[list[bool]]:
    """Return for each level which of the stretches between the stops, from low to high, are drawn.

    Stops that fall (ys) are given with their sign changed, and the strokes' ends with them.
    """
    falling = stops[0] < 0 or stops[-1] < 0
    drawn = [[0.0] * (len(stops) - 1) for _ in levels]
    for stroke in strokes:
        level = min(range(len(levels)), key=lambda i: abs(levels[i] - stroke.at))
        start, end = (-stroke.end, -stroke.start) if falling else (stroke.start, stroke.end)
        for i, (a, b) in enumerate(pairwise(stops)):
            drawn[level][i] += max(0.0, min(b, end) - max(a, start)) / (b - a)
    return [[share >= _DRAWN for share in row] for row in drawn]


def _are_rectangles(cells: Sequence[Sequence[int]]) -> bool:
    return all(
        cells[r][c] == cell
        for cell, (top, low, left, right) in _extents(cells).items()
        for r in range(top, low + 1)
        for c in range(left, right + 1)
    )


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


def _unite(parent: list[int], a: int, b: int) -> None:
    parent[_root(parent, a)] = _root(parent, b)
