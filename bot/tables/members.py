"""Selects the rows of a list or table that are members of the kind that a question names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.question.listed_things import ListedThings
from bot.question.query import Query
from bot.tables.lookup import Tables
from bot.tables.table_query import TableQuery, terms
from ingest.chunking.list_tables import join_sections
from ingest.chunking.table import Column, Row, Table
from ingest.documents import Passage
from ingest.japanese import counter_at, nfkc, quantities
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.name_endings import FACILITY, PERSON

# Of the labels or parts, this share names the kind.
_MOST = 0.6
_PERSON = re.compile(rf"{PERSON}$")
_MEASURE = re.compile(r"[数率額量費]$")
_PERSON_HEADS = re.compile(r"氏名|名前|委員|議員|職員")
# The counter of things whose names end alike: 公園 and 公民館 are places.
_PLACE_END = re.compile(rf"(?:{FACILITY}|[家港浜橋寺]|コート)$")
_PLACE_KIND = re.compile(rf"(?:{FACILITY}|施設|窓口)$")
# Counters of what has a date or an ordinal number: 第1期, 10月3日.
_OCCASIONS, _ORDINAL = frozenset({"回", "期", "日"}), re.compile(r"第\s?\d|\d+(?:月|回|期)")
_PLACES, _PERSONS, _THINGS = "か所", "人", "件"
_STATED_BEFORE = re.compile(r"(?:次の|以下の|下記の|全部で|合計|計|全)\s?(?=\d)")
_STATED_AFTER = re.compile(r"\s*(?:の|、)?(?:計|合計|全部で)?(?=\d)")
_NUMBER = re.compile(r"\d{1,4}")
# A figure with what bounds it: 100人以上, 5か所未満.
_BOUND = re.compile(
    r"\s*(?P<bound>以上|以下|以内|未満|を超え|を?上回|を?下回|より(?:多|大|高|広|長)|より(?:少|小|低|狭|短|安))"
)
# What an introduction lists: 公園は次のとおり, 次の3つの公園, 公園は、.
_NOUN = r"(?P<kind>[^\s、。:はがをにで]{1,20})"
_AS_FOLLOWS = re.compile(r"とおり|通り|表|もの|$")
_INTRODUCED = (
    re.compile(rf"{_NOUN}(?:は|が|を|について)、?(?:次|以下|下記|つぎ|下の表|表)"),
    re.compile(rf"(?:次|以下|下記)の\s?(?:\d+[^\s\d、。]{{0,3}}?の?)?{_NOUN}(?=が|を|は|です|で|から|に|$)"),
    re.compile(rf"{_NOUN}(?:は|とは|には)?[、:]?$"),
)
_HEADING_END = re.compile(
    r"(?:の?(?:ご?案内|お知らせ|数|一覧表?|名簿|リスト|紹介|場所|所在地|状況|概要|構成|内訳)|について|など|等|名)?\s?(?:\([^()]*\))?\s*$"
)
_BRACKETS = re.compile(r"\([^()]*\)\s*$")
_EXCEPT = re.compile(r"以外|を除[くい]|ではない|でない|じゃない|がない(?!か)|のない")


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a kind in a table.

    Attributes:
        rows: the members; with `groups`, the rows of the parts that are the members.
        groups: the names of the parts, where these are the kind; empty where the rows are.
        counter: what they are counted with.
        stated: the number that the document states for them, None where it states none.
        is_clear: whether the rows surely are what is meant, and not a part of it.
        columns: the columns that selected the rows.
    """

    table: Table
    rows: tuple[Row, ...]
    groups: tuple[str, ...] = ()
    counter: str = _THINGS
    stated: int | None = None
    is_clear: bool = True
    columns: tuple[Column, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The distinct names of the members in order."""
        return self.groups or tuple(dict.fromkeys(row.label for row in self.rows))


def find_members(query: Query, passage: Passage, tables: Tables) -> list[Members]:
    """Return the members of the kind that `query` asks for in the lists and the table of a passage.

    Where only a heading further out names the kind, or only some items are of it, they are those of all sections below.
    """
    listed = query.listed
    if listed is None or not listed.kind or _EXCEPT.search(query.topic):
        return []
    table = tables.find_table(passage)
    lists = tables.find_lists(passage)
    if lists and (parts := _sections_of_kind(listed.kind, passage, tables)):
        members = _select_members(query, listed, parts)
        return [members] if members else []
    own = [members for one in (*lists, *([table] if table else ())) if (members := _select_members(query, listed, one))]
    if not lists:
        return own
    if inner := [one for one in own if _is_inner(listed.kind, one.table, is_alone=len(lists) == 1)]:
        return inner
    joined = _join_below(listed.kind, passage, tables)
    members = _select_members(query, listed, joined) if joined else None
    return [members] if members else own


def _sections_of_kind(kind: str, passage: Passage, tables: Tables) -> Table | None:
    """Return the lists of a passage's section and its siblings, where the headings of these are of the kind (…地区)."""
    depth = len(passage.path) - 1
    if depth < 1 or not _names(kind, passage.path[depth]):
        return None
    lists = tables.find_all_lists(passage, depth)
    headings = list(dict.fromkeys(table.path[depth] for table in lists if len(table.path) > depth))
    are_kind = len(headings) > 1 and all(_is_one(kind, heading) for heading in headings)
    is_named_inside = any(
        _names(kind, text) for table in lists for text in (table.lead, *(r.label for r in table.rows))
    )
    return join_sections(lists, depth) if are_kind and not is_named_inside else None


def _join_below(kind: str, passage: Passage, tables: Tables) -> Table | None:
    """Return the lists below the innermost outer heading that names the kind, else below the outermost, as one."""
    depths = range(len(passage.path) - 1, 0, -1)
    depth = next((depth for depth in depths if _names(kind, passage.path[depth - 1])), 1)
    lists = tables.find_all_lists(passage, depth)
    return join_sections(lists, depth) if len({(table.path, table.lead) for table in lists}) > 1 else None


def _is_inner(kind: str, table: Table, *, is_alone: bool) -> bool:
    """Whether the list itself or most of its items name the kind, so that no other list is meant.

    So does the heading of its section where it `is_alone` in that.
    """
    named = sum(_is_one(kind, row.label) for row in table.items)
    own = (table.lead, table.label, table.path[-1] if table.path and is_alone else "")
    return any(_names(kind, text) for text in own) or named >= _MOST * len(table.items)


def _select_members(query: Query, listed: ListedThings, table: Table) -> Members | None:
    """Return the rows of the table that are of the kind, of the parts and with the values that the question names."""
    bound, kind, items = TableQuery(query, table), listed.kind, table.items
    if not items or _is_figure(listed, table):
        return None
    named = [row for row in items if _is_one(kind, row.label)]
    is_most = len(named) >= _MOST * len(items)
    is_clear = is_most or _introduces(kind, table) or table.label.endswith(kind)
    is_kind = is_clear or any(_names(kind, text) for text in (table.lead, table.label, *table.path))
    of_groups = [group for group in table.groups if _is_one(kind, group)]
    rows = items if is_kind else tuple(named)
    has_groups = len(of_groups) >= _MOST * len(table.groups) > 0 and len(named) < _MOST * len(items)
    if not rows and not has_groups:
        return None
    groups = _named_groups(query, table)
    rows = tuple(row for row in rows or items if not groups or row.group in groups)
    columns, by_cell = bound.rows_by_cell
    rows = tuple(row for row in rows if row in by_cell) if by_cell else rows
    bounded = _bounded(bound, rows)
    if bounded is not None:
        columns, rows = bounded
    if not rows:
        return None
    return Members(
        table,
        rows,
        tuple(dict.fromkeys(row.group for row in rows)) if has_groups else (),
        _counter(listed, table, rows),
        None if groups or by_cell or bounded is not None or not is_kind else _stated_number(table),
        is_clear=is_clear or has_groups,
        columns=columns,
    )


def _is_figure(listed: ListedThings, table: Table) -> bool:
    """Whether a figure of the table, and not the number of its rows, is asked for."""
    if not listed.asks_count:
        return False
    heads = (*(column.head for column in table.measured), *(row.label for row in table.items))
    if any(_names(listed.kind, head) and _MEASURE.search(head) for head in heads):
        return True
    if any(_names(listed.kind, column.head) for column in table.measured):
        return True
    units = {table.unit(column) for column in table.measured}
    if listed.counter and listed.counter in units:
        return True
    if listed.counter != _PERSONS:
        return not _can_count(listed, table)
    return not (_PERSON_HEADS.search(table.label) or _PERSON.search(listed.kind))


def _can_count(listed: ListedThings, table: Table) -> bool:
    """Whether the counter counts the rows: one of anything, one of places, or one that their names end with."""
    counter = listed.counter
    if counter in {"", "か所", "種類", "件", "施設", "項目", "団体", "名"}:
        return True
    labels = [row.label for row in table.items]
    ending = sum(label.endswith(counter) for label in labels)
    lead = quantities(nfkc(table.lead))
    is_stated = any(quantity.unit == counter for quantity in lead) or counter == _stated_counter(table)
    if counter in _OCCASIONS and (table.has_times or all(_ORDINAL.match(label) for label in labels)):
        return True
    return is_stated or 2 * ending > len(labels) or listed.kind.endswith(counter) or counter in {"校", "館", "園", "店"}


def _introduces(kind: str, table: Table) -> bool:
    """Whether the introduction of a list or the heading above it is about the kind: 公園は次のとおり, 公園一覧."""
    found = (match["kind"] for form in _INTRODUCED for match in form.finditer(nfkc(table.lead)))
    introduced = [name for name in found if not _AS_FOLLOWS.match(name)]
    headings = [_HEADING_END.sub("", strip_heading_number(nfkc(heading))) for heading in table.path]
    return any(_is_one(kind, name) for name in introduced or headings)


def _is_one(kind: str, name: str) -> bool:
    """Whether a name is one of the kind, or its plural: 青空公園, 公園."""
    return _BRACKETS.sub("", nfkc(name)).strip().endswith(kind)


def _names(kind: str, text: str) -> bool:
    """Whether a text names the kind: in these words, or by all of them."""
    text = nfkc(text)
    return kind in text or (bool(terms(kind)) and terms(kind) <= terms(text))


def _named_groups(query: Query, table: Table) -> frozenset[str]:
    """Return the parts of a list whose own words the question has."""
    groups = table.groups
    shared = frozenset.intersection(*(terms(group) for group in groups)) if len(groups) > 1 else frozenset[str]()
    weights = query.term_weights.keys()
    return frozenset(group for group in groups if (own := terms(group) - shared) and own <= weights)


def _bounded(bound: TableQuery, rows: Sequence[Row]) -> tuple[tuple[Column, ...], tuple[Row, ...]] | None:
    """Return the rows whose figure is within the bound of the question, with its column; None without a bound."""
    text = bound.query.topic
    for quantity in quantities(text):
        match = _BOUND.match(text, quantity.end)
        if match is None:
            continue
        columns = [c for c in bound.table.measured if quantity.unit in {"", bound.table.unit(c)}]
        best = bound.best_columns(rows, columns) if len(columns) > 1 else tuple(columns)
        if len(best) != 1:
            return (), ()
        kind, limit = match["bound"], quantity.value
        is_least = kind == "以上" or "超" in kind or "上回" in kind or any(c in kind for c in "多大高広長")
        is_inclusive = kind in {"以上", "以下", "以内"}
        within = []
        for row in rows:
            value = row.value(best[0])
            if value is None:
                continue
            is_beyond = value.number > limit if is_least else value.number < limit
            if is_beyond or (is_inclusive and value.number == limit):
                within.append(row)
        return best, tuple(within)
    return None


def _counter(listed: ListedThings, table: Table, rows: Sequence[Row]) -> str:
    """Return what the members are counted with: the question's counter, the document's, or one of their kind."""
    if listed.counter:
        return listed.counter
    if stated := _stated_counter(table):
        return stated
    places = sum(bool(_PLACE_END.search(row.label)) for row in rows)
    if places >= _MOST * len(rows) or _PLACE_KIND.search(listed.kind):
        return _PLACES
    is_person = _PERSON_HEADS.search(table.label) or re.search(r"委員$|議員$|職員$|名簿$", listed.kind)
    return _PERSONS if is_person else _THINGS


@lru_cache(maxsize=256)
def _stated(table: Table) -> tuple[int, str] | None:
    """Return the number and counter that the document states for a list, before or after it."""
    last = table.rows[-1]
    after = nfkc(last.passage.text[last.span[1] :].split("\n")[0]) if last.span and table.is_list else ""
    for text, introduction in ((table.lead, _STATED_BEFORE.search(table.lead)), (after, _STATED_AFTER.match(after))):
        number = _NUMBER.match(text, introduction.end()) if introduction else None
        if number and (counter := counter_at(text, number.end())):
            return int(number[0]), counter.unit
    return None


def _stated_number(table: Table) -> int | None:
    stated = _stated(table)
    return stated[0] if stated else None


def _stated_counter(table: Table) -> str:
    stated = _stated(table)
    return stated[1] if stated else ""
