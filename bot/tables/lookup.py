"""Finds the table of a passage."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from bot.state.citation_marks import escape_marks
from ingest.documents import Passage
from ingest.index.index import Index
from ingest.tables.compiled import DocumentTables, encode_tables, read_document_tables
from ingest.tables.table import Row, Table

_CACHED_DOCUMENTS = 64
_CACHED_TABLES = 256


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
        """Return the tables that were compiled with an index."""
        return cls(lambda doc_id: read_document_tables(index, doc_id))

    @classmethod
    def of_passages(cls, passages: Sequence[Passage]) -> "Tables":
        """Return the tables among the passages of documents."""
        documents = defaultdict[str, list[Passage]](list)
        for passage in passages:
            documents[passage.doc_id].append(passage)
        return cls(lambda doc_id: DocumentTables(documents[doc_id], encode_tables(documents[doc_id])))

    def find_table(self, passage: Passage) -> Table | None:
        """Return the table that a passage is a row of; None for another passage, or a table without labelled values."""
        if passage.kind != "row":
            return None
        n = self._read(passage.doc_id).positions.get(passage.id)
        return None if n is None else self._find(passage.doc_id, n)

    def has_withheld_rows(self, table: Table) -> bool:
        """Whether rows of the table are left out of it."""
        return any(passage.withheld for passage in self._read(table.doc_id).rows(table.n - 1))

    def text_around(self, table: Table) -> str:
        """Return the text right above and below a table in its section."""
        return self._read(table.doc_id).outlines[table.n - 1].text_around

    def find_similar(self, table: Table) -> tuple[Table, ...]:
        """Return the other tables of the document with the same columns."""
        outlines = self._read(table.doc_id).outlines
        heads = outlines[table.n - 1].heads
        similar = (n for n, outline in enumerate(outlines) if n != table.n - 1 and outline.heads == heads)
        return tuple(filter(None, (self._find(table.doc_id, n) for n in similar)))

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
