"""Computes the answer to a table question from the tables of the best hits."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.languages import catalogue
from bot.question.operation import Operator, Outcome
from bot.question.query import AnswerType, Query
from bot.state import Hit, Source, Statement, TableRows
from bot.tables.aggregate import (
    compare_values,
    compute_average,
    compute_share,
    compute_sum,
    find_extreme,
    find_rank,
    states_average,
    states_share,
)
from bot.tables.lookup import Tables
from bot.tables.render import (
    TableResult,
    cell_sentence,
    cite_rows,
    join_lines,
    note_statements,
    renumber,
    row_text,
    table_notes,
    to_table_rows,
)
from bot.tables.table_query import TableQuery
from bot.tables.target import GoalVerdict
from ingest.chunking.column_roles import Role
from ingest.chunking.table import Column, Row, Table, join_tables
from ingest.japanese import nfkc

# Tables of these best passages are queried, unless they have more rows.
_TOP_PASSAGES, _MAX_ROWS = 5, 500
# Coverage of any answer, and of one whose columns the question does not name and whose unit is unknown (decision 025).
_MIN_COVERAGE, _MIN_COVERAGE_UNNAMED = 0.6, 0.9
# Coverage of an unsure answer, for operations over all rows.
_MIN_COVERAGE_UNSURE = 0.4
_OVER_ROWS = frozenset(
    {Operator.SUM, Operator.MOST, Operator.LEAST, Operator.AVERAGE, Operator.SHARE, Operator.RANK, Operator.DIFFERENCE}
)
# Cells with running text are shown in the table only, not repeated in a sentence.
_RUNNING_TEXT = re.compile("。|.{60}")
# Sentences of an answer, one for each row, and columns in one sentence.
_MAX_SENTENCES = 3
# Where the better direction is unknown, a result can only be called above or below its target.
_UNKNOWN_DIRECTION = "多いほどよいか少ないほどよいかは、表に書かれていません。"
_VERDICT_LISTS = {
    Outcome.REACHED: {"目標に達した": {GoalVerdict.REACHED}, "目標を上回る": {GoalVerdict.ABOVE}},
    Outcome.MISSED: {
        "目標に達していない": {GoalVerdict.MISSED, GoalVerdict.UNDERWAY},
        "目標を下回る": {GoalVerdict.BELOW},
    },
}
# Reasons, manners, definitions and yes/no answers are not looked up by row and column.
_NOT_CELLS = frozenset({AnswerType.REASON, AnswerType.MANNER, AnswerType.DEFINITION, AnswerType.BOOLEAN})


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """An answer from table rows: statements, the table and its sources.

    `coverage` is the share of the question that the cells cover (0 to 1); `is_sure` whether that is enough.
    """

    statements: tuple[Statement, ...]
    table: TableRows
    sources: tuple[Source, ...]
    coverage: float
    is_sure: bool = True


def answer_from_tables(query: Query, hits: Sequence[Hit], tables: Tables) -> TableAnswer | None:
    """Return the best answer to `query` from the tables and lists of the best `hits`; None below the minimum coverage.

    Rows of a document that is not preferred are used only where no preferred document answers or has a row with the
    same label. An operation over the rows of the best passage's table is unsure below the minimum coverage.
    """
    if query.operation is None:
        return None
    table_queries = [TableQuery(query, table) for table in _tables(query.operation.operator, hits, tables)]
    preferred = [bound for bound in table_queries if bound.table.doc_id in query.scope.preferred]
    answers = [answer for bound in preferred if (answer := _run_operation(bound))]
    if not answers:
        labels = {row.label for bound in preferred for row in bound.table.rows}
        others = (bound for bound in table_queries if bound not in preferred)
        answers = [answer for bound in others if (answer := _run_operation(bound, labels))]
    best = max(answers, key=lambda answer: answer.coverage, default=None)
    if best is None or best.coverage >= _MIN_COVERAGE:
        return best
    is_of_best_passage = hits[0].passage.id in {source.passage.id for source in best.sources}
    is_possible = (
        query.operation.operator in _OVER_ROWS and is_of_best_passage and best.coverage >= _MIN_COVERAGE_UNSURE
    )
    return replace(best, is_sure=False) if is_possible else None


def _tables(operator: Operator, hits: Sequence[Hit], tables: Tables) -> Iterable[Table]:
    """Yield the tables to query; tables of one document with the same columns are joined first.

    SELECT uses only the best hits; other operators also use matching tables of all hits.
    """
    candidates = [
        tables.find_table(hit.passage) for hit in hits[: _TOP_PASSAGES if operator is Operator.SELECT else None]
    ]
    found = [table for table in dict.fromkeys(candidates) if table and len(table.rows) <= _MAX_ROWS]
    best_tables = [table for table in found if table in candidates[:_TOP_PASSAGES]]
    for columns_key in dict.fromkeys(map(_columns_key, best_tables)):
        matching = [table for table in found if _columns_key(table) == columns_key]
        if len(matching) > 1:
            yield join_tables(matching)
    yield from best_tables
    lists = (table for hit in hits[:_TOP_PASSAGES] for table in tables.find_lists(hit.passage))
    yield from (table for table in dict.fromkeys(lists) if table.measured and len(table.rows) <= _MAX_ROWS)


def _columns_key(table: Table) -> tuple[str, str, tuple[Column, ...]]:
    return table.doc_id, table.label, table.columns


def _run_operation(bound: TableQuery, replaced_labels: Collection[str] = ()) -> TableAnswer | None:
    """Return the result of the operation; None without one, or where a row is among the replaced ones.

    Of rows with cells that were not read only the columns that the question names are an answer.
    """
    result = _OPERATORS[bound.operation.operator](bound)
    if result is None or not result.rows or any(row.label in replaced_labels for row in result.rows):
        return None
    if any(row.has_unread_cells for row in bound.table.rows) and not {*result.columns} <= {*bound.named_columns}:
        return None
    notes = table_notes(bound.table)
    statements = join_lines((result.statements, *_omitted_cells(bound, result), (notes,) if notes else ()))
    sources, numbers = cite_rows(result.rows)
    statements = renumber(statements, numbers)
    table = to_table_rows(bound.table, result.rows, operator=bound.operation.operator, columns=result.columns)
    return TableAnswer(statements, table, sources, bound.coverage(result.rows, result.columns))


def _omitted_cells(bound: TableQuery, result: TableResult) -> Iterable[tuple[Statement, ...]]:
    """Yield a line for each row with the cells of named columns that the statements omit."""
    stated = "".join(f"{statement.text}{statement.end}" for statement in result.statements)
    columns = [column for column in bound.named_columns if column not in result.columns]
    for n, row in enumerate(result.rows, 1):
        if omitted := [c for c in columns if row.text(c) and row.text_with_unit(c) not in stated]:
            yield (Statement(row_text(bound.table, row, omitted), (n,)),)


def _select(bound: TableQuery) -> TableResult | None:
    """Return the cells that the question asks for in the rows that it names."""
    outcome = bound.operation.outcome
    if outcome in _VERDICT_LISTS:
        return _compare_with_targets(bound, outcome) if bound.named_row else None
    if bound.query.answer_type in _NOT_CELLS:
        return None
    if bound.month_rows or (bound.month_columns and bound.named_row):
        return compute_sum(bound)
    if not bound.named_rows:
        return _select_rows(bound) if bound.operation.asks_which else None
    return _blank_cell(bound) or _cells(bound, bound.named_rows)


def _blank_cell(bound: TableQuery) -> TableResult | None:
    """Return that the cell asked for has a dash, with its notes, where the question writes its row and its column."""
    row, topic = bound.named_row, nfkc(bound.query.topic)
    if row is None or bound.columns_of_named_roles:
        return None
    written = [c for c in bound.table.columns if len(c.head) > 1 and nfkc(c.head) in topic]
    if len(written) != 1 or row.text(written[0]) or not (dash := row.cells.get(written[0].name, "").strip()):
        return None
    statement = Statement(f"{row.label}の{written[0].name}は「{dash}」で、値は書かれていません", (1,), "。")
    return TableResult((statement, *note_statements([row])), (row,), (written[0],))


def _cells(bound: TableQuery, rows: tuple[Row, ...]) -> TableResult | None:
    """Return a sentence for each row; None where a row lacks the columns or there are too many."""
    columns_by_row = [_answer_columns(bound, row) for row in rows]
    if len(rows) > _MAX_SENTENCES or not all(0 < len(columns) <= _MAX_SENTENCES for columns in columns_by_row):
        return None
    columns_shown = tuple(dict.fromkeys(c for columns in columns_by_row for c in columns))
    if any(_RUNNING_TEXT.search(row.text(c)) for row in rows for c in columns_shown):
        return None
    cells = (
        cell_sentence(row, columns, n) for n, (row, columns) in enumerate(zip(rows, columns_by_row, strict=True), 1)
    )
    others = _other_times(bound, rows, columns_shown)
    return TableResult((*cells, *others, *note_statements(rows)), rows, columns_shown)


def _other_times(bound: TableQuery, rows: Sequence[Row], shown: Sequence[Column]) -> Iterable[Statement]:
    """Yield what the rows have for the times that do not contain the day asked for."""
    if not bound.timed_columns.keys() & {*shown}:
        return
    for n, row in enumerate(rows, 1):
        texts = [f"{c.name} {row.text_with_unit(c)}" for c in bound.timed_columns if c not in shown and row.text(c)]
        if texts:
            yield Statement(f"ほかの時期は、{'、'.join(texts)}です", (n,), "。")


def _answer_columns(bound: TableQuery, row: Row) -> tuple[Column, ...]:
    """Return the columns of the answer: those of the named roles, the best match, or result and target."""
    by_role = bound.columns_of_named_roles
    if by_role and not all(row.text(c) for c in by_role):
        return ()
    if len(by_role) > 1 and all(bound.can_answer(c, [row]) for c in by_role):
        return by_role
    filled = tuple(c for c in bound.table.columns if not c.is_note and row.text(c))
    if best := bound.best_columns([row]):
        asks_for_more = bound.operation.interrogative_count > len(best)
        return filled if asks_for_more and len(filled) <= _MAX_SENTENCES else best
    goal_columns = (*bound.columns_of_role(Role.RESULT), *bound.columns_of_role(Role.TARGET))
    result_and_target = tuple(c for c in goal_columns if bound.can_answer(c, [row]))
    if not bound.query.expected_unit and bound.coverage([row], result_and_target) < _MIN_COVERAGE_UNNAMED:
        return ()
    if by_role and result_and_target and not {*by_role} & {*result_and_target}:
        # The named column has the value in another unit.
        return (*by_role, *result_and_target)
    return result_and_target or (filled if len(filled) == 1 and bound.can_answer(filled[0], [row]) else ())


def _select_rows(bound: TableQuery) -> TableResult | None:
    """Return the rows that reached or missed their target, or that match a cell value of the question."""
    outcome, (columns, rows) = bound.operation.outcome, bound.rows_by_cell
    if outcome in _VERDICT_LISTS:
        return _compare_with_targets(bound, outcome)
    if outcome or not rows:
        return None
    count_text = "次のとおり" if bound.operation.operator is Operator.SELECT else f"{len(rows)}件"
    lead = f"該当する{bound.table.label or 'もの'}は{count_text}です。"
    lines = ((Statement(row_text(bound.table, row, columns), (n,)),) for n, row in enumerate(rows, 1))
    return TableResult(join_lines(((Statement(lead),), *lines)), rows, columns)


def _compare_with_targets(bound: TableQuery, outcome: Outcome) -> TableResult | None:
    """Return how the named row compares with its target; without one, list the rows by verdict."""
    goals_by_row, words = {goal.row: goal for goal in bound.goals}, catalogue()["verdicts"]
    columns = tuple(dict.fromkeys(c for goal in goals_by_row.values() for c in goal.columns if c))
    if row := bound.named_row:
        if not (goal := goals_by_row.get(row)):
            return None
        verdict_sentence = cell_sentence(row, [c for c in goal.columns if c], ending=f"です（{words[goal.verdict]}）")
        return TableResult((verdict_sentence, *note_statements([row])), (row,), columns)
    if bound.named_rows or (
        bound.query.answer_type is AnswerType.BOOLEAN and bound.operation.operator is Operator.SELECT
    ):
        return None
    lists, rows = list[tuple[Statement, ...]](), list[Row]()
    sections = {row.passage.section for row in bound.table.rows}
    section_prefix = f"「{sections.pop()}」の" if len(sections) == 1 and all(sections) else ""
    for (outcome_text, verdicts), remark in zip(_VERDICT_LISTS[outcome].items(), ("", _UNKNOWN_DIRECTION), strict=True):
        if matching := [goal for goal in goals_by_row.values() if goal.verdict in verdicts]:
            lead = "このほか" if rows else f"{section_prefix}{len(goals_by_row)}項目のうち"
            lists.append((Statement(f"{lead}、{outcome_text}ものは{len(matching)}件です。{remark}"),))
            for n, goal in enumerate(matching, len(rows) + 1):
                line = f"{row_text(bound.table, goal.row, columns)}（{words[goal.verdict]}）"
                lists.append((Statement(line, (n,)),))
            rows += [goal.row for goal in matching]
    return TableResult(join_lines(lists), tuple(rows), columns) if rows else None


_OPERATORS: Mapping[Operator, Callable[[TableQuery], TableResult | None]] = {
    Operator.SELECT: _select,
    Operator.LIST: _select_rows,
    Operator.COUNT: _select_rows,
    Operator.AVERAGE: lambda bound: compute_average(bound) or (_select(bound) if states_average(bound.table) else None),
    Operator.SHARE: lambda bound: compute_share(bound) or (_select(bound) if states_share(bound.table) else None),
    Operator.RANK: find_rank,
    Operator.SUM: lambda bound: compute_sum(bound) or _select(bound),
    Operator.MOST: find_extreme,
    Operator.LEAST: find_extreme,
    Operator.DIFFERENCE: compare_values,
    Operator.RATIO: compare_values,
    Operator.COMPARE: lambda bound: (
        compare_values(bound) or (_cells(bound, bound.named_rows) if len(bound.named_rows) > 1 else None)
    ),
}
