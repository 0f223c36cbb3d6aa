"""Counters of the members of a list: what they are counted with, and how many the document states."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.question.listed_things import ListedThings
from bot.tables.kinds import MIN_KIND_SHARE, mentions_kind
from ingest.chunking.table import Row, Table
from ingest.japanese import counter_at, nfkc, quantities
from ingest.japanese.name_endings import FACILITY, PERSON

_PLACES = "か所"
_PERSONS = "人"
_THINGS = "件"
_ENDS_LIKE_PERSON = re.compile(rf"{PERSON}$")
_ENDS_LIKE_FIGURE = re.compile(r"[数率額量費]$")
_HEAD_OF_PERSONS = re.compile(r"氏名|名前|委員|議員|職員")
_KIND_OF_PERSONS = re.compile(r"(?:委員|議員|職員|名簿)$")
_NAME_OF_PLACE = re.compile(rf"(?:{FACILITY}|[家港浜橋寺]|コート)$")
_KIND_OF_PLACES = re.compile(rf"(?:{FACILITY}|施設|窓口)$")
# Counters of anything.
_GENERAL_COUNTERS = frozenset({"", "か所", "種類", "件", "施設", "項目", "団体", "名"})
# Counters of facilities, which end their names or kinds.
_FACILITY_COUNTERS = frozenset({"校", "館", "園", "店"})
# Counters of what has a date or an ordinal number: 第1期, 10月3日.
_OCCASION_COUNTERS = frozenset({"回", "期", "日"})
_ORDINAL = re.compile(r"第\s?\d|\d+(?:月|回|期)")
_BEFORE_STATED_NUMBER = re.compile(r"(?:次の|以下の|下記の|全部で|合計|計|全)\s?(?=\d)")
_AFTER_LIST = re.compile(r"\s*(?:の|、)?(?:計|合計|全部で)?(?=\d)")
_NUMBER = re.compile(r"\d{1,4}")


@dataclass(frozen=True, slots=True)
class StatedCount:
    """How many items a document says that a list has: 次の3園 is 3 with the counter 園."""

    number: int
    counter: str


@lru_cache(maxsize=256)
def stated_count(table: Table) -> StatedCount | None:
    """Return the count that the document states for a list, before or after it."""
    last = table.rows[-1]
    text_after = nfkc(last.passage.text[last.span[1] :].split("\n")[0]) if last.span and table.is_list else ""
    for text, introduction in (
        (table.lead, _BEFORE_STATED_NUMBER.search(table.lead)),
        (text_after, _AFTER_LIST.match(text_after)),
    ):
        number = _NUMBER.match(text, introduction.end()) if introduction else None
        if number and (counter := counter_at(text, number.end())):
            return StatedCount(int(number[0]), counter.unit)
    return None


def select_counter(listed: ListedThings, table: Table, rows: Sequence[Row]) -> str:
    """Return what the members are counted with: the question's counter, the document's, or that of their kind."""
    if listed.counter:
        return listed.counter
    if stated := stated_count(table):
        return stated.counter
    n_places = sum(bool(_NAME_OF_PLACE.search(row.label)) for row in rows)
    if n_places >= MIN_KIND_SHARE * len(rows) or _KIND_OF_PLACES.search(listed.kind):
        return _PLACES
    are_persons = _HEAD_OF_PERSONS.search(table.label) or _KIND_OF_PERSONS.search(listed.kind)
    return _PERSONS if are_persons else _THINGS


def asks_for_cell_value(listed: ListedThings, table: Table) -> bool:
    """Whether a question for a number means a figure in the table, not the number of its rows."""
    if not listed.asks_count:
        return False
    measured_heads = [column.head for column in table.measured]
    labels = [row.label for row in table.items]
    if any(mentions_kind(listed.kind, head) for head in measured_heads):
        return True
    if any(_ENDS_LIKE_FIGURE.search(label) and mentions_kind(listed.kind, label) for label in labels):
        return True
    if listed.counter and listed.counter in {table.unit(column) for column in table.measured}:
        return True
    if listed.counter == _PERSONS:
        return not (_HEAD_OF_PERSONS.search(table.label) or _ENDS_LIKE_PERSON.search(listed.kind))
    return not _counts_rows(listed, table)


def _counts_rows(listed: ListedThings, table: Table) -> bool:
    """Whether the counter of the question counts the rows of the table."""
    counter = listed.counter
    if counter in _GENERAL_COUNTERS | _FACILITY_COUNTERS or listed.kind.endswith(counter):
        return True
    labels = [row.label for row in table.items]
    if counter in _OCCASION_COUNTERS and (table.has_times or all(map(_ORDINAL.match, labels))):
        return True
    if 2 * sum(label.endswith(counter) for label in labels) > len(labels):
        return True
    stated = stated_count(table)
    counters_in_lead = {quantity.unit for quantity in quantities(nfkc(table.lead))}
    return counter in counters_in_lead or (stated is not None and stated.counter == counter)
