"""Extremes, sums, differences and shares over the figures of a table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.question.operation import Operator
from bot.state import Statement
from bot.tables.render import TableResult, enumerate_statements
from bot.tables.table_query import TableQuery
from ingest.chunking.column_roles import Role
from ingest.chunking.table import GOALS, TIME, Column, Row, Value

PERCENT, POINTS, TIMES = "%", "ポイント", "倍"
_MYRIADS = (("兆", 10**12), ("億", 10**8), ("万", 10**4))
_PAIR = 2
_GREATEST = {(True, False): "大きい", (False, False): "小さい", (True, True): "新しい", (False, True): "古い"}


@dataclass(frozen=True, slots=True)
class _Figures:
    """Figures of one unit that are `of` something: the name, the cell and the value of each, and where they stand."""

    of: str
    cells: tuple[tuple[str, str, Value], ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]

    @property
    def values(self) -> list[Value]:
        return [value for _, _, value in self.cells]


def _column_figures(asked: TableQuery, rows: Sequence[Row]) -> _Figures | None:
    """Return the figures of the column that the question says most of, else of the only one that can be meant."""
    of_time = asked.operation.of_time
    columns = [c for c in asked.table.measured if (asked.table.unit(c) == TIME) is of_time]
    filled = [row for row in rows if all(row.text(c) for c in columns)]
    best = asked.columns(filled or rows[:1], columns) if columns else ()
    if len(best or columns) != 1:
        return None
    (column,) = best or columns
    valued = [(row, value) for row in rows if (value := asked.value(row, column))]
    if len({value.unit for _, value in valued}) != 1:
        return None
    cells = ((row.label, row.text_with_unit(column), value) for row, value in valued)
    return _Figures(column.name, tuple(cells), tuple(row for row, _ in valued), (column,))


def _row_figures(asked: TableQuery, row: Row, columns: Sequence[Column]) -> _Figures | None:
    cells = tuple((c.name, row.text_with_unit(c), value) for c in columns if (value := asked.value(row, c)))
    kinds = {(value.unit, value.change) for _, _, value in cells}
    return _Figures(row.label, cells, (row,), tuple(columns)) if len(kinds) == 1 else None


def find_extreme(asked: TableQuery) -> TableResult | None:
    """Return the row with the greatest or the least figure, of those that are meant; as many as are asked for."""
    figures = _column_figures(asked, asked.several or asked.table.items)
    if figures is None or len(figures.rows) < _PAIR:
        return None
    most, many = asked.operation.operator is Operator.MOST, asked.operation.many
    ranked = sorted(zip(figures.values, figures.rows, strict=True), key=lambda pair: pair[0].number, reverse=most)
    last = ranked[min(many, len(ranked)) - 1][0].number
    best = [(v, row) for v, row in ranked if (v.number >= last if most else v.number <= last)]
    items = [(f"{row.label}({value.written})", n) for n, (value, row) in enumerate(best, 1)]
    how = _GREATEST[most, asked.operation.of_time]
    before = f"{figures.of}が{how}順に、" if many > 1 else f"{figures.of}が最も{how}のは"
    return TableResult(enumerate_statements(items, before, "です。"), tuple(row for _, row in best), figures.columns)


def compute_sum(asked: TableQuery) -> TableResult | None:
    """Return the sum of a column, as the table gives it if it does, or of a row over the years that are meant."""
    rows, whole = asked.several or asked.table.items, asked.table.total
    if asked.row and not asked.several:
        years = [c for c in asked.table.columns if c.times and not c.roles and asked.row.value(c)]
        dated = [c for c in years if asked.is_dated(c)]
        if dated and asked.operation.span:
            dated = years[years.index(dated[0]) : years.index(dated[-1]) + 1]
        figures = _row_figures(asked, asked.row, dated if asked.query.dates else years)
    else:
        figures = _column_figures(asked, rows)
        if figures and not asked.several and whole and whole.text(figures.columns[0]):
            text = f"{figures.of}の{whole.label}は{whole.text_with_unit(figures.columns[0])}です"
            return TableResult((Statement(text, (1,), "。"),), (whole,), figures.columns)
        figures = figures if figures and len(figures.rows) == len(rows) else None
    added = total(figures.values) if figures else None
    if figures is None or added is None or len(figures.cells) < _PAIR:
        return None
    told = " + ".join(f"{name} {value.written}" for name, _, value in figures.cells)
    text = f"{figures.of}の合計は、{told} = {format_value(added, told)}です"
    return TableResult((_derive(text, figures),), figures.rows, figures.columns)


def compare_values(asked: TableQuery) -> TableResult | None:
    """Return two rows side by side, or two columns of one row, with their difference, share, or which is greater."""
    operation, of_rows = asked.operation, len(asked.rows) == _PAIR
    if asked.row:
        figures = _row_figures(asked, asked.row, _two_columns(asked, asked.row))
    else:
        figures = _column_figures(asked, asked.rows) if of_rows and not operation.gap else None
    if figures is None or len(figures.cells) != _PAIR:
        return None
    result = _result(asked, figures)
    several = operation.operator is Operator.COMPARE and max(len(operation.roles), len(asked.query.dates)) > 1
    if not (of_rows or result or several):
        return None
    items = [(f"{name}が{cell}", n if of_rows else 1) for n, (name, cell, _) in enumerate(figures.cells, 1)]
    statements = enumerate_statements(items, f"{figures.of}は、", "です。")
    return TableResult((*statements, *result), figures.rows, figures.columns)


def _derive(text: str, figures: _Figures) -> Statement:
    """Return a statement computed from all rows of the figures."""
    return Statement(text, tuple(range(1, len(figures.rows) + 1)), "。", "arithmetic")


def _result(asked: TableQuery, figures: _Figures) -> tuple[Statement, ...]:
    """Return what follows from two figures, as a sentence, if anything."""
    one, other = figures.values
    operator, gap, of_rows = asked.operation.operator, difference(one, other), len(figures.rows) > 1
    less, more = sorted(figures.values, key=lambda value: value.number)
    # Of a row that the talk is of, whose cells are figures and no more.
    behind = asked.query.carried and not of_rows and all(cell == value.written for _, cell, value in figures.cells)
    if gap and (operator is Operator.DIFFERENCE or (operator is Operator.COMPARE and behind)):
        operands = f"{more.written} − {less.written}"
        return (_derive(f"差は {operands} = {format_value(gap, operands)} です", figures),)
    part, whole = (one, other) if asked.operation.roles & GOALS else (other, one)
    if operator is Operator.RATIO and not of_rows and (of := share(part, whole)):
        return (_derive(f"割合は {part.written} ÷ {whole.written} = {format_value(of)} です", figures),)
    at = figures.values.index(more)
    is_greater = of_rows and gap and gap.number
    return (Statement(f"大きいほうは{figures.cells[at][0]}です", (at + 1,), "。"),) if is_greater else ()


def _two_columns(asked: TableQuery, row: Row) -> Sequence[Column]:
    """Return the two columns that are compared: of two times named, of the target and what stands against it."""
    columns = [c for c in asked.table.measured if asked.value(row, c)]
    of_years = [c for c in columns if asked.is_dated(c)]
    if len(of_years) > 1:
        return of_years[0], of_years[-1]
    if not asked.operation.roles & GOALS:
        return [c for c in columns if not c.roles & GOALS]
    goal = [c for c in asked.columns_of_named_roles if c in columns and c.roles & GOALS]
    other = [
        c
        for c in (*asked.columns_of_named_roles, *asked.columns_of_role(Role.RESULT))
        if c in columns and not c.roles & GOALS
    ]
    return (other[0], goal[-1]) if goal and other else ()


def difference(one: Value, other: Value) -> Value | None:
    """Return the difference, never negative, percentages' in points; None for two units, and for times."""
    if one.unit != other.unit or one.unit == TIME:
        return None
    return Value(abs(one.number - other.number), POINTS if one.unit == PERCENT else one.unit)


def total(values: Sequence[Value]) -> Value | None:
    """Return the sum; None for none, for two units, and for shares and times, which do not add up."""
    units = {one.unit for one in values}
    if len(units) != 1 or units & {PERCENT, POINTS, TIMES, TIME}:
        return None
    return Value(sum((one.number for one in values), Decimal(0)), units.pop())


def share(part: Value, whole: Value) -> Value | None:
    """Return what percentage of `whole` a `part` is, to a tenth; None for two units and for a share of nothing."""
    if part.unit != whole.unit or not whole.number:
        return None
    return Value((part.number / whole.number * 100).quantize(Decimal("0.1")), PERCENT)


def format_value(value: Value, like: str = "") -> str:
    """Return a figure as those are written that it is `like`: 3億3,700万円 beside 8,500万円, else 1,200人."""
    number = value.number.normalize()
    if number % 1 or not re.search(r"\d[万億兆]", like):
        return f"{number:,f}{value.unit}"
    parts, rest = "-" if number < 0 else "", abs(int(number))
    for name, size in _MYRIADS:
        if rest >= size:
            parts, rest = f"{parts}{rest // size:,}{name}", rest % size
    return f"{parts}{f'{rest:,}' if rest or not number else ''}{value.unit}"
