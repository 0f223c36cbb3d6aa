"""Text of a table cell, horizontal or vertical."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ingest.readers.pdf.content import glyph_size, is_vertical
from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.grid import Grid
from ingest.readers.pdf.pdf_text import decode_pdf_text, join_line_parts, to_display_text

# Letters that cover a smaller share of their line are spread over it.
_SPREAD_SHARE = 0.8
# In character sizes: gap between words.
_WORD_GAP = 1.0
# In character sizes: room that a full line may leave at the margin.
_MAX_MARGIN = 1.5
# In character sizes: half the width of a vertical column.
_HALF_COLUMN_WIDTH = 0.75


class CellLine(NamedTuple):
    """A line of a cell with its box and character size; `is_spread` means letters spread over the width."""

    text: str
    box: Box
    size: float
    is_spread: bool


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
            spread = len(visible_in_line) * size < _SPREAD_SHARE * (box.right - box.left)
            lines.append(CellLine(to_display_text(_join_with_spaces(line, size)), box, size, spread))
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
