"""Ruled tables: which grids hold data, what stands in their cells, and what names their columns."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from ingest.readers.pdf_grid import Grid
from ingest.readers.pdf_content import Area, Box, Glyph
from ingest.readers.pdf_text import clean, join, legible

# Of the cells of a table at least this share holds text; a form to be filled in has less.
_FILLED = 0.3
# A table has no more than so many times as many columns as its fullest row has cells; bars of a chart have.
_COLUMNS = 2
# More rows are no header.
_MOST_HEADERS = 4
# Characters: the name of a column is no longer.
_LONGEST_NAME = 40
_ENDS = re.compile(r"[。!?！？][」』)）]*$")
_FIGURE = re.compile(r"[▲△+\-－−]?[\d０-９][\d０-９,，.．]*\s*[%％]?")
# Rows in the colour of the header may come again further down: it is repeated, or a group of rows is headed so.
_AGAIN = 0.34
# In sizes of a character: the gap that parts words, how far short of the margin a full line may end, the step from one
# character of an upright column to the next, and half the width of such a column.
_WORD_GAP, _MARGIN, _STEP, _COLUMN = 1.0, 1.5, 3.0, 0.75
# Points: columns that go on over a page are equally wide; what stands in the middle of a cell leaves room on both sides,
# as much on each but for a share of the cell's width.
_SAME_WIDTH, _INDENT, _OFF_CENTRE = 4.0, 8.0, 0.15


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: `rows` of cells, those of its header first, a merged cell at each place that it covers.

    All rows are equally long but those of one cell over the whole width, which have it alone. `edges` are the places of
    the columns, by which a table is known that goes on on the next page.
    """

    box: Box
    rows: tuple[tuple[str, ...], ...]
    headers: int
    edges: tuple[float, ...]

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """The rows that name columns."""
        return tuple(row for row in self.rows[: self.headers] if len(row) > 1)

    def header(self) -> tuple[str, ...]:
        """Return one name a column: what stands in the header rows above each other, once."""
        if not self.names:
            return ("",) * (len(self.edges) - 1)
        return tuple(" ".join(dict.fromkeys(filter(None, column))) for column in zip(*self.names, strict=True))

    def lines(self) -> list[str]:
        """Return the rows in Markdown: what heads the table over its whole width, the header, a rule, the rest."""
        header = self.header()
        titles = [row for row in self.rows[: self.headers] if len(row) == 1]
        body = self.rows[self.headers :]
        kept = [row for at, row in enumerate(body) if not _repeats(body, at, self.names)]
        return [*map(_markdown, titles), _markdown(header), "|---" * len(header) + "|", *map(_markdown, kept)]


def continued(table: Table, above: Table | None) -> Table:
    """Return a table at the head of a page with the header of the one `above`, which its columns go on with."""
    if above is None or len(table.edges) != len(above.edges) or not above.names:
        return table
    widths, others = ([b - a for a, b in pairwise(one.edges)] for one in (table, above))
    if any(abs(a - b) > _SAME_WIDTH for a, b in zip(widths, others, strict=True)):
        return table
    names = above.names
    if table.names == names or table.rows[: len(names)] == names:
        return replace(table, headers=max(table.headers, len(names)))
    return replace(table, rows=(*names, *table.rows), headers=len(names))


def table_of(grid: Grid, inside: Sequence[Glyph], areas: Sequence[Area]) -> Table | None:
    """Return the table that a grid with the characters inside it is, or None where it is a frame, form or drawing."""
    if not grid.whole:
        return None
    held: dict[int, list[Glyph]] = defaultdict(list)
    for glyph in inside:
        held[grid.cell_at((glyph.left + glyph.right) / 2, (glyph.bottom + glyph.top) / 2)].append(glyph)
    texts = {cell: text for cell, glyphs in held.items() if (text := cell_text(glyphs))}
    grid = grid.without(_idle(grid, texts), _idle(grid.turned(), texts))
    if not _is_of_data(grid, texts):
        return None
    rows = tuple(
        tuple(texts.get(cell, "") for cell in (row if len(set(row)) > 1 else row[:1])) for row in grid.cells
    )
    return Table(grid.box, rows, _Head(grid, rows, areas, held).count(), grid.xs)


def _idle(grid: Grid, texts: Container[int]) -> list[int]:
    """Return the rows of a grid that part nothing, or hold no text of their own."""
    idle = []
    for at, row in enumerate(grid.cells):
        beside = [*grid.cells[at - 1 : at], *grid.cells[at + 1 : at + 2]]
        own = [cell for cell in row if not any(cell in other for other in beside)]
        if (at and row == grid.cells[at - 1]) or (own and not any(cell in texts for cell in row)):
            idle.append(at)
    return idle


def _is_of_data(grid: Grid, texts: Container[int]) -> bool:
    """Whether cells hold text in rows and columns; frames and the bars of charts do not.

    Where most are empty it is a form, or a table to be filled in if each row and column has its name.
    """
    height, width = len(grid.cells), len(grid.cells[0]) if grid.cells else 0
    if height < 2 or width < 2 or not grid.whole:  # noqa: PLR2004 - a frame, a list in a frame
        return False
    fullest = max(len(set(row)) for row in grid.cells)
    cells = {cell for row in grid.cells for cell in row}
    filled = sum(cell in texts for cell in cells)
    named = all(cell in texts for cell in (*grid.cells[0][1:], *(row[0] for row in grid.cells[1:])))
    return 1 < fullest and width <= _COLUMNS * fullest and (filled >= _FILLED * len(cells) or named)


@dataclass(frozen=True, slots=True)
class _Head:
    """What tells how many rows of a table are its header: colours, merged cells, and what stands in them."""

    grid: Grid
    rows: Sequence[Sequence[str]]
    areas: Sequence[Area]
    held: Mapping[int, Sequence[Glyph]]

    def count(self) -> int:
        """Return how many rows at the top name columns, with those that head the whole table."""
        titles = next((at for at, row in enumerate(self.rows) if len(row) > 1), len(self.rows))
        if len(self.rows) - titles < 2:  # noqa: PLR2004 - a header and a row
            return titles
        shaded, merged = self._shaded(titles), self._merged(titles)
        if shaded is not None:
            return titles + (max(shaded, merged or 0) if shaded else 0)
        return titles + (merged if merged is not None else int(self._names(titles)))

    def _shaded(self, first: int) -> int | None:
        """Return how many rows another colour sets apart, 0 where it does so with the first column alone, else None."""
        shades = [self._shade(at) for at in range(first, len(self.rows))]
        count = next((at for at, shade in enumerate(shades) if shade != shades[0]), len(shades))
        again = sum(shade == shades[0] for shade in shades[count:])
        if shades[0] is not None and count <= _MOST_HEADERS and again <= _AGAIN * len(shades):
            return count if count < len(shades) else None
        labels = {self._colour(self.grid.cells[at][0]) for at in range(first, len(self.rows))}
        return 0 if None not in labels and len(labels) == 1 and labels != {shades[0]} else None

    def _shade(self, row: int) -> int | None:
        """Return the colour behind most cells of a row, its first aside."""
        cells = [cell for cell in dict.fromkeys(self.grid.cells[row][1:]) if cell != self.grid.cells[row][0]]
        return Counter(map(self._colour, cells)).most_common(1)[0][0] if cells else None

    def _colour(self, cell: int) -> int | None:
        box = self.grid.place_of(cell)
        return next((area.colour for area in reversed(self.areas) if area.box.holds(box)), None)

    def _merged(self, first: int) -> int | None:
        """Return how many rows the merged cells of the first row reach down or name together, None without any."""
        cells = self.grid.cells
        spans = {cell: sum(cell in row for row in cells) for cell in cells[first]}
        deepest = max(spans.values())
        wide = any(cells[first].count(cell) > 1 for cell in cells[first] if cell != cells[first][0])
        if 1 < deepest <= _MOST_HEADERS and first + deepest < len(cells):
            if wide or all(spans[cell] == deepest for cell in cells[first]):
                return deepest
            if all(map(self._names, range(first, first + deepest))) and not self._names(first + deepest):
                return deepest
            return 0 if spans[cells[first][0]] == deepest and not self._names(first) else None
        return 2 if wide and self._names(first + 1) else None

    def _names(self, at: int) -> bool:
        """Whether a row names columns: short words, no figures.

        Of two columns the second's name stands in the middle of its cell and nothing else does, or figures do.
        """
        names = [text for text in self.rows[at][1:] if text]
        if not names or len(names) * 2 < len(self.rows[at]) - 1:
            return False
        if any(_ENDS.search(name) or len(name) > _LONGEST_NAME or _FIGURE.fullmatch(name) for name in names):
            return False
        if len(set(self.grid.cells[at])) != 2:  # noqa: PLR2004 - a name and what it names
            return True
        below = [row[-1] for row in self.rows[at + 1 :]]
        if below and all(_FIGURE.match(text) for text in below if text):
            return True
        others = [self._is_centred(row[-1]) for row in self.grid.cells[at + 1 :]]
        return self._is_centred(self.grid.cells[at][-1]) and sum(others) * 2 <= len(others)

    def _is_centred(self, cell: int) -> bool:
        box = self.grid.place_of(cell)
        seen = [glyph for glyph in self.held.get(cell, ()) if not glyph.char.isspace()]
        if not seen:
            return False
        before, behind = min(g.left for g in seen) - box.left, box.right - max(g.right for g in seen)
        return min(before, behind) > _INDENT and abs(before - behind) < _OFF_CENTRE * (box.right - box.left)


def cell_text(glyphs: Sequence[Glyph]) -> str:
    """Return what stands in a cell on one line; upright columns of characters are read from right to left."""
    seen = [glyph for glyph in glyphs if not glyph.char.isspace()]
    if not seen:
        return ""
    size = median(max(glyph.right - glyph.left, glyph.top - glyph.bottom) for glyph in seen)
    if is_upright(seen, size):
        columns = _grouped(seen, lambda g: -(g.left + g.right) / 2, size * _COLUMN)
        return legible(clean("".join(g.char for column in columns for g in sorted(column, key=_downwards))))
    lines = [sorted(line, key=lambda g: g.left) for line in _grouped(glyphs, _height, size / 2)]
    margin = max(glyph.right for glyph in seen) - _MARGIN * size
    text = ""
    broken = True
    for line in lines:
        words = legible(_spaced(line, size))
        if words:
            text = join(text, words) if broken or not text else f"{text} {words}"
            broken = max(glyph.right for glyph in line) > margin
    return text


def is_upright(seen: Sequence[Glyph], size: float) -> bool:
    """Whether most characters stand below the one before them."""
    down = right = 0
    for one, other in pairwise(seen):
        across = abs((one.left + one.right) - (other.left + other.right)) / 2
        fall = ((one.bottom + one.top) - (other.bottom + other.top)) / 2
        down += across < size / 2 and size / 2 < fall < _STEP * size
        right += abs(fall) < size / 2 and across < _STEP * size
    return down > right


def _height(glyph: Glyph) -> float:
    return -(glyph.bottom + glyph.top) / 2


def _downwards(glyph: Glyph) -> tuple[float, float]:
    return -round(glyph.top), glyph.left


def _grouped(glyphs: Iterable[Glyph], place: Callable[[Glyph], float], apart: float) -> list[list[Glyph]]:
    """Return the characters in groups of one line, or one column, by their place across it."""
    groups: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=place):
        if groups and place(glyph) - place(groups[-1][0]) <= apart:
            groups[-1].append(glyph)
        else:
            groups.append([glyph])
    return groups


def _spaced(line: Sequence[Glyph], size: float) -> str:
    """Return a line with a space where a gap parts words; letters that are spread over the cell stand together."""
    text = ""
    for before, glyph in zip([None, *line], line, strict=False):
        gap = before is not None and glyph.left - before.right > _WORD_GAP * size
        text += f" {glyph.char}" if gap else glyph.char
    return clean(" ".join(text.split()))


def _repeats(rows: Sequence[Sequence[str]], at: int, top: Sequence[Sequence[str]]) -> bool:
    """Whether the row at a place is one of a header that stands there once more."""
    return bool(top) and any(
        list(rows[start : start + len(top)]) == list(top) for start in range(at - len(top) + 1, at + 1) if start >= 0
    )


def _markdown(row: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
