"""Ruling lines of a page: collinear ones joined, and grouped if they touch."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

# Points: closer lines are merged (double rules, sides of neighbours).
MERGE_DISTANCE = 3.5
# Points: shorter lines are dropped.
_MIN_LENGTH = 5.0
# Points that a background may end short of its cell's side.
_EDGE_DISTANCE = 8.0
# Share of a cell's side that must be drawn.
MIN_DRAWN_SHARE = 0.6


class Stroke(NamedTuple):
    """A line: its position across its direction, and its ends along it."""

    position: float
    start: float
    end: float


def undrawn_edges(edges: Iterable[Stroke], lines: Sequence[Stroke]) -> list[Stroke]:
    """Return the edges along which no line is drawn."""
    return [
        edge
        for edge in edges
        if not any(
            abs(line.position - edge.position) <= _EDGE_DISTANCE
            and min(line.end, edge.end) - max(line.start, edge.start) >= MIN_DRAWN_SHARE * (edge.end - edge.start)
            for line in lines
        )
    ]


def merge_strokes(strokes: Iterable[Stroke]) -> list[Stroke]:
    """Return the lines, collinear ones joined, short ones dropped."""
    merged: list[Stroke] = []
    for level in _levels(sorted(strokes)):
        position = sum(s.position * (s.end - s.start) for s in level) / max(sum(s.end - s.start for s in level), 1e-6)
        start = level[0].start
        end = level[0].end
        for stroke in level[1:]:
            if stroke.start > end + MERGE_DISTANCE:
                merged.append(Stroke(position, start, end))
                start = stroke.start
                end = stroke.end
            end = max(end, stroke.end)
        merged.append(Stroke(position, start, end))
    return [stroke for stroke in merged if stroke.end - stroke.start >= _MIN_LENGTH]


def _levels(strokes: Sequence[Stroke]) -> list[list[Stroke]]:
    """Return the lines grouped by position, each group ordered by start."""
    levels: list[list[Stroke]] = []
    for stroke in strokes:
        if levels and stroke.position - levels[-1][0].position <= MERGE_DISTANCE:
            levels[-1].append(stroke)
        else:
            levels.append([stroke])
    return [sorted(level, key=lambda s: s.start) for level in levels]


def connected_groups(
    horizontal: Sequence[Stroke], vertical: Sequence[Stroke]
) -> list[tuple[list[Stroke], list[Stroke]]]:
    """Return the groups of lines that cross or touch, as (horizontal, vertical)."""
    across = np.array(horizontal)[:, None]
    upright = np.array(vertical)[None, :]
    touch = (
        (across[..., 1] - MERGE_DISTANCE <= upright[..., 0])
        & (upright[..., 0] <= across[..., 2] + MERGE_DISTANCE)
        & (upright[..., 1] - MERGE_DISTANCE <= across[..., 0])
        & (across[..., 0] <= upright[..., 2] + MERGE_DISTANCE)
    )
    parents = list(range(len(horizontal) + len(vertical)))
    for i, j in zip(*np.nonzero(touch), strict=True):
        join_groups(parents, int(i), len(horizontal) + int(j))
    groups: dict[int, tuple[list[Stroke], list[Stroke]]] = defaultdict(lambda: ([], []))
    for i, stroke in enumerate([*horizontal, *vertical]):
        groups[find_root(parents, i)][i >= len(horizontal)].append(stroke)
    return [group for group in groups.values() if len(group[0]) > 1 and group[1]]


def distinct_positions(values: Iterable[float]) -> list[float]:
    """Return the positions in ascending order, close ones once."""
    positions: list[float] = []
    for value in sorted(values):
        if not positions or value - positions[-1] > MERGE_DISTANCE:
            positions.append(value)
    return positions


def find_root(parents: list[int], item: int) -> int:
    """Return the root of the group of `item` (disjoint sets), with the path to it shortened."""
    while parents[item] != item:
        parents[item] = parents[parents[item]]
        item = parents[item]
    return item


def join_groups(parents: list[int], first: int, second: int) -> None:
    """Make the groups of two items one group."""
    parents[find_root(parents, first)] = find_root(parents, second)
