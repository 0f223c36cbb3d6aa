"""Counters of the members of a list: what they are counted with, and how many the document states."""

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.question.listed_things import ListedThings
from bot.tables.kinds import mentions_kind
from ingest.chunking.table import Table
from ingest.japanese import counter_at, nfkc, quantities
from ingest.japanese.name_endings import FACILITY, PERSON

_PLACES = "か所"
_PERSONS = "人"
_THINGS = "件"
_KIND_OF_PERSONS = re.compile(rf"(?:{PERSON}|名簿)$")
_KIND_OF_PLACES = re.compile(rf"(?:{FACILITY}|施設|窓口)$")
# Counters of anything.
_GENERAL_COUNTERS = frozenset({"", "か所", "種類", "件", "施設", "項目", "団体", "名"})
# Counters of facilities, which end their names or kinds.
_FACILITY_COUNTERS = frozenset({"校", "館", "園", "店"})
_BEFORE_STATED_NUMBER = re.compile(r"(?:次の|以下の|下記の|全部で|合計|計|全)\s?(?=\d)")
_NUMBER = re.compile(r"\d{1,4}")


@dataclass(frozen=True, slots=True)
class StatedCount:
    """How many items a document says that a list has: 次の3園 is 3 with the counter 園."""

    number: int
    counter: str


@lru_cache(maxsize=256)
def stated_count(table: Table) -> StatedCount | None:
    """Return the count that the document states before a list."""
    introduction = _BEFORE_STATED_NUMBER.search(table.lead)
    number = _NUMBER.match(table.lead, introduction.end()) if introduction else None
    counter = counter_at(table.lead, number.end()) if number else None
    return StatedCount(int(number[0]), counter.unit) if number and counter else None


def select_counter(listed: ListedThings, table: Table) -> str:
    """Return the counter of the members: from the question, else the document, else their kind."""
    if listed.counter:
        return listed.counter
    if stated := stated_count(table):
        return stated.counter
    if _KIND_OF_PLACES.search(listed.kind):
        return _PLACES
    return _PERSONS if _KIND_OF_PERSONS.search(listed.kind) else _THINGS


def asks_for_cell_value(listed: ListedThings, table: Table) -> bool:
    """Whether a question for a number means a figure in the table, not the number of its rows."""
    if not listed.asks_count:
        return False
    if any(mentions_kind(listed.kind, column.head) for column in table.measured):
        return True
    if listed.counter and listed.counter in {table.unit(column) for column in table.measured}:
        return True
    if listed.counter == _PERSONS:
        return not _KIND_OF_PERSONS.search(listed.kind)
    return not _counts_rows(listed, table)


def _counts_rows(listed: ListedThings, table: Table) -> bool:
    counter = listed.counter
    if counter in _GENERAL_COUNTERS | _FACILITY_COUNTERS or listed.kind.endswith(counter):
        return True
    labels = [row.label for row in table.items]
    if 2 * sum(label.endswith(counter) for label in labels) > len(labels):
        return True
    stated = stated_count(table)
    counters_in_lead = {quantity.unit for quantity in quantities(nfkc(table.lead))}
    return counter in counters_in_lead or (stated is not None and stated.counter == counter)
