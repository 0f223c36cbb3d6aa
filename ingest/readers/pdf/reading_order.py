"""Sorts the blocks of a page in reading order: columns and slides.

The text layer is mostly in writing order and keeps related text together, even on slides. If a page can be cut both
into rows and into columns, the text layer decides which cut comes first; if it is random, positions decide.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.readers.pdf.geometry import Box

if TYPE_CHECKING:  # pptx uses this module without PDFium
    from ingest.readers.pdf.pdf_table import PdfTable
    from ingest.readers.pdf.text_rows import TextRow

# Character boxes are higher than the letters: they may overlap by this share per side.
_OVERLAP_SHARE = 0.25
# Points: maximum overlap of character boxes.
_MAX_OVERLAP = 6.0
# Columns of paragraphs have this share of the width; axis labels and row labels have less.
_MIN_COLUMN_SHARE = 0.3
# Points: minimum gap between columns.
_MIN_GUTTER = 4.0


@dataclass(frozen=True, slots=True)
class LayoutBlock:
    """A paragraph (its `rows`) or a `table` with its box and its position in the text layer."""

    box: Box
    position: int
    rows: tuple["TextRow", ...] = ()
    table: "PdfTable | None" = None


def sort_by_reading_order(blocks: Sequence[LayoutBlock]) -> list[LayoutBlock]:
    """Return the blocks of a page in reading order."""
    if len(blocks) < 2:
        return list(blocks)
    if len(rows := _split_at_gaps(blocks, _vertical_extent, 0.0)) > 1:
        return _merge_column_rows(rows)
    if len(columns := _split_at_gaps(blocks, _horizontal_extent, _MIN_GUTTER)) > 1:
        return [block for column in columns for block in sort_by_reading_order(column)]
    return sorted(blocks, key=lambda block: block.position)


# Row groups that form columns together are merged: column heads may be level, and paragraphs of columns may align by
# chance. A title at the left below a running head at the right is not a column.
def _merge_column_rows(rows: Sequence[list[LayoutBlock]]) -> list[LayoutBlock]:
    ordered: list[LayoutBlock] = []
    start = 0
    while start < len(rows):
        blocks = list(rows[start])
        end = start + 1
        beside = [rows[start]]
        for below in range(start + 1, len(rows)):
            blocks += rows[below]
            columns = _split_at_gaps(blocks, _horizontal_extent, _MIN_GUTTER)
            if len(columns) < 2:
                break
            if _are_columns(columns, rows[start : below + 1]):
                end = below + 1
                beside = columns
        ordered += [block for group in beside for block in sort_by_reading_order(group)]
        start = end
    return ordered


# Columns must contradict the order of the text layer less than rows do.
def _are_columns(columns: Sequence[Sequence[LayoutBlock]], rows: Sequence[Sequence[LayoutBlock]]) -> bool:
    if sum(len(column) > 1 for column in columns) < 2:
        return False
    sides = [(column[0].box.left, max(block.box.right for block in column)) for column in columns]
    are_wide = all(right - left > _MIN_COLUMN_SHARE * (sides[-1][1] - sides[0][0]) for left, right in sides)
    return _count_inversions(columns) < _count_inversions(rows) or (
        are_wide and _count_departures(columns) < _count_departures(rows)
    )


def _vertical_extent(block: LayoutBlock) -> tuple[float, float]:
    overlap = min(_OVERLAP_SHARE * (block.box.top - block.box.bottom), _MAX_OVERLAP)
    return -block.box.top + overlap, -block.box.bottom - overlap


def _horizontal_extent(block: LayoutBlock) -> tuple[float, float]:
    return block.box.left, block.box.right


def _split_at_gaps(
    blocks: Iterable[LayoutBlock], extent: Callable[[LayoutBlock], tuple[float, float]], gap: float
) -> list[list[LayoutBlock]]:
    groups: list[list[LayoutBlock]] = []
    end_of_group = 0.0
    for block in sorted(blocks, key=extent):
        start, end = extent(block)
        if groups and start < end_of_group + gap:
            groups[-1].append(block)
            end_of_group = max(end_of_group, end)
        else:
            groups.append([block])
            end_of_group = end
    return groups


def _count_inversions(groups: Sequence[Sequence[LayoutBlock]]) -> int:
    inversions = 0
    previous = list[float]()
    for group in groups:
        inversions += sum(len(previous) - bisect_right(previous, block.position) for block in group)
        previous = sorted([*previous, *(block.position for block in group)])
    return inversions


def _count_departures(groups: Sequence[Sequence[LayoutBlock]]) -> int:
    group_of_block = sorted((block.position, number) for number, group in enumerate(groups) for block in group)
    return sum(a != b for (_, a), (_, b) in pairwise(group_of_block)) - (len(groups) - 1)
