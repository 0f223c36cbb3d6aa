"""States the cells of the rows that a question names, and lists the rows that have what it names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.kinds.tables.render import MAX_ROWS, cell_sentence, count_fitting, join_lines, note_statements, row_text
from bot.kinds.tables.table import Column, Row
from bot.kinds.tables.table_query import TableQuery
from bot.languages import nest_quotes
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
    """Statements of cells, and the rows and columns that support them; `is_list` if they list the rows of the table."""

    statements: tuple[Statement, ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    is_list: bool = False


def state_result(table_query: TableQuery) -> TableResult | None:
    """Return what cells state of the rows that the question names or selects by their cells; None for nothing."""
    selection = table_query.selection
    columns = table_query.goal_columns
    row = table_query.named_row
    asks_reached = selection.asks_whether and Role.TARGET in selection.roles and len(columns) > 1
    if asks_reached and row and all(map(row.text, columns)):
        return TableResult((cell_sentence(row, columns), *note_statements([row])), (row,), columns)
    if table_query.query.answer_type in _NOT_IN_CELLS:
        return None
    if selection.asks_which and table_query.rows_by_cell[1] and row is None:
        return _list_rows(table_query)
    return _state_cells(table_query) if table_query.named_rows else None


def _list_rows(table_query: TableQuery) -> TableResult | None:
    columns, rows = table_query.rows_by_cell
    table = table_query.table
    if not all(each.is_sure for each in table_query.properties) or any(row.has_unread_cells for row in table.rows):
        return None
    captions = {row.passage.path[-1:] for row in table.rows}
    place = f"表「{nest_quotes(table.caption)}」で" if table.caption and len(captions) == 1 else "表で"
    lines = [row_text(table, row, columns, notes=True) for row in rows[:MAX_ROWS]]
    n_shown = count_fitting(lines)
    lead = f"{place}該当する{table.label or 'もの'}は{len(rows)}件です。"
    lead += f"はじめの{n_shown}件を示します。" if n_shown < len(rows) else ""
    statements = (Statement(lead), *(Statement(line, (n,)) for n, line in enumerate(lines[:n_shown], 1)))
    return TableResult(join_lines((one,) for one in statements), rows[:n_shown], columns, is_list=True)


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
