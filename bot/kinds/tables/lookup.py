"""Finds the table of a passage."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import cast
from weakref import WeakKeyDictionary, ref

from bot.kinds.tables.compile import TABLES, decode_tables
from bot.kinds.tables.table import Table
from bot.work_budget import take_work_once
from ingest.documents import Passage
from ingest.index.artefacts import read_artefact
from ingest.index.index import Index

_OPENED = WeakKeyDictionary[Index, "Tables"]()
_CACHED_DOCUMENTS = 64
# A cell with its figures and days takes as long to read as three that are only written.
_WORK_OF_CELL = 3


class Tables:
    """Finds the table of a row passage; safe to share between threads.

    `read` returns the tables of a document by its id.
    """

    def __init__(self, read: Callable[[str], Sequence[Table]]) -> None:
        self._read = lru_cache(maxsize=_CACHED_DOCUMENTS)(
            lambda doc_id: {_key(table.rows[0].passage): table for table in read(doc_id)}
        )

    @classmethod
    def of_index(cls, index: Index) -> "Tables":
        """Return the tables that were compiled with an index, the same ones for all that ask."""
        if index not in _OPENED:
            index_of = ref(index)  # the tables do not keep an index that is no longer used

            def read(doc_id: str) -> Sequence[Table]:
                opened = cast("Index", index_of())
                content = read_artefact(opened.folder, TABLES, doc_id)
                return decode_tables(content, opened.all_passages(doc_id)) if content else ()

            _OPENED[index] = cls(read)
        return _OPENED[index]

    def find_table(self, passage: Passage) -> Table | None:
        """Return the table that a passage is a row of; None for another passage, or a table without labelled values.

        Its cells are counted as work of the request; it is also None if they are too many.
        """
        table = self._read(passage.doc_id).get(_key(passage)) if passage.kind == "row" else None
        if table is None:
            return None
        work = len(table.rows) * (len(table.columns) + len(table.label_columns)) * _WORK_OF_CELL
        return table if take_work_once("cells", work, (passage.doc_id, *_key(passage))) else None

    def document_tables(self, doc_id: str) -> Iterator[Table]:
        """Yield the tables of a document with labelled values; they are not counted as work."""
        yield from self._read(doc_id).values()


def _key(passage: Passage) -> tuple[int, tuple[str, ...]]:
    return passage.table, passage.path
