"""Extremes, sums, differences and shares over the figures of a table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.question.operation import Operator
from bot.state import Statement
from bot.tables.render import TableResult, enumerate_statements
from bot.tables.table_query import TableQuery
from ingest.chunking.cell_values import TIME, Value
from ingest.chunking.column_roles import Role
from ingest.chunking.table import GOALS, Column, Row

PERCENT, POINTS, TIMES = "%", "ポイント", "倍"
_LARGE_NUMBERS = (("兆", 10**12), ("億", 10**8), ("万", 10**4))
_PAIR = 2
_SUPERLATIVES = {(True, False): "大きい", (False, False): "小さい", (True, True): "新しい", (False, True): "古い"}


@dataclass(frozen=True, slots=True)
class _Figures:
    """Figures of one unit that can be compared or added.

    Attributes:
        subject: the name of the column or row that they share.
        cells: the name, cell text and value of each figure.
    """

    subject: str
    cells: tuple[tuple[str, str, Value], ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]

    @property
    def values(self) -> list[Value]:
        return [value for _, _, value in self.cells]


def _column_figures(bound: TableQuery, rows: Sequence[Row]) -> _Figures | None:
    """Return the figures of the column that the question names best, else of the only candidate."""
    is_by_age = bound.operation.is_by_age
    columns = [c for c in bound.table.measured if (bound.table.unit(c) == TIME) is is_by_age]
    filled = [row for row in rows if all(row.text(c) for c in columns)]
    best = bound.best_columns(filled or rows[:1], columns) if columns else ()
    if len(best or columns) != 1:
        return None
    (column,) = best or columns
    valued = [(row, value) for row in rows if (value := bound.value(row, column))]
    if len({value.unit for _, value in valued}) != 1:
        return None
    cells = ((row.label, row.text_with_unit(column), value) for row, value in valued)
    return _Figures(column.name, tuple(cells), tuple(row for row, _ in valued), (column,))


def _row_figures(bound: TableQuery, row: Row, columns: Sequence[Column]) -> _Figures | None:
    cells = tuple((c.name, row.text_with_unit(c), value) for c in columns if (value := bound.value(row, c)))
    kinds = {(value.unit, value.change) for _, _, value in cells}
    return _Figures(row.label, cells, (row,), tuple(columns)) if len(kinds) == 1 else None


def find_extreme(bound: TableQuery) -> TableResult | None:
    """Return the rows with the greatest or least figure, as many as the question asks for."""
    figures = _column_figures(bound, bound.selected_rows or bound.table.items)
    if figures is None or len(figures.rows) < _PAIR:
        return None
    is_most, limit = bound.operation.operator is Operator.MOST, bound.operation.limit
    ranked = sorted(zip(figures.values, figures.rows, strict=True), key=lambda pair: pair[0].number, reverse=is_most)
    last = ranked[min(limit, len(ranked)) - 1][0].number
    # Rows that tie with the last one are shown too.
    best = [(v, row) for v, row in ranked if (v.number >= last if is_most else v.number <= last)]
    items = [(f"{row.label}({value.written})", n) for n, (value, row) in enumerate(best, 1)]
    adjective = _SUPERLATIVES[is_most, bound.operation.is_by_age]
    lead = f"{figures.subject}が{adjective}順に、" if limit > 1 else f"{figures.subject}が最も{adjective}のは"
    return TableResult(enumerate_statements(items, lead, "です。"), tuple(row for _, row in best), figures.columns)


def compute_sum(bound: TableQuery) -> TableResult | None:
    """Return the sum of a column, preferring the table's own total row, or of a row over years."""
    rows, total_row = bound.selected_rows or bound.table.items, bound.table.total
    if bound.named_row and not bound.selected_rows:
        years = [c for c in bound.table.columns if c.times and not c.roles and bound.named_row.value(c)]
        dated = [c for c in years if bound.is_dated(c)]
        if dated and bound.operation.is_period:
            dated = years[years.index(dated[0]) : years.index(dated[-1]) + 1]
        figures = _row_figures(bound, bound.named_row, dated if bound.query.dates else years)
    else:
        figures = _column_figures(bound, rows)
        if figures and not bound.selected_rows and total_row and total_row.text(figures.columns[0]):
            text = f"{figures.subject}の{total_row.label}は{total_row.text_with_unit(figures.columns[0])}です"
            return TableResult((Statement(text, (1,), "。"),), (total_row,), figures.columns)
        figures = figures if figures and len(figures.rows) == len(rows) else None
    result = total(figures.values) if figures else None
    if figures is None or result is None or len(figures.cells) < _PAIR:
        return None
    terms = " + ".join(f"{name} {value.written}" for name, _, value in figures.cells)
    text = f"{figures.subject}の合計は、{terms} = {format_value(result, terms)}です"
    return TableResult((_derive(text, figures),), figures.rows, figures.columns)


def compare_values(bound: TableQuery) -> TableResult | None:
    """Return two values with their difference, their ratio, or which one is greater."""
    operation, are_rows = bound.operation, len(bound.named_rows) == _PAIR
    if bound.named_row:
        figures = _row_figures(bound, bound.named_row, _two_columns(bound, bound.named_row))
    else:
        figures = _column_figures(bound, bound.named_rows) if are_rows and not operation.is_gap_to_target else None
    if figures is None or len(figures.cells) != _PAIR:
        return None
    result = _derive_comparison(bound, figures)
    names_both = operation.operator is Operator.COMPARE and max(len(operation.roles), len(bound.query.dates)) > 1
    if not (are_rows or result or names_both):
        return None
    items = [(f"{name}が{cell}", n if are_rows else 1) for n, (name, cell, _) in enumerate(figures.cells, 1)]
    statements = enumerate_statements(items, f"{figures.subject}は、", "です。")
    return TableResult((*statements, *result), figures.rows, figures.columns)


def _derive(text: str, figures: _Figures) -> Statement:
    """Return a statement computed from all rows of the figures."""
    return Statement(text, tuple(range(1, len(figures.rows) + 1)), "。", "arithmetic")


def _derive_comparison(bound: TableQuery, figures: _Figures) -> tuple[Statement, ...]:
    """Return the statement derived from two figures, if any."""
    first, second = figures.values
    operator, gap, are_rows = bound.operation.operator, difference(first, second), len(figures.rows) > 1
    smaller, greater = sorted(figures.values, key=lambda value: value.number)
    # A follow-up about a row whose cells are plain figures gets the difference too.
    are_plain = all(cell == value.written for _, cell, value in figures.cells)
    is_plain_followup = bound.query.carried_over_terms and not are_rows and are_plain
    if gap and (operator is Operator.DIFFERENCE or (operator is Operator.COMPARE and is_plain_followup)):
        operands = f"{greater.written} − {smaller.written}"
        return (_derive(f"差は {operands} = {format_value(gap, operands)} です", figures),)
    part, whole = (first, second) if bound.operation.roles & GOALS else (second, first)
    if operator is Operator.RATIO and not are_rows and (percentage := share(part, whole)):
        return (_derive(f"割合は {part.written} ÷ {whole.written} = {format_value(percentage)} です", figures),)
    if not (are_rows and gap and gap.number):
        return ()
    position = figures.values.index(greater)
    return (Statement(f"大きいほうは{figures.cells[position][0]}です", (position + 1,), "。"),)


def _two_columns(bound: TableQuery, row: Row) -> Sequence[Column]:
    """Return the two columns to compare: two named times, or a target and its result."""
    columns = [c for c in bound.table.measured if bound.value(row, c)]
    dated = [c for c in columns if bound.is_dated(c)]
    if len(dated) > 1:
        return dated[0], dated[-1]
    if not bound.operation.roles & GOALS:
        return [c for c in columns if not c.roles & GOALS]
    candidates = [c for c in (*bound.columns_of_named_roles, *bound.columns_of_role(Role.RESULT)) if c in columns]
    targets = [c for c in bound.columns_of_named_roles if c in columns and c.roles & GOALS]
    results = [c for c in candidates if not c.roles & GOALS]
    return (results[0], targets[-1]) if targets and results else ()


def difference(first: Value, second: Value) -> Value | None:
    """Return the absolute difference, in points for percentages; None for different units and for times."""
    if first.unit != second.unit or first.unit == TIME:
        return None
    return Value(abs(first.number - second.number), POINTS if first.unit == PERCENT else first.unit)


def total(values: Sequence[Value]) -> Value | None:
    """Return the sum; None for no values, mixed units, and for shares and times, which do not add up."""
    units = {value.unit for value in values}
    if len(units) != 1 or units & {PERCENT, POINTS, TIMES, TIME}:
        return None
    return Value(sum((value.number for value in values), Decimal(0)), units.pop())


def share(part: Value, whole: Value) -> Value | None:
    """Return `part` as a percentage of `whole`, to a tenth; None for different units or a `whole` of zero."""
    if part.unit != whole.unit or not whole.number:
        return None
    return Value((part.number / whole.number * 100).quantize(Decimal("0.1")), PERCENT)


def format_value(value: Value, like: str = "") -> str:
    """Return a figure with its unit, in the notation of `like`: 3億3,700万円 or 1,200人."""
    number = value.number.normalize()
    if number % 1 or not re.search(r"\d[万億兆]", like):
        return f"{number:,f}{value.unit}"
    parts, rest = "-" if number < 0 else "", abs(int(number))
    for name, size in _LARGE_NUMBERS:
        if rest >= size:
            parts, rest = f"{parts}{rest // size:,}{name}", rest % size
    return f"{parts}{f'{rest:,}' if rest or not number else ''}{value.unit}"
