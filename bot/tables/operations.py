"""The operations that a question can ask of a table, each as a function that returns its result."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from itertools import accumulate

from bot.state import Statement
from bot.state.query import AnswerType, Operator
from bot.tables.render import (
    MAX_ROWS,
    TableResult,
    cell_sentence,
    enumerate_statements,
    join_lines,
    note_statements,
    row_text,
)
from bot.tables.table_query import TableQuery, index_terms
from ingest.japanese import nfkc
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.markers import strip_heading_number
from ingest.tables.cell_values import TIME, Value
from ingest.tables.table import GOALS, Column, Role, Row, Table

# Cells have at most 28 digits before and after the point, so their sums are exact.
_EXACT = Context(prec=80)
_SIZES = (("百万", 10**6), ("千", 1000), ("億", 10**8), ("万", 10**4))
# Added to the score of a column whose unit the question names or expects.
_NAMED_UNIT_SCORE = 0.7
# A row that is the sum of all others is taken for a total if they are more than this.
_MIN_SUMMED = 3
# The other figures of a ranking are written out up to this many figures in all.
_MAX_RANKED = 12
# Ends of the labels of rows that may be totals.
_TOTAL_ENDS = load_lexicon("list_parts")["totals"]
# The coverage of an answer whose columns the question does not name and whose unit is unknown (decision 025).
_MIN_COVERAGE_UNNAMED = 0.9
# Sentences of an answer, one for each row, and columns in one sentence.
_MAX_SENTENCES = 3
# Reasons, manners, definitions and yes/no answers are not looked up by row and column.
_NOT_IN_CELLS = frozenset({AnswerType.REASON, AnswerType.MANNER, AnswerType.DEFINITION, AnswerType.BOOLEAN})


def run_operation(table_query: TableQuery) -> TableResult | None:
    """Return the result of the operation that the question asks for; None without one."""
    return _OPERATIONS[table_query.operation.operator](table_query)


def _select(table_query: TableQuery) -> TableResult | None:
    operation = table_query.operation
    columns = table_query.goal_columns
    is_whether_question = not (operation.interrogative_count or operation.asks_which)
    if is_whether_question and Role.TARGET in operation.roles and len(columns) > 1:
        row = table_query.named_row
        if row and all(map(row.text, columns)):
            return TableResult((cell_sentence(row, columns), *note_statements([row])), (row,), columns)
    if table_query.query.answer_type in _NOT_IN_CELLS:
        return None
    if operation.asks_which and table_query.rows_by_cell[1] and len(table_query.named_rows) != 1:
        return _select_rows(table_query)
    if not table_query.named_rows:
        return _select_rows(table_query) if operation.asks_which else None
    return _cells_of_named_rows(table_query)


def _cells_of_named_rows(table_query: TableQuery) -> TableResult | None:
    rows = table_query.named_rows
    operation = table_query.operation
    names_several = max(len(rows), len(operation.roles), len(table_query.query.dates)) > 1
    if (operation.asks_for_each and not names_several) or not all(key.is_sure for key in table_query.keys):
        return None
    columns_by_row = [_answer_columns(table_query, row) for row in rows]
    if len(rows) > _MAX_SENTENCES or not all(0 < len(columns) <= _MAX_SENTENCES for columns in columns_by_row):
        return None
    shown_columns = tuple(dict.fromkeys(column for columns in columns_by_row for column in columns))
    sentences = [
        cell_sentence(row, columns, table_query.name(row), n)
        for n, (row, columns) in enumerate(zip(rows, columns_by_row, strict=True), 1)
    ]
    sentences += _cells_of_other_times(table_query, rows, shown_columns)
    sentences += _multiples(table_query, rows, shown_columns)
    return TableResult((*sentences, *note_statements(rows)), rows, shown_columns)


def _cells_of_other_times(
    table_query: TableQuery, rows: Sequence[Row], shown_columns: Sequence[Column]
) -> Iterable[Statement]:
    timed_columns = table_query.timed_columns
    if not timed_columns.keys() & {*shown_columns}:
        return
    other_columns = [column for column in timed_columns if column not in shown_columns]
    for n, row in enumerate(rows, 1):
        texts = [f"{column.name} {row.text_with_unit(column)}" for column in other_columns if row.text(column)]
        if texts:
            yield Statement(f"ほかの時期は、{'、'.join(texts)}です", (n,), "。")


# What as many units cost as the question names, where a column is for one of them: 1時間の使用料. Not if a cell of the
# row has a smaller figure of the same unit, which may be a limit or the price of a longer time.
def _multiples(table_query: TableQuery, rows: Sequence[Row], columns: Sequence[Column]) -> Iterable[Statement]:
    units = [unit for unit in table_query.query.values.figures if unit and not unit.startswith("第")]
    if len(rows) != 1 or len(columns) != 1 or units != [columns[0].rate_unit]:
        return
    row, (column,), (unit,) = rows[0], columns, units
    value, counts = row.figure(column), table_query.query.values.figures[unit]
    if value is None or value.unit == TIME or value.change or len(counts) != 1:
        return
    count = max(counts)
    product = replace(value, number=value.number * count)
    others = (other for each in table_query.table.columns if each != column for other in row.values(each))
    if count > 1 and not any(other.unit == value.unit and other.number < product.number for other in others):
        amount, times = format_value(product, value.written), f"{count.normalize():f}{unit}"
        yield Statement(f"{times}では{amount}です（{value.written} × {times} = {amount}）", (1,), "。", "arithmetic")


def _answer_columns(table_query: TableQuery, row: Row) -> tuple[Column, ...]:
    by_role = table_query.columns_of_named_roles
    if not all(row.text(column) for column in by_role):
        return ()
    if len(by_role) > 1 and all(table_query.can_answer(column, [row]) for column in by_role):
        return by_role
    if best := table_query.best_columns([row]):
        return best
    result_and_target = tuple(c for c in table_query.goal_columns if table_query.can_answer(c, [row]))
    is_unit_known = bool(table_query.query.expected_unit)
    if not is_unit_known and table_query.coverage([row], result_and_target) < _MIN_COVERAGE_UNNAMED:
        return ()
    filled = tuple(column for column in table_query.table.columns if not column.is_note and row.text(column))
    return result_and_target or (filled if len(filled) == 1 and table_query.can_answer(filled[0], [row]) else ())


def _select_rows(table_query: TableQuery) -> TableResult | None:
    columns, rows = table_query.rows_by_cell
    if not (rows and all(each.is_sure for each in table_query.properties)):
        return None
    count = "次のとおり" if table_query.operation.operator is Operator.SELECT else f"{len(rows)}件"
    lead = Statement(f"該当する{table_query.table.label or 'もの'}は{count}です。")
    lines = ((Statement(row_text(table_query.table, row, columns, notes=True), (n,)),) for n, row in enumerate(rows, 1))
    return TableResult(join_lines(((lead,), *lines)), rows, columns, is_over_all=True)


@dataclass(frozen=True, slots=True)
class _Figure:
    name: str
    text: str
    value: Value
    row: Row


# Figures of one unit that can be compared; `subject` names the column or row that they share.
@dataclass(frozen=True, slots=True)
class _Figures:
    subject: str
    cells: tuple[_Figure, ...]
    columns: tuple[Column, ...]


def difference(first: Value, second: Value) -> Value | None:
    """Return the absolute difference, in points for percentages; None for different units and for times."""
    if first.unit != second.unit or first.unit == TIME:
        return None
    with localcontext(_EXACT):
        return Value(abs(first.number - second.number), "ポイント" if first.unit == "%" else first.unit)


def format_value(value: Value, operands: str = "") -> str:
    """Return a figure with its unit, in thousands or the like if its `operands` end so: 337百万円 or 1,200人."""
    number = value.number.normalize(_EXACT)
    for name, size in _SIZES:
        if operands.endswith(f"{name}{value.unit}") and not number % size:
            return f"{number / size:,f}{name}{value.unit}"
    return f"{number:,f}{value.unit}"


def _find_extreme(table_query: TableQuery) -> TableResult | None:
    operation = table_query.operation
    figures = _column_figures(table_query, table_query.selected_rows or table_query.table.items)
    if figures is None or len(figures.cells) < 2:
        return None
    is_most = operation.operator is Operator.MOST
    ranked = sorted(figures.cells, key=lambda cell: cell.value.number, reverse=is_most)
    best = [cell for cell in ranked if cell.value.number == ranked[0].value.number]
    others = ranked[len(best) :] if len(ranked) <= _MAX_RANKED else []
    rows = tuple(dict.fromkeys(cell.row for cell in (*best[:MAX_ROWS], *others)))
    items = [(f"{cell.name}({cell.text})", rows.index(cell.row) + 1) for cell in best[:MAX_ROWS]]
    lead = f"{figures.subject or '値'}が最も{operation.adjective}のは"
    statements = enumerate_statements(items, lead, "です。")
    if others:
        names = "、".join(f"{cell.name} {cell.text}" for cell in others)
        numbers = tuple(dict.fromkeys(rows.index(cell.row) + 1 for cell in others))
        statements = (*statements, Statement(f"ほかは、{names}です", numbers, "。"))
    return TableResult(statements, rows, figures.columns, is_over_all=True)


def _compute_difference(table_query: TableQuery) -> TableResult | None:
    rows = table_query.named_rows
    are_rows = len(rows) == 2 and table_query.are_fully_named(rows)
    figures: _Figures | None = None
    if are_rows:
        figures = _column_figures(table_query, rows)
    elif row := table_query.named_row:
        figures = _row_figures(row, _compared_columns(table_query, row))
    if figures is None or len(figures.cells) != 2:
        return None
    smaller, greater = sorted(figures.cells, key=lambda cell: cell.value.number)
    gap = difference(greater.value, smaller.value)
    if gap is None:
        return None
    items = [(f"{cell.name}が{cell.text}", n if are_rows else 1) for n, cell in enumerate(figures.cells, 1)]
    statements = enumerate_statements(items, f"{figures.subject}は、" if figures.subject else "", "です。")
    rows = rows if are_rows else (figures.cells[0].row,)
    written_gap = format_value(gap, f"{greater.value.written}{smaller.value.written}")
    text = f"差は{written_gap}です（{greater.text} − {smaller.text} = {written_gap}）"
    lead = Statement(text, tuple(range(1, len(rows) + 1)), "。", "arithmetic")
    return TableResult((lead, *statements), rows, figures.columns)


def _column_figures(table_query: TableQuery, rows: Sequence[Row]) -> _Figures | None:
    column = _select_column(table_query, rows)
    if column is None or _has_total(rows, column, table_query.table):
        return None
    cells = _whole_figures((row.label, row, column) for row in rows)
    heading = strip_heading_number(table_query.table.section)
    return _Figures(heading if column.is_unnamed and heading else column.name, cells, (column,)) if cells else None


def _whole_figures(named_cells: Iterable[tuple[str, Row, Column]]) -> tuple[_Figure, ...]:
    cells = list[_Figure]()
    for name, row, column in named_cells:
        value = row.figure(column)
        if value is None:
            return ()
        cells.append(_Figure(name, row.text_with_unit(column), value, row))
    kinds = {(cell.value.unit, cell.value.change) for cell in cells}
    return tuple(cells) if len(kinds) == 1 and len({cell.name for cell in cells}) == len(cells) else ()


# Whether a row is the sum of all others, or called a total and the sum of rows above or below it.
def _has_total(rows: Sequence[Row], column: Column, table: Table) -> bool:
    sums = _figures_of(rows, column)
    if len(rows) > _MIN_SUMMED and sum(sums) / 2 in sums:
        return True
    for n, row in enumerate(rows):
        if nfkc(row.label).endswith(_TOTAL_ENDS):
            for figures in (_figures_of(rows, measured) for measured in table.measured):
                above, below = accumulate(reversed(figures[:n])), accumulate(figures[n + 1 :])
                if figures[n] in (*[*above][1:], *[*below][1:]):
                    return True
    return False


def _figures_of(rows: Sequence[Row], column: Column) -> list[Decimal]:
    return [value.number if (value := row.value(column)) else Decimal() for row in rows]


def _row_figures(row: Row, columns: Sequence[Column]) -> _Figures | None:
    cells = _whole_figures((column.name, row, column) for column in columns)
    return _Figures(row.label, cells, tuple(columns)) if cells else None


def _select_column(table_query: TableQuery, rows: Sequence[Row]) -> Column | None:
    query = table_query.query
    topic = query.topic.replace(table_query.table.label, "")
    scores: dict[Column, float] = {}
    for column in table_query.columns_in_force:
        units = {value.unit for row in rows for value in row.values(column)[:1]} - {""}
        if TIME not in units:
            is_unit_named = any(unit == query.expected_unit or unit in topic for unit in units)
            scores[column] = table_query.score(column, ()) + _NAMED_UNIT_SCORE * is_unit_named
    best = max(scores.values(), default=0.0)
    selected = [column for column, score in scores.items() if score == best]
    if len(selected) > 1 and all(column.times for column in selected):
        return selected[-1]  # columns of years: the latest, which the answer names
    if len(selected) != 1:
        return None
    (column,) = selected
    if best >= _NAMED_UNIT_SCORE or column in table_query.columns_of_named_roles:
        return column
    name = table_query.table.section if column.is_unnamed else column.name
    return column if index_terms(nfkc(name)) & table_query.weights.keys() else None


def _compared_columns(table_query: TableQuery, row: Row) -> Sequence[Column]:
    roles = table_query.operation.roles
    columns = [column for column in table_query.table.measured if row.figure(column)]
    dated = [column for column in columns if table_query.is_dated(column)]
    if len(dated) > 1:
        return dated
    if roles & GOALS:
        by_role = [column for column in table_query.columns_of_named_roles if column in columns]
        targets = [column for column in by_role if column.roles & GOALS]
        results = [column for column in table_query.columns_of_role(Role.RESULT) if column in columns]
        results = [column for column in (*by_role, *results) if not column.roles & GOALS]
        return (results[0], targets[-1]) if targets and results else ()
    heads = {column: index_terms(column.name) & table_query.weights.keys() for column in columns}
    named = [column for column, terms in heads.items() if terms]
    are_distinct = len(named) == 2 and heads[named[0]] - heads[named[1]] and heads[named[1]] - heads[named[0]]
    if are_distinct:
        return named
    years = [column for column in columns if len(column.times) == 1 and not column.roles]
    is_of_years = len(years) > 1 and not table_query.query.dates and {*named} <= {*years}
    return sorted(years, key=lambda column: column.times[0].first)[-2:] if is_of_years else ()


def _find_total(table_query: TableQuery) -> TableResult | None:
    total = table_query.table.total
    column = _select_column(table_query, table_query.table.items)
    if total and column and total.text(column) and not (table_query.selected_rows or table_query.named_row):
        text = f"{column.name}の{total.label}は{total.text_with_unit(column)}です"
        return TableResult((Statement(text, (1,), "。"),), (total,), (column,), is_over_all=True)
    result = _select(table_query)
    is_one_cell = result is not None and len(result.rows) * len(result.columns) == 1
    return None if result and is_one_cell and not result.columns[0].is_total else result


_OPERATIONS: Mapping[Operator, Callable[[TableQuery], TableResult | None]] = {
    Operator.SELECT: _select,
    Operator.LIST: _select_rows,
    Operator.SUM: _find_total,
    Operator.MOST: _find_extreme,
    Operator.LEAST: _find_extreme,
    Operator.DIFFERENCE: _compute_difference,
}
