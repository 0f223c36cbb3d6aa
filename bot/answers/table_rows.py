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

# Characters of a row's mark and of its line feed.
_MARKS = 6
# The share of the words above a table that a question must say to be about all of it, and the share of the likeliest
# row's probability that another row must have to be meant too, where none is named (decision 026).
_TABLE_NAMED, _MEANT_TOO = 0.4, 0.5
# No figure tells these.
_NO_FIGURES = frozenset({AnswerType.REASON, AnswerType.MANNER})
# Says of a row that cells of it are left out.
_CUT = "…"


def select_rows(
    query: Query, table: Table, passage: Passage, likely: Mapping[str, float], longest: int
) -> list[tuple[str, tuple[Row, ...]]]:
    """Return lines of at most `longest` characters, each with the rows that it tells, in the order of the table.

    The rows are those that the question is about. There are none where that is the row of `passage` alone, which stands
    by itself, and where no cell of it fits. A list has every row: where all cells do not fit, the cells of the columns
    that the question names, else labels alone; the first row keeps its cells where that fits.
    """
    asked = TableQuery(query, table)
    found = next((row for row in table.rows if row.passage.id == passage.id), None)
    meant = _relevant_rows(asked, found, likely) if found else ()
    if not meant or (meant == (found,) and len(passage.text) + _MARKS <= longest):
        return []
    first = found if found in meant else meant[0]
    groups = _group_equal_rows(table, (first, *(row for row in meant if any(map(row.text, table.columns)))))
    told = {rows: _line(asked, rows, longest, whole=rows[0] is not first) for rows in groups}
    if query.answer_type is AnswerType.LIST and any(column.name for column in table.columns):
        named = {rows: _named_cells(asked, rows) for rows in groups}
        labels = {rows: f"・{_labels(rows)}" for rows in groups}
        own = {groups[0]: told[groups[0]]}
        # A list that lacks an item is wrong, one without cells is not: cells give way first.
        shorter = (told, named | own, named, labels | own, labels)
        told = next((lines for lines in shorter if _length(lines.values()) <= longest), labels | own)
    shown, left = [], longest
    for rows in groups:
        if 0 < len(told[rows]) <= left - _MARKS * len(rows):
            shown.append(rows)
            left -= len(told[rows]) + _MARKS * len(rows)
    if not shown or shown[0][0] is not first:
        return []
    return [(told[rows], rows) for rows in sorted(shown, key=lambda rows: table.rows.index(rows[0]))]


def _relevant_rows(asked: TableQuery, found: Row, likely: Mapping[str, float]) -> tuple[Row, ...]:
    """Return the rows that the question is about, the likeliest to answer first, of which the reader `found` one.

    These are the rows that it names, all where it asks over rows or names what stands above them, else the one found
    and what is as `likely`.
    """
    ranked = sorted(asked.table.rows, key=lambda row: -likely.get(row.passage.id, 0.0))
    over = asked.operation.asks_which or asked.operation.operator in {Operator.SUM, Operator.COMPARE}
    if asked.rows:
        kept = {*asked.rows} if asked.is_naming_rows_itself else {*asked.rows, found}
    elif over or asked.query.answer_type is AnswerType.LIST or _names_table(asked):
        kept = {*ranked}
    else:
        least = _MEANT_TOO * likely.get(found.passage.id, 0.0)
        kept = {row for row in ranked if row is found or likely.get(row.passage.id, 0.0) >= least}
    return tuple(row for row in ranked if row in kept)


def _names_table(asked: TableQuery) -> bool:
    above = {*words(nfkc(asked.table.section))}
    return len(above & asked.weights.keys()) >= _TABLE_NAMED * len(above) > 0


def can_rows_answer(query: Query, table: Table, passage: Passage) -> bool:
    """Whether rows beside that of `passage` can tell what is asked: rows are named, or it has some word of that.

    So may what stands above all rows, for a follow-up, whose own words count, and where it is named. No figure tells a
    ground or a way of doing.
    """
    row = next((row for row in table.rows if row.passage.id == passage.id), None)
    if row is None or query.is_foreign:
        return True
    figures = all(map(quantities, row.notes)) and all(row.values(c) for c in table.columns if row.text(c))
    told = "\n".join((*(passage.path if query.typed else ()), passage.text, *row.notes, *table.notes))
    said = (query.typed or query.weights.keys() - query.free) & {*words(nfkc(told))}
    asked = TableQuery(query, table)
    return bool(said or asked.rows or _names_table(asked)) and not (figures and query.answer_type in _NO_FIGURES)


def _group_equal_rows(table: Table, rows: Iterable[Row]) -> list[tuple[Row, ...]]:
    """Return the rows, each once, those together that say the same under different labels."""
    alike: dict[tuple[str, ...] | str, list[Row]] = {}
    for row in dict.fromkeys(rows):
        cells = tuple(row.text(column) for column in table.columns)
        alike.setdefault(cells if any(cells) and not row.notes else row.passage.id, []).append(row)
    return [tuple(group) for group in alike.values()]


def _named_cells(asked: TableQuery, rows: Sequence[Row]) -> str:
    """Return the line of rows that say the same, with only the cells of the columns that the question names."""
    row = replace(rows[0], label=_labels(rows))
    return row_text(asked.table, row, asked.named_columns) if asked.named_columns else f"・{row.label}"


def _labels(rows: Sequence[Row]) -> str:
    return "、".join(row.label for row in rows)


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + _MARKS for line in lines)


def _line(asked: TableQuery, rows: Sequence[Row], longest: int, *, whole: bool) -> str:
    """Return the line of rows that say the same; of one too long the cells that are asked for, and what fits of others.

    It is "" where no cell fits, and where only the `whole` row would do.
    """
    table, row = asked.table, replace(rows[0], label=_labels(rows))
    line = row_text(table, row, notes=not whole)
    if whole or _length([line]) <= longest:
        return line
    kept: list[Column] = []
    for column in sorted(table.columns, key=lambda c: (-asked.score(c, rows), len(row.text(c)))):
        cells = [c for c in table.columns if c in (*kept, column)]
        if row.text(column) and _length([row_text(table, row, cells) + _CUT]) <= longest:
            kept.append(column)
    return row_text(table, row, [c for c in table.columns if c in kept]) + _CUT if kept else ""
