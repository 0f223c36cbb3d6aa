"""Builds grids of cells, merged ones included, from the ruling lines of a page."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ingest.readers.pdf.drawing import Area, Drawing
from ingest.readers.pdf.geometry import Box, Glyph, group_by_place

# Square points: smaller areas contain no cells.
_MIN_AREA = 400.0
# A cell with a larger share of the grid does not absorb the boxes inside it.
_MAX_ABSORBED_SHARE = 0.4
# More lines are a drawing, more cells are no table.
_MAX_LINES = 3_000
_MAX_CELLS = 20_000
# Points: closer lines are merged (double rules, sides of neighbours), shorter ones dropped.
_MERGE_DISTANCE = 3.5
_MIN_LENGTH = 5.0
# Points that a background may end short of its cell's side.
_EDGE_DISTANCE = 8.0
# Share of a cell's side that must be drawn.
_MIN_DRAWN_SHARE = 0.6


class _Stroke(NamedTuple):
    """A line: its position across its direction, and its ends along it."""

    position: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells between lines at `xs` (left to right) and `ys` (top to bottom).

    `cells` holds the cell number for each row and column; a merged cell has several positions. `is_rectangular` says
    whether every cell is a rectangle.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[tuple[int, ...], ...]
    is_rectangular: bool

    @property
    def box(self) -> Box:
        return Box(self.xs[0], self.ys[-1], self.xs[-1], self.ys[0])

    @property
    def cell_count(self) -> int:
        return len({cell for row in self.cells for cell in row})

    def transposed(self) -> "Grid":
        return Grid(self.ys, self.xs, tuple(zip(*self.cells, strict=True)), self.is_rectangular)

    def without_lines(self, rows: Container[int], columns: Container[int]) -> "Grid":
        kept_rows = [r for r in range(len(self.cells)) if r not in rows]
        kept_columns = [c for c in range(len(self.cells[0])) if c not in columns]
        cells = tuple(tuple(self.cells[r][c] for c in kept_columns) for r in kept_rows)
        xs = (*(self.xs[c] for c in kept_columns), self.xs[-1])
        ys = (*(self.ys[r] for r in kept_rows), self.ys[-1])
        return Grid(xs, ys, cells, _are_rectangles(cells))

    def cell_box(self, cell: int) -> Box:
        rows = [r for r, row in enumerate(self.cells) if cell in row]
        columns = [c for c in range(len(self.xs) - 1) if any(self.cells[r][c] == cell for r in rows)]
        return Box(self.xs[columns[0]], self.ys[rows[-1] + 1], self.xs[columns[-1] + 1], self.ys[rows[0]])

    def cells_of(self, glyphs: Iterable[Glyph]) -> list[int]:
        """Return for each character in the grid the number of the cell that contains its centre."""
        negated_ys = [-edge for edge in self.ys[1:-1]]
        inner_xs = self.xs[1:-1]
        return [
            self.cells[bisect_right(negated_ys, -(glyph.bottom + glyph.top) / 2)][
                bisect_right(inner_xs, (glyph.left + glyph.right) / 2)
            ]
            for glyph in glyphs
        ]


def find_grids(drawing: Drawing) -> list[Grid]:
    """Return the grids of connected lines from top to bottom; a frame is a grid of one cell.

    Edges of coloured rectangles count as lines if no line is drawn near them.
    """
    horizontal = [_Stroke((b.bottom + b.top) / 2, b.left, b.right) for b in drawing.horizontal]
    vertical = [_Stroke((b.left + b.right) / 2, b.bottom, b.top) for b in drawing.vertical]
    if len(horizontal) + len(vertical) + len(drawing.areas) > _MAX_LINES:
        return []
    filled = _visible_areas(drawing.areas)
    edges = [_Stroke(position, b.left, b.right) for b in filled for position in (b.bottom, b.top)]
    horizontal = _merge_strokes([*horizontal, *_undrawn_edges(edges, _merge_strokes(horizontal))])
    edges = [_Stroke(position, b.bottom, b.top) for b in filled for position in (b.left, b.right)]
    vertical = _merge_strokes([*vertical, *_undrawn_edges(edges, _merge_strokes(vertical))])
    if not horizontal or not vertical:
        return []
    grids = [grid for group in _connected_groups(horizontal, vertical) if (grid := _build_grid(*group))]
    return sorted(grids, key=lambda grid: -grid.box.top)


def _visible_areas(areas: Sequence[Area]) -> list[Box]:
    filled = [area for area in areas if area.is_rectangle and area.colour is not None and not area.has_border]
    large: dict[int | None, list[Box]] = defaultdict(list)
    for area in filled:
        if area.box.area > _MIN_AREA:
            large[area.colour].append(area.box)
    return [
        area.box
        for area in filled
        if not any(larger.area > area.box.area and larger.encloses(area.box) for larger in large[area.colour])
    ]


def _build_grid(horizontal: Sequence[_Stroke], vertical: Sequence[_Stroke]) -> Grid | None:
    left = min(s.start for s in horizontal)
    right = max(s.end for s in horizontal)
    xs = _distinct_positions([left, right, *(s.position for s in vertical)])
    ys = _distinct_positions(s.position for s in horizontal)[::-1]
    height = len(ys) - 1
    width = len(xs) - 1
    if height < 1 or width < 1 or height * width > _MAX_CELLS:
        return None
    has_line_below = _drawn_segments(horizontal, ys, xs)  # per line, whether it is drawn in each column
    has_line_right = _drawn_segments(vertical, xs, [-y for y in ys])
    parents = list(range(height * width))
    for r in range(height):
        for c in range(width):
            if c + 1 < width and not has_line_right[c + 1][r]:
                _join_groups(parents, r * width + c, r * width + c + 1)
            if r + 1 < height and not has_line_below[r + 1][c]:
                _join_groups(parents, r * width + c, (r + 1) * width + c)
    cells = [[_find_root(parents, r * width + c) for c in range(width)] for r in range(height)]
    _absorb_small_boxes(cells, xs, ys)
    return Grid(tuple(xs), tuple(ys), tuple(map(tuple, cells)), _are_rectangles(cells))


def _absorb_small_boxes(cells: list[list[int]], xs: Sequence[float], ys: Sequence[float]) -> None:
    surface = (xs[-1] - xs[0]) * (ys[0] - ys[-1])
    for cell, (top, low, left, right) in _extents(cells).items():
        nested = {cells[r][c] for r in range(top, low + 1) for c in range(left, right + 1)}
        cell_area = (xs[right + 1] - xs[left]) * (ys[top] - ys[low + 1])
        if len(nested) > 1 and cell_area <= _MAX_ABSORBED_SHARE * surface:
            for r in range(top, low + 1):
                cells[r][left : right + 1] = [cell] * (right + 1 - left)


def _extents(cells: Sequence[Sequence[int]]) -> dict[int, tuple[int, int, int, int]]:
    extents: dict[int, tuple[int, int, int, int]] = {}
    for r, row in enumerate(cells):
        for c, cell in enumerate(row):
            top, low, left, right = extents.get(cell, (r, r, c, c))
            extents[cell] = (min(top, r), max(low, r), min(left, c), max(right, c))
    return extents


# Descending stops (ys) come negated; the ends of the strokes are negated to match.
def _drawn_segments(strokes: Sequence[_Stroke], positions: Sequence[float], stops: Sequence[float]) -> list[list[bool]]:
    is_falling = stops[0] < 0 or stops[-1] < 0
    drawn = [[0.0] * (len(stops) - 1) for _ in positions]
    for stroke in strokes:
        level = min(range(len(positions)), key=lambda i: abs(positions[i] - stroke.position))
        start, end = (-stroke.end, -stroke.start) if is_falling else (stroke.start, stroke.end)
        for i, (a, b) in enumerate(pairwise(stops)):
            drawn[level][i] += max(0.0, min(b, end) - max(a, start)) / (b - a)
    return [[share >= _MIN_DRAWN_SHARE for share in row] for row in drawn]


def _are_rectangles(cells: Sequence[Sequence[int]]) -> bool:
    return all(
        cells[r][c] == cell
        for cell, (top, low, left, right) in _extents(cells).items()
        for r in range(top, low + 1)
        for c in range(left, right + 1)
    )


def _undrawn_edges(edges: Iterable[_Stroke], lines: Sequence[_Stroke]) -> list[_Stroke]:
    return [
        edge
        for edge in edges
        if not any(
            abs(line.position - edge.position) <= _EDGE_DISTANCE
            and min(line.end, edge.end) - max(line.start, edge.start) >= _MIN_DRAWN_SHARE * (edge.end - edge.start)
            for line in lines
        )
    ]


# Collinear lines joined, short ones dropped.
def _merge_strokes(strokes: Iterable[_Stroke]) -> list[_Stroke]:
    merged: list[_Stroke] = []
    for group in group_by_place(sorted(strokes), lambda s: s.position, _MERGE_DISTANCE):
        level = sorted(group, key=lambda s: s.start)
        position = sum(s.position * (s.end - s.start) for s in level) / max(sum(s.end - s.start for s in level), 1e-6)
        start = level[0].start
        end = level[0].end
        for stroke in level[1:]:
            if stroke.start > end + _MERGE_DISTANCE:
                merged.append(_Stroke(position, start, end))
                start = stroke.start
                end = stroke.end
            end = max(end, stroke.end)
        merged.append(_Stroke(position, start, end))
    return [stroke for stroke in merged if stroke.end - stroke.start >= _MIN_LENGTH]


# Lines that cross or touch, as (horizontal, vertical).
def _connected_groups(
    horizontal: Sequence[_Stroke], vertical: Sequence[_Stroke]
) -> list[tuple[list[_Stroke], list[_Stroke]]]:
    across = np.array(horizontal)[:, None]
    upright = np.array(vertical)[None, :]
    touch = (
        (across[..., 1] - _MERGE_DISTANCE <= upright[..., 0])
        & (upright[..., 0] <= across[..., 2] + _MERGE_DISTANCE)
        & (upright[..., 1] - _MERGE_DISTANCE <= across[..., 0])
        & (across[..., 0] <= upright[..., 2] + _MERGE_DISTANCE)
    )
    parents = list(range(len(horizontal) + len(vertical)))
    for i, j in zip(*np.nonzero(touch), strict=True):
        _join_groups(parents, int(i), len(horizontal) + int(j))
    groups: dict[int, tuple[list[_Stroke], list[_Stroke]]] = defaultdict(lambda: ([], []))
    for i, stroke in enumerate([*horizontal, *vertical]):
        groups[_find_root(parents, i)][i >= len(horizontal)].append(stroke)
    return [group for group in groups.values() if len(group[0]) > 1 and group[1]]


def _distinct_positions(values: Iterable[float]) -> list[float]:
    return [group[0] for group in group_by_place(values, float, _MERGE_DISTANCE)]


# Disjoint sets: the root of the group of `item`, with the path to it shortened.
def _find_root(parents: list[int], item: int) -> int:
    while parents[item] != item:
        parents[item] = parents[parents[item]]
        item = parents[item]
    return item


def _join_groups(parents: list[int], first: int, second: int) -> None:
    parents[_find_root(parents, first)] = _find_root(parents, second)
