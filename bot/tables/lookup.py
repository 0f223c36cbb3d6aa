"""Finds the table of a passage."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from bot.verification import escape_marks
from ingest.chunking.table import Table, continues_table, label_rows
from ingest.documents import Passage

_CACHED_TABLES = 256


class Tables:
    """Finds the table of a row passage; safe to share between threads.

    `is_withheld` tells which rows are left out of all tables. `find_position` returns the position in `passages` of a
    passage id; by default it is computed from `passages`.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        is_withheld: Callable[[Passage], bool] = lambda _passage: False,
        find_position: Callable[[str], int] | None = None,
    ) -> None:
        self._passages = passages
        self._is_withheld = is_withheld
        self._find_position = find_position or {passage.id: i for i, passage in enumerate(passages)}.__getitem__
        # The positions of the tables that were found last.
        self._recent: tuple[range, ...] = ()
        self._read_cached = lru_cache(maxsize=_CACHED_TABLES)(self._read)

    def find_table(self, passage: Passage) -> Table | None:
        """Return the table that a passage is a row of; None for another passage, or a table without labelled values."""
        if passage.kind != "row":
            return None
        try:
            position = self._find_position(passage.id)
        except KeyError:
            return None
        positions = next((rows for rows in self._recent if position in rows), None) or self._find_rows(position)
        self._recent = (positions, *[other for other in self._recent if other != positions][: _CACHED_TABLES - 1])
        return self._read_cached(positions)

    def _read(self, positions: range) -> Table | None:
        rows = self._passages[positions.start : positions.stop]
        return read_table([row for row in rows if not self._is_withheld(row)])

    def _find_rows(self, position: int) -> range:
        passages, first, end = self._passages, position, position + 1
        while first > 0 and continues_table(passages[first - 1], passages[first]):
            first -= 1
        while end < len(passages) and continues_table(passages[end - 1], passages[end]):
            end += 1
        return range(first, end)


def read_table(rows: Sequence[Passage]) -> Table | None:
    """Return the table of row passages, in which nothing looks like a citation mark."""
    return label_rows(rows, escape_marks)
