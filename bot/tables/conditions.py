"""Finds the rows of a table into which the figures and days of a question fall, and those that have what it names."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.state.query import AskedValues, Query
from ingest.japanese.tokenise import words
from ingest.tables.cell_values import DAY_OF_YEAR, IN_PART, NO, TIME, YES, CellContent, Span
from ingest.tables.table import Column, Row, Table

# Units of which a figure names one thing: a house is in a block whatever is asked.
_IDENTIFYING_UNITS = frozenset({"丁", "番", "号"})


@dataclass(frozen=True, slots=True)
class Condition:
    """The rows that satisfy a condition on a column."""

    column: Column
    rows: tuple[Row, ...]


def find_keys(values: AskedValues, table: Table) -> tuple[Condition, ...]:
    """Return for columns of ranges and days the rows into which a figure or day of the question falls.

    The rows are empty if the figure identifies a thing and falls into none.
    """
    conditions = list[Condition]()
    for column in (*table.label_columns, *table.columns):
        cells = [(row, row.cell(column)) for row in table.items if row.text(column)]
        ranged = [(row, cell) for row, cell in cells if cell.spans]
        if 2 * len(ranged) < len(cells) or len(ranged) < 2:
            continue
        has_days = any(span.unit in {TIME, DAY_OF_YEAR} for _, cell in ranged for span in cell.spans)
        has_ranges = any(span.first != span.last for _, cell in ranged for span in cell.spans)
        if not (has_days or has_ranges):
            continue
        asked = _figures_and_days(values, ranged)
        rows = tuple(row for row, cell in ranged if any(_falls_into(asked, span) for span in cell.spans))
        identifies = any(_units(span) & _IDENTIFYING_UNITS & asked.keys() for _, cell in ranged for span in cell.spans)
        if len(rows) < len(cells) and (rows or identifies):
            conditions.append(Condition(column, rows))
    return tuple(conditions)


def _figures_and_days(
    values: AskedValues, ranged: Sequence[tuple[Row, CellContent]]
) -> Mapping[str, Collection[Decimal]]:
    has_years = any(span.unit == TIME for _, cell in ranged for span in cell.spans)
    asked: dict[str, Collection[Decimal]] = dict(values.figures)
    if values.days and has_years:
        asked[TIME] = [Decimal(day.toordinal()) for day in values.days]
    elif values.days:
        asked[DAY_OF_YEAR] = [Decimal(day.month * 100 + day.day) for day in values.days]
    return asked


def _units(span: Span) -> frozenset[str]:
    return frozenset((span.unit, *(unit for unit, _ in span.key)))


def _falls_into(asked: Mapping[str, Collection[Decimal]], span: Span) -> bool:
    if not _units(span) & asked.keys() or not all(number in asked.get(unit, (number,)) for unit, number in span.key):
        return False
    return any(map(span.contains, asked[span.unit])) if span.unit in asked else True


def find_properties(query: Query, table: Table) -> Iterator[Condition]:
    """Yield for columns of weekdays and of marks the rows that have the weekday or thing that the question names."""
    for column in table.columns:
        cells = [(row, row.cell(column)) for row in table.items]
        filled = [cell for _, cell in cells if cell.text]
        rows: Iterable[Row] = ()
        if query.values.weekdays and 2 * sum(bool(cell.weekdays) for cell in filled) > len(filled):
            asked = {day for _, day in query.values.weekdays}
            rows = [row for row, cell in cells if any(day in asked for _, day in cell.weekdays)]
        elif 2 * sum(cell.mark is not None for cell in filled) > len(filled):
            wanted = _wanted_marks(query, column)
            rows = [row for row, cell in cells if cell.mark in wanted]
        if rows := tuple(rows):
            yield Condition(column, rows)


def _wanted_marks(query: Query, column: Column) -> frozenset[str]:
    head = frozenset(words(column.head))
    if not head or not head <= query.term_weights.keys():
        return frozenset()
    denied = query.operation is not None and not head.isdisjoint(query.operation.denied_terms)
    return frozenset({NO} if denied else {YES, IN_PART})
