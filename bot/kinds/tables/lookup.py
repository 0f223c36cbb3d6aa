"""Finds the table of a passage."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import cast
from weakref import WeakKeyDictionary, ref

from bot.kinds.tables.compile import DocumentTables, encode_tables, read_document_tables
from bot.kinds.tables.table import Row, Table
from bot.state.citation_marks import escape_marks
from bot.work_budget import take_work_once
from ingest.documents import Passage
from ingest.index.index import Index

_OPENED = WeakKeyDictionary[Index, "Tables"]()
_CACHED_DOCUMENTS = 64
_CACHED_TABLES = 256
# A cell with its figures and days takes as long to read as three that are only written.
_WORK_OF_CELL = 3


class Tables:
    """Finds the table of a row passage; safe to share between threads.

    Rows that instruct the model are left out, and nothing in a table looks like a citation mark. `read` returns the
    tables of a document by its id.
    """

    def __init__(self, read: Callable[[str], DocumentTables]) -> None:
        self._read = lru_cache(maxsize=_CACHED_DOCUMENTS)(read)
        self._find = lru_cache(maxsize=_CACHED_TABLES)(self._find_by_number)

    @classmethod
    def of_index(cls, index: Index) -> "Tables":
        """Return the tables that were compiled with an index, the same ones for all that ask."""
        if index not in _OPENED:
            index_of = ref(index)  # the tables do not keep an index that is no longer used
            _OPENED[index] = cls(lambda doc_id: read_document_tables(cast("Index", index_of()), doc_id))
        return _OPENED[index]

    @classmethod
    def of_passages(cls, passages: Sequence[Passage]) -> "Tables":
        """Return the tables among the passages of documents."""
        documents = defaultdict[str, list[Passage]](list)
        for passage in passages:
            documents[passage.doc_id].append(passage)

        def read(doc_id: str) -> DocumentTables:
            found = documents[doc_id]
            positions = {passage.id: n for n, passage in enumerate(found)}
            return DocumentTables(encode_tables(found), lambda: found, lambda passage_id: positions.get(passage_id, -1))

        return cls(read)

    def find_table(self, passage: Passage) -> Table | None:
        """Return the table that a passage is a row of; None for another passage, or a table without labelled values.

        Its cells are counted as work of the request before they are read; it is also None if they are too many.
        """
        n = self.find_number(passage)
        if n is None:
            return None
        work = self._read(passage.doc_id).positions[n].n_cells * _WORK_OF_CELL
        return self._find(passage.doc_id, n) if take_work_once("cells", work, (passage.doc_id, n)) else None

    def document_tables(self, doc_id: str) -> Iterator[Table]:
        """Yield the tables of a document with labelled values; they are not counted as work."""
        for n in range(len(self._read(doc_id).positions)):
            if table := self._find(doc_id, n):
                yield table

    def find_number(self, passage: Passage) -> int | None:
        """Return the number of the table in its document that a passage is a row of; None for another passage."""
        return self._read(passage.doc_id).find_number(passage.id) if passage.kind == "row" else None

    def _find_by_number(self, doc_id: str, n: int) -> Table | None:
        table = self._read(doc_id).read(n)
        if table is None:
            return None
        rows = tuple(map(_escape_row, (row for row in table.rows if not row.passage.withheld)))
        columns, label_columns = (
            tuple(replace(column, name=escape_marks(column.name)) for column in columns)
            for columns in (table.columns, table.label_columns)
        )
        notes = tuple(map(escape_marks, table.notes))
        return Table(rows, columns, notes, escape_marks(table.label), n + 1, label_columns) if rows else None


def _escape_row(row: Row) -> Row:
    cells = {
        escape_marks(head): replace(cell, text=escape_marks(cell.text)) if "[" in cell.text else cell
        for head, cell in row.cells.items()
    }
    return replace(row, cells=cells, label=escape_marks(row.label), notes=tuple(map(escape_marks, row.notes)))
