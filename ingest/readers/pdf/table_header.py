"""Counts the header rows of a table by colours, merged cells and texts."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.readers.pdf.drawing import Area
from ingest.readers.pdf.geometry import Glyph
from ingest.readers.pdf.grid import Grid

MAX_NAME_LENGTH = 40
"""Maximum characters of a column name."""
# More rows are no header.
_MAX_HEADER_ROWS = 4
_SENTENCE_END = re.compile(r"[。!?！？][」』)）]*$")
# Share of later rows that may have the header's colour: repeated headers and group headings.
_MAX_REPEATED_SHARE = 0.34
# Points: minimum indent of centred text.
_MIN_INDENT = 8.0
# Tolerance of centred text as a share of the cell.
_CENTRE_TOLERANCE = 0.15
_FIGURE_CELL = re.compile(r"[▲△+\-－−]?[\d０-９][\d０-９,，.．]*\s*[%％]?")


@dataclass(frozen=True, slots=True)
class HeaderDetector:
    """Counts header rows by colours, merged cells and texts."""

    grid: Grid
    rows: Sequence[Sequence[str]]
    areas: Sequence[Area]
    cell_glyphs: Mapping[int, Sequence[Glyph]]

    def count(self) -> int:
        """Return the number of header rows, including titles over the full width."""
        titles = next((index for index, row in enumerate(self.rows) if len(row) > 1), len(self.rows))
        if len(self.rows) - titles < 2:
            return titles
        shaded = self._count_shaded(titles)
        merged = self._count_merged(titles)
        if shaded is not None:
            return titles + (max(shaded, merged or 0) if shaded else 0)
        return titles + (merged if merged is not None else int(self._is_name_row(titles)))

    def _count_shaded(self, first: int) -> int | None:
        colours = [self._row_colour(index) for index in range(first, len(self.rows))]
        count = next((index for index, colour in enumerate(colours) if colour != colours[0]), len(colours))
        repeated = sum(colour == colours[0] for colour in colours[count:])
        if colours[0] is not None and count <= _MAX_HEADER_ROWS and repeated <= _MAX_REPEATED_SHARE * len(colours):
            return count if count < len(colours) else None
        labels = {self._cell_colour(self.grid.cells[index][0]) for index in range(first, len(self.rows))}
        return 0 if None not in labels and len(labels) == 1 and labels != {colours[0]} else None

    def _row_colour(self, row: int) -> int | None:
        cells = [cell for cell in dict.fromkeys(self.grid.cells[row][1:]) if cell != self.grid.cells[row][0]]
        return Counter(map(self._cell_colour, cells)).most_common(1)[0][0] if cells else None

    def _cell_colour(self, cell: int) -> int | None:
        box = self.grid.cell_box(cell)
        return next((area.colour for area in reversed(self.areas) if area.box.contains_centre(box)), None)

    def _count_merged(self, first: int) -> int | None:
        cells = self.grid.cells
        spans = {cell: sum(cell in row for row in cells) for cell in cells[first]}
        deepest = max(spans.values())
        spans_columns = any(cells[first].count(cell) > 1 for cell in cells[first] if cell != cells[first][0])
        if 1 < deepest <= _MAX_HEADER_ROWS and first + deepest < len(cells):
            if spans_columns or all(spans[cell] == deepest for cell in cells[first]):
                return deepest
            if all(map(self._is_name_row, range(first, first + deepest))) and not self._is_name_row(first + deepest):
                return deepest
            heads_group = spans[cells[first][0]] == deepest and self._heads_group(first + deepest)
            return 0 if heads_group or (spans[cells[first][0]] == deepest and not self._is_name_row(first)) else None
        return 2 if spans_columns and self._is_name_row(first + 1) else None

    def _heads_group(self, index: int) -> bool:
        return sum(row[0] == self.grid.cells[index][0] for row in self.grid.cells) > 1

    def _is_name_row(self, index: int) -> bool:
        """Whether a row names columns: short words, no figures.

        In two columns, the second name must be centred above values that are not, or above figures.
        """
        names = [text for text in self.rows[index][1:] if text]
        if not names or len(names) * 2 < len(self.rows[index]) - 1:
            return False
        if any(
            _SENTENCE_END.search(name) or len(name) > MAX_NAME_LENGTH or _FIGURE_CELL.fullmatch(name) for name in names
        ):
            return False
        if any(self._continues_below(index, column) for column in range(1, len(self.rows[index]))):
            return False
        if len(set(self.grid.cells[index])) != 2:
            return True
        below = [row[-1] for row in self.rows[index + 1 :]]
        if below and all(_FIGURE_CELL.match(text) for text in below if text):
            return True
        centred_values = [self._is_centred(row[-1]) for row in self.grid.cells[index + 1 :]]
        return self._is_centred(self.grid.cells[index][-1]) and sum(centred_values) * 2 <= len(centred_values)

    def _continues_below(self, index: int, column: int) -> bool:
        number_form = _number_form(self.rows[index][column])
        below = [_number_form(row[column]) for row in self.rows[index + 1 :] if len(row) > 1 and row[column]]
        return (
            "0" in number_form
            and bool(below)
            and sum(other_form == number_form for other_form in below) * 2 > len(below)
        )

    def _is_centred(self, cell: int) -> bool:
        box = self.grid.cell_box(cell)
        visible = [glyph for glyph in self.cell_glyphs.get(cell, ()) if not glyph.char.isspace()]
        if not visible:
            return False
        left_room = min(glyph.left for glyph in visible) - box.left
        right_room = box.right - max(glyph.right for glyph in visible)
        return min(left_room, right_room) > _MIN_INDENT and abs(left_room - right_room) < _CENTRE_TOLERANCE * (
            box.right - box.left
        )


def _number_form(text: str) -> str:
    return re.sub(r"[\d０-９][\d０-９,，.．]*", "0", text)
