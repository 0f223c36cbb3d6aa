"""Extremes, ranks, sums, averages, differences and shares over the figures of a table."""

import re
from collections.abc import Sequence
from decimal import Context, Decimal, localcontext

from bot.question.operation import Operator
from bot.state import Statement
from bot.tables.compared_columns import select_added_columns, select_compared_columns
from bot.tables.figures import Figures, TableFigure, column_figures, row_figures
from bot.tables.render import MAX_ROWS, TableResult, enumerate_statements
from bot.tables.table_query import TableQuery
from ingest.chunking.cell_values import TIME, Value
from ingest.chunking.table import GOALS, Row, Table

PERCENT = "%"
POINTS = "ポイント"
TIMES = "倍"
_TENTH = Decimal("0.1")
# Cells have at most 28 digits before and after the point, so sums and shares of them are exact to a tenth.
_EXACT = Context(prec=80)
_LARGE_NUMBERS = (("兆", 10**12), ("億", 10**8), ("万", 10**4))
_HAS_LARGE_NUMBER = re.compile(r"\d[万億兆]")


def difference(first: Value, second: Value) -> Value | None:
    """Return the absolute difference, in points for percentages; None for different units and for times."""
    if first.unit != second.unit or first.unit == TIME:
        return None
    with localcontext(_EXACT):
        return Value(abs(first.number - second.number), POINTS if first.unit == PERCENT else first.unit)


def total(values: Sequence[Value]) -> Value | None:
    """Return the sum; None for no values, mixed units, and for shares and times, which do not add up."""
    units = {value.unit for value in values}
    if len(units) != 1 or units & {PERCENT, POINTS, TIMES, TIME}:
        return None
    with localcontext(_EXACT):
        return Value(sum((value.number for value in values), Decimal(0)), units.pop())


def mean(sum_of_values: Value, count: int) -> Value:
    """Return the mean of `count` values to a tenth."""
    with localcontext(_EXACT):
        return Value((sum_of_values.number / count).quantize(_TENTH), sum_of_values.unit)


def share(part: Value, whole: Value) -> Value | None:
    """Return `part` as a percentage of `whole`, to a tenth; None for different units or a `whole` of zero."""
    if part.unit != whole.unit or not whole.number:
        return None
    with localcontext(_EXACT):
        return Value((part.number / whole.number * 100).quantize(_TENTH), PERCENT)


def format_value(value: Value, operands: str = "") -> str:
    """Return a figure with its unit, in the notation of its `operands`: 3億3,700万円 or 1,200人."""
    number = value.number.normalize(_EXACT)
    if number % 1 or not _HAS_LARGE_NUMBER.search(operands):
        return f"{number:,f}{value.unit}"
    text = "-" if number < 0 else ""
    remainder = abs(int(number))
    for name, size in _LARGE_NUMBERS:
        if remainder >= size:
            text += f"{remainder // size:,}{name}"
            remainder %= size
    if remainder or not number:
        text += f"{remainder:,}"
    return f"{text}{value.unit}"


# The operands of a sum are written out up to this many.
_MAX_OPERANDS = 6
# The other figures of a ranking are written out up to this many figures in all.
_MAX_RANKED = 12
# Figures that are already computed are not added or averaged.
_COMPUTED = re.compile(r"平均|割合|率$|比$|構成比")
# Names of rows and columns that are times, so that figures can rise or fall between them.
_NAME_OF_TIME = re.compile(r"\d\s?(?:月|年|年度|日)|まで$|から$|前$|後$")


def find_extreme(table_query: TableQuery) -> TableResult | None:
    """Return the rows with the greatest or least figure, or the row at the position that the question asks for."""
    operation = table_query.operation
    figures = _figures_to_rank(table_query)
    if figures is None or len(figures.cells) < 2 or operation.position > len(figures.cells):
        return None
    is_most = operation.operator is Operator.MOST
    ranked = sorted(figures.cells, key=lambda cell: cell.value.number, reverse=is_most)
    best = _select_best(ranked, operation.position, operation.limit, is_most=is_most)
    others = [cell for cell in ranked if cell not in best]
    shows_others = len(ranked) <= _MAX_RANKED
    rows = tuple(dict.fromkeys(cell.row for cell in best))
    if shows_others:
        rows = tuple(dict.fromkeys((*rows, *(cell.row for cell in others))))
    subject = figures.subject or "値"
    if operation.limit > 1:
        lead = f"{subject}が{operation.adjective}順に、"
    else:
        place = f"{operation.position}番目に" if operation.position > 1 else "最も"
        lead = f"{subject}が{place}{operation.adjective}のは"
    items = [(f"{cell.name}({cell.value.written})", rows.index(cell.row) + 1) for cell in best[:MAX_ROWS]]
    statements = enumerate_statements(items, lead, "です。")
    if others and shows_others:
        names = "、".join(f"{cell.name} {cell.value.written}" for cell in others)
        numbers = _source_numbers(rows, [cell.row for cell in others])
        statements = (*statements, Statement(f"ほかは、{names}です", numbers, "。"))
    return _build_result(statements, rows if shows_others else rows[:MAX_ROWS], figures)


def _select_best(ranked: Sequence[TableFigure], position: int, limit: int, *, is_most: bool) -> list[TableFigure]:
    last = ranked[min(position - 1 + limit, len(ranked)) - 1].value.number
    first = 0 if limit > 1 else position - 1
    return [cell for cell in ranked[first:] if (cell.value.number >= last if is_most else cell.value.number <= last)]


def find_rank(table_query: TableQuery) -> TableResult | None:
    """Return the position of the named row among all rows by the figure that the question means."""
    row = table_query.named_row
    figures = column_figures(table_query, table_query.table.items) if row else None
    if figures is None or len(figures.cells) < 2:
        return None
    ranked_cell = next((cell for cell in figures.cells if cell.row is row), None)
    if ranked_cell is None:
        return None
    operation = table_query.operation
    number = ranked_cell.value.number
    numbers = [value.number for value in figures.values]
    n_better = sum(other < number if operation.is_least_first else other > number for other in numbers)
    place = f"{len(numbers)}件のうち{operation.adjective}順で{n_better + 1}番目"
    text = f"{ranked_cell.name}は{place}です（{figures.subject} {ranked_cell.text}）"
    rows = (ranked_cell.row, *(cell.row for cell in figures.cells if cell.row is not row))
    return _build_result((_computed_statement(text, rows),), rows, figures)


def compute_sum(table_query: TableQuery) -> TableResult | None:
    """Return the sum of a column, preferring the table's own total row, or of a row over its columns."""
    figures = _figures_to_add(table_query)
    if figures is None:
        return None
    total_row = table_query.table.total
    is_of_all_rows = not table_query.selected_rows and table_query.named_row is None
    if is_of_all_rows and total_row and total_row.text(figures.columns[0]):
        text = f"{figures.subject}の{total_row.label}は{total_row.text_with_unit(figures.columns[0])}です"
        return TableResult((Statement(text, (1,), "。"),), (total_row,), figures.columns)
    result = total(figures.values)
    if result is None or len(figures.cells) < 2 or _COMPUTED.search(figures.subject):
        return None
    operands = _write_operands(figures.cells)
    shown_operands = operands if len(figures.cells) <= _MAX_OPERANDS else f"{len(figures.cells)}件の値の和"
    amount = format_value(result, operands)
    text = f"{figures.subject}の合計は{_about(figures)}{amount}です（{shown_operands} = {amount}）"
    return _build_result((_computed_statement(text, figures.rows),), figures.rows, figures)


def compute_average(table_query: TableQuery) -> TableResult | None:
    """Return the mean of a column, or of a row over its columns; None if the table gives an average itself."""
    figures = None if states_average(table_query.table) else _figures_to_add(table_query)
    result = total(figures.values) if figures else None
    if figures is None or result is None or len(figures.cells) < 2:
        return None
    count = len(figures.cells)
    operand = figures.cells[0].value.written
    formula = f"合計 {format_value(result, operand)} ÷ {count}件"
    average = format_value(mean(result, count), operand)
    text = f"{figures.subject}の平均は{_about(figures)}{average}です（{formula}）"
    return _build_result((_computed_statement(text, figures.rows),), figures.rows, figures)


def states_average(table: Table) -> bool:
    """Whether a head or label of the table is an average."""
    return any("平均" in name for name in _heads_and_labels(table))


def states_share(table: Table) -> bool:
    """Whether a head or label of the table is a share or an average."""
    return any(_COMPUTED.search(name) for name in _heads_and_labels(table))


def _heads_and_labels(table: Table) -> tuple[str, ...]:
    return (*(column.name for column in table.columns), *(row.label for row in table.rows))


def compute_share(table_query: TableQuery) -> TableResult | None:
    """Return the percentage of the named rows in the total; None if the table gives shares itself."""
    if not table_query.named_rows or states_share(table_query.table):
        return None
    figures = column_figures(table_query, table_query.table.items)
    whole = total(figures.values) if figures else None
    if figures is None or whole is None:
        return None
    total_row = table_query.table.total
    stated_total = table_query.value(total_row, figures.columns[0]) if total_row else None
    if stated_total and stated_total.unit == whole.unit:
        whole = stated_total
    cells = [cell for cell in figures.cells if cell.row in table_query.named_rows]
    part = total([cell.value for cell in cells])
    percentage = share(part, whole) if part and len(cells) == len(table_query.named_rows) else None
    if percentage is None:
        return None
    written_percentage = format_value(percentage)
    written_whole = format_value(whole, cells[0].value.written)
    formula = f"{_write_operands(cells)} ÷ 合計 {written_whole} = {written_percentage}"
    names = "と".join(cell.name for cell in cells)
    rows = (*figures.rows, total_row) if total_row and stated_total else figures.rows
    text = f"{names}の割合は{written_percentage}です（{formula}）"
    return _build_result((_computed_statement(text, rows),), rows, figures)


def compare_values(table_query: TableQuery) -> TableResult | None:
    """Return the difference, the ratio or the greater of two values, and then the values."""
    operation = table_query.operation
    rows = table_query.compared_rows
    are_rows = len(rows) == 2
    figures: Figures | None = None
    if are_rows:
        figures = column_figures(table_query, rows)
    elif table_query.named_row:
        columns = select_compared_columns(table_query, table_query.named_row)
        figures = row_figures(table_query, table_query.named_row, columns)
    if figures is None or len(figures.cells) != 2:
        return None
    comparison = _compare_figures(table_query, figures, are_rows=are_rows)
    names_both = operation.operator is Operator.COMPARE and max(len(operation.roles), len(table_query.query.dates)) > 1
    if not (are_rows or comparison or names_both):
        return None
    items = [(f"{cell.name}が{cell.text}", n if are_rows else 1) for n, cell in enumerate(figures.cells, 1)]
    statements = enumerate_statements(items, f"{figures.subject}は、" if figures.subject else "", "です。")
    if comparison:
        statements = (comparison, *statements)
    return TableResult(statements, figures.rows, figures.columns)


def _figures_to_rank(table_query: TableQuery) -> Figures | None:
    row, table = table_query.named_row, table_query.table
    if row and not table_query.selected_rows and not table_query.operation.is_by_age:
        columns = [column for column in table.measured if table_query.value(row, column)]
        names_column = any(table_query.score(column, ()) > 0 for column in columns)
        figures = row_figures(table_query, row, columns) if len(columns) > 1 and not names_column else None
        if figures:
            return figures
    return column_figures(table_query, table_query.selected_rows or table.items)


def _figures_to_add(table_query: TableQuery) -> Figures | None:
    row = table_query.named_row
    if row and not table_query.selected_rows:
        return row_figures(table_query, row, select_added_columns(table_query, row))
    return column_figures(table_query, table_query.selected_rows or table_query.table.items)


def _build_result(statements: Sequence[Statement], rows: Sequence[Row], figures: Figures) -> TableResult:
    rows = tuple(dict.fromkeys((*rows, *(cell.row for cell in figures.omitted))))
    remarks = list[Statement]()
    if figures.omitted:
        names = "、".join(f"{cell.name}は「{cell.text}」" for cell in figures.omitted)
        numbers = _source_numbers(rows, [cell.row for cell in figures.omitted])
        remarks.append(Statement(f"{names}のため、含めていません", numbers, "。"))
    if approximate := [cell for cell in figures.cells if cell.is_approximate and cell.row in rows]:
        names = "、".join(f"{cell.name}は「{cell.text}」" for cell in approximate)
        numbers = _source_numbers(rows, [cell.row for cell in approximate])
        remarks.append(Statement(f"{names}です", numbers, "。"))
    return TableResult((*statements, *remarks), rows, figures.columns)


def _source_numbers(rows: Sequence[Row], cited_rows: Sequence[Row]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(rows.index(row) + 1 for row in cited_rows))


def _computed_statement(text: str, rows: Sequence[Row]) -> Statement:
    return Statement(text, tuple(range(1, len(rows) + 1)), "。", "arithmetic")


def _write_operands(cells: Sequence[TableFigure]) -> str:
    return " + ".join(f"{cell.name} {cell.value.written}" for cell in cells)


def _about(figures: Figures) -> str:
    return "約" if figures.are_approximate else ""


def _compare_figures(table_query: TableQuery, figures: Figures, *, are_rows: bool) -> Statement | None:
    first, second = figures.values
    smaller, greater = sorted(figures.values, key=lambda value: value.number)
    operator = table_query.operation.operator
    gap = difference(first, second)
    written_gap = format_value(gap, f"{greater.written}{smaller.written}") if gap else ""
    if gap and (operator is Operator.DIFFERENCE or _is_plain_follow_up(table_query, figures, are_rows=are_rows)):
        formula = f"{greater.written} − {smaller.written} = {written_gap}"
        direction = _direction(table_query, figures)
        return _computed_statement(f"差は{written_gap}です{direction}（{formula}）", figures.rows)
    part, whole = (first, second) if table_query.operation.roles & GOALS else (second, first)
    if operator is Operator.RATIO and not are_rows and (percentage := share(part, whole)):
        written_share = format_value(percentage)
        formula = f"{part.written} ÷ {whole.written} = {written_share}"
        return _computed_statement(f"割合は{written_share}です（{formula}）", figures.rows)
    if not (are_rows and gap and gap.number):
        return None
    name = figures.cells[figures.values.index(greater)].name
    return Statement(f"大きいほうは{name}です（差は{written_gap}）", (1, 2), "。", "arithmetic")


def _is_plain_follow_up(table_query: TableQuery, figures: Figures, *, are_rows: bool) -> bool:
    """Whether a follow-up compares cells of one row that are plain figures, so that it gets the difference, too."""
    are_plain = all(cell.text == cell.value.written for cell in figures.cells)
    is_comparison = table_query.operation.operator is Operator.COMPARE
    return is_comparison and bool(table_query.query.carried_over_terms) and not are_rows and are_plain


def _direction(table_query: TableQuery, figures: Figures) -> str:
    if not table_query.query.figure_request.asks_direction:
        return ""
    if not all(_NAME_OF_TIME.search(cell.name) for cell in figures.cells):
        return ""
    earlier, later = (cell.value for cell in sorted(figures.cells, key=lambda cell: _position(table_query.table, cell)))
    return _direction_words(earlier, later)


def _direction_words(earlier: Value, later: Value) -> str:
    if earlier.number == later.number:
        return "。変わっていません"
    return "。増えています" if later.number > earlier.number else "。減っています"


def _position(table: Table, cell: TableFigure) -> tuple[int, int]:
    names = [column.name for column in table.columns]
    return table.rows.index(cell.row), names.index(cell.name) if cell.name in names else 0
