"""Finds the rows of a table into which the figures and days of a question fall, and those that have what it names."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.kinds.tables.table import Column, Row, Table
from bot.state.query import Query
from ingest.japanese import nfkc
from ingest.japanese.cell_values import DAY_OF_YEAR, IN_PART, MARKS, NO, TIME, YES, Span
from ingest.japanese.tokenise import words

# Units of which a figure names one thing: a house is in a block whatever is asked.
_IDENTIFYING_UNITS = frozenset({"丁", "番", "号"})
# What a heading or note says of a mark: ○：あり　×は休館.
_LEGEND = re.compile(r"([○◯〇●◎×✕])\s?[:=は]\s?([^\s、。()]+)")
_DAY_UNITS = frozenset({TIME, DAY_OF_YEAR})


@dataclass(frozen=True, slots=True)
class Condition:
    """The rows that satisfy a condition on a column, and whether the question surely means it."""

    column: Column
    rows: frozenset[Row]
    is_sure: bool = True


def find_keys(query: Query, table: Table) -> tuple[Condition, ...]:
    """Return for columns of ranges and days the rows into which a figure or day of the question falls.

    In such a column, two cells and half of the filled ones begin with a range or day of the unit asked; of the columns
    of labels, one range is enough. The rows are empty if the figure identifies a thing and falls into none. Days of
    another column are unsure if the question shares no word with its head: something may be closed then.
    """
    asked: dict[str, Collection[Decimal]] = dict(query.values.figures)
    if query.values.days:
        asked[TIME] = [Decimal(day.toordinal()) for day in query.values.days]
        asked[DAY_OF_YEAR] = [Decimal(day.month * 100 + day.day) for day in query.values.days]
    conditions = list[Condition]()
    for column in () if not asked else (*table.label_columns, *table.columns):
        cells = [(row, row.cell(column).spans) for row in table.items if row.text(column)]
        is_label = column in table.label_columns
        first = [(row, spans if is_label else spans[:1]) for row, spans in cells]
        keyed = [(row, spans) for row, spans in first if any(_units(span) & asked.keys() for span in spans)]
        are_days = any(spans[0].unit in _DAY_UNITS for _, spans in keyed)
        n_ranges = sum(are_days or any(span.first != span.last for span in spans) for _, spans in keyed)
        identifies = any(_units(spans[0]) & _IDENTIFYING_UNITS & asked.keys() for _, spans in keyed)
        min_ranges = 1 if identifies or is_label else max(2, len(cells) / 2)
        if len(keyed) < max(2, len(cells) / 2) or n_ranges < min_ranges:
            continue
        rows = frozenset(row for row, spans in cells if any(_falls_into(asked, span) for span in spans))
        if len(rows) < len(cells) and (rows or identifies):
            is_sure = is_label or not are_days or not query.term_weights.keys().isdisjoint(words(column.head))
            conditions.append(Condition(column, rows, is_sure))
    return tuple(conditions)


def _units(span: Span) -> frozenset[str]:
    return frozenset((span.unit, *(unit for unit, _ in span.key)))


def _falls_into(asked: Mapping[str, Collection[Decimal]], span: Span) -> bool:
    if not _units(span) & asked.keys() or not all(number in asked.get(unit, (number,)) for unit, number in span.key):
        return False
    return any(map(span.contains, asked[span.unit])) if span.unit in asked else True


def find_properties(query: Query, table: Table) -> Iterator[Condition]:
    """Yield for columns of weekdays and of marks the rows that have the weekday or thing that the question names.

    It is unsure whether they are meant if the question shares no word with the head of weekdays, which may be those of
    closing, or if a heading or note explains a mark by other words (○は休館).
    """
    legend = _LEGEND.findall(nfkc("\n".join((*table.path, *table.notes))))
    is_usual = all(
        any(meaning.endswith(text) for text in MARKS if MARKS[text] == MARKS[mark]) for mark, meaning in legend
    )
    asked = {day for _, day in query.values.weekdays}
    terms = query.term_weights.keys()
    for column in table.columns:
        head = frozenset(words(column.head))
        is_named = bool(head) and head <= terms
        if not (asked or is_named):
            continue
        cells = [(row, cell) for row in table.items if (cell := row.cell(column)).text]
        denied = query.selection is not None and not head.isdisjoint(query.selection.denied_terms)
        rows = frozenset[Row]()
        is_sure = is_usual
        if asked and 2 * sum(bool(cell.weekdays) for _, cell in cells) > len(cells):
            rows = frozenset(row for row, cell in cells if any(day in asked for _, day in cell.weekdays))
            is_sure = not denied and not head.isdisjoint(terms)
        elif is_named and 2 * sum(bool(cell.mark) for _, cell in cells) > len(cells):
            rows = frozenset(row for row, cell in cells if cell.mark in ({NO} if denied else {YES, IN_PART}))
        if rows:
            yield Condition(column, rows, is_sure)
