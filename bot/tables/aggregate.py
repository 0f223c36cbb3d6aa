"""Extremes, sums and differences over the figures of a table."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from bot.state import Statement
from bot.state.query import Operator
from bot.tables.render import MAX_ROWS, TableResult, enumerate_statements
from bot.tables.table_query import TableQuery, index_terms
from ingest.japanese import nfkc
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.markers import strip_heading_number
from ingest.tables.cell_values import TIME, Value
from ingest.tables.table import GOALS, Column, Role, Row

PERCENT = "%"
POINTS = "ポイント"
TIMES = "倍"
# Cells have at most 28 digits before and after the point, so their sums are exact.
_EXACT = Context(prec=80)
_LARGE_NUMBERS = (("兆", 10**12), ("億", 10**8), ("万", 10**4))
_HAS_LARGE_NUMBER = re.compile(r"\d[万億兆]")
_APPROXIMATE = re.compile(r"約|およそ|概ね|おおむね")
# Added to the score of a column whose unit the question names or expects.
_NAMED_UNIT_SCORE = 0.7
# Subtracted from the score of a column for each unit before the one in question.
_LATER_UNIT_PENALTY = 0.01
# The operands of a sum are written out up to this many.
_MAX_OPERANDS = 6
# The other figures of a ranking are written out up to this many figures in all.
_MAX_RANKED = 12
# Figures that are already computed are not added.
_COMPUTED = re.compile(r"平均|割合|率$|比$|構成比")
# Ends of the labels of rows that may be totals.
_TOTAL_ENDS = load_lexicon("list_parts")["totals"]


@dataclass(frozen=True, slots=True)
class TableFigure:
    """The figure in a cell, named by its row, or in the figures of one row by its column."""

    name: str
    text: str
    value: Value
    row: Row


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one unit that can be compared or added; `subject` names the column or row that they share."""

    subject: str
    cells: tuple[TableFigure, ...]
    columns: tuple[Column, ...]

    @property
    def values(self) -> list[Value]:
        """The values of the figures."""
        return [cell.value for cell in self.cells]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The distinct rows of the figures in order."""
        return tuple(dict.fromkeys(cell.row for cell in self.cells))


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


def find_extreme(table_query: TableQuery) -> TableResult | None:
    """Return the rows with the greatest or least figures, as many as the question asks for."""
    operation = table_query.operation
    figures = _figures_to_rank(table_query)
    if figures is None or len(figures.cells) < 2:
        return None
    is_most = operation.operator is Operator.MOST
    ranked = sorted(figures.cells, key=lambda cell: cell.value.number, reverse=is_most)
    last = ranked[min(operation.limit, len(ranked)) - 1].value.number
    best = [cell for cell in ranked if (cell.value.number >= last if is_most else cell.value.number <= last)]
    others = [cell for cell in ranked if cell not in best]
    shows_others = len(ranked) <= _MAX_RANKED
    rows = tuple(dict.fromkeys(cell.row for cell in best))
    if shows_others:
        rows = tuple(dict.fromkeys((*rows, *(cell.row for cell in others))))
    subject = figures.subject or "値"
    adjective = operation.adjective
    lead = f"{subject}が{adjective}順に、" if operation.limit > 1 else f"{subject}が最も{adjective}のは"
    items = [(f"{cell.name}({_written(cell)})", rows.index(cell.row) + 1) for cell in best[:MAX_ROWS]]
    statements = enumerate_statements(items, lead, "です。")
    if others and shows_others:
        names = "、".join(f"{cell.name} {_written(cell)}" for cell in others)
        numbers = tuple(dict.fromkeys(rows.index(cell.row) + 1 for cell in others))
        statements = (*statements, Statement(f"ほかは、{names}です", numbers, "。"))
    return TableResult(statements, rows if shows_others else rows[:MAX_ROWS], figures.columns, is_over_all=True)


def compute_sum(table_query: TableQuery) -> TableResult | None:
    """Return the sum of a column, preferring the table's own total row, or of a row over its columns."""
    named_row = table_query.named_row if not table_query.selected_rows else None
    if named_row:
        figures = row_figures(table_query, named_row, _added_columns(table_query))
    else:
        figures = column_figures(table_query, table_query.selected_rows or table_query.table.items)
    if figures is None:
        return None
    total_row = table_query.table.total
    is_of_all_rows = not table_query.selected_rows and table_query.named_row is None
    if is_of_all_rows and total_row and total_row.text(figures.columns[0]):
        text = f"{figures.subject}の{total_row.label}は{total_row.text_with_unit(figures.columns[0])}です"
        return TableResult((Statement(text, (1,), "。"),), (total_row,), figures.columns, is_over_all=True)
    result = total(figures.values)
    is_exact = not any(_APPROXIMATE.match(cell.text) for cell in figures.cells)
    if result is None or not is_exact or len(figures.cells) < 2 or _COMPUTED.search(figures.subject):
        return None
    operands = " + ".join(f"{cell.name} {cell.value.written}" for cell in figures.cells)
    shown_operands = operands if len(figures.cells) <= _MAX_OPERANDS else f"{len(figures.cells)}件の値の和"
    amount = format_value(result, operands)
    text = f"{figures.subject}の合計は{amount}です（{shown_operands} = {amount}）"
    are_named = named_row is not None or table_query.are_fully_named(table_query.selected_rows)
    statement = _computed_statement(text, figures.rows)
    return TableResult((statement,), figures.rows, figures.columns, is_over_all=not are_named)


def compute_difference(table_query: TableQuery) -> TableResult | None:
    """Return the difference of the two rows or columns that the question names, and then the values."""
    rows = table_query.named_rows
    are_rows = len(rows) == 2 and table_query.are_fully_named(rows)
    figures: Figures | None = None
    if are_rows:
        figures = column_figures(table_query, rows)
    elif table_query.named_row:
        columns = _compared_columns(table_query, table_query.named_row)
        figures = row_figures(table_query, table_query.named_row, columns)
    if figures is None or len(figures.cells) != 2:
        return None
    smaller, greater = sorted(figures.values, key=lambda value: value.number)
    gap = difference(greater, smaller)
    if gap is None and not are_rows:
        return None
    items = [(f"{cell.name}が{cell.text}", n if are_rows else 1) for n, cell in enumerate(figures.cells, 1)]
    statements = enumerate_statements(items, f"{figures.subject}は、" if figures.subject else "", "です。")
    if gap:
        written_gap = format_value(gap, f"{greater.written}{smaller.written}")
        text = f"差は{written_gap}です（{greater.written} − {smaller.written} = {written_gap}）"
        statements = (_computed_statement(text, figures.rows), *statements)
    return TableResult(statements, figures.rows, figures.columns)


def column_figures(table_query: TableQuery, rows: Sequence[Row]) -> Figures | None:
    """Return the figures of the column that the question means, in `rows`; None if it may mean several."""
    selection = _select_column(table_query, rows)
    if selection is None:
        return None
    column, unit = selection
    cells = list[TableFigure]()
    for row, name in zip(rows, _distinct_names(table_query, rows), strict=True):
        value = next((value for value in row.values(column) if value.unit == unit), None)
        if value is None:  # a cell of another kind: the figures are not all that there are
            return None
        cells.append(TableFigure(name, row.text_with_unit(column), value, row))
    if len({cell.value.change for cell in cells}) != 1 or any(_is_hidden_total(cell, cells) for cell in cells):
        return None
    heading = strip_heading_number(table_query.table.section)
    subject = heading if column.is_unnamed and heading else column.name
    return Figures(subject, tuple(cells), (column,))


def _is_hidden_total(cell: TableFigure, cells: Sequence[TableFigure]) -> bool:
    if not nfkc(cell.name).endswith(_TOTAL_ENDS):
        return False
    numbers = [other.value.number for other in cells if other is not cell]
    runs = (numbers[start:end] for start in range(len(numbers)) for end in range(start + 2, len(numbers) + 1))
    return any(sum(run) == cell.value.number for run in runs)


def row_figures(table_query: TableQuery, row: Row, columns: Sequence[Column]) -> Figures | None:
    """Return the figures of a row in `columns`; None if a cell has none, or they have several units."""
    cells = list[TableFigure]()
    for column in columns:
        value = table_query.value(row, column)
        if value is None:
            return None
        cells.append(TableFigure(column.name, row.text_with_unit(column), value, row))
    if len({(cell.value.unit, cell.value.change) for cell in cells}) != 1:
        return None
    return Figures(row.label, tuple(cells), tuple(columns))


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
            scores[column, unit] = score
    if not scores:
        return None
    best = max(scores.values())
    selected = [key for key, score in scores.items() if score == best]
    if len(selected) > 1 and all(column.times for column, _ in selected):
        return selected[-1]  # columns of years: the latest, which the answer names
    return selected[0] if len(selected) == 1 and _is_meant(table_query, *selected[0]) else None


def _is_meant(table_query: TableQuery, column: Column, unit: str) -> bool:
    query, question_terms = table_query.query, table_query.weights.keys()
    if table_query.operation.is_by_age or (unit and unit == query.expected_unit) or (unit and unit in query.topic):
        return True
    name = table_query.table.section if column.is_unnamed else column.name
    return column in table_query.columns_of_named_roles or bool(index_terms(nfkc(name)) & question_terms)


def _figures_to_rank(table_query: TableQuery) -> Figures | None:
    row, table = table_query.named_row, table_query.table
    if row and not table_query.selected_rows and not table_query.operation.is_by_age:
        columns = [column for column in table.measured if not (column.is_total or column.roles & GOALS)]
        names_column = any(table_query.score(column, ()) > 0 for column in columns)
        figures = row_figures(table_query, row, columns) if len(columns) > 1 and not names_column else None
        if figures:
            return figures
    return column_figures(table_query, table_query.selected_rows or table.items)


def _added_columns(table_query: TableQuery) -> Sequence[Column]:
    times = [column for column in table_query.table.columns if (column.times or column.is_month) and not column.roles]
    if not table_query.query.dates:
        return times
    dated = [column for column in times if table_query.is_dated(column)]
    if dated and table_query.operation.is_span:
        return times[times.index(dated[0]) : times.index(dated[-1]) + 1]
    return dated


def _compared_columns(table_query: TableQuery, row: Row) -> Sequence[Column]:
    roles = table_query.operation.roles
    columns = [column for column in table_query.table.measured if table_query.value(row, column)]
    dated = [column for column in columns if table_query.is_dated(column)]
    if len(dated) > 1:
        return dated
    if roles & GOALS:
        by_role = [column for column in table_query.columns_of_named_roles if column in columns]
        targets = [column for column in by_role if column.roles & GOALS]
        results = [column for column in table_query.columns_of_role(Role.RESULT) if column in columns]
        results = [column for column in (*by_role, *results) if not column.roles & GOALS]
        return (results[0], targets[-1]) if targets and results else ()
    years = [column for column in columns if len(column.times) == 1 and not column.roles]
    if not table_query.query.dates and len(years) > 1 and len(years) == len(columns):
        return years[-2:]
    heads = {column: index_terms(column.name) & table_query.weights.keys() for column in columns}
    named = [column for column, terms in heads.items() if terms]
    are_distinct = len(named) == 2 and heads[named[0]] - heads[named[1]] and heads[named[1]] - heads[named[0]]
    return named if are_distinct else ()


def _computed_statement(text: str, rows: Sequence[Row]) -> Statement:
    return Statement(text, tuple(range(1, len(rows) + 1)), "。", "arithmetic")


def _written(cell: TableFigure) -> str:
    return cell.text if _APPROXIMATE.match(cell.text) else cell.value.written
