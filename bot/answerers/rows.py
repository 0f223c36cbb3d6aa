"""Rows of a table as the document has them: the one that was found, whole, and the others that fit beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.query.answer_type import answer_type
from bot.query.operation import Operator
from bot.query.query import AnswerType, Query
from bot.tables import Column, Relation, Row, row_text
from bot.tables.choice import Asked
from ingest.documents import Passage

# Characters of a row's mark and of its line feed.
_MARKS = 6
# Says of a row that cells of it are left out.
_CUT = "…"


def rows_to_show(
    query: Query, relation: Relation, passage: Passage, likely: Mapping[str, float], longest: int
) -> list[tuple[str, tuple[Row, ...]]]:
    """Return lines of at most `longest` characters, each with the rows that it tells, in the order of the table.

    The rows are that of `passage`, those that the question names, those whose labels are of the kind that it asks for
    (いつ for a time), and others, the more `likely` first (passage ids, 0-1). There are none where the row found stands
    by itself: where the question names it and asks nothing of several, and where no cell of it fits. Who asks for all
    of something sees the rows by their labels alone, where they do not fit with their cells; the row found keeps its
    own where all labels fit beside them, and where not even the labels do.
    """
    asked = Asked(query, relation)
    found = tuple(row for row in relation.rows if row.passage.id == passage.id)
    alone = asked.operation.operator is Operator.SELECT and asked.rows == found
    if not found or (alone and len(passage.text) + _MARKS <= longest):
        return []
    others = sorted(relation.rows, key=lambda row: -likely.get(row.passage.id, 0.0))
    of_kind = (row for row in others if answer_type(row.label)[0] is query.answer_type is not AnswerType.OTHER)
    telling = (row for row in (*asked.rows, *of_kind, *others) if any(map(row.text, relation.columns)))
    groups = _alike(relation, found if alone else (*found, *telling))
    told = {rows: _line(asked, rows, longest, whole=rows[0] not in found) for rows in groups}
    if query.answer_type is AnswerType.LIST and any(column.name for column in relation.columns):
        labels = {rows: f"・{_labels(rows)}" for rows in groups}
        beside = {rows: told[rows] if rows[0] in found else labels[rows] for rows in groups}
        told = next((each for each in (told, beside, labels) if _length(each.values()) <= longest), beside)
    shown, left = [], longest
    for rows in groups:
        if 0 < len(told[rows]) <= left - _MARKS * len(rows):
            shown.append(rows)
            left -= len(told[rows]) + _MARKS * len(rows)
    if not shown or shown[0][0] not in found:
        return []
    return [(told[rows], rows) for rows in sorted(shown, key=lambda rows: relation.rows.index(rows[0]))]


def _alike(relation: Relation, rows: Iterable[Row]) -> list[tuple[Row, ...]]:
    """Return the rows, each once, those together that say the same under different labels."""
    alike: dict[tuple[str, ...] | str, list[Row]] = {}
    for row in dict.fromkeys(rows):
        cells = tuple(row.text(column) for column in relation.columns)
        alike.setdefault(cells if any(cells) and not row.notes else row.passage.id, []).append(row)
    return [tuple(group) for group in alike.values()]


def _labels(rows: Sequence[Row]) -> str:
    return "、".join(row.label for row in rows)


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + _MARKS for line in lines)


def _line(asked: Asked, rows: Sequence[Row], longest: int, *, whole: bool) -> str:
    """Return the line of rows that say the same; of one too long the cells that are asked for, and what fits of others.

    It is "" where no cell fits, and where only the `whole` row would do.
    """
    relation, row = asked.relation, replace(rows[0], label=_labels(rows))
    line = row_text(relation, row, notes=not whole)
    if whole or _length([line]) <= longest:
        return line
    kept: list[Column] = []
    for column in sorted(relation.columns, key=lambda c: (-asked.score(c, rows), len(row.text(c)))):
        cells = [c for c in relation.columns if c in (*kept, column)]
        if row.text(column) and _length([row_text(relation, row, cells) + _CUT]) <= longest:
            kept.append(column)
    return row_text(relation, row, [c for c in relation.columns if c in kept]) + _CUT if kept else ""
