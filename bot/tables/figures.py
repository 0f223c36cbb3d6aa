"""The figures of a table that an operation runs over, and the cells that it has to leave out."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.tables.table_query import TableQuery
from ingest.chunking.cell_values import TIME, Value
from ingest.chunking.table import Column, Row
from ingest.japanese import nfkc
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.markers import strip_heading_number

_MEASURES = {
    re.compile(any_of(words.split("|")[:1])): frozenset(words.split("|")[1:])
    for words in load_lexicon("measures")["units"]
}
_ABOUT = re.compile(r"約|およそ|概ね|おおむね")
# Scores of a column in addition to the weights of the words that its head shares with the question.
_UNIT_NAMED, _UNIT_IMPLIED = 0.7, 0.5
# This share of the cells has to be figures.
_MIN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the name of its row or column, the text of its cell, and its row."""

    name: str
    text: str
    value: Value
    row: Row

    @property
    def is_about(self) -> bool:
        """Whether the document gives it as approximate."""
        return _ABOUT.match(self.text) is not None


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one unit that can be compared or added.

    Attributes:
        subject: the name of the column or row that they share.
        cells: the figures in table order.
        left_out: the name, text and row of each cell without a figure of that unit, such as 未定 or 10〜20人.
        columns: the columns that they are in.
    """

    subject: str
    cells: tuple[Figure, ...]
    left_out: tuple[tuple[str, str, Row], ...]
    columns: tuple[Column, ...]

    @property
    def values(self) -> list[Value]:
        """Their values."""
        return [cell.value for cell in self.cells]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Their distinct rows in order."""
        return tuple(dict.fromkeys(cell.row for cell in self.cells))


def column_figures(bound: TableQuery, rows: Sequence[Row]) -> Figures | None:
    """Return the figures of the column that the question means, in `rows`; None where it may mean several."""
    column, unit = _choose_column(bound, rows) or (None, "")
    if column is None:
        return None
    names = row_names(bound, rows)
    cells, left_out = list[Figure](), list[tuple[str, str, Row]]()
    for row, name in zip(rows, names, strict=True):
        value = next((value for value in row.values(column) if value.unit == unit), None)
        if value:
            cells.append(Figure(name, row.text_with_unit(column), value, row))
        elif row.values(column):  # another unit: the figures do not belong together
            return None
        else:
            left_out.append((name, nfkc(row.cells.get(column.name, "")).strip() or "−", row))
    if len({value.value.change for value in cells}) > 1 or len(cells) < _MIN_SHARE * len(rows):
        return None
    heading = strip_heading_number(bound.table.section)
    subject = heading if column.is_unnamed and heading else column.name
    return Figures(subject, tuple(cells), tuple(left_out), (column,)) if cells else None


def row_figures(bound: TableQuery, row: Row, columns: Sequence[Column]) -> Figures | None:
    """Return the figures of a row in `columns`; None where they have several units."""
    cells, left_out = list[Figure](), list[tuple[str, str, Row]]()
    for column in columns:
        if value := bound.value(row, column):
            cells.append(Figure(column.name, row.text_with_unit(column), value, row))
        else:
            left_out.append((column.name, nfkc(row.cells.get(column.name, "")).strip() or "−", row))
    kinds = {(cell.value.unit, cell.value.change) for cell in cells}
    return Figures(row.label, tuple(cells), tuple(left_out), tuple(columns)) if len(kinds) == 1 else None


def row_names(bound: TableQuery, rows: Sequence[Row]) -> list[str]:
    """Return the labels of rows; where labels recur, with the cell that tells them apart: 補助 令和6年度."""
    counts = Counter(row.label for row in rows)
    if max(counts.values(), default=0) <= 1:
        return [row.label for row in rows]
    for column in bound.table.columns:
        names = [f"{row.label} {row.text(column)}".strip() for row in rows]
        if len({*names}) == len(names):
            return names
    return [row.label for row in rows]


def _choose_column(bound: TableQuery, rows: Sequence[Row]) -> tuple[Column, str] | None:
    """Return the column and the unit that the question means: by its words, its unit, its adjective, its time."""
    scores: dict[tuple[Column, str], float] = {}
    is_by_age, text = bound.operation.is_by_age, bound.query.topic
    implied = frozenset[str]().union(*(units for word, units in _MEASURES.items() if word.search(text)))
    for column in bound.measured_in_force:
        units = list(dict.fromkeys(value.unit for row in rows for value in row.values(column)))
        for unit in units:
            if (unit == TIME) is not is_by_age:
                continue
            is_named = bool(unit) and unit != TIME and (unit in text.replace(bound.table.label, ""))
            is_expected = bool(unit) and unit == bound.query.expected_unit
            score = bound.score(column, ()) + _UNIT_NAMED * (is_named or is_expected)
            scores[column, unit] = score + _UNIT_IMPLIED * (unit in implied) - units.index(unit) / 100
    if not scores:
        return None
    best = max(scores.values())
    chosen = [pair for pair, score in scores.items() if score == best]
    if len(chosen) > 1 and all(column.times for column, _ in chosen):
        return chosen[-1]  # columns of years: the latest, which the answer names
    return chosen[0] if len(chosen) == 1 and (best > 0 or len({column for column, _ in scores}) == 1) else None
