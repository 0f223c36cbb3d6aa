"""Sorts the blocks of a page in reading order: columns, slides and boxes.

The text layer is mostly in writing order and keeps related text together, even on slides. If a page can be cut both
into rows and into columns, the text layer decides which cut comes first; if it is random, positions decide.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.readers.pdf.geometry import Box

if TYPE_CHECKING:  # pptx uses this module without PDFium
    from ingest.readers.pdf.pdf_table import PdfTable
    from ingest.readers.pdf.text_rows import TextRow

# Character boxes are higher than the letters: they may overlap by this share per side, and at most by these points.
_OVERLAP_SHARE = 0.25
_MAX_OVERLAP = 6.0
# Columns of paragraphs have this share of the width; axis labels and row labels have less.
_MIN_COLUMN_SHARE = 0.3
# Points: minimum gap between columns, and tolerance of a block at the sides of its frame.
_MIN_GUTTER = 4.0
_FRAME_TOLERANCE = 4.0


@dataclass(frozen=True, slots=True)
class LayoutBlock:
    """A paragraph (its `rows`) or a `table` with its box and its position in the text layer."""

    box: Box
    position: int
    rows: tuple["TextRow", ...] = ()
    table: "PdfTable | None" = None


@dataclass(frozen=True, slots=True)
class _ReadingUnit:
    box: Box
    position: float
    blocks: list[LayoutBlock] = field(default_factory=list)


def sort_by_reading_order(blocks: Sequence[LayoutBlock], frames: Sequence[Box]) -> list[LayoutBlock]:
    """Return the blocks of a page in reading order; a frame's blocks stay together."""
    units: list[_ReadingUnit] = []
    remaining = list(blocks)
    for index, frame in enumerate(frames):
        framed = [piece for piece in remaining if frame_contains(frame, piece.box)]
        if 1 < len(framed) < len(blocks):
            remaining = [piece for piece in remaining if piece not in framed]
            ordered = sort_by_reading_order(framed, frames[index + 1 :])
            units.append(_ReadingUnit(frame, sum(piece.position for piece in framed) / len(framed), ordered))
    units += [_ReadingUnit(piece.box, piece.position, [piece]) for piece in remaining]
    return [piece for unit in _sort_units(units) for piece in unit.blocks]


def frame_contains(frame: Box, box: Box) -> bool:
    """Whether a box is inside a frame, within the tolerance at its sides."""
    return (
        frame.left - _FRAME_TOLERANCE <= box.left
        and box.right <= frame.right + _FRAME_TOLERANCE
        and frame.contains_centre(box)
    )


def _sort_units(units: Sequence[_ReadingUnit]) -> list[_ReadingUnit]:
    if len(units) < 2:
        return list(units)
    if len(rows := _split_at_gaps(units, _vertical_extent, 0.0)) > 1:
        return _merge_column_rows(rows)
    if len(columns := _split_at_gaps(units, _horizontal_extent, _MIN_GUTTER)) > 1:
        return [unit for column in columns for unit in _sort_units(column)]
    return _order_by_position(units)


# Row groups that form columns together are merged: column heads may be level, and paragraphs of columns may align by
# chance. A title at the left below a running head at the right is not a column.
def _merge_column_rows(rows: Sequence[list[_ReadingUnit]]) -> list[_ReadingUnit]:
    ordered: list[_ReadingUnit] = []
    start = 0
    while start < len(rows):
        units = list(rows[start])
        end = start + 1
        beside = [rows[start]]
        for below in range(start + 1, len(rows)):
            units += rows[below]
            columns = _split_at_gaps(units, _horizontal_extent, _MIN_GUTTER)
            if len(columns) < 2:
                break
            if _are_columns(columns, rows[start : below + 1]):
                end = below + 1
                beside = columns
        ordered += [unit for group in beside for unit in _sort_units(group)]
        start = end
    return ordered


# Columns must contradict the order of the text layer less than rows do.
def _are_columns(columns: Sequence[Sequence[_ReadingUnit]], rows: Sequence[Sequence[_ReadingUnit]]) -> bool:
    if sum(len(column) > 1 for column in columns) < 2:
        return False
    sides = [(column[0].box.left, max(unit.box.right for unit in column)) for column in columns]
    are_wide = all(right - left > _MIN_COLUMN_SHARE * (sides[-1][1] - sides[0][0]) for left, right in sides)
    return _count_inversions(columns) < _count_inversions(rows) or (
        are_wide and _count_departures(columns) < _count_departures(rows)
    )


def _vertical_extent(unit: _ReadingUnit) -> tuple[float, float]:
    overlap = min(_OVERLAP_SHARE * (unit.box.top - unit.box.bottom), _MAX_OVERLAP)
    return -unit.box.top + overlap, -unit.box.bottom - overlap


def _horizontal_extent(unit: _ReadingUnit) -> tuple[float, float]:
    return unit.box.left, unit.box.right


def _split_at_gaps(
    units: Iterable[_ReadingUnit], extent: Callable[[_ReadingUnit], tuple[float, float]], gap: float
) -> list[list[_ReadingUnit]]:
    groups: list[list[_ReadingUnit]] = []
    end_of_group = 0.0
    for unit in sorted(units, key=extent):
        start, end = extent(unit)
        if groups and start < end_of_group + gap:
            groups[-1].append(unit)
            end_of_group = max(end_of_group, end)
        else:
            groups.append([unit])
            end_of_group = end
    return groups


def _count_inversions(groups: Sequence[Sequence[_ReadingUnit]]) -> int:
    inversions = 0
    previous = list[float]()
    for group in groups:
        inversions += sum(len(previous) - bisect_right(previous, unit.position) for unit in group)
        previous = sorted([*previous, *(unit.position for unit in group)])
    return inversions


def _count_departures(groups: Sequence[Sequence[_ReadingUnit]]) -> int:
    group_of_unit = sorted((unit.position, number) for number, group in enumerate(groups) for unit in group)
    return sum(a != b for (_, a), (_, b) in pairwise(group_of_unit)) - (len(groups) - 1)


def _order_by_position(units: Sequence[_ReadingUnit]) -> list[_ReadingUnit]:
    remaining = sorted(units, key=lambda unit: unit.position)
    ordered = []
    while remaining:
        first = next((unit for unit in remaining if not any(map(partial(_is_below, unit), remaining))), remaining[0])
        ordered.append(first)
        remaining.remove(first)
    return ordered


def _is_below(unit: _ReadingUnit, other: _ReadingUnit) -> bool:
    shared = min(unit.box.right, other.box.right) - max(unit.box.left, other.box.left)
    return other is not unit and _vertical_extent(other)[1] <= _vertical_extent(unit)[0] and shared > 0
