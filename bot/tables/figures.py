"""The figures of a table that an operation runs over, and the cells that it has to leave out."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.tables.table_query import TableQuery
from ingest.chunking.cell_values import TIME, Value
from ingest.chunking.table import Column, Row
from ingest.japanese import nfkc
from ingest.japanese.markers import strip_heading_number

_APPROXIMATE = re.compile(r"約|およそ|概ね|おおむね")
# Added to the score of a column whose unit the question names or expects.
_NAMED_UNIT_SCORE = 0.7
# Added to the score of a column with a unit of a measure that the question names.
_IMPLIED_UNIT_SCORE = 0.5
# Subtracted from the score of a column for each unit before the one in question.
_LATER_UNIT_PENALTY = 0.01
# The share of the cells that have to be figures.
_MIN_FIGURES_SHARE = 0.5
# Shown for an empty cell.
_DASH = "−"


@dataclass(frozen=True, slots=True)
class TableFigure:
    """A figure in a cell.

    Attributes:
        name: the name of its row, or of its column in the figures of one row.
        text: the text of the cell.
        value: the figure.
        row: its row.
    """

    name: str
    text: str
    value: Value
    row: Row

    @property
    def is_approximate(self) -> bool:
        """Whether the document gives it as approximate."""
        return _APPROXIMATE.match(self.text) is not None


@dataclass(frozen=True, slots=True)
class OmittedCell:
    """A cell without a figure of the unit, such as 未定 or 10〜20人."""

    name: str
    text: str
    row: Row


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one unit that can be compared or added.

    Attributes:
        subject: the name of the column or row that they share.
        cells: the figures in table order.
        omitted: the cells without a figure of that unit.
        columns: the columns that they are in.
    """

    subject: str
    cells: tuple[TableFigure, ...]
    omitted: tuple[OmittedCell, ...]
    columns: tuple[Column, ...]

    @property
    def values(self) -> list[Value]:
        """The values of the figures."""
        return [cell.value for cell in self.cells]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The distinct rows of the figures in order."""
        return tuple(dict.fromkeys(cell.row for cell in self.cells))

    @property
    def are_approximate(self) -> bool:
        """Whether any figure is approximate."""
        return any(cell.is_approximate for cell in self.cells)


def column_figures(table_query: TableQuery, rows: Sequence[Row]) -> Figures | None:
    """Return the figures of the column that the question means, in `rows`; None if it may mean several."""
    selection = _select_column(table_query, rows)
    if selection is None:
        return None
    column, unit = selection
    cells = list[TableFigure]()
    omitted = list[OmittedCell]()
    for row, name in zip(rows, _distinct_names(table_query, rows), strict=True):
        values = row.values(column)
        value = next((value for value in values if value.unit == unit), None)
        if value:
            cells.append(TableFigure(name, row.text_with_unit(column), value, row))
        elif values:  # another unit: the figures do not belong together
            return None
        else:
            omitted.append(OmittedCell(name, _cell_text(row, column), row))
    has_one_change = len({cell.value.change for cell in cells}) == 1
    if not has_one_change or len(cells) < _MIN_FIGURES_SHARE * len(rows):
        return None
    heading = strip_heading_number(table_query.table.section)
    subject = heading if column.is_unnamed and heading else column.name
    return Figures(subject, tuple(cells), tuple(omitted), (column,))


def row_figures(table_query: TableQuery, row: Row, columns: Sequence[Column]) -> Figures | None:
    """Return the figures of a row in `columns`; None if they have several units."""
    cells = list[TableFigure]()
    omitted = list[OmittedCell]()
    for column in columns:
        if value := table_query.value(row, column):
            cells.append(TableFigure(column.name, row.text_with_unit(column), value, row))
        else:
            omitted.append(OmittedCell(column.name, _cell_text(row, column), row))
    if len({(cell.value.unit, cell.value.change) for cell in cells}) != 1:
        return None
    return Figures(row.label, tuple(cells), tuple(omitted), tuple(columns))


def _cell_text(row: Row, column: Column) -> str:
    return nfkc(row.cells.get(column.name, "")).strip() or _DASH


def _distinct_names(table_query: TableQuery, rows: Sequence[Row]) -> list[str]:
    labels = [row.label for row in rows]
    if max(Counter(labels).values(), default=0) <= 1:
        return labels
    for column in table_query.table.columns:
        names = [f"{row.label} {row.text(column)}".strip() for row in rows]
        if len({*names}) == len(names):
            return names
    return labels


def _select_column(table_query: TableQuery, rows: Sequence[Row]) -> tuple[Column, str] | None:
    query = table_query.query
    wants_times = table_query.operation.is_by_age
    topic = query.topic.replace(table_query.table.label, "")
    scores: dict[tuple[Column, str], float] = {}
    for column in table_query.measured_in_force:
        units = list(dict.fromkeys(value.unit for row in rows for value in row.values(column)))
        for position, unit in enumerate(units):
            if (unit == TIME) is not wants_times:
                continue
            score = table_query.score(column, ()) - _LATER_UNIT_PENALTY * position
            if unit and (unit == query.expected_unit or (unit != TIME and unit in topic)):
                score += _NAMED_UNIT_SCORE
            if unit in query.figure_request.implied_units:
                score += _IMPLIED_UNIT_SCORE
            scores[column, unit] = score
    if not scores:
        return None
    best = max(scores.values())
    selected = [key for key, score in scores.items() if score == best]
    if len(selected) > 1 and all(column.times for column, _ in selected):
        return selected[-1]  # columns of years: the latest, which the answer names
    is_only_column = len({column for column, _ in scores}) == 1
    return selected[0] if len(selected) == 1 and (best > 0 or is_only_column) else None
