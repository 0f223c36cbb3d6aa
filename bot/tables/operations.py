"""The operations that a question can ask of a table, each as a function that returns its result."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.languages import catalogue
from bot.state import Statement
from bot.state.query import AnswerType, Operator, Outcome
from bot.tables.aggregate import compute_difference, compute_sum, find_extreme, format_value
from bot.tables.render import TableResult, cell_sentence, join_lines, note_statements, row_text
from bot.tables.table_query import TableQuery
from bot.tables.target import GoalVerdict
from ingest.tables.cell_values import TIME
from ingest.tables.table import Column, Role, Row

# The coverage of an answer whose columns the question does not name and whose unit is unknown (decision 025).
_MIN_COVERAGE_UNNAMED = 0.9
# Sentences of an answer, one for each row, and columns in one sentence.
_MAX_SENTENCES = 3
# If the better direction is unknown, a result can only be called above or below its target.
_UNKNOWN_DIRECTION = "多いほどよいか少ないほどよいかは、表に書かれていません。"
# For each outcome in a question: the headings of the lists in the answer, and the verdicts that each list has.
_VERDICT_LISTS = {
    Outcome.REACHED: {"目標に達した": {GoalVerdict.REACHED}, "目標を上回る": {GoalVerdict.ABOVE}},
    Outcome.MISSED: {
        "目標に達していない": {GoalVerdict.MISSED, GoalVerdict.UNDERWAY},
        "目標を下回る": {GoalVerdict.BELOW},
    },
}
# Reasons, manners, definitions and yes/no answers are not looked up by row and column.
_NOT_IN_CELLS = frozenset({AnswerType.REASON, AnswerType.MANNER, AnswerType.DEFINITION, AnswerType.BOOLEAN})


def run_operation(table_query: TableQuery) -> TableResult | None:
    """Return the result of the operation that the question asks for; None without one."""
    return _OPERATIONS[table_query.operation.operator](table_query)


def _select(table_query: TableQuery) -> TableResult | None:
    outcome = table_query.operation.outcome
    if outcome in _VERDICT_LISTS:
        return _verdict_on_row(table_query, table_query.named_row) if table_query.named_row else None
    if table_query.query.answer_type in _NOT_IN_CELLS:
        return None
    if table_query.operation.asks_which and table_query.rows_by_cell[1] and len(table_query.named_rows) != 1:
        return _select_rows(table_query)
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
        cell_sentence(row, columns, n, name=table_query.name(row))
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


def _multiples(table_query: TableQuery, rows: Sequence[Row], columns: Sequence[Column]) -> Iterable[Statement]:
    """Yield what as many units cost as the question names, where a column is for one of them: 1時間の使用料."""
    if len(rows) != 1 or len(columns) != 1 or not columns[0].rate_unit:
        return
    counts = table_query.query.values.figures.get(columns[0].rate_unit, ())
    value = table_query.value(rows[0], columns[0])
    if value and not value.change and value.unit != TIME and len(counts) == 1 and (count := max(counts)) > 1:
        amount = format_value(replace(value, number=value.number * count), value.written)
        times = f"{count.normalize():f}{columns[0].rate_unit}"
        yield Statement(f"{times}では{amount}です（{value.written} × {times} = {amount}）", (1,), "。", "arithmetic")


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
    outcome = table_query.operation.outcome
    columns, rows = table_query.rows_by_cell
    if outcome in _VERDICT_LISTS:
        return _compare_with_targets(table_query, outcome)
    if outcome or not rows:
        return None
    count = "次のとおり" if table_query.operation.operator is Operator.SELECT else f"{len(rows)}件"
    lead = Statement(f"該当する{table_query.table.label or 'もの'}は{count}です。")
    lines = ((Statement(row_text(table_query.table, row, columns, notes=True), (n,)),) for n, row in enumerate(rows, 1))
    return TableResult(join_lines(((lead,), *lines)), rows, columns, is_over_all=True)


def _compare_with_targets(table_query: TableQuery, outcome: Outcome) -> TableResult | None:
    if table_query.named_row:
        return _verdict_on_row(table_query, table_query.named_row)
    is_whether_question = (
        table_query.query.answer_type is AnswerType.BOOLEAN and table_query.operation.operator is Operator.SELECT
    )
    if table_query.named_rows or is_whether_question:
        return None
    return _rows_by_verdict(table_query, outcome)


def _verdict_on_row(table_query: TableQuery, row: Row) -> TableResult | None:
    goal = {goal.row: goal for goal in table_query.goals}.get(row)
    if goal is None:
        return None
    verdict = catalogue()["verdicts"][goal.verdict]
    sentence = cell_sentence(row, [column for column in goal.columns if column], ending=f"です（{verdict}）")
    return TableResult((sentence, *note_statements([row])), (row,), _goal_columns(table_query))


def _rows_by_verdict(table_query: TableQuery, outcome: Outcome) -> TableResult | None:
    goals = list({goal.row: goal for goal in table_query.goals}.values())
    verdict_words = catalogue()["verdicts"]
    columns = _goal_columns(table_query)
    items = table_query.table.items
    sections = {row.passage.section for row in items}
    lead = f"「{sections.pop()}」" if len(sections) == 1 and all(sections) else "この表"
    lists = list[tuple[str, list[tuple[Row, str]], str]]()
    for (heading, verdicts), note in zip(_VERDICT_LISTS[outcome].items(), ("", _UNKNOWN_DIRECTION), strict=True):
        matching = [(goal.row, f"（{verdict_words[goal.verdict]}）") for goal in goals if goal.verdict in verdicts]
        lists.append((heading, matching, note))
    compared = {goal.row for goal in goals}
    lists.append(("表の数字からは分からない", [(row, "") for row in items if row not in compared], ""))
    lines = list[tuple[Statement, ...]]()
    rows = list[Row]()
    for heading, matching, note in lists:
        if matching:
            beginning = "このほか" if rows else f"{lead}のうち"
            lines.append((Statement(f"{beginning}、{heading}ものは{len(matching)}件です。{note}"),))
        for row, verdict in matching:
            rows.append(row)
            lines.append((Statement(f"{row_text(table_query.table, row, columns)}{verdict}", (len(rows),)),))
    is_known = any(matching for _, matching, _ in lists[:-1])
    return TableResult(join_lines(lines), tuple(rows), columns, is_over_all=True) if is_known else None


def _goal_columns(table_query: TableQuery) -> tuple[Column, ...]:
    last_goals = {goal.row: goal for goal in table_query.goals}.values()
    return tuple(dict.fromkeys(column for goal in last_goals for column in goal.columns if column))


_OPERATIONS: Mapping[Operator, Callable[[TableQuery], TableResult | None]] = {
    Operator.SELECT: _select,
    Operator.LIST: _select_rows,
    Operator.COUNT: _select_rows,
    Operator.SUM: lambda table_query: compute_sum(table_query) or _select(table_query),
    Operator.MOST: find_extreme,
    Operator.LEAST: find_extreme,
    Operator.DIFFERENCE: compute_difference,
}
