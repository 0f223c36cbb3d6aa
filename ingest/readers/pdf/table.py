"""Builds tables from grids: which grids hold data, cell texts and header rows."""

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.readers.pdf.cell import cell_text, glyphs_by_cell
from ingest.readers.pdf.drawing import Area
from ingest.readers.pdf.geometry import Box, Glyph
from ingest.readers.pdf.grid import Grid
from ingest.readers.pdf.grid_refinement import refine_grid

# Fewer cells with text are a box with its number; where merged cells leave a smaller share of cells, it is a form.
_FEWEST, _PARTED = 4, 0.45
# Characters of one word stand no further apart than this share of their size.
_LEVEL = 0.25
# A table that is covered to a larger share cannot be read.
_OVERLAID = 0.4
# A table has no more than so many times as many columns as its fullest row has cells; bars of a chart have.
_COLUMNS = 2
# More rows are no header.
_MOST_HEADERS = 4
# Characters: the name of a column is no longer.
_LONGEST_NAME = 40
_ENDS = re.compile(r"[。!?！？][」』)）]*$")
_OPENS = re.compile(r"[・•●○■□◆◇➢※]\s?\S")
_LETTER = re.compile(r"[A-Za-z\u3041-\u30ff\u3400-\u9fff]")
_FIGURE = re.compile(r"[▲△+\-－−]?[\d０-９][\d０-９,，.．]*\s*[%％]?")
# Rows in the colour of the header may come again further down: it is repeated, or a group of rows is headed so.
_AGAIN = 0.34
# Points: columns that go on over a page are equally wide; what stands in the middle of a cell leaves room on both its
# sides, as much on each but for a share of the cell's width.
_SAME_WIDTH, _INDENT, _OFF_CENTRE = 4.0, 8.0, 0.15


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: `rows` of cells, those of its header first, a merged cell at each place that it covers.

    All rows are equally long but those of one cell over the whole width, which have it alone. `edges` are the places of
    the columns, by which a table is known that goes on on the next page; a chart, which does not, has none.
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
            return ("",) * max(map(len, self.rows))
        return tuple(" ".join(dict.fromkeys(filter(None, column))) for column in zip(*self.names, strict=True))

    def lines(self) -> list[str]:
        """Return the rows in Markdown: what heads the table over its whole width, the header, a rule, the rest."""
        header = self.header()
        titles = [row for row in self.rows[: self.headers] if len(row) == 1]
        body = self.rows[self.headers :]
        kept = [row for at, row in enumerate(body) if not _repeats(body, at, self.names)]
        return [*map(_markdown, titles), _markdown(header), "|---" * len(header) + "|", *map(_markdown, kept)]


def with_continued_header(table: Table, above: Table | None) -> Table:
    """Return a table at the head of a page with the header of the one `above`, which its columns go on with."""
    if above is None or not table.edges or len(table.edges) != len(above.edges) or not above.names:
        return table
    widths, others = ([b - a for a, b in pairwise(one.edges)] for one in (table, above))
    if any(abs(a - b) > _SAME_WIDTH for a, b in zip(widths, others, strict=True)):
        return table
    names = above.names
    if table.names == names or table.rows[: len(names)] == names:
        return replace(table, headers=max(table.headers, len(names)))
    return replace(table, rows=(*names, *table.rows), headers=len(names))


def build_table(grid: Grid, inside: Sequence[Glyph], areas: Sequence[Area]) -> tuple[Table, list[Glyph]] | None:
    """Return the table that a grid is with the characters inside it that are its own; None for a frame or drawing.

    A text that is laid over a table, or behind which boxes are drawn, runs through the sides of cells.
    """
    if not grid.whole:
        return None
    own = _without_overlaid(grid, inside)
    if len(inside) - len(own) > _OVERLAID * len(inside):
        return None
    inside = own
    grid = refine_grid(grid, inside)
    held = glyphs_by_cell(grid, inside)
    texts = {cell: text for cell, glyphs in held.items() if (text := cell_text(glyphs))}
    grid = grid.without(_idle_rows(grid, texts), _idle_rows(grid.transposed(), texts))
    if not _is_of_data(grid, texts):
        return None
    rows = tuple(tuple(texts.get(cell, "") for cell in (row if len(set(row)) > 1 else row[:1])) for row in grid.cells)
    table = Table(grid.box, rows, _Head(grid, rows, areas, held).count(), grid.xs)
    return (table, list(inside)) if _is_named(table) else None


def _without_overlaid(grid: Grid, inside: Sequence[Glyph]) -> list[Glyph]:
    """Return the characters but those of lines that run through several sides of cells."""
    kept: list[Glyph] = []
    run: list[Glyph] = []
    cuts, last = 0, -1
    for glyph, cell in zip(inside, grid.cells_of(inside), strict=True):
        if run and glyph.at != run[-1].at + 1:
            kept += run if cuts <= 1 else []
            run, cuts = [], 0
        elif run:
            cuts += cell != last and _touch(run[-1], glyph)
        run.append(glyph)
        last = cell
    return kept + (run if cuts <= 1 else [])


def _touch(one: Glyph, other: Glyph) -> bool:
    """Whether two characters stand side by side in one word."""
    size = (other.top - other.bottom) * _LEVEL
    level = abs(one.bottom - other.bottom) < size and abs(other.left - one.right) < size
    return level and not (one.char.isspace() or other.char.isspace())


def _is_named(table: Table) -> bool:
    """Whether rows or columns have names; boxes side by side, each with a text of its own, have not."""
    body = [row for row in table.rows[table.headers :] if len(row) > 1]
    if not body or (not table.names and len(body) < 2):  # noqa: PLR2004 - a row tells nothing without names
        return False
    if table.names and sum(map(bool, table.header())) * 2 > len(table.header()) - 1:
        return True
    labels = [row[0] for row in body if row[0]]
    names = [label for label in labels if len(label) <= _LONGEST_NAME and not _OPENS.match(label)]
    return len(names) * 2 > len(body) and any(_LETTER.search(cell) for row in body for cell in row)


def _idle_rows(grid: Grid, texts: Container[int]) -> list[int]:
    """Return the rows of a grid that part nothing, or hold no text of their own."""
    idle = []
    for at, row in enumerate(grid.cells):
        beside = [*grid.cells[at - 1 : at], *grid.cells[at + 1 : at + 2]]
        own = [cell for cell in row if not any(cell in other for other in beside)]
        if (at and row == grid.cells[at - 1]) or (own and not any(cell in texts for cell in row)):
            idle.append(at)
    return idle


def _is_of_data(grid: Grid, texts: Container[int]) -> bool:
    """Whether cells hold text in rows and columns; frames, forms and the bars of charts do not."""
    rows = [row for row in grid.cells if len(set(row)) > 1]
    if len(rows) < 2 or not grid.whole:  # noqa: PLR2004 - a frame, a list in a frame
        return False
    width = len(rows[0])
    cells = {cell for row in rows for cell in row}
    filled = sum(cell in texts for cell in cells)
    fullest = max(len(set(row)) for row in rows)
    return filled >= _FEWEST and len(cells) >= _PARTED * len(rows) * width and width <= _COLUMNS * fullest


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
            groups = spans[cells[first][0]] == deepest and self._reaches_down(first + deepest)
            return 0 if groups or (spans[cells[first][0]] == deepest and not self._names(first)) else None
        return 2 if wide and self._names(first + 1) else None

    def _reaches_down(self, at: int) -> bool:
        """Whether the first cell of a row stands beside several rows: it heads a group of them."""
        return sum(row[0] == self.grid.cells[at][0] for row in self.grid.cells) > 1

    def _names(self, at: int) -> bool:
        """Whether a row names columns: short words, no figures.

        Of two columns the second's name stands in the middle of its cell and nothing else does, or figures do.
        """
        names = [text for text in self.rows[at][1:] if text]
        if not names or len(names) * 2 < len(self.rows[at]) - 1:
            return False
        if any(_ENDS.search(name) or len(name) > _LONGEST_NAME or _FIGURE.fullmatch(name) for name in names):
            return False
        if any(self._goes_on(at, column) for column in range(1, len(self.rows[at]))):
            return False
        if len(set(self.grid.cells[at])) != 2:  # noqa: PLR2004 - a name and what it names
            return True
        below = [row[-1] for row in self.rows[at + 1 :]]
        if below and all(_FIGURE.match(text) for text in below if text):
            return True
        others = [self._is_centred(row[-1]) for row in self.grid.cells[at + 1 :]]
        return self._is_centred(self.grid.cells[at][-1]) and sum(others) * 2 <= len(others)

    def _goes_on(self, at: int, column: int) -> bool:
        """Whether a cell holds a figure of the same form as those below it: 1,100円 above 3,300円."""
        form = _form(self.rows[at][column])
        below = [_form(row[column]) for row in self.rows[at + 1 :] if len(row) > 1 and row[column]]
        return "0" in form and bool(below) and sum(other == form for other in below) * 2 > len(below)

    def _is_centred(self, cell: int) -> bool:
        box = self.grid.place_of(cell)
        seen = [glyph for glyph in self.held.get(cell, ()) if not glyph.char.isspace()]
        if not seen:
            return False
        before, behind = min(g.left for g in seen) - box.left, box.right - max(g.right for g in seen)
        return min(before, behind) > _INDENT and abs(before - behind) < _OFF_CENTRE * (box.right - box.left)


def _repeats(rows: Sequence[Sequence[str]], at: int, top: Sequence[Sequence[str]]) -> bool:
    """Whether the row at a place is one of a header that stands there once more."""
    return bool(top) and any(
        list(rows[start : start + len(top)]) == list(top) for start in range(at - len(top) + 1, at + 1) if start >= 0
    )


def _form(text: str) -> str:
    """Return a text with 0 for each figure."""
    return re.sub(r"[\d０-９][\d０-９,，.．]*", "0", text)


def _markdown(row: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
