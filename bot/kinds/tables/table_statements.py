"""States the cells of the rows that a question names."""

from dataclasses import dataclass

from bot.kinds.tables.render import cell_sentence, note_statements
from bot.kinds.tables.table import Column, Row
from bot.kinds.tables.table_query import TableQuery
from bot.state import Statement
from bot.state.query import AnswerType
from ingest.japanese.column_roles import Role

# The coverage of an answer whose columns the question does not name and whose unit is unknown (decision 077).
_MIN_COVERAGE_UNNAMED = 0.9
# Sentences of an answer, one for each row, and columns in one sentence.
_MAX_SENTENCES = 3
# Reasons, manners, definitions and yes/no answers are not looked up by row and column.
_NOT_IN_CELLS = frozenset({AnswerType.REASON, AnswerType.MANNER, AnswerType.DEFINITION, AnswerType.BOOLEAN})


@dataclass(frozen=True, slots=True)
class TableResult:
    """Statements of cells, and the rows and columns that support them."""

    statements: tuple[Statement, ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]


def state_result(table_query: TableQuery) -> TableResult | None:
    """Return what cells state of the rows that the question names; None for nothing."""
    selection = table_query.selection
    columns = table_query.goal_columns
    row = table_query.named_row
    asks_reached = selection.asks_whether and Role.TARGET in selection.roles and len(columns) > 1
    if asks_reached and row and all(map(row.text, columns)):
        return TableResult((cell_sentence(row, columns), *note_statements([row])), (row,), columns)
    if table_query.query.answer_type in _NOT_IN_CELLS:
        return None
    return _state_cells(table_query) if table_query.named_rows else None


def _state_cells(table_query: TableQuery) -> TableResult | None:
    rows = table_query.named_rows
    if len(rows) > _MAX_SENTENCES or not all(key.is_sure for key in table_query.keys):
        return None
    columns_by_row = [_answer_columns(table_query, row) for row in rows]
    if not all(0 < len(columns) <= _MAX_SENTENCES for columns in columns_by_row):
        return None
    shown_columns = tuple(dict.fromkeys(column for columns in columns_by_row for column in columns))
    sentences = [
        cell_sentence(row, columns, table_query.name(row), n)
        for n, (row, columns) in enumerate(zip(rows, columns_by_row, strict=True), 1)
    ]
    return TableResult((*sentences, *note_statements(rows)), rows, shown_columns)


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
