"""Selects and formats the table rows that are shown for a question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.question.operation import Operator
from bot.question.query import AnswerType, Query
from bot.tables import row_text
from bot.tables.table_query import TableQuery
from ingest.chunking.table import Column, Row, Table
from ingest.documents import Passage
from ingest.japanese import nfkc, quantities
from ingest.japanese.tokenise import words

# Characters of a citation mark and a line feed per row.
_MARKS = 6
# Thresholds (decision 026): the share of the words above a table that a question must have to mean all rows, and the
# probability of another relevant row as a share of the best row's, where no row is named.
_MIN_TABLE_WORDS, _MIN_RELATIVE_PROBABILITY = 0.4, 0.5
# Answer types that no figure can answer.
_NO_FIGURES = frozenset({AnswerType.REASON, AnswerType.MANNER})
# Marks a row with omitted cells.
_CUT = "…"


def select_rows(
    query: Query, table: Table, passage: Passage, likely: Mapping[str, float], longest: int
) -> list[tuple[str, tuple[Row, ...]]]:
    """Return lines of at most `longest` characters in table order, each with its rows.

    Empty where only the row of `passage` is relevant and fits as an excerpt, or where no cell of it fits. A list shows
    every row: where not all cells fit, only the cells of named columns, else only labels.
    """
    bound = TableQuery(query, table)
    own_row = next((row for row in table.rows if row.passage.id == passage.id), None)
    relevant = _relevant_rows(bound, own_row, likely) if own_row else ()
    if not relevant or (relevant == (own_row,) and len(passage.text) + _MARKS <= longest):
        return []
    first = own_row if own_row in relevant else relevant[0]
    groups = _group_equal_rows(table, (first, *(row for row in relevant if any(map(row.text, table.columns)))))
    told = {rows: _line(bound, rows, longest, whole=rows[0] is not first) for rows in groups}
    if query.answer_type is AnswerType.LIST and any(column.name for column in table.columns):
        named = {rows: _named_cells(bound, rows) for rows in groups}
        labels = {rows: f"・{_labels(rows)}" for rows in groups}
        own = {groups[0]: told[groups[0]]}
        # A list with a missing item is wrong, one without cells is not: cells are dropped first.
        shorter = (told, named | own, named, labels | own, labels)
        told = next((lines for lines in shorter if _length(lines.values()) <= longest), labels | own)
    fitting, remaining = [], longest
    for rows in groups:
        if 0 < len(told[rows]) <= remaining - _MARKS * len(rows):
            fitting.append(rows)
            remaining -= len(told[rows]) + _MARKS * len(rows)
    if not fitting or fitting[0][0] is not first:
        return []
    return [(told[rows], rows) for rows in sorted(fitting, key=lambda rows: table.rows.index(rows[0]))]


def _relevant_rows(bound: TableQuery, found: Row, likely: Mapping[str, float]) -> tuple[Row, ...]:
    """Return the rows that the question is about, best first; `found` is the row that the reader chose.

    Named rows; all rows where the question asks over rows or names the table; else `found` and rows about as `likely`.
    """
    ranked = sorted(bound.table.rows, key=lambda row: -likely.get(row.passage.id, 0.0))
    is_over_rows = bound.operation.selects_rows or bound.operation.operator in {Operator.SUM, Operator.COMPARE}
    if bound.rows:
        relevant = {*bound.rows} if bound.is_naming_rows_itself else {*bound.rows, found}
    elif is_over_rows or bound.query.answer_type is AnswerType.LIST or _names_table(bound):
        relevant = {*ranked}
    else:
        threshold = _MIN_RELATIVE_PROBABILITY * likely.get(found.passage.id, 0.0)
        relevant = {row for row in ranked if row is found or likely.get(row.passage.id, 0.0) >= threshold}
    return tuple(row for row in ranked if row in relevant)


def _names_table(bound: TableQuery) -> bool:
    above = {*words(nfkc(bound.table.section))}
    return len(above & bound.weights.keys()) >= _MIN_TABLE_WORDS * len(above) > 0


def can_rows_answer(query: Query, table: Table, passage: Passage) -> bool:
    """Whether rows of the passage's table can answer: the question names rows or the table, or shares a word.

    Figures alone never answer a reason or manner.
    """
    row = next((row for row in table.rows if row.passage.id == passage.id), None)
    if row is None or query.is_foreign:
        return True
    only_figures = all(map(quantities, row.notes)) and all(row.values(c) for c in table.columns if row.text(c))
    texts = "\n".join((*(passage.path if query.typed_terms else ()), passage.text, *row.notes, *table.notes))
    matching = (query.typed_terms or query.term_weights.keys() - query.optional_terms) & {*words(nfkc(texts))}
    bound = TableQuery(query, table)
    return bool(matching or bound.rows or _names_table(bound)) and not (
        only_figures and query.answer_type in _NO_FIGURES
    )


def _group_equal_rows(table: Table, rows: Iterable[Row]) -> list[tuple[Row, ...]]:
    """Return the distinct rows, those with equal cells grouped."""
    groups: dict[tuple[str, ...] | str, list[Row]] = {}
    for row in dict.fromkeys(rows):
        cells = tuple(row.text(column) for column in table.columns)
        groups.setdefault(cells if any(cells) and not row.notes else row.passage.id, []).append(row)
    return [tuple(group) for group in groups.values()]


def _named_cells(bound: TableQuery, rows: Sequence[Row]) -> str:
    """Return the line of equal rows with only the cells of named columns."""
    row = replace(rows[0], label=_labels(rows))
    return row_text(bound.table, row, bound.named_columns) if bound.named_columns else f"・{row.label}"


def _labels(rows: Sequence[Row]) -> str:
    return "、".join(row.label for row in rows)


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + _MARKS for line in lines)


def _line(bound: TableQuery, rows: Sequence[Row], longest: int, *, whole: bool) -> str:
    """Return the line of equal rows; one that is too long keeps the cells that match the question best.

    With `whole` it is returned uncut. It is empty where no cell fits.
    """
    table, row = bound.table, replace(rows[0], label=_labels(rows))
    line = row_text(table, row, notes=not whole)
    if whole or _length([line]) <= longest:
        return line
    fitting: list[Column] = []
    for column in sorted(table.columns, key=lambda c: (-bound.score(c, rows), len(row.text(c)))):
        cells = [c for c in table.columns if c in (*fitting, column)]
        if row.text(column) and _length([row_text(table, row, cells) + _CUT]) <= longest:
            fitting.append(column)
    return row_text(table, row, [c for c in table.columns if c in fitting]) + _CUT if fitting else ""
