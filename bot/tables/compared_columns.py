"""Selects the columns of a row that are added, and the two that are compared."""

from collections.abc import Sequence

from bot.question.operation import Operator
from bot.tables.table_query import TableQuery
from ingest.chunking.cell_values import TIME
from ingest.chunking.column_roles import Role
from ingest.chunking.table import GOALS, Column, Row
from ingest.japanese import nfkc


def select_added_columns(table_query: TableQuery, row: Row) -> Sequence[Column]:
    """Return the columns of a row that are added: those of years, months or the dates in the question."""
    if table_query.month_columns:
        return table_query.month_columns
    filled = [column for column in table_query.table.columns if table_query.value(row, column)]
    times = [column for column in filled if _is_time(column)]
    if not table_query.query.dates:
        return times or _addable_columns(table_query, row)
    dated = [column for column in times if table_query.is_dated(column)]
    if dated and table_query.operation.is_period:
        return times[times.index(dated[0]) : times.index(dated[-1]) + 1]
    return dated


def _is_time(column: Column) -> bool:
    return bool(column.times or column.is_month) and not column.roles


def _addable_columns(table_query: TableQuery, row: Row) -> list[Column]:
    table = table_query.table
    values = {
        column: value
        for column in table.measured
        if table.unit(column) != TIME and not column.roles and (value := table_query.value(row, column))
    }
    units = {value.unit for value in values.values()}
    whole = sum(value.number for value in values.values())
    has_sum = any(2 * value.number == whole for value in values.values()) or any(column.is_total for column in values)
    return [] if len(units) != 1 or units == {""} or has_sum else [*values]


def select_compared_columns(table_query: TableQuery, row: Row) -> Sequence[Column]:
    """Return the two columns to compare: two named times, a target and its result, or a time and the one before.

    More or fewer columns are returned if the question does not say which two are meant.
    """
    operation = table_query.operation
    columns = [column for column in table_query.table.measured if table_query.value(row, column)]
    if operation.operator is Operator.DIFFERENCE and (around := _columns_around_change(table_query, columns)):
        return around
    dated = [column for column in columns if table_query.is_dated(column)]
    if len(dated) > 1:
        return dated[0], dated[-1]
    if operation.roles & GOALS:
        return _target_and_result(table_query, columns)
    named = [column for column in columns if table_query.score(column, ()) > 0]
    if operation.operator is Operator.DIFFERENCE and not operation.roles and (dated or not named):
        times = [column for column in columns if _is_time(column)]
        pair = _pair_of_times(times, dated, to_previous=operation.is_to_previous) if len(times) > 1 else ()
        if pair:
            return pair
    return named if len(named) == 2 else [column for column in columns if not column.roles & GOALS]


def _columns_around_change(table_query: TableQuery, columns: Sequence[Column]) -> Sequence[Column]:
    """Return the columns until and from the change that the question means; empty if it means none.

    It is the nearest change on a date of the question, else the next one.
    """
    query = table_query.query
    timed = [column for column in table_query.timed_columns if column in columns]
    if len(timed) < 2 or nfkc(timed[0].name) in query.text:
        return ()
    as_of = query.scope.as_of
    months = query.figure_request.months_of_days
    named = [
        position
        for position, column in enumerate(timed)
        if position and (table_query.is_dated(column) or any(time.first.month in months for time in column.times))
    ]
    if named:
        after = min(named, key=lambda i: abs((timed[i].times[0].first - as_of).days) if timed[i].times else 0)
    else:
        current = table_query.column_on(as_of)
        after = min(timed.index(current) + 1 if current in timed else 1, len(timed) - 1)
    return timed[after - 1 : after + 1]


def _pair_of_times(times: Sequence[Column], dated: Sequence[Column], *, to_previous: bool) -> Sequence[Column]:
    last = len(times) - 1
    named = times.index(dated[0]) if dated and dated[0] in times else last
    if named < last and not to_previous:
        return times[named], times[last]
    return times[named - 1 : named + 1] if named else ()


def _target_and_result(table_query: TableQuery, columns: Sequence[Column]) -> Sequence[Column]:
    by_role = [column for column in table_query.columns_of_named_roles if column in columns]
    targets = [column for column in by_role if column.roles & GOALS]
    results = [column for column in table_query.columns_of_role(Role.RESULT) if column in columns]
    results = [column for column in (*by_role, *results) if not column.roles & GOALS]
    return (results[0], targets[-1]) if targets and results else ()
