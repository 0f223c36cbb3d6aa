"""Storage of a generation's documents and passages in one SQLite file, each loaded on access."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Self, SupportsIndex, overload

import numpy as np
from pydantic import TypeAdapter

from ingest.documents import Document, ParsedDocument, Passage

PASSAGE_FILE = "passages.sqlite"
# Places and rows count from 0, in document order. `page` is 0 for none; contents are JSON.
_SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;
CREATE TABLE documents (place INTEGER PRIMARY KEY, first INTEGER, document BLOB, content BLOB);
CREATE TABLE passages (row INTEGER PRIMARY KEY, id TEXT, page INTEGER, is_withheld INTEGER, content BLOB);
"""
_DOCUMENT = TypeAdapter(Document)
_PASSAGE = TypeAdapter(Passage)
# Without passages, which have rows of their own.
_CONTENT = TypeAdapter(ParsedDocument)
# Cached passages, some 2 KB each: all of a small index, the most frequent ones of a large index.
_CACHE_SIZE = 4096
# A slice of more than this share of the cache is read past it, so that one long document does not empty it.
_CACHED_SHARE = 4


class Passages(Sequence[Passage]):
    """All passages in document order, parsed on access; thread-safe."""

    def __init__(self, database: sqlite3.Connection, ids: Sequence[str]) -> None:
        self._database = database
        self._size = len(ids)
        self._rows = {passage_id: row for row, passage_id in enumerate(ids)}
        self._cached = lru_cache(maxsize=_CACHE_SIZE)(self._read)

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, row: SupportsIndex) -> Passage: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, row: SupportsIndex | slice) -> Passage | tuple[Passage, ...]:
        if not isinstance(row, slice):
            return self._cached(range(len(self))[row])
        rows = range(*row.indices(len(self)))
        if rows.step == 1 and len(rows) > _CACHE_SIZE // _CACHED_SHARE:
            return tuple(self.select(rows))
        return tuple(map(self._cached, rows))

    def __iter__(self) -> Iterator[Passage]:
        return self.select(range(len(self)))

    def _read(self, row: int) -> Passage:
        (passage,) = self.select(range(row, row + 1))
        return passage

    def select(self, rows: range) -> Iterator[Passage]:
        """Yield the passages at consecutive `rows` past the cache."""
        query = "SELECT content FROM passages WHERE row >= ? AND row < ? ORDER BY row"
        for (content,) in self._database.execute(query, (rows.start, rows.stop)):
            yield _PASSAGE.validate_json(content)

    def row_of(self, passage_id: str) -> int:
        """Return the row of the passage with this id; raises KeyError."""
        return self._rows[passage_id]

    @property
    def distinct_count(self) -> int:
        """The number of distinct ids, which should be the number of passages."""
        return len(self._rows)


class PassageStore:
    """The documents and passages in the folder of a generation.

    Attributes:
        firsts: the row of each document's first passage, and the number of passages, (documents + 1,).
        page_numbers: the page of each passage in its document, 0 for none, (passages,).
        withheld: the rows of the passages that answers may not use, ascending.
    """

    def __init__(self, folder: Path) -> None:
        """Open a store. Raises OSError and ValueError."""
        self.folder = folder
        try:
            # Threads would mix the parameters of cached statements from Python 3.12 on (cpython#118172).
            uri = f"{(folder / PASSAGE_FILE).resolve().as_uri()}?immutable=1"
            self._database = sqlite3.connect(uri, uri=True, check_same_thread=False, cached_statements=0)
            documents = self._database.execute("SELECT document, first FROM documents ORDER BY place").fetchall()
            rows = self._database.execute("SELECT id, page, is_withheld FROM passages ORDER BY row").fetchall()
        except sqlite3.Error as error:
            raise ValueError(str(error)) from error
        self.documents = tuple(_DOCUMENT.validate_json(document) for document, _ in documents)
        self._document_rows = {document.id: row for row, document in enumerate(self.documents)}
        self.passages = Passages(self._database, [passage_id for passage_id, _, _ in rows])
        self.firsts = np.array([*(first for _, first in documents), len(rows)], np.int64)
        self.page_numbers = np.array([page for _, page, _ in rows], np.int32)
        self.withheld = np.flatnonzero([is_withheld for _, _, is_withheld in rows])

    @classmethod
    def write(cls, folder: Path, parsed_documents: Iterable[ParsedDocument]) -> Self:
        """Write documents, one at a time, into `folder`, and open the store. Raises OSError."""
        try:
            with closing(sqlite3.connect(folder / PASSAGE_FILE)) as database:
                database.executescript(_SCHEMA)
                size = 0
                for place, parsed in enumerate(parsed_documents):
                    document = _DOCUMENT.dump_json(parsed.document, exclude_defaults=True)
                    content = _CONTENT.dump_json(replace(parsed, passages=()), exclude_defaults=True)
                    database.execute("INSERT INTO documents VALUES (?, ?, ?, ?)", (place, size, document, content))
                    passages = (
                        (row, one.id, one.page or 0, one.withheld != "", _PASSAGE.dump_json(one, exclude_defaults=True))
                        for row, one in enumerate(parsed.passages, size)
                    )
                    database.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?)", passages)
                    size += len(parsed.passages)
                database.commit()
        except sqlite3.OperationalError as error:  # a full disk, most of all
            raise OSError(str(error)) from error
        return cls(folder)

    def passage_rows(self, doc_id: str) -> range:
        """Return the rows of a document's passages; empty for an unknown id."""
        row = self._document_rows.get(doc_id)
        return range(0) if row is None else range(*self.firsts[row : row + 2].tolist())

    def all_passages(self, doc_id: str) -> Sequence[Passage]:
        """Return the passages of a document in order, also those that are withheld from answers."""
        rows = self.passage_rows(doc_id)
        return self.passages[rows.start : rows.stop]

    def document_passages(self, doc_id: str) -> Sequence[Passage]:
        """Return the passages of a document that answers may use, in order, without those of samples."""
        return tuple(one for one in self.all_passages(doc_id) if not (one.withheld or one.is_sample))

    def load(self, doc_id: str) -> ParsedDocument:
        """Return a document with its content; raises KeyError."""
        place = self._document_rows[doc_id]
        ((content,),) = self._database.execute("SELECT content FROM documents WHERE place = ?", (place,))
        passages = tuple(self.all_passages(doc_id))
        return replace(_CONTENT.validate_json(content), document=self.documents[place], passages=passages)
