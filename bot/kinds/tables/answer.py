"""Answers from table rows: the cells and rows that a question names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from bot.kinds.tables.lookup import Tables
from bot.kinds.tables.render import (
    MAX_ROWS,
    cell_sentence,
    cite_rows,
    count_fitting,
    join_lines,
    note_part_of_rows,
    note_statements,
    renumber,
    row_text,
    table_notes,
    to_table_rows,
)
from bot.kinds.tables.table import Column, Row, Table, join_tables
from bot.kinds.tables.table_query import TableQuery, index_terms
from bot.languages import nest_quotes
from bot.state import Draft, Hit, Paragraph, ReadTurn, Source, SourceLine, Statement, Status, TableRows, service_message
from bot.state.length_budget import TARGET_EXCERPT_LENGTH
from bot.state.query import AnswerType, Query
from ingest.documents import Document
from ingest.japanese.column_roles import Role
from ingest.metadata.validity import other_plan_heading

# Tables of this many of the best passages are queried.
_MAX_PASSAGES = 5
# The coverage of the value of a cell (decision 077).
_MIN_COVERAGE = 0.6
# The coverage of an answer whose columns the question does not name and whose unit is unknown (decision 077).
_MIN_COVERAGE_UNNAMED = 0.9
# Sentences of an answer, one for each row, and columns in one sentence.
_MAX_SENTENCES = 3
# Reasons, manners, definitions and yes/no answers are not looked up by row and column.
_NOT_IN_CELLS = frozenset({AnswerType.REASON, AnswerType.MANNER, AnswerType.DEFINITION, AnswerType.BOOLEAN})
_UNSURE = Paragraph((service_message("unsure"),))


class _TableResult(NamedTuple):
    """Statements of cells, and the rows and columns that support them; `is_list` if they list the rows of the table."""

    statements: tuple[Statement, ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """An answer from table rows.

    `coverage` is the share of the question that the cells cover (0 to 1). It is sure if they cover its nouns. Without
    statements, the rows are shown, because nothing that is said of all of them would surely be true.
    """

    statements: tuple[Statement, ...]
    table: TableRows
    sources: tuple[Source, ...]
    coverage: float
    is_sure: bool = True


class TableAnswerer:
    """Answers from the tables of the best passages; safe to share between threads."""

    def __init__(self, documents: Sequence[Document], tables: Tables) -> None:
        self._documents = {document.id: document for document in documents}
        self._tables = tables

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the answer from table rows, with the name of another plan or time if they are about it, or None."""
        hits = [scored.hit for scored in turn.reading.passages]
        answer = answer_from_tables(turn.query, hits, self._tables, self._documents)
        if answer is None:
            return None
        passages = [source.passage for source in answer.sources]
        status = Status.ANSWERED if answer.is_sure else Status.PARTIAL
        if not answer.statements:
            return Draft((_UNSURE, answer.table), answer.sources, Status.PARTIAL, passages[0].section)
        headings = {other_plan_heading(self._documents[passage.doc_id], passage.path) for passage in passages}
        heading = headings.pop() if len(headings) == 1 else ""
        first, *others = answer.statements
        if heading:
            first = replace(first, text=f"「{nest_quotes(heading)}」では、{first.text}")
        return Draft((Paragraph((first, *others)), answer.table), answer.sources, status, passages[0].section)


def answer_from_tables(
    query: Query, hits: Sequence[Hit], tables: Tables, documents: Mapping[str, Document]
) -> TableAnswer | None:
    """Return the best answer to `query` from the tables of the best `hits`; None without one.

    What would be computed from several cells is not: the rows that the question names are shown. Rows of a document
    that is not preferred are used only if no preferred document answers and no best passage of one has all words of
    their labels.
    """
    if query.selection is None or query.scope.required:
        return None
    best_passages = [hit.passage for hit in hits[:_MAX_PASSAGES]]
    alike = defaultdict[object, list[Table]](list)
    for table in dict.fromkeys(filter(None, map(tables.find_table, best_passages))):
        alike[table.doc_id, table.label, table.columns].append(table)
    joined = [join_tables(each) for each in alike.values() if len(each) > 1]
    candidates = (*joined, *chain.from_iterable(alike.values()))
    table_queries = [TableQuery(query, table, _names(documents[table.doc_id])) for table in candidates]
    preferred = [item for item in table_queries if item.table.doc_id in query.scope.preferred]

    def answer_all(items: Iterable[TableQuery], preferred_words: Sequence[frozenset[str]] = ()) -> list[TableAnswer]:
        answers = (
            _answer_from_table(item, preferred_words, is_best=best_passages[0].id in item.table.ids) for item in items
        )
        return [answer for answer in answers if answer]

    answers = answer_all(preferred)
    if len(preferred) < len(table_queries) and not answers:
        in_preferred = [passage for passage in best_passages if passage.doc_id in query.scope.preferred]
        preferred_words = [index_terms(passage.text) for passage in in_preferred]
        others = [item for item in table_queries if item not in preferred]
        answers = answer_all(() if in_preferred and query.selection.computes else others, preferred_words)
    return max(answers, key=lambda answer: answer.coverage, default=None)


def _names(document: Document) -> str:
    return "\n".join((document.title, document.issuer, *document.aliases))


def _answer_from_table(
    table_query: TableQuery, preferred_words: Sequence[frozenset[str]] = (), *, is_best: bool = False
) -> TableAnswer | None:
    table = table_query.table
    if table_query.selection.computes:
        return _show_operands(table_query) if is_best else None
    result = _state_result(table_query)
    if result is None:
        return _show_rows_by_value(table_query, is_best=is_best)
    if any(row.terms and row.terms <= words for row in result.rows for words in preferred_words):
        return None
    has_subject = not table_query.lacks_subject()
    coverage = table_query.coverage(result.rows, result.columns)
    if not (has_subject and coverage) if result.is_list else coverage < _MIN_COVERAGE:
        return _show_rows_by_value(table_query, is_best=is_best)
    has_unread_cells = any(row.has_unread_cells for row in table.rows)
    if has_unread_cells and not {*result.columns} <= {*table_query.named_columns}:
        return None
    sources, numbers = cite_rows(result.rows)
    notes = table_notes(table, 1, TARGET_EXCERPT_LENGTH)
    lines = [result.statements, *_omitted_cells(table_query, result), *([(notes,)] if notes else [])]
    statements = renumber(join_lines(lines), numbers)
    return TableAnswer(statements, to_table_rows(table, result.rows), sources, coverage, is_sure=has_subject)


def _show_operands(table_query: TableQuery) -> TableAnswer | None:
    rows, columns = table_query.named_rows, table_query.named_columns
    is_meant = table_query.coverage(rows, columns) >= _MIN_COVERAGE and not table_query.lacks_subject()
    return _show_rows(table_query, rows, columns) if rows and is_meant else None


def _show_rows_by_value(table_query: TableQuery, *, is_best: bool) -> TableAnswer | None:
    rows, columns, selection = table_query.rows_by_value, table_query.table.columns, table_query.selection
    names_row = bool(table_query.named_rows or table_query.query.carried_over_terms)
    if selection.asks_which and Role.TARGET in selection.roles and len(table_query.goal_columns) > 1 and not names_row:
        rows, columns = table_query.table.items, table_query.goal_columns
    if not rows or not (is_best or (table_query.keys and table_query.query.values.days)):
        return None
    return _show_rows(table_query, rows, columns)


def _show_rows(table_query: TableQuery, rows: Sequence[Row], columns: Sequence[Column]) -> TableAnswer | None:
    table = table_query.table
    for shown_columns in (table.columns, columns):
        lines = [row_text(table, row, shown_columns) for row in rows[:MAX_ROWS]]
        n_fitting = count_fitting(lines)
        if n_fitting == len(rows):
            break
    if not n_fitting:
        return None
    sources, numbers = cite_rows(rows[:n_fitting])
    title = table_query.document_names.partition("\n")[0]
    lead = service_message("lead", title=title, heading=nest_quotes(table.caption or title))
    line = SourceLine((lead, *note_part_of_rows(n_fitting, len(rows))))
    statements = tuple(Statement(text, n) for text, n in zip(lines, numbers, strict=False))
    shown = replace(to_table_rows(table, rows[:n_fitting]), source_line=line, lines=statements)
    return TableAnswer((), shown, sources, 0.0, is_sure=False)


def _omitted_cells(table_query: TableQuery, result: _TableResult) -> Iterable[tuple[Statement, ...]]:
    stated = "".join(f"{statement.text}{statement.end}" for statement in result.statements)
    columns = [column for column in table_query.named_columns if column not in result.columns]
    for n, row in enumerate(result.rows, 1):
        omitted = [column for column in columns if row.text(column) and row.text_with_unit(column) not in stated]
        if omitted:
            yield (Statement(row_text(table_query.table, row, omitted), (n,)),)


def _state_result(table_query: TableQuery) -> _TableResult | None:
    selection = table_query.selection
    columns = table_query.goal_columns
    row = table_query.named_row
    asks_reached = selection.asks_whether and Role.TARGET in selection.roles and len(columns) > 1
    if asks_reached and row and all(map(row.text, columns)):
        return _TableResult((cell_sentence(row, columns), *note_statements([row])), (row,), columns)
    if table_query.query.answer_type in _NOT_IN_CELLS:
        return None
    if selection.asks_which and table_query.rows_by_cell[1] and row is None:
        return _list_rows(table_query)
    return _state_cells(table_query) if table_query.named_rows else None


def _list_rows(table_query: TableQuery) -> _TableResult | None:
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
    return _TableResult(join_lines((one,) for one in statements), rows[:n_shown], columns, is_list=True)


def _state_cells(table_query: TableQuery) -> _TableResult | None:
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
    return _TableResult((*sentences, *note_statements(rows)), rows, shown_columns)


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
