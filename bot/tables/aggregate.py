"""Figures of a table set against each other: the greatest, sums, differences, shares, two rows or years compared."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.query.operation import Operator
from bot.tables.arithmetic import difference, share, total, written
from bot.tables.choice import Asked
from bot.tables.relation import TIME, Column, Row, Value
from bot.tables.render import cell_sentence, marks
from ingest.roles import Role

_PAIR = 2
# Rows that are set side by side.
_MOST_ROWS = 4
# What is measured is itself a change: 削減量, 増加率.
_CHANGE = re.compile(r"削減|減少|増加|短縮")
_GOALS = (Role.TARGET, Role.INTERIM)
_GREATEST = {(True, False): "大きい", (False, False): "小さい", (True, True): "新しい", (False, True): "古い"}


@dataclass(frozen=True, slots=True)
class Found:
    """What an operation yields: the sentence, and the rows and columns that it stands on."""

    text: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]


def extreme(asked: Asked) -> Found | None:
    """Return the row with the greatest or the least figure, of those that are meant; as many as are asked for."""
    rows = asked.chosen or (asked.rows if len(asked.rows) > 1 else asked.relation.items)
    column, valued = _compared(asked, rows)
    if column is None or len(valued) < _PAIR:
        return None
    most, many = asked.operation.operator is Operator.MOST, asked.operation.many
    ranked = sorted(valued, key=lambda pair: pair[0].number, reverse=most)
    last = ranked[min(many, len(ranked)) - 1][0].number
    best = [(v, row) for v, row in ranked if (v.number >= last if most else v.number <= last)]
    told = "、".join(f"{row.label}({value.written})[{n}]" for n, (value, row) in enumerate(best, 1))
    how = _GREATEST[most, asked.operation.of_time]
    text = f"{column.name}が{how}順に、{told}です。" if many > 1 else f"{column.name}が最も{how}のは{told}です。"
    return Found(text, tuple(row for _, row in best), (column,))


def _compared(asked: Asked, rows: Sequence[Row]) -> tuple[Column | None, list[tuple[Value, Row]]]:
    """Return the column whose figures are compared, and the rows with theirs, if all are of one unit.

    It is the one that the question says most of, else the only one that can be meant.
    """
    of_time = asked.operation.of_time
    columns = [c for c in asked.relation.measured if (asked.relation.unit(c) == TIME) is of_time]
    filled = [row for row in rows if all(row.text(c) for c in columns)]
    best = asked.columns(filled or rows[:1], columns) if columns else ()
    column = best[0] if len(best) == 1 else columns[0] if len(columns) == 1 and not best else None
    found = [(value, row) for row in rows if column and (value := asked.value(row, column))]
    return column, found if len({value.unit for value, _ in found}) == 1 else []


def summed(asked: Asked) -> Found | None:
    """Return the sum of a column, as the table gives it if it does, or of a row over its years."""
    if asked.row is not None and len(asked.rows) == 1 and not asked.chosen:
        return _summed_row(asked, asked.row)
    named = asked.chosen or (asked.rows if len(asked.rows) > 1 else ())
    rows, whole = named or asked.relation.items, asked.relation.total
    column, valued = _compared(asked, rows)
    if column is None:
        return None
    if not named and whole and whole.text(column):
        return Found(f"{column.name}の{whole.label}は{whole.text(column)}です[1]。", (whole,), (column,))
    told = _addition([(row.label, value) for value, row in valued])
    if not told or len(valued) < len(rows):
        return None
    return Found(f"{column.name}の合計は、{told}です{marks(len(rows))}。", tuple(rows), (column,))


def _summed_row(asked: Asked, row: Row) -> Found | None:
    """Return the sum over the years that are named, those between, or all; else the total that the row gives itself."""
    years = [c for c in asked.relation.columns if c.times and not c.roles and row.value(c)]
    mentions = asked.query.dates
    if mentions and asked.operation.span:
        first, last = mentions[0].first, mentions[-1].last
        years = [c for c in years if first <= c.times[0].last and c.times[0].first <= last]
    elif mentions:
        years = [c for c in years if asked.is_dated(c)]
    if told := _addition([(c.name, value) for c in years if (value := row.value(c))]):
        return Found(f"{row.label}の合計は、{told}です[1]。", (row,), tuple(years))
    totals = tuple(c for c in asked.relation.measured if c.is_total and asked.fits(c, [row]))
    return Found(cell_sentence(row, totals), (row,), totals) if len(totals) == 1 else None


def _addition(values: Sequence[tuple[str, Value]]) -> str:
    """Return the sum with its operands, "" where they cannot be added."""
    whole = total([value.amount for _, value in values])
    if whole is None or len(values) < _PAIR or whole.unit == TIME:
        return ""
    told = " + ".join(f"{label} {value.written}" for label, value in values)
    return f"{told} = {written(whole, [value.written for _, value in values])}"


def compared(asked: Asked) -> Found | None:
    """Return two rows side by side, with their difference or which is greater; else two columns of one row."""
    operation = asked.operation
    if _PAIR <= len(asked.rows) <= _MOST_ROWS and not operation.gap and (found := _rows(asked, asked.rows)):
        return found
    row = asked.row
    pair = two_columns(asked, [c for c in asked.relation.measured if row.value(c)]) if row else None
    one, other = (asked.value(row, c) for c in pair) if row and pair else (None, None)
    if row is None or pair is None or one is None or other is None or one.change != other.change:
        return None
    cells = "、".join(f"{c.name}が{row.text(c)}" for c in pair)
    if operation.operator is Operator.COMPARE:
        several = len(operation.roles) > 1 or len(asked.query.dates) > 1
        return Found(f"{row.label}は、{cells}です[1]。", (row,), pair) if several else None
    if operation.operator is Operator.RATIO:
        part, whole = (one, other) if operation.roles & {*_GOALS} else (other, one)
        of = share(part.amount, whole.amount)
        shown = f"{part.written} ÷ {whole.written} = {written(of)}" if of else ""
    else:
        shown = f"その差は {gap}" if (gap := _subtraction(one, other)) else ""
    return Found(f"{row.label}は、{cells}で、{shown} です[1]。", (row,), pair) if shown else None


def tells_change(row: Row, columns: Sequence[Column]) -> bool:
    """Whether a row's cells themselves tell by how much something changes: 30件減, or under 削減量."""
    return bool(_CHANGE.search(row.label)) or any(value.change for c in columns for value in row.values(c))


def _rows(asked: Asked, rows: tuple[Row, ...]) -> Found | None:
    column, valued = _compared(asked, rows)
    if column is None or len(valued) < len(rows):
        return None
    told = "、".join(f"{row.label}が{row.text(column)}[{n}]" for n, row in enumerate(rows, 1))
    text = f"{column.name}は、{told}です。"
    more, *_, less = sorted(valued, key=lambda pair: -pair[0].number)
    if len(rows) == _PAIR and asked.operation.operator is Operator.DIFFERENCE:
        shown = _subtraction(more[0], less[0])
        text += f"差は {shown} です{marks(_PAIR)}。" if shown else ""
    elif len(rows) == _PAIR and more[0].number != less[0].number and more[0].unit != TIME:
        text += f"大きいほうは{more[1].label}です[{rows.index(more[1]) + 1}]。"
    return Found(text, rows, (column,))


def two_columns(asked: Asked, columns: Sequence[Column]) -> tuple[Column, Column] | None:
    """Return the two columns that are compared: of two times named, of the target and what stands against it."""
    of_years = [c for c in columns if asked.is_dated(c)]
    if len(of_years) > 1:
        return of_years[0], of_years[-1]
    roles = asked.operation.roles
    if not roles & {*_GOALS}:
        told = [c for c in columns if not c.roles & {*_GOALS}]
        return (told[0], told[-1]) if len(told) == _PAIR else None
    against = [role for role in (Role.RESULT, Role.CURRENT, Role.BASE) if role in roles] or [Role.RESULT, Role.BASE]
    goal = [c for role in _GOALS if role in roles for c in asked.of_role(role) if c in columns]
    other = [c for role in against for c in asked.of_role(role) if c in columns and c not in goal]
    return (other[0], goal[-1]) if goal and other else None


def _subtraction(one: Value, other: Value) -> str:
    gap = difference(one.amount, other.amount)
    if gap is None or one.unit == TIME:
        return ""
    more, less = sorted((one, other), key=lambda value: -value.number)
    return f"{more.written} − {less.written} = {written(gap, [more.written, less.written])}"
