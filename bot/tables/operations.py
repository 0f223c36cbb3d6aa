"""The operations that a question can ask of a table, each as a function that returns its result."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.state import Statement
from bot.state.query import AnswerType, Operator
from bot.tables.aggregate import compute_difference, compute_sum, find_extreme
from bot.tables.render import TableResult, cell_sentence, join_lines, note_statements, row_text
from bot.tables.table_query import TableQuery
from ingest.chunking.table import Column, Role, Row

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
    if table_query.operation.asks_outcome:
        return _result_and_target(table_query)
    if table_query.query.answer_type in _NOT_IN_CELLS:
        return None
    if not table_query.named_rows:
        return _select_rows(table_query) if table_query.operation.asks_which else None
    return _cells_of_named_rows(table_query)


def _cells_of_named_rows(table_query: TableQuery) -> TableResult | None:
    rows = table_query.named_rows
    operation = table_query.operation
    names_several = max(len(rows), len(operation.roles), len(table_query.query.dates)) > 1
    if operation.asks_for_each and not names_several:
        return None
    columns_by_row = [_answer_columns(table_query, row) for row in rows]
    if len(rows) > _MAX_SENTENCES or not all(0 < len(columns) <= _MAX_SENTENCES for columns in columns_by_row):
        return None
    shown_columns = tuple(dict.fromkeys(column for columns in columns_by_row for column in columns))
    sentences = [
        cell_sentence(row, columns, n) for n, (row, columns) in enumerate(zip(rows, columns_by_row, strict=True), 1)
    ]
    sentences += _cells_of_other_times(table_query, rows, shown_columns)
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


def _answer_columns(table_query: TableQuery, row: Row) -> tuple[Column, ...]:
    by_role = table_query.columns_of_named_roles
    if by_role and not all(row.text(column) for column in by_role):
        return ()
    if len(by_role) > 1 and all(table_query.can_answer(column, [row]) for column in by_role):
        return by_role
    filled = tuple(column for column in table_query.table.columns if not column.is_note and row.text(column))
    if best := table_query.best_columns([row]):
        asks_for_more = table_query.operation.interrogative_count > len(best)
        return filled if asks_for_more and len(filled) <= _MAX_SENTENCES else best
    goal_columns = (*table_query.columns_of_role(Role.RESULT), *table_query.columns_of_role(Role.TARGET))
    result_and_target = tuple(column for column in goal_columns if table_query.can_answer(column, [row]))
    is_unit_known = bool(table_query.query.expected_unit)
    if not is_unit_known and table_query.coverage([row], result_and_target) < _MIN_COVERAGE_UNNAMED:
        return ()
    if by_role and result_and_target and not {*by_role} & {*result_and_target}:
        # The named column has the value in another unit.
        return (*by_role, *result_and_target)
    return result_and_target or (filled if len(filled) == 1 and table_query.can_answer(filled[0], [row]) else ())


def _select_rows(table_query: TableQuery) -> TableResult | None:
    columns, rows = table_query.rows_by_cell
    if table_query.operation.asks_outcome:
        return _result_and_target(table_query)
    if not rows:
        return None
    count = "次のとおり" if table_query.operation.operator is Operator.SELECT else f"{len(rows)}件"
    lead = Statement(f"該当する{table_query.table.label or 'もの'}は{count}です。")
    lines = ((Statement(row_text(table_query.table, row, columns), (n,)),) for n, row in enumerate(rows, 1))
    return TableResult(join_lines(((lead,), *lines)), rows, columns, is_over_all=True)


def _result_and_target(table_query: TableQuery) -> TableResult | None:
    row = table_query.named_row
    columns = (*table_query.columns_of_role(Role.RESULT), *table_query.columns_of_role(Role.TARGET))
    if row is None or len(columns) < 2 or not all(map(row.text, columns)):
        return None
    return TableResult((cell_sentence(row, columns), *note_statements([row])), (row,), columns)


_OPERATIONS: Mapping[Operator, Callable[[TableQuery], TableResult | None]] = {
    Operator.SELECT: _select,
    Operator.LIST: _select_rows,
    Operator.SUM: lambda table_query: compute_sum(table_query) or _select(table_query),
    Operator.MOST: find_extreme,
    Operator.LEAST: find_extreme,
    Operator.DIFFERENCE: compute_difference,
}
