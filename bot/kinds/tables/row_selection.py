"""Selects and formats the table rows that are shown for a question."""

from collections.abc import Iterable, Mapping
from itertools import islice

from bot.kinds.tables.render import row_text
from bot.kinds.tables.table import Row, Table
from bot.kinds.tables.table_query import TableQuery
from bot.state.length_budget import MARKS_LENGTH, MAX_ANSWER_LENGTH
from bot.state.query import AnswerType, Query
from ingest.documents import Passage
from ingest.japanese import dates, nfkc, quantities
from ingest.japanese.tokenise import words

# A question names a table if it has this share of the words of its heading.
_MIN_HEADING_SHARE = 0.4
# Without a named row, another row is relevant from this share of the best row's probability (decision 077).
_MIN_RELATIVE_PROBABILITY = 0.5
# No answer has room for more.
_MAX_LINES = MAX_ANSWER_LENGTH // MARKS_LENGTH
# Answer types that figures alone cannot answer.
_NOT_BY_FIGURES = frozenset({AnswerType.REASON, AnswerType.MANNER})


def select_rows(
    query: Query, table: Table, passage: Passage, probabilities: Mapping[str, float], max_length: int
) -> tuple[list[tuple[str, Row]], int]:
    """Return lines of together at most `max_length` characters, each with its row, and how many rows are asked about.

    The row of `passage` comes first if the question asks about one row; all others are in table order. No line is
    returned if only the row of `passage` is relevant and fits as an excerpt, or if no cell of it fits. `probabilities`
    are those of passages by id. The number is 0 if the question neither names rows nor asks about all.
    """
    passage_row = _row_of(table, passage)
    if passage_row is None:
        return [], 0
    table_query = TableQuery(query, table)
    relevant = _relevant_rows(table_query, passage_row, probabilities)
    is_as_written = relevant == (passage_row,) and not passage_row.origins
    if not relevant or (is_as_written and len(passage.text) + MARKS_LENGTH <= max_length):
        return [], 0
    first = passage_row if passage_row in relevant else relevant[0]
    filled = (row for row in relevant if any(map(row.text, table.columns)))
    rows = dict.fromkeys((first, *islice(filled, _MAX_LINES)))
    lines = {row: row_text(table, row, notes=row is first) for row in rows}
    if _total_length([lines[first]]) > max_length:
        lines[first] = f"{row_text(table, first, table_query.named_columns)}…"
    if query.answer_type is AnswerType.LIST and _total_length(lines.values()) > max_length:
        # A list may lack cells but not items.
        columns = table_query.named_columns
        lines = {row: row_text(table, row, columns) if columns else f"・{row.label}" for row in rows}
    fitting = list[Row]()
    for row, line in lines.items():
        length = _total_length([line])
        if length <= max_length:
            fitting.append(row)
            max_length -= length
    if not fitting or fitting[0] is not first:
        return [], 0
    keeps_order = _asks_about_rows(table_query) or all(dates(row.label) or quantities(row.label) for row in fitting)
    ordered = sorted(fitting, key=lambda row: -1 if row is first and not keeps_order else table.rows.index(row))
    asks_about_rows = table_query.named_rows or _asks_about_rows(table_query)
    return [(lines[row], row) for row in ordered], len(relevant) if asks_about_rows else 0


def _row_of(table: Table, passage: Passage) -> Row | None:
    return next((row for row in table.rows if row.passage.id == passage.id), None)


def _relevant_rows(table_query: TableQuery, best: Row, probabilities: Mapping[str, float]) -> tuple[Row, ...]:
    ranked = sorted(table_query.table.rows, key=lambda row: -probabilities.get(row.passage.id, 0.0))
    if table_query.named_rows:
        relevant = {*table_query.named_rows}
        if not (table_query.has_typed_rows or table_query.keys):
            relevant.add(best)
    elif _asks_about_rows(table_query) or _names_table(table_query):
        relevant = {*ranked}
    else:
        threshold = _MIN_RELATIVE_PROBABILITY * probabilities.get(best.passage.id, 0.0)
        relevant = {row for row in ranked if row is best or probabilities.get(row.passage.id, 0.0) >= threshold}
    return tuple(row for row in ranked if row in relevant)


def _asks_about_rows(table_query: TableQuery) -> bool:
    return table_query.selection.computes or table_query.query.answer_type is AnswerType.LIST


def _names_table(table_query: TableQuery) -> bool:
    heading = {*words(nfkc(table_query.table.section))}
    return len(heading & table_query.weights.keys()) >= _MIN_HEADING_SHARE * len(heading) > 0


def can_rows_answer(query: Query, table: Table | None, passage: Passage) -> bool:
    """Whether rows of the passage's table can answer: the question names rows or the table, or shares a word.

    Rows alone are no extreme, sum or difference, and do not tell which of them satisfy a condition. Figures alone
    cannot answer a reason or manner. A row with a cell that was not read may lack what is asked for, unless the
    question names another column.
    """
    if passage.kind == "row" and query.selection and query.selection.computes:
        return False
    row = _row_of(table, passage) if table else None
    if table is None or row is None:
        return True
    table_query = TableQuery(query, table)
    asks_for_rows = table_query.selection.asks_which and bool(query.values.terms) and not table_query.named_rows
    if (row.has_unread_cells and not table_query.named_columns) or asks_for_rows:
        return False
    if query.is_foreign:
        return True
    filled_columns = (column for column in table.columns if row.text(column))
    has_only_figures = all(map(quantities, row.notes)) and all(map(row.values, filled_columns))
    is_unnamed = row.label.removesuffix(table.label).isdecimal() and len(table.rows) > 1 and not table_query.named_rows
    if has_only_figures and (is_unnamed or query.answer_type in _NOT_BY_FIGURES):
        return False
    headings = passage.path if query.typed_terms else ()
    table_words = {*words(nfkc("\n".join((*headings, passage.text, *row.notes, *table.notes))))}
    question_terms = query.typed_terms or query.term_weights.keys() - query.optional_terms
    return bool(question_terms & table_words or table_query.named_rows or _names_table(table_query))


def _total_length(lines: Iterable[str]) -> int:
    return sum(len(line) + MARKS_LENGTH for line in lines)
