"""Finds the table of a passage."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from bot.verification import escape_marks
from ingest.chunking.table import Table, continues_table, label_rows
from ingest.documents import Passage

_CACHED = 256


class Tables:
    """The tables among passages, each found by any of its rows and read once. Safe to share between threads.

    Rows of which `withheld` is true are not shown and not computed with. `row` returns the place of the passage of an
    id; an index knows it.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        withheld: Callable[[Passage], bool] = lambda _row: False,
        row: Callable[[str], int] | None = None,
    ) -> None:
        self._passages = passages
        self._row = row or {passage.id: place for place, passage in enumerate(passages)}.__getitem__
        # The places of the tables read last.
        self._recent: tuple[range, ...] = ()
        self._read = lru_cache(maxsize=_CACHED)(
            lambda rows: read_table([row for row in self._passages[rows.start : rows.stop] if not withheld(row)])
        )

    def of(self, passage: Passage) -> Table | None:
        """Return the table that a passage is a row of; None where it is none, or no value follows a label."""
        if passage.kind != "row":
            return None
        try:
            row = self._row(passage.id)
        except KeyError:
            return None
        rows = next((rows for rows in self._recent if row in rows), None) or self._table_rows(row)
        self._recent = (rows, *[other for other in self._recent if other != rows][: _CACHED - 1])
        return self._read(rows)

    def _table_rows(self, row: int) -> range:
        passages, first, end = self._passages, row, row + 1
        while first > 0 and continues_table(passages[first - 1], passages[first]):
            first -= 1
        while end < len(passages) and continues_table(passages[end - 1], passages[end]):
            end += 1
        return range(first, end)


def read_table(rows: Sequence[Passage]) -> Table | None:
    """Return the table of row passages, labelled, with nothing in it that looks like a citation mark."""
    return label_rows(rows, escape_marks)
