"""Text of a table cell, horizontal or vertical."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ingest.readers.pdf.content import is_upright, size_of
from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.grid import Grid
from ingest.readers.pdf.text import clean, join, legible

# Letters that take no more of their line are spread over it.
_SPREAD = 0.8
# In sizes of a character: the gap that parts words, how far short of the margin a full line may end, and half the width
# of an upright column.
_WORD_GAP, _MARGIN, _COLUMN = 1.0, 1.5, 0.75


class CellLine(NamedTuple):
    """A line of a cell with its place and the size of its characters; `spread` over the width are single letters."""

    text: str
    box: Box
    size: float
    spread: bool


def glyphs_by_cell(grid: Grid, inside: Sequence[Glyph]) -> dict[int, list[Glyph]]:
    """Return the characters of each cell that has any."""
    held: dict[int, list[Glyph]] = defaultdict(list)
    for glyph, cell in zip(inside, grid.cells_of(inside), strict=True):
        held[cell].append(glyph)
    return held


def cell_text(glyphs: Sequence[Glyph]) -> str:
    """Return what stands in a cell on one line; upright columns of characters are read from right to left."""
    seen = [glyph for glyph in glyphs if not glyph.char.isspace()]
    if not seen:
        return ""
    size = size_of(seen)
    if is_upright(seen, size):
        columns = _group_by_place(seen, lambda g: -(g.left + g.right) / 2, size * _COLUMN)
        return legible(clean("".join(g.char for column in columns for g in sorted(column, key=_downwards))))
    margin = max(glyph.right for glyph in seen) - _MARGIN * size
    text = ""
    broken = True
    for line in cell_lines(glyphs):
        if line.text:
            text = join(text, line.text) if broken or not text else f"{text} {line.text}"
            broken = line.box.right > margin
    return text


def cell_lines(glyphs: Sequence[Glyph]) -> list[CellLine]:
    """Return the lines of a cell, from top to bottom; none where it holds nothing or is set upright."""
    seen = [glyph for glyph in glyphs if not glyph.char.isspace()]
    if not seen:
        return []
    size = size_of(seen)
    if is_upright(seen, size):
        return []
    lines = []
    for line in _group_by_place(glyphs, _height, size / 2):
        shown = [glyph for glyph in line if not glyph.char.isspace()]
        if shown:
            line.sort(key=lambda glyph: glyph.left)
            box = bounding_box(shown)
            spread = len(shown) * size < _SPREAD * (box.right - box.left)
            lines.append(CellLine(legible(_join_with_spaces(line, size)), box, size, spread))
    return lines


def _height(glyph: Glyph) -> float:
    return -(glyph.bottom + glyph.top) / 2


def _downwards(glyph: Glyph) -> tuple[float, float]:
    return -round(glyph.top), glyph.left


def _group_by_place(glyphs: Iterable[Glyph], place: Callable[[Glyph], float], apart: float) -> list[list[Glyph]]:
    """Return the characters in groups of one line, or one column, by their place across it."""
    groups: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=place):
        if groups and place(glyph) - place(groups[-1][0]) <= apart:
            groups[-1].append(glyph)
        else:
            groups.append([glyph])
    return groups


def _join_with_spaces(line: Sequence[Glyph], size: float) -> str:
    """Return a line with a space where a gap parts words; letters that are spread over the cell stand together."""
    text = ""
    for before, glyph in zip([None, *line], line, strict=False):
        gap = before is not None and glyph.left - before.right > _WORD_GAP * size
        text += f" {glyph.char}" if gap else glyph.char
    return clean(" ".join(text.split()))
