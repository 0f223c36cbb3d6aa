"""Extremes, ranks, sums, averages, differences and shares over the figures of a table."""

import re
from collections.abc import Sequence
from decimal import Decimal

from bot.question.operation import Operator
from bot.state import Statement
from bot.tables.figures import Figure, Figures, column_figures, row_figures
from bot.tables.render import MAX_ROWS, TableResult, enumerate_statements
from bot.tables.table_query import TableQuery
from ingest.chunking.cell_values import TIME, Value
from ingest.chunking.column_roles import Role
from ingest.chunking.table import GOALS, Column, Row, Table
from ingest.japanese import nfkc
from ingest.japanese.dates import days_without_year

PERCENT, POINTS, TIMES = "%", "ポイント", "倍"
_LARGE_NUMBERS = (("兆", 10**12), ("億", 10**8), ("万", 10**4))
_PAIR = 2
# The operands of a sum are written out up to this many; the other figures of a ranking too.
_MAX_OPERANDS, _MAX_OTHERS = 6, 12
# Figures that belong to another one, or that are computed already, are not added or averaged.
_COMPUTED = re.compile(r"平均|割合|率$|比$|構成比")
_ROSE, _FELL = re.compile(r"増|上が|伸び|上昇"), re.compile(r"減|下が|縮")


def find_extreme(bound: TableQuery) -> TableResult | None:
    """Return the rows with the greatest or least figure, or the one at the position that the question asks for."""
    figures = _compared_figures(bound)
    if figures is None or len(figures.cells) < _PAIR:
        return None
    operation, is_most = bound.operation, bound.operation.operator is Operator.MOST
    ranked = sorted(figures.cells, key=lambda cell: cell.value.number, reverse=is_most)
    if operation.position > len(ranked):
        return None
    first = operation.position - 1
    last = ranked[min(first + operation.limit, len(ranked)) - 1].value.number
    if operation.limit > 1:
        first = 0
    # Rows that tie with the last one are shown too.
    best = [cell for cell in ranked[first:] if (cell.value.number >= last if is_most else cell.value.number <= last)]
    rows = (*dict.fromkeys(cell.row for cell in best),)
    others = [cell for cell in ranked if cell not in best]
    shown = (*rows, *dict.fromkeys(cell.row for cell in others if cell.row not in rows))
    is_short = len(ranked) <= _MAX_OTHERS
    items = [(f"{cell.name}({cell.value.written})", shown.index(cell.row) + 1) for cell in best[:MAX_ROWS]]
    subject, adjective = figures.subject or "値", operation.adjective
    place = f"{operation.position}番目に" if operation.position > 1 else "最も"
    lead = f"{subject}が{adjective}順に、" if operation.limit > 1 else f"{subject}が{place}{adjective}のは"
    statements = enumerate_statements(items, lead, "です。")
    if is_short and others:
        listed = "、".join(f"{cell.name} {cell.value.written}" for cell in others)
        numbers = tuple(shown.index(cell.row) + 1 for cell in others)
        statements = (*statements, Statement(f"ほかは、{listed}です", tuple(dict.fromkeys(numbers)), "。"))
    return _result(statements, shown if is_short else rows[:MAX_ROWS], figures)


def find_rank(bound: TableQuery) -> TableResult | None:
    """Return the position of the named row among all rows by the figure that the question means."""
    row, figures = bound.named_row, column_figures(bound, bound.table.items)
    if row is None or figures is None or len(figures.cells) < _PAIR:
        return None
    own = next((cell for cell in figures.cells if cell.row is row), None)
    if own is None:
        return None
    is_most = not bound.operation.is_least_first
    values = [cell.value.number for cell in figures.cells]
    rank = 1 + sum(number > own.value.number if is_most else number < own.value.number for number in values)
    others = tuple(cell.row for cell in figures.cells if cell.row is not row)
    place = f"{len(values)}件のうち{bound.operation.adjective}順で{rank}番目"
    text = f"{own.name}は{place}です（{figures.subject} {own.text}）"
    return _result((_derive(text, (row, *others)),), (row, *others), figures)


def compute_sum(bound: TableQuery) -> TableResult | None:
    """Return the sum of a column, preferring the table's own total row, or of a row over its columns."""
    rows, total_row = bound.selected_rows or bound.table.items, bound.table.total
    if bound.named_row and not bound.selected_rows:
        figures = row_figures(bound, bound.named_row, _added_columns(bound, bound.named_row))
    else:
        figures = column_figures(bound, rows)
        if figures and not bound.selected_rows and total_row and total_row.text(figures.columns[0]):
            text = f"{figures.subject}の{total_row.label}は{total_row.text_with_unit(figures.columns[0])}です"
            return TableResult((Statement(text, (1,), "。"),), (total_row,), figures.columns)
    result = total(figures.values) if figures else None
    if figures is None or result is None or len(figures.cells) < _PAIR or _COMPUTED.search(figures.subject):
        return None
    operands = " + ".join(f"{cell.name} {cell.value.written}" for cell in figures.cells)
    shown = operands if len(figures.cells) <= _MAX_OPERANDS else f"{len(figures.cells)}件の値の和"
    amount = format_value(result, operands)
    text = f"{figures.subject}の合計は{_about(figures)}{amount}です（{shown} = {amount}）"
    return _result((_derive(text, figures.rows),), figures.rows, figures)


def compute_average(bound: TableQuery) -> TableResult | None:
    """Return the mean of a column, or of a row over its columns; None where the table gives an average itself."""
    if states_average(bound.table):
        return None
    rows = bound.selected_rows or bound.table.items
    if bound.named_row and not bound.selected_rows:
        figures = row_figures(bound, bound.named_row, _added_columns(bound, bound.named_row))
    else:
        figures = column_figures(bound, rows)
    result = total(figures.values) if figures else None
    if figures is None or result is None or len(figures.cells) < _PAIR:
        return None
    n = len(figures.cells)
    mean = Value((result.number / n).quantize(Decimal("0.1")), result.unit)
    like = figures.cells[0].value.written
    formula = f"合計 {format_value(result, like)} ÷ {n}件"
    text = f"{figures.subject}の平均は{_about(figures)}{format_value(mean, like)}です（{formula}）"
    return _result((_derive(text, figures.rows),), figures.rows, figures)


def states_average(table: Table) -> bool:
    """Whether a head or label of the table is an average."""
    return any("平均" in head for head in _heads(table))


def states_share(table: Table) -> bool:
    """Whether a head or label of the table is a share or an average."""
    return any(_COMPUTED.search(head) for head in _heads(table))


def _heads(table: Table) -> tuple[str, ...]:
    return (*(column.name for column in table.columns), *(row.label for row in table.rows))


def compute_share(bound: TableQuery) -> TableResult | None:
    """Return what percentage of the total the named rows are; None where the table gives shares itself."""
    if not bound.named_rows or states_share(bound.table):
        return None
    figures = column_figures(bound, bound.table.items)
    total_row = bound.table.total
    whole = total(figures.values) if figures else None
    if figures is None or whole is None:
        return None
    stated = bound.value(total_row, figures.columns[0]) if total_row else None
    whole = stated if stated and stated.unit == whole.unit else whole
    own = [cell for cell in figures.cells if cell.row in bound.named_rows]
    part = total([cell.value for cell in own])
    percentage = share(part, whole) if part and len(own) == len(bound.named_rows) else None
    if part is None or percentage is None:
        return None
    like = own[0].value.written
    names = " + ".join(f"{cell.name} {cell.value.written}" for cell in own)
    formula = f"{names} ÷ 合計 {format_value(whole, like)} = {format_value(percentage)}"
    rows = (*figures.rows, *([total_row] if total_row and stated else []))
    text = f"{'と'.join(cell.name for cell in own)}の割合は{format_value(percentage)}です（{formula}）"
    return _result((_derive(text, rows),), rows, figures)


def compare_values(bound: TableQuery) -> TableResult | None:
    """Return the difference, the ratio or the greater of two values, and then the values."""
    operation = bound.operation
    pair = bound.compared_rows
    are_rows = len(pair) == _PAIR
    if are_rows and not operation.is_gap_to_target:
        figures = column_figures(bound, pair)
    elif bound.named_row:
        figures = row_figures(bound, bound.named_row, _two_columns(bound, bound.named_row))
    else:
        figures = None
    if figures is None or len(figures.cells) != _PAIR:
        return None
    result = _derive_comparison(bound, figures, are_rows=are_rows)
    names_both = operation.operator is Operator.COMPARE and max(len(operation.roles), len(bound.query.dates)) > 1
    if not (are_rows or result or names_both):
        return None
    items = [(f"{cell.name}が{cell.text}", n if are_rows else 1) for n, cell in enumerate(figures.cells, 1)]
    statements = enumerate_statements(items, f"{figures.subject}は、" if figures.subject else "", "です。")
    return TableResult((*result, *statements), figures.rows, figures.columns)


def _compared_figures(bound: TableQuery) -> Figures | None:
    """Return the figures to rank: of one row over its columns where the question names the row, else of a column."""
    row = bound.named_row
    if row and not bound.selected_rows and not bound.operation.is_by_age:
        columns = [c for c in bound.table.measured if bound.value(row, c)]
        names_column = any(bound.score(c, ()) > 0 for c in columns)
        figures = row_figures(bound, row, columns) if len(columns) >= _PAIR and not names_column else None
        if figures:
            return figures
    return column_figures(bound, bound.selected_rows or bound.table.items)


def _result(statements: Sequence[Statement], rows: Sequence[Row], figures: Figures) -> TableResult:
    """Return the result with which cells are in no figure, and which figures are approximate."""
    remarks = [f"{name}は「{text}」" for name, text, _ in figures.left_out]
    shown = tuple(dict.fromkeys((*rows, *(row for _, _, row in figures.left_out))))
    added = list[Statement]()
    if remarks:
        numbers = tuple(dict.fromkeys(shown.index(row) + 1 for _, _, row in figures.left_out))
        added.append(Statement(f"{'、'.join(remarks)}のため、含めていません", numbers, "。"))
    if about := [cell for cell in figures.cells if cell.is_about and cell.row in shown]:
        listed = "、".join(f"{cell.name}は「{cell.text}」" for cell in about)
        added.append(Statement(f"{listed}です", tuple(dict.fromkeys(shown.index(c.row) + 1 for c in about)), "。"))
    return TableResult((*statements, *added), shown, figures.columns)


def _derive(text: str, rows: Sequence[Row]) -> Statement:
    """Return a statement computed from all of the rows."""
    return Statement(text, tuple(range(1, len(rows) + 1)), "。", "arithmetic")


def _about(figures: Figures) -> str:
    return "約" if any(cell.is_about for cell in figures.cells) else ""


def _added_columns(bound: TableQuery, row: Row) -> list[Column]:
    """Return the columns of a row that are added: those of years, months or the dates in the question."""
    times = [c for c in bound.table.columns if (c.times or c.is_month) and not c.roles and bound.value(row, c)]
    if span := bound.month_columns:
        return [*span]
    dated = [c for c in times if bound.is_dated(c)]
    if dated and bound.operation.is_period:
        dated = times[times.index(dated[0]) : times.index(dated[-1]) + 1]
    if not times and not bound.query.dates:
        return _addable_columns(bound, row)
    return dated if bound.query.dates else times


def _addable_columns(bound: TableQuery, row: Row) -> list[Column]:
    """Return the columns of a row with one unit; none where one of them is the sum of the others."""
    measured = [c for c in bound.table.measured if bound.table.unit(c) != TIME and not c.roles]
    columns = [c for c in measured if bound.value(row, c)]
    values = [value for c in columns if (value := bound.value(row, c))]
    units = {value.unit for value in values}
    whole = sum(value.number for value in values)
    has_sum = any(2 * value.number == whole for value in values) or any(c.is_total for c in columns)
    return [] if len(units) != 1 or units == {""} or has_sum else columns


def _derive_comparison(bound: TableQuery, figures: Figures, *, are_rows: bool) -> tuple[Statement, ...]:
    """Return the statement derived from two figures, if any."""
    first, second = figures.values
    operator, gap = bound.operation.operator, difference(first, second)
    smaller, greater = sorted(figures.values, key=lambda value: value.number)
    # A follow-up about a row whose cells are plain figures gets the difference too.
    are_plain = all(cell.text == cell.value.written for cell in figures.cells)
    is_plain_followup = bound.query.carried_over_terms and not are_rows and are_plain
    if gap and (operator is Operator.DIFFERENCE or (operator is Operator.COMPARE and is_plain_followup)):
        result = format_value(gap, f"{greater.written}{smaller.written}")
        formula = f"{greater.written} − {smaller.written} = {result}"
        return (_derive(f"差は{result}です{_direction(bound, figures)}（{formula}）", figures.rows),)
    part, whole = (first, second) if bound.operation.roles & GOALS else (second, first)
    if operator is Operator.RATIO and not are_rows and (percentage := share(part, whole)):
        result = format_value(percentage)
        return (_derive(f"割合は{result}です（{part.written} ÷ {whole.written} = {result}）", figures.rows),)
    if not (are_rows and gap and gap.number):
        return ()
    position = figures.values.index(greater)
    result = format_value(gap, f"{greater.written}{smaller.written}")
    return (Statement(f"大きいほうは{figures.cells[position].name}です（差は{result}）", (1, 2), "。", "arithmetic"),)


def _direction(bound: TableQuery, figures: Figures) -> str:
    """Return whether the later of two figures rose or fell, where the question asks about that."""
    text = bound.query.topic
    if not (_ROSE.search(text) or _FELL.search(text)) or not _are_in_time(figures.cells):
        return ""
    first, second = sorted(figures.cells, key=lambda cell: _position(bound, cell))
    if first.value.number == second.value.number:
        return "。変わっていません"
    return "。増えています" if second.value.number > first.value.number else "。減っています"


def _are_in_time(cells: Sequence[Figure]) -> bool:
    return all(re.search(r"\d\s?(?:月|年|年度|日)|まで$|から$|前$|後$", cell.name) for cell in cells)


def _position(bound: TableQuery, cell: Figure) -> tuple[int, int]:
    names = [column.name for column in bound.table.columns]
    return bound.table.rows.index(cell.row), names.index(cell.name) if cell.name in names else 0


def _two_columns(bound: TableQuery, row: Row) -> Sequence[Column]:
    """Return the two columns to compare: two named times, a target and its result, or a time and the one before."""
    columns = [c for c in bound.table.measured if bound.value(row, c)]
    if bound.operation.operator is Operator.DIFFERENCE and (pair := _around_change(bound, columns)):
        return pair
    dated = [c for c in columns if bound.is_dated(c)]
    if len(dated) > 1:
        return dated[0], dated[-1]
    if bound.operation.roles & GOALS:
        return _target_and_result(bound, columns)
    named = [c for c in columns if bound.score(c, ()) > 0]
    if bound.operation.operator is Operator.DIFFERENCE and not bound.operation.roles and (dated or not named):
        times = [c for c in columns if (c.times or c.is_month) and not c.roles]
        if len(times) >= _PAIR and (pair := _two_times(times, dated, to_previous=bound.operation.is_to_previous)):
            return pair
    return named if len(named) == _PAIR else [c for c in columns if not c.roles & GOALS]


def _around_change(bound: TableQuery, columns: Sequence[Column]) -> Sequence[Column]:
    """Return the columns until and from the change that the question means: the nearest on its date, else the next."""
    timed = [column for column in bound.timed_columns if column in columns]
    if len(timed) < _PAIR or any(nfkc(column.name) in bound.query.text for column in timed[:1]):
        return ()
    as_of = bound.query.scope.as_of
    months = {month for _, _, month, _ in days_without_year(bound.query.text)}
    named = [
        i
        for i, column in enumerate(timed)
        if i and (bound.is_dated(column) or any(time.first.month in months for time in column.times))
    ]
    if named:
        at = min(named, key=lambda i: abs((timed[i].times[0].first - as_of).days) if timed[i].times else 0)
    else:
        now = bound.column_on(as_of)
        at = min(timed.index(now) + 1 if now in timed else 1, len(timed) - 1)
    return timed[at - 1 : at + 1]


def _two_times(times: Sequence[Column], dated: Sequence[Column], *, to_previous: bool) -> Sequence[Column]:
    """Return the named time and the latest one, or the one before where that is asked for; else the latest two."""
    at = times.index(dated[0]) if dated and dated[0] in times else len(times) - 1
    if at < len(times) - 1 and not to_previous:
        return times[at], times[-1]
    return times[at - 1 : at + 1] if at else ()


def _target_and_result(bound: TableQuery, columns: Sequence[Column]) -> Sequence[Column]:
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
