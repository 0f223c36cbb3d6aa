"""Selects the rows of a list or table that are members of the kind that a question names."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.question.figure_request import FigureLimit
from bot.question.listed_things import ListedThings
from bot.question.query import Query
from bot.tables.kinds import MIN_KIND_SHARE, introduces_kind, is_of_kind, mentions_kind
from bot.tables.lookup import Tables
from bot.tables.member_counters import asks_for_cell_value, select_counter, stated_count
from bot.tables.table_query import TableQuery
from bot.tables.terms import index_terms
from ingest.chunking.list_tables import join_sections
from ingest.chunking.table import Column, Row, Table
from ingest.documents import Passage


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a kind in a table.

    Attributes:
        table: the table or list.
        rows: the members; with `groups`, the rows of the parts that are the members.
        groups: the names of the parts if these are the members; empty if the rows are.
        counter: what they are counted with.
        stated_number: the number that the document states for them, None if it states none.
        is_clear: whether the rows surely are what is meant, and not a part of it.
        columns: the columns that selected the rows.
    """

    table: Table
    rows: tuple[Row, ...]
    groups: tuple[str, ...]
    counter: str
    stated_number: int | None
    is_clear: bool
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The distinct names of the members in order."""
        return self.groups or tuple(dict.fromkeys(row.label for row in self.rows))

    def name_of(self, row: Row) -> str:
        """Return the name of the member that a row is, or belongs to."""
        return row.group if self.groups else row.label


@dataclass(frozen=True, slots=True)
class _KindMatch:
    """How a table matches the kind of a question.

    Attributes:
        rows: the rows that are of the kind; empty if none is.
        are_groups: whether the parts of the list are of the kind, and not its rows.
        is_named: whether the table or a heading above it names the kind, so that all rows are of it.
        is_clear: whether most labels, the introduction or the head of the labels is of the kind.
    """

    rows: tuple[Row, ...]
    are_groups: bool
    is_named: bool
    is_clear: bool


def find_members(query: Query, passage: Passage, tables: Tables) -> list[Members]:
    """Return the members of the kind that `query` asks for in the lists and the table of a passage.

    If only an outer heading names the kind, the members are the items of all sections below it. The same holds if
    only some items are of the kind.
    """
    listed = query.listed
    if listed is None or not listed.kind:
        return []
    lists = tables.find_lists(passage)
    if lists and (sections := _join_sections_of_kind(listed.kind, passage, tables)):
        members = _select_members(query, listed, sections)
        return [members] if members else []
    table = tables.find_table(passage)
    candidates = (*lists, *([table] if table else ()))
    found = [members for candidate in candidates if (members := _select_members(query, listed, candidate))]
    if not lists:
        return found
    is_alone = len(lists) == 1
    naming = [members for members in found if _names_kind_itself(listed.kind, members.table, is_alone=is_alone)]
    if naming:
        return naming
    joined = _join_lists_below(listed.kind, passage, tables)
    members = _select_members(query, listed, joined) if joined else None
    return [members] if members else found


def _join_sections_of_kind(kind: str, passage: Passage, tables: Tables) -> Table | None:
    depth = len(passage.path) - 1
    if depth < 1 or not mentions_kind(kind, passage.path[depth]):
        return None
    lists = tables.find_all_lists(passage, depth)
    headings = {table.path[depth] for table in lists if len(table.path) > depth}
    if len(headings) < 2 or not all(is_of_kind(kind, heading) for heading in headings):
        return None
    texts_inside = (text for table in lists for text in (table.lead, *(row.label for row in table.rows)))
    is_named_inside = any(mentions_kind(kind, text) for text in texts_inside)
    return None if is_named_inside else join_sections(lists, depth)


def _join_lists_below(kind: str, passage: Passage, tables: Tables) -> Table | None:
    depths = range(len(passage.path) - 1, 0, -1)
    depth = next((depth for depth in depths if mentions_kind(kind, passage.path[depth - 1])), 1)
    lists = tables.find_all_lists(passage, depth)
    return join_sections(lists, depth) if len({(table.path, table.lead) for table in lists}) > 1 else None


def _names_kind_itself(kind: str, table: Table, *, is_alone: bool) -> bool:
    """Whether the list or most of its items name the kind, so that no other list is meant.

    The heading of its section counts too if the list `is_alone` in it.
    """
    heading = table.path[-1] if table.path and is_alone else ""
    if any(mentions_kind(kind, text) for text in (table.lead, table.label, heading)):
        return True
    return sum(is_of_kind(kind, row.label) for row in table.items) >= MIN_KIND_SHARE * len(table.items)


def _select_members(query: Query, listed: ListedThings, table: Table) -> Members | None:
    if not table.items or asks_for_cell_value(listed, table):
        return None
    match = _match_kind(listed.kind, table)
    if not match.rows and not match.are_groups:
        return None
    table_query = TableQuery(query, table)
    rows = match.rows or table.items
    named_groups = _named_groups(query, table)
    if named_groups:
        rows = tuple(row for row in rows if row.group in named_groups)
    columns, rows_by_cell = table_query.rows_by_cell
    if rows_by_cell:
        rows = tuple(row for row in rows if row in rows_by_cell)
    limit = query.figure_request.limit
    if limit:
        columns, rows = _apply_limit(table_query, limit, rows)
    if not rows:
        return None
    is_selection = bool(named_groups or rows_by_cell or limit)
    stated = stated_count(table) if match.is_named and not is_selection else None
    return Members(
        table=table,
        rows=rows,
        groups=tuple(dict.fromkeys(row.group for row in rows)) if match.are_groups else (),
        counter=select_counter(listed, table),
        stated_number=stated.number if stated else None,
        is_clear=match.is_clear or match.are_groups,
        columns=columns,
    )


def _match_kind(kind: str, table: Table) -> _KindMatch:
    items, groups = table.items, table.groups
    matching_rows = tuple(row for row in items if is_of_kind(kind, row.label))
    most_rows_match = len(matching_rows) >= MIN_KIND_SHARE * len(items)
    n_matching_groups = sum(is_of_kind(kind, group) for group in groups)
    most_groups_match = n_matching_groups >= MIN_KIND_SHARE * len(groups) > 0
    is_clear = most_rows_match or introduces_kind(kind, table) or table.label.endswith(kind)
    is_named = is_clear or any(mentions_kind(kind, text) for text in (table.lead, table.label, *table.path))
    return _KindMatch(
        rows=items if is_named else matching_rows,
        are_groups=most_groups_match and not most_rows_match,
        is_named=is_named,
        is_clear=is_clear,
    )


def _named_groups(query: Query, table: Table) -> frozenset[str]:
    groups = table.groups
    shared = frozenset.intersection(*map(index_terms, groups)) if len(groups) > 1 else frozenset[str]()
    question_terms = query.term_weights.keys()
    return frozenset(
        group for group in groups if (group_terms := index_terms(group) - shared) and group_terms <= question_terms
    )


def _apply_limit(
    table_query: TableQuery, limit: FigureLimit, rows: Sequence[Row]
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    table = table_query.table
    columns = tuple(column for column in table.measured if limit.unit in {"", table.unit(column)})
    if len(columns) > 1:
        columns = table_query.best_columns(rows, columns)
    if len(columns) != 1:
        return (), ()
    within = (row for row in rows if (value := row.value(columns[0])) and limit.allows(value.number))
    return columns, tuple(within)
