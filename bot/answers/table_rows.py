"""Selects and formats the table rows that are shown for a question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.answers.length_budget import MARKS_LENGTH
from bot.question.operation import Operator
from bot.question.query import AnswerType, Query
from bot.tables import row_text
from bot.tables.table_query import TableQuery
from ingest.chunking.table import Column, Row, Table
from ingest.documents import Passage
from ingest.japanese import dates, nfkc, quantities
from ingest.japanese.tokenise import words

# A question names a table with this share of the words of its heading. Without a named row, another row is relevant
# from this share of the best row's probability (decision 026).
_MIN_HEADING_SHARE, _MIN_RELATIVE_PROBABILITY = 0.4, 0.5
# Answer types that figures alone cannot answer.
_NOT_BY_FIGURES = frozenset({AnswerType.REASON, AnswerType.MANNER})
# Ends a row with omitted cells.
_OMISSION = "…"

_RowGroup = tuple[Row, ...]


def select_rows(
    query: Query, table: Table, passage: Passage, probabilities: Mapping[str, float], max_length: int
) -> list[tuple[str, _RowGroup]]:
    """Return lines of together at most `max_length` characters, each with its rows.

    The row of `passage` comes first where the question asks about one row; all others are in table order.

    Empty where only the row of `passage` is relevant and fits as an excerpt, or where no cell of it fits.
    `probabilities` are those of passages by id.
    """
    table_query = TableQuery(query, table)
    own_row = next((row for row in table.rows if row.passage.id == passage.id), None)
    relevant = _relevant_rows(table_query, own_row, probabilities) if own_row else ()
    if not relevant or (relevant == (own_row,) and len(passage.text) + MARKS_LENGTH <= max_length):
        return []
    first = own_row if own_row in relevant else relevant[0]
    groups = _group_equal_rows(table, (first, *(row for row in relevant if any(map(row.text, table.columns)))))
    lines: Mapping[_RowGroup, str] = {
        rows: _first_line(table_query, rows, max_length) if rows[0] is first else _full_line(table, rows)
        for rows in groups
    }
    if query.answer_type is AnswerType.LIST and any(column.name for column in table.columns):
        lines = _shorten_list(table_query, groups, lines, max_length)
    fitting, remaining = [], max_length
    for rows in groups:
        marks_length = MARKS_LENGTH * len(rows)
        if 0 < len(lines[rows]) <= remaining - marks_length:
            fitting.append(rows)
            remaining -= len(lines[rows]) + marks_length
    if not fitting or fitting[0][0] is not first:
        return []
    keeps_order = _asks_about_rows(table_query) or all(dates(row.label) for row in table.rows)

    def position(rows: _RowGroup) -> int:
        return -1 if rows[0] is first and not keeps_order else table.rows.index(rows[0])

    return [(lines[rows], rows) for rows in sorted(fitting, key=position)]


def _shorten_list(
    table_query: TableQuery, groups: Sequence[_RowGroup], lines: Mapping[_RowGroup, str], max_length: int
) -> Mapping[_RowGroup, str]:
    """Return the lines that fit, with the cells of named columns only, else with labels only.

    A list may lack cells but not items, so cells are omitted first.
    """
    named_cells = {rows: _named_cells(table_query, rows) for rows in groups}
    labels = {rows: f"・{_labels(rows)}" for rows in groups}
    first = {groups[0]: lines[groups[0]]}
    candidates = (lines, named_cells | first, named_cells, labels | first, labels)
    fitting = (shortened for shortened in candidates if _total_length(shortened.values()) <= max_length)
    return next(fitting, labels | first)


def _relevant_rows(table_query: TableQuery, best: Row, probabilities: Mapping[str, float]) -> tuple[Row, ...]:
    """Return the rows that the question is about, most probable first; `best` is the row that the reader chose.

    Named rows; all rows where the question asks about all rows or names the table; else `best` and rows about as
    probable.
    """
    ranked = sorted(table_query.table.rows, key=lambda row: -probabilities.get(row.passage.id, 0.0))
    if table_query.named_rows:
        relevant = {*table_query.named_rows}
        if not table_query.has_typed_rows:
            relevant.add(best)
    elif _asks_about_rows(table_query) or _names_table(table_query):
        relevant = {*ranked}
    else:
        threshold = _MIN_RELATIVE_PROBABILITY * probabilities.get(best.passage.id, 0.0)
        relevant = {row for row in ranked if row is best or probabilities.get(row.passage.id, 0.0) >= threshold}
    return tuple(row for row in ranked if row in relevant)


def _asks_about_rows(table_query: TableQuery) -> bool:
    """Whether the question is about several rows: a list, a comparison or an operation over rows."""
    operation = table_query.operation
    is_over_rows = operation.selects_rows or operation.operator in {Operator.SUM, Operator.COMPARE}
    return is_over_rows or table_query.query.answer_type is AnswerType.LIST


def _names_table(table_query: TableQuery) -> bool:
    heading = {*words(nfkc(table_query.table.section))}
    return len(heading & table_query.weights.keys()) >= _MIN_HEADING_SHARE * len(heading) > 0


def can_rows_answer(query: Query, table: Table, passage: Passage) -> bool:
    """Whether rows of the passage's table can answer: the question names rows or the table, or shares a word.

    Figures alone cannot answer a reason or manner. A row with a cell that was not read may lack what is asked for,
    unless the question names another column.
    """
    row = next((row for row in table.rows if row.passage.id == passage.id), None)
    if row is None:
        return True
    if row.has_unread_cells and not TableQuery(query, table).named_columns:
        return False
    if query.is_foreign:
        return True
    has_only_figures = all(map(quantities, row.notes)) and all(row.values(c) for c in table.columns if row.text(c))
    if has_only_figures and query.answer_type in _NOT_BY_FIGURES:
        return False
    texts = "\n".join((*(passage.path if query.typed_terms else ()), passage.text, *row.notes, *table.notes))
    shared = (query.typed_terms or query.term_weights.keys() - query.optional_terms) & {*words(nfkc(texts))}
    table_query = TableQuery(query, table)
    return bool(shared or table_query.named_rows or _names_table(table_query))


def _group_equal_rows(table: Table, rows: Iterable[Row]) -> list[_RowGroup]:
    """Return the distinct rows, grouped by equal cells."""
    groups: dict[tuple[str, ...] | str, list[Row]] = {}
    for row in dict.fromkeys(rows):
        cells = tuple(row.text(column) for column in table.columns)
        groups.setdefault(cells if any(cells) and not row.notes else row.passage.id, []).append(row)
    return [tuple(group) for group in groups.values()]


def _named_cells(table_query: TableQuery, rows: Sequence[Row]) -> str:
    """Return the line of equal rows with only the cells of named columns."""
    row, columns = replace(rows[0], label=_labels(rows)), table_query.named_columns
    return row_text(table_query.table, row, columns) if columns else f"・{row.label}"


def _labels(rows: Sequence[Row]) -> str:
    return "、".join(row.label for row in rows)


def _total_length(lines: Iterable[str]) -> int:
    return sum(len(line) + MARKS_LENGTH for line in lines)


def _full_line(table: Table, rows: Sequence[Row]) -> str:
    return row_text(table, replace(rows[0], label=_labels(rows)))


def _first_line(table_query: TableQuery, rows: Sequence[Row], max_length: int) -> str:
    """Return the line of equal rows with its notes; a long one keeps the cells that match best, "" for none."""
    table, row = table_query.table, replace(rows[0], label=_labels(rows))
    line = row_text(table, row, notes=True)
    if _total_length([line]) <= max_length:
        return line
    fitting: list[Column] = []
    for column in sorted(table.columns, key=lambda c: (-table_query.score(c, rows), len(row.text(c)))):
        cells = [c for c in table.columns if c in (*fitting, column)]
        if row.text(column) and _total_length([row_text(table, row, cells) + _OMISSION]) <= max_length:
            fitting.append(column)
    return row_text(table, row, [c for c in table.columns if c in fitting]) + _OMISSION if fitting else ""
