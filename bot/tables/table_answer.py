"""Computes the answer to a table question from the tables of the best hits."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.languages import catalogue
from bot.question.operation import Operator, Outcome
from bot.question.query import AnswerType, Query
from bot.state import Hit, Source, Statement, TableRows
from bot.tables.aggregate import compare_values, compute_sum, find_extreme
from bot.tables.render import (
    TableResult,
    cell_sentence,
    join_lines,
    note_statements,
    row_text,
    table_notes,
    to_table_rows,
)
from bot.tables.table_query import TableQuery
from bot.tables.target import Verdict
from ingest.chunking.column_roles import Role
from ingest.chunking.table import Column, Row, Table, join_tables
from ingest.documents import Passage

TableOf = Callable[[Passage], Table | None]
# Passages in whose tables an answer is looked for, and rows of the longest table that is read whole for a question.
_LOOKED_AT, _LONGEST = 5, 500
# The share of what is asked that the cells must say (decision 025), and that they must say where neither
# their columns are asked for nor the unit is known of what is.
_SURE, _WHOLLY = 0.6, 0.9
# Cells that are left to be shown in their row: they are not told in another sentence.
_PASSAGE = re.compile("。|.{60}")
# Rows of which each is told in a sentence, and columns in one sentence.
_MOST_TOLD = 3
# Which rows are listed, the second without saying that they reached their targets or did not: that nobody knows.
_UNDIRECTED = "多いほどよいか少ないほどよいかは、表に書かれていません。"
_LISTED = {
    Outcome.REACHED: {"目標に達した": {Verdict.REACHED}, "目標を上回る": {Verdict.ABOVE}},
    Outcome.MISSED: {"目標に達していない": {Verdict.MISSED, Verdict.UNDERWAY}, "目標を下回る": {Verdict.BELOW}},
}
# A ground, a way of doing, a meaning and a yes stand in no cell that is asked for by row and column.
_NOT_CELLS = frozenset({AnswerType.REASON, AnswerType.MANNER, AnswerType.DEFINITION, AnswerType.BOOLEAN})


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """An answer from rows: a sentence or two, the table, and their sources.

    `coverage` is the share of the question that is in the cells (0 to 1).
    """

    statements: tuple[Statement, ...]
    table: TableRows
    sources: tuple[Source, ...]
    coverage: float


def answer_from_tables(query: Query, hits: Sequence[Hit], table_of: TableOf) -> TableAnswer | None:
    """Return what `query` asks of the rows of a table that one of the best `hits` is of; None where none surely tells.

    `table_of` gives the table that a passage is a row of, as `Tables.of` does. Documents in force come before others:
    what an older one tells is no answer while one in force tells something of it.
    """
    if query.operation is None:
        return None
    asked = [TableQuery(query, table) for table in _tables(query.operation.operator, hits, table_of)]
    in_force = [one for one in asked if one.table.doc_id in query.scope.preferred]
    labels = {row.label for one in in_force for row in one.table.rows}
    found = [c for one in in_force if (c := _run_operation(one))]
    found = found or [c for one in asked if one not in in_force and (c := _run_operation(one, labels))]
    best = max(found, key=lambda one: one.coverage, default=None)
    return best if best and best.coverage >= _SURE else None


def _tables(operator: Operator, hits: Sequence[Hit], table_of: TableOf) -> Iterable[Table]:
    """Yield those of one document that have the same heads as one, which is meant if no word tells them apart; each.

    The best hits say which are meant; a list, a sum, the greatest run over those like them wherever they lie.
    """
    found = [table_of(hit.passage) for hit in hits[: _LOOKED_AT if operator is Operator.SELECT else None]]
    tables = [table for table in dict.fromkeys(found) if table and len(table.rows) <= _LONGEST]
    meant = [table for table in tables if table in found[:_LOOKED_AT]]
    for doc_id, label, columns in dict.fromkeys((table.doc_id, table.label, table.columns) for table in meant):
        alike = [table for table in tables if (table.doc_id, table.label, table.columns) == (doc_id, label, columns)]
        if len(alike) > 1:
            yield join_tables(alike)
    yield from meant


def _run_operation(asked: TableQuery, told_anew: Collection[str] = ()) -> TableAnswer | None:
    """Return what the operation yields; None where it yields nothing, or rows that a later document tells anew."""
    found = _OPERATORS[asked.operation.operator](asked)
    if found is None or not found.rows or any(row.label in told_anew for row in found.rows):
        return None
    notes = table_notes(asked.table)
    statements = join_lines((found.statements, *_unsaid_cells(asked, found), (notes,) if notes else ()))
    table = to_table_rows(asked.table, found.rows)
    sources = tuple(Source(row.passage, row.passage.text) for row in found.rows)
    return TableAnswer(statements, table, sources, asked.coverage(found.rows, found.columns))


def _unsaid_cells(asked: TableQuery, found: TableResult) -> Iterable[tuple[Statement, ...]]:
    """Yield a line a row with the cells of the named columns that the statements of `found` leave out."""
    stated = "".join(f"{one.text}{one.end}" for one in found.statements)
    columns = [column for column in asked.named_columns if column not in found.columns]
    for n, row in enumerate(found.rows, 1):
        if unsaid := [c for c in columns if row.text(c) and row.text_with_unit(c) not in stated]:
            yield (Statement(row_text(asked.table, row, unsaid), (n,)),)


def _select(asked: TableQuery) -> TableResult | None:
    """Return the cells that are asked for of the one row that is named, or of two that are named as well."""
    outcome = asked.operation.outcome
    if outcome in _LISTED:
        return _compare_with_targets(asked, outcome) if asked.row else None
    if asked.query.answer_type in _NOT_CELLS:
        return None
    if not asked.rows:
        return _select_rows(asked) if asked.operation.which else None
    return _cells(asked, asked.rows)


def _cells(asked: TableQuery, rows: tuple[Row, ...]) -> TableResult | None:
    """Return a sentence a row; None where one does not tell what is asked for, and for many."""
    each = [_asked_columns(asked, row) for row in rows]
    if len(rows) > _MOST_TOLD or not all(0 < len(columns) <= _MOST_TOLD for columns in each):
        return None
    asked_for = tuple(dict.fromkeys(c for columns in each for c in columns))
    if any(_PASSAGE.search(row.text(c)) for row in rows for c in asked_for):
        return None
    cells = (cell_sentence(row, columns, n) for n, (row, columns) in enumerate(zip(rows, each, strict=True), 1))
    return TableResult((*cells, *note_statements(rows)), rows, asked_for)


def _asked_columns(asked: TableQuery, row: Row) -> tuple[Column, ...]:
    """Return the columns that are asked for: of each role that is named, those best named, or result and target."""
    by_role = asked.columns_of_named_roles
    if by_role and not all(row.text(c) for c in by_role):
        return ()
    if len(by_role) > 1 and all(asked.fits(c, [row]) for c in by_role):
        return by_role
    filled = tuple(c for c in asked.table.columns if not c.is_note and row.text(c))
    if found := asked.columns([row]):
        return filled if asked.operation.asks > len(found) and len(filled) <= _MOST_TOLD else found
    judged = tuple(
        c for role in (Role.RESULT, Role.TARGET) for c in asked.columns_of_role(role) if asked.fits(c, [row])
    )
    if not asked.query.expected_unit and asked.coverage([row], judged) < _WHOLLY:
        return ()
    if by_role and judged and not {*by_role} & {*judged}:  # what is asked for stands there in another unit
        return (*by_role, *judged)
    return judged or (filled if len(filled) == 1 and asked.fits(filled[0], [row]) else ())


def _select_rows(asked: TableQuery) -> TableResult | None:
    """Return the rows that reached their target, or did not, or that a cell tells from the others."""
    outcome, (columns, rows) = asked.operation.outcome, asked.choice
    if outcome in _LISTED:
        return _compare_with_targets(asked, outcome)
    if outcome or not rows:
        return None
    counted = "次のとおり" if asked.operation.operator is Operator.SELECT else f"{len(rows)}件"
    lead = f"該当する{asked.table.label or 'もの'}は{counted}です。"
    lines = ((Statement(row_text(asked.table, row, columns), (n,)),) for n, row in enumerate(rows, 1))
    return TableResult(join_lines(((Statement(lead),), *lines)), rows, columns)


def _compare_with_targets(asked: TableQuery, outcome: Outcome) -> TableResult | None:
    """Return how the row that is named stands to its target; where none is, the rows that reached theirs or did not."""
    told, words = {goal.row: goal for goal in asked.goals}, catalogue()["verdicts"]
    columns = tuple(dict.fromkeys(c for goal in told.values() for c in goal.columns if c))
    if row := asked.row:
        if not (goal := told.get(row)):
            return None
        stands = cell_sentence(row, [c for c in goal.columns if c], ending=f"です（{words[goal.verdict]}）")
        return TableResult((stands, *note_statements([row])), (row,), columns)
    if asked.rows or (asked.query.answer_type is AnswerType.BOOLEAN and asked.operation.operator is Operator.SELECT):
        return None
    lists, rows = list[tuple[Statement, ...]](), list[Row]()
    sections = {row.passage.section for row in asked.table.rows}
    of = f"「{sections.pop()}」の" if len(sections) == 1 and all(sections) else ""
    for (what, verdicts), remark in zip(_LISTED[outcome].items(), ("", _UNDIRECTED), strict=True):
        if alike := [goal for goal in told.values() if goal.verdict in verdicts]:
            among = "このほか" if rows else f"{of}{len(told)}項目のうち"
            lists.append((Statement(f"{among}、{what}ものは{len(alike)}件です。{remark}"),))
            for n, goal in enumerate(alike, len(rows) + 1):
                line = f"{row_text(asked.table, goal.row, columns)}（{words[goal.verdict]}）"
                lists.append((Statement(line, (n,)),))
            rows += [goal.row for goal in alike]
    return TableResult(join_lines(lists), tuple(rows), columns) if rows else None


_OPERATORS: Mapping[Operator, Callable[[TableQuery], TableResult | None]] = {
    Operator.SELECT: _select,
    Operator.LIST: _select_rows,
    Operator.COUNT: _select_rows,
    Operator.SUM: lambda asked: compute_sum(asked) or _select(asked),
    Operator.MOST: find_extreme,
    Operator.LEAST: find_extreme,
    Operator.DIFFERENCE: compare_values,
    Operator.RATIO: compare_values,
    Operator.COMPARE: lambda asked: (
        compare_values(asked) or (_cells(asked, asked.rows) if len(asked.rows) > 1 else None)
    ),
}
