"""Finds the table of a passage."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from bot.guardrails.prompt_injection import has_injection
from bot.state.citation_marks import escape_marks
from ingest.documents import Passage
from ingest.tables.cell_values import head_unit
from ingest.tables.table import Table
from ingest.tables.table_reading import continues_table, label_rows

_CACHED_TABLES = 256
# Characters of a line above a table that may give its unit.
_MAX_UNIT_LINE_LENGTH = 40
# Characters of the text above and below a table that may tell that it is a part.
_MAX_TEXT_LENGTH = 120


class Tables:
    """Finds the table of a row passage; safe to share between threads.

    Rows that instruct the model are left out. `find_position` returns the position in `passages` of a passage id; by
    default it is computed from `passages`.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        find_position: Callable[[str], int] | None = None,
    ) -> None:
        self._passages = passages
        self._find_position = find_position or {passage.id: i for i, passage in enumerate(passages)}.__getitem__
        # The positions of the tables that were found last.
        self._recent: tuple[range, ...] = ()
        self._read_cached = lru_cache(maxsize=_CACHED_TABLES)(self._read)
        self._find_similar_cached = lru_cache(maxsize=_CACHED_TABLES)(self._find_similar)

    def find_table(self, passage: Passage) -> Table | None:
        """Return the table that a passage is a row of; None for another passage, or a table without labelled values."""
        if passage.kind != "row":
            return None
        try:
            position = self._find_position(passage.id)
        except KeyError:
            return None
        positions = next((rows for rows in self._recent if position in rows), None) or self._find_range(position)
        self._recent = (positions, *[other for other in self._recent if other != positions][: _CACHED_TABLES - 1])
        return self._read_cached(positions)

    def has_withheld_rows(self, table: Table) -> bool:
        """Whether passages among those of the table are left out of it."""
        first, last = (self._find_position(passage_id) for passage_id in (table.ids[0], table.ids[-1]))
        return any(map(has_injection, self._passages[first : last + 1]))

    def text_around(self, table: Table) -> str:
        """Return the text right above and below a table in its section."""
        first, last = table.rows[0], table.rows[-1]
        rows = self._find_range(self._find_position(first.passage.id))
        above = self._passages[max(rows.start - 1, 0) : rows.start]
        below = self._passages[rows.stop : rows.stop + 1]
        texts = [passage.text[-_MAX_TEXT_LENGTH:] for passage in above if _continues_section(passage, first.passage)]
        texts += [passage.text[:_MAX_TEXT_LENGTH] for passage in below if _continues_section(last.passage, passage)]
        return "\n".join(texts)

    def find_similar(self, table: Table) -> tuple[tuple[str, ...], ...]:
        """Return the headings of the other tables of the document with the same columns."""
        return self._find_similar_cached(self._find_position(table.ids[0]))

    def _find_similar(self, position: int) -> tuple[tuple[str, ...], ...]:
        table = self._find_range(position)
        row = self._passages[position]
        columns = {cell.column for cell in row.cells}
        first, end = table.start, table.stop
        while first > 0 and self._passages[first - 1].doc_id == row.doc_id:
            first -= 1
        while end < len(self._passages) and self._passages[end].doc_id == row.doc_id:
            end += 1
        others = (*self._passages[first : table.start], *self._passages[table.stop : end])
        are_similar = (
            other for other in others if other.kind == "row" and {cell.column for cell in other.cells} == columns
        )
        return tuple(dict.fromkeys(other.path for other in are_similar))

    def _find_range(self, position: int) -> range:
        passages = self._passages
        first = position
        end = position + 1
        while first > 0 and continues_table(passages[first - 1], passages[first]):
            first -= 1
        while end < len(passages) and continues_table(passages[end - 1], passages[end]):
            end += 1
        return range(first, end)

    def _read(self, positions: range) -> Table | None:
        rows = self._passages[positions.start : positions.stop]
        table = read_table([row for row in rows if not has_injection(row)])
        unit = self._unit_above(positions.start)
        return replace(table, rows=tuple(replace(row, unit=unit) for row in table.rows)) if table and unit else table

    def _unit_above(self, position: int) -> str:
        if position == 0:
            return ""
        above, row = self._passages[position - 1 : position + 1]
        if not _continues_section(above, row) or above.kind != "text":
            return ""
        line = above.text.strip().split("\n")[-1]
        return head_unit(line, counters_only=True) if len(line) <= _MAX_UNIT_LINE_LENGTH else ""


def _continues_section(previous: Passage, passage: Passage) -> bool:
    return (previous.doc_id, previous.path) == (passage.doc_id, passage.path)


def read_table(rows: Sequence[Passage]) -> Table | None:
    """Return the table of row passages, in which nothing looks like a citation mark."""
    return label_rows(rows, escape_marks)
