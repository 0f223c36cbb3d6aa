"""Sorts the pieces of a page in reading order: columns, slides and boxes.

The text layer has an order of its own, most often that of writing, and has together what belongs together even where
its order is another, as on slides. Where a page can be cut both into rows and into columns, it decides which cut comes
first; where boxes were drawn at random, their places do.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.readers.pdf.geometry import Box
from ingest.readers.pdf.table import Table
from ingest.readers.pdf.text_rows import Row

# Boxes of characters are higher than what is seen of them: by this share on either side, and no more points, they may
# overlap.
_LOOSE, _MOST_LOOSE = 0.25, 6.0
# Of the width of all, a column of paragraphs has so much; the figures of an axis and labels before values have less.
_WIDE = 0.3
# Points. Columns of text stand apart so far, and a frame may be so much smaller than what it holds.
_GUTTER, _INSET = 4.0, 4.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph (its `rows`) or a `table`, with its place on the page and in the text layer (`at`)."""

    box: Box
    at: int
    rows: tuple[Row, ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is read in one go: a piece, or all that a frame holds."""

    box: Box
    at: float
    pieces: list[Piece] = field(default_factory=list)


def sort_by_reading_order(pieces: Sequence[Piece], frames: Sequence[Box]) -> list[Piece]:
    """Return the pieces of a page in the order of reading; what a frame holds is read in one go."""
    units: list[_Unit] = []
    rest = list(pieces)
    for at, frame in enumerate(frames):
        inside = [piece for piece in rest if encloses(frame, piece.box)]
        if 1 < len(inside) < len(pieces):
            rest = [piece for piece in rest if piece not in inside]
            ordered = sort_by_reading_order(inside, frames[at + 1 :])
            units.append(_Unit(frame, sum(piece.at for piece in inside) / len(inside), ordered))
    units += [_Unit(piece.box, piece.at, [piece]) for piece in rest]
    return [piece for unit in _read(units) for piece in unit.pieces]


def encloses(frame: Box, box: Box) -> bool:
    """Whether a box stands in a frame from side to side."""
    return frame.left - _INSET <= box.left and box.right <= frame.right + _INSET and frame.holds(box)


def _read(units: Sequence[_Unit]) -> list[_Unit]:
    """Return units in the order of reading, by cuts across and upright, as deep as they go."""
    if len(units) < 2:  # noqa: PLR2004 - nothing to order
        return list(units)
    if len(rows := _cut(units, _vertical_extent, 0.0)) > 1:
        return _by_rows(rows)
    if len(columns := _cut(units, _horizontal_extent, _GUTTER)) > 1:
        return [unit for column in columns for unit in _read(column)]
    return _order_by_position(units)


def _by_rows(rows: Sequence[list[_Unit]]) -> list[_Unit]:
    """Return the units of groups below each other in the order of reading; groups that are columns together are one.

    Heads of columns may stand on one level, and between their paragraphs a cut across may be found by chance. A title
    at the left below a running head at the right is no column.
    """
    found: list[_Unit] = []
    at = 0
    while at < len(rows):
        together, end, beside = list(rows[at]), at + 1, [rows[at]]
        for below in range(at + 1, len(rows)):
            together += rows[below]
            columns = _cut(together, _horizontal_extent, _GUTTER)
            if len(columns) < 2:  # noqa: PLR2004 - one text over the whole width
                break
            if _are_columns(columns, rows[at : below + 1]):
                end, beside = below + 1, columns
        found += [unit for group in beside for unit in _read(group)]
        at = end
    return found


def _are_columns(columns: Sequence[Sequence[_Unit]], rows: Sequence[Sequence[_Unit]]) -> bool:
    """Whether the text layer has fewer pairs the other way round by columns than by rows, or leaves wide ones less."""
    if sum(len(column) > 1 for column in columns) < 2:  # noqa: PLR2004 - one column, and what stands beside it
        return False
    sides = [(column[0].box.left, max(unit.box.right for unit in column)) for column in columns]
    wide = all(right - left > _WIDE * (sides[-1][1] - sides[0][0]) for left, right in sides)
    return _count_inversions(columns) < _count_inversions(rows) or (
        wide and _count_departures(columns) < _count_departures(rows)
    )


def _vertical_extent(unit: _Unit) -> tuple[float, float]:
    loose = min(_LOOSE * (unit.box.top - unit.box.bottom), _MOST_LOOSE)
    return -unit.box.top + loose, -unit.box.bottom - loose


def _horizontal_extent(unit: _Unit) -> tuple[float, float]:
    return unit.box.left, unit.box.right


def _cut(units: Iterable[_Unit], extent: Callable[[_Unit], tuple[float, float]], gap: float) -> list[list[_Unit]]:
    """Return units in groups between which a straight cut touches none of them."""
    groups: list[list[_Unit]] = []
    reached = 0.0
    for unit in sorted(units, key=extent):
        start, end = extent(unit)
        if groups and start < reached + gap:
            groups[-1].append(unit)
            reached = max(reached, end)
        else:
            groups.append([unit])
            reached = end
    return groups


def _count_inversions(groups: Sequence[Sequence[_Unit]]) -> int:
    """Return how many pairs of units the text layer has the other way round."""
    turned, before = 0, list[float]()
    for group in groups:
        turned += sum(len(before) - bisect_right(before, unit.at) for unit in group)
        before = sorted([*before, *(unit.at for unit in group)])
    return turned


def _count_departures(groups: Sequence[Sequence[_Unit]]) -> int:
    """Return how many times more than it must the text layer leaves a group for another."""
    of = sorted((unit.at, number) for number, group in enumerate(groups) for unit in group)
    return sum(a != b for (_, a), (_, b) in pairwise(of)) - (len(groups) - 1)


def _order_by_position(units: Sequence[_Unit]) -> list[_Unit]:
    """Return units that no cut parts: what is above is read first, else the text layer's order holds."""
    rest = sorted(units, key=lambda unit: unit.at)
    ordered = []
    while rest:
        first = next((unit for unit in rest if not any(_is_above(other, unit) for other in rest)), rest[0])
        ordered.append(first)
        rest.remove(first)
    return ordered


def _is_above(one: _Unit, other: _Unit) -> bool:
    shared = min(one.box.right, other.box.right) - max(one.box.left, other.box.left)
    return one is not other and _vertical_extent(one)[1] <= _vertical_extent(other)[0] and shared > 0
