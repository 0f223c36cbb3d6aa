"""Answers from table rows: cells, sums, differences, extremes and targets reached."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.languages import nest_quotes
from bot.state import Draft, Hit, Paragraph, ReadTurn, Source, SourceLine, Statement, Status, TableRows, service_message
from bot.state.length_budget import MARKS_LENGTH, MAX_ANSWER_LENGTH, TARGET_EXCERPT_LENGTH
from bot.state.query import Operator, Query
from bot.tables.lookup import Tables
from bot.tables.operations import run_operation
from bot.tables.render import (
    MAX_ROWS,
    TableResult,
    cite_rows,
    join_lines,
    renumber,
    row_text,
    table_notes,
    to_table_rows,
)
from bot.tables.table_query import TableQuery, index_terms
from bot.work_budget import take_work
from ingest.blocks.lists import LIST_PARTS
from ingest.documents import Document
from ingest.japanese import nfkc
from ingest.metadata.validity import other_plan_heading
from ingest.tables.table import Column, Role, Table, join_tables

# Tables of this many of the best passages are queried.
_MAX_PASSAGES = 5
# Larger tables are not queried.
_MAX_ROWS = 2_000
# The coverage of the value of a cell (decision 025).
_MIN_COVERAGE = 0.6
# Characters of rows that are shown without a statement about them.
_MAX_ROWS_LENGTH = MAX_ANSWER_LENGTH - 100
# Operations whose result is the rows that satisfy a condition.
_SELECTING_OPERATORS = frozenset({Operator.SELECT, Operator.LIST})
# Operations that may be over rows of several tables with equal columns.
_OPERATORS_OF_SEVERAL_TABLES = frozenset({Operator.SELECT, Operator.DIFFERENCE})
_UNSURE = Paragraph((service_message("unsure"),))


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

    Rows of a document that is not preferred are used only if no preferred document answers and no best passage of
    one has all words of their labels.
    """
    if query.operation is None:
        return None
    operator = query.operation.operator
    selected = [
        (table, len(table.rows) * len(table.columns)) for table in _select_tables(query, operator, hits, tables)
    ]
    read = [table for table, size in selected if take_work("cells", size) == size]
    table_queries = [TableQuery(query, table, _names(documents[table.doc_id])) for table in read]
    preferred = [item for item in table_queries if item.table.doc_id in query.scope.preferred]
    best = hits[0].passage.id if hits else ""

    def answer_all(items: Iterable[TableQuery], preferred_words: Sequence[frozenset[str]] = ()) -> list[TableAnswer]:
        found = (_answer_from_table(item, tables, preferred_words, is_best=best in item.table.ids) for item in items)
        return [answer for answer in found if answer]

    answers = answer_all(preferred)
    if len(preferred) < len(table_queries) and not answers:
        in_preferred = [hit.passage for hit in hits[:_MAX_PASSAGES] if hit.passage.doc_id in query.scope.preferred]
        preferred_words = [index_terms(passage.text) for passage in in_preferred]
        others = (item for item in table_queries if item not in preferred)
        answers = answer_all(others, preferred_words)
    return max(answers, key=lambda answer: answer.coverage, default=None)


def _names(document: Document) -> str:
    return "\n".join((document.title, document.issuer, *document.aliases))


def _select_tables(query: Query, operator: Operator, hits: Sequence[Hit], tables: Tables) -> Iterable[Table]:
    best_hits = hits[:_MAX_PASSAGES]
    tables_of_hits = [tables.find_table(hit.passage) for hit in (best_hits if operator is Operator.SELECT else hits)]
    found = [table for table in dict.fromkeys(tables_of_hits) if table and len(table.rows) <= _MAX_ROWS]
    best_tables = [table for table in found if table in tables_of_hits[:_MAX_PASSAGES]]
    for key in dict.fromkeys(map(_columns_key, best_tables)):
        matching = [table for table in found if _columns_key(table) == key]
        if operator not in _OPERATORS_OF_SEVERAL_TABLES:
            others = (other for other in tables.find_similar(matching[0]) if _columns_key(other) == key)
            meant = [other for other in others if not _is_ruled_out(other, matching[0], query)]
            matching = sorted((matching[0], *meant), key=lambda table: table.n)
        labels = [row.label for table in matching for row in table.items]
        are_distinct = operator in _OPERATORS_OF_SEVERAL_TABLES or len({*labels}) == len(labels)
        if len(matching) > 1 and are_distinct and len(labels) <= _MAX_ROWS:
            yield join_tables(matching)
    yield from best_tables


def _columns_key(table: Table) -> tuple[str, str, tuple[Column, ...]]:
    return table.doc_id, table.label, table.columns


def _answer_from_table(
    table_query: TableQuery, tables: Tables, preferred_words: Sequence[frozenset[str]] = (), *, is_best: bool = False
) -> TableAnswer | None:
    table = table_query.table
    result = run_operation(table_query)
    if result is None or not result.rows:
        return _show_rows_by_value(table_query, is_best=is_best)
    labels = [index_terms(row.label) for row in result.rows]
    if any(label and label <= passage_words for label in labels for passage_words in preferred_words):
        return None
    operator = table_query.operation.operator
    # A value of a row, or the difference of two, is true of that row, which the sentence names.
    is_of_row = (operator is Operator.SELECT and not result.is_over_all) or (
        operator is Operator.DIFFERENCE and len(result.rows) == 1
    )
    has_subject = not table_query.lacks_subject()
    coverage = table_query.coverage(result.rows, result.columns)
    if coverage < _MIN_COVERAGE if is_of_row else not (has_subject and coverage):
        return _show_rows_by_value(table_query, is_best=is_best)
    sources, numbers = cite_rows(result.rows)
    if result.is_over_all and not _is_complete(table_query, tables):
        return _show_rows(table_query, result, coverage)
    has_unread_cells = any(row.has_unread_cells for row in table.rows)
    if has_unread_cells and not {*result.columns} <= {*table_query.named_columns}:
        return None
    notes = table_notes(table, 1, TARGET_EXCERPT_LENGTH)
    lines = [result.statements, *_omitted_cells(table_query, result), *([(notes,)] if notes else [])]
    statements = renumber(join_lines(lines), numbers)
    return TableAnswer(statements, to_table_rows(table, result.rows), sources, coverage, is_sure=has_subject)


def _show_rows_by_value(table_query: TableQuery, *, is_best: bool) -> TableAnswer | None:
    rows, columns, operation = table_query.rows_by_value, table_query.table.columns, table_query.operation
    names_row = bool(table_query.named_rows or table_query.query.carried_over_terms)
    if operation.asks_which and Role.TARGET in operation.roles and len(table_query.goal_columns) > 1 and not names_row:
        rows, columns = table_query.table.items, table_query.goal_columns
    if not rows or not (is_best or (table_query.keys and table_query.query.values.days)):
        return None
    return _show_rows(table_query, TableResult((), rows, columns), coverage=0.0)


def _show_rows(table_query: TableQuery, result: TableResult, coverage: float) -> TableAnswer | None:
    table = table_query.table
    is_condition = table_query.operation.operator in _SELECTING_OPERATORS
    rows = result.rows if is_condition else table.rows
    sources, numbers = cite_rows(rows)
    for columns in (table.columns, result.columns):
        lines = [Statement(row_text(table, row, columns), n) for row, n in zip(rows, numbers, strict=True)]
        if sum(len(line.text) + MARKS_LENGTH for line in lines) <= _MAX_ROWS_LENGTH and len(lines) <= MAX_ROWS:
            break
    else:
        return None
    title = table_query.document_names.partition("\n")[0]
    line = SourceLine((service_message("lead", title=title, heading=nest_quotes(table.caption or title)),))
    shown = replace(to_table_rows(table, rows), source_line=line, lines=tuple(lines))
    return TableAnswer((), shown, sources, coverage, is_sure=False)


def _omitted_cells(table_query: TableQuery, result: TableResult) -> Iterable[tuple[Statement, ...]]:
    stated = "".join(f"{statement.text}{statement.end}" for statement in result.statements)
    columns = [column for column in table_query.named_columns if column not in result.columns]
    for n, row in enumerate(result.rows, 1):
        omitted = [column for column in columns if row.text(column) and row.text_with_unit(column) not in stated]
        if omitted:
            yield (Statement(row_text(table_query.table, row, omitted), (n,)),)


def _is_complete(table_query: TableQuery, tables: Tables) -> bool:
    # Unless a cell was not read, a row is withheld, the document has another table with the same columns that the
    # question does not rule out, or a word of the document tells that the table is a part.
    parts = table_query.table.parts or (table_query.table,)
    for table in parts:
        if any(row.has_unread_cells for row in table.rows) or tables.has_withheld_rows(table):
            return False
        if _is_called_part(table, f"{table_query.document_names}\n{tables.text_around(table)}"):
            return False
        others = [other for other in tables.find_similar(table) if other not in parts]
        if not all(_is_ruled_out(other, table, table_query.query) for other in others):
            return False
    return True


def _is_called_part(table: Table, context: str) -> bool:
    last = table.items[-1] if table.items else table.rows[-1]
    notes = (note for row in table.rows for note in row.notes)
    about = nfkc("\n".join((context, *table.path, table.label, *table.notes, *notes)))
    if any(word in about for word in LIST_PARTS["parts"]):
        return True
    ends = (nfkc(text).strip().rstrip("。)）") for text in (last.label, *last.texts))
    labels = (nfkc(row.label).strip() for row in table.items)
    return any(text.endswith(LIST_PARTS["ends"]) for text in ends) or any(
        label.endswith("その他") or any(word in label for word in LIST_PARTS["not_members"]) for label in labels
    )


def _is_ruled_out(other: Table, table: Table, query: Query) -> bool:
    named_headings = _heading_terms(table.path) - _heading_terms(other.path)
    return not named_headings.isdisjoint(query.term_weights)


def _heading_terms(headings: Iterable[str]) -> frozenset[str]:
    return index_terms(nfkc("\n".join(headings)))
