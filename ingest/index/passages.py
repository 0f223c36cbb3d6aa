"""Storage of a generation's documents and passages, each loaded on access.

- documents.jsonl: one document per line; documents.npy: start of each line, and end of the last
- dropped.jsonl, dropped.npy: lines in no passage, one document per line
- coverage.jsonl, coverage.npy: which text of the source is in passages, one document per line
- passages.jsonl, passages.npy: one passage per line, in document order
- firsts.npy: row of each document's first passage, and the number of passages, (documents + 1,)
- pages.npy: page of each passage, 0 for none, (passages,)
- withheld.npy: rows of the passages that answers may not use, ascending
- ids.npy: digests of the passage ids, sorted; id_rows.npy: the row of each, (passages,)
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from hashlib import blake2b
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Generic, Self, SupportsIndex, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from ingest.documents import Coverage, Document, DroppedLines, ParsedDocument, Passage
from ingest.terms.arrays import advise_random_access, map_array

T = TypeVar("T")
_DOCUMENT = TypeAdapter(Document)
_PASSAGE = TypeAdapter(Passage)
_DROPPED = TypeAdapter(tuple[DroppedLines, ...])
_COVERAGE = TypeAdapter(Coverage)
_LINES = ("documents", "dropped", "coverage", "passages")
_COLUMNS = ("firsts", "pages", "ids", "id_rows", "withheld")
PASSAGE_FILES = (*(f"{name}.jsonl" for name in _LINES), *(f"{name}.npy" for name in (*_LINES, *_COLUMNS)))
"""Names of all files of the store."""
# Cached passages, some 2 KB each: all of a small index, the most frequent ones of a large index.
_CACHE_SIZE = 4096


@dataclass(frozen=True, slots=True)
class LazyDocument:
    """A document with its passage count; `load` returns its content."""

    document: Document
    passage_count: int
    load: Callable[[], ParsedDocument]


class ParsedDocuments:
    """Documents in order, whose content is loaded on access and not cached."""

    def __init__(self, items: Iterable[LazyDocument]) -> None:
        self.items = tuple(items)
        self._places = {item.document.id: position for position, item in enumerate(self.items)}

    @classmethod
    def from_memory(cls, documents: Iterable[ParsedDocument]) -> Self:
        """Wrap documents that are in memory already."""
        return cls(map(to_lazy_document, documents))

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents' metadata, without loading content."""
        return tuple(item.document for item in self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[ParsedDocument]:
        return map(_load_document, self.items)

    def find(self, doc_id: str) -> LazyDocument | None:
        """Return the lazy document with this id, or None."""
        position = self._places.get(doc_id)
        return None if position is None else self.items[position]

    def load(self, doc_id: str) -> ParsedDocument | None:
        """Return the content of the document with this id, or None."""
        item = self.find(doc_id)
        return _load_document(item) if item else None

    def map_documents(self, change: Callable[[Document], Document]) -> "ParsedDocuments":
        """Return the same documents with changed metadata."""
        return ParsedDocuments(replace(item, document=change(item.document)) for item in self.items)


def to_lazy_document(document: ParsedDocument) -> LazyDocument:
    """Wrap a document that is in memory."""
    return LazyDocument(document.document, len(document.passages), lambda: document)


def _load_document(item: LazyDocument) -> ParsedDocument:
    return replace(item.load(), document=item.document)


class JsonLinesFile(Generic[T]):
    """Values in a JSON Lines file, parsed on access; thread-safe.

    `scattered` optimises for random access.
    """

    def __init__(self, folder: Path, name: str, adapter: TypeAdapter[T], *, scattered: bool = False) -> None:
        self._adapter = adapter
        self._starts = map_array(folder / f"{name}.npy", scattered=scattered)
        with (folder / f"{name}.jsonl").open("rb") as file:
            self._bytes: Any = mmap(file.fileno(), 0, access=ACCESS_READ) if self._starts[-1] else b""
        if scattered and isinstance(self._bytes, mmap):
            advise_random_access(self._bytes)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, place: int) -> T:
        return self._adapter.validate_json(self._bytes[self._starts[place] : self._starts[place + 1]])


class _JsonLinesWriter(Generic[T]):
    def __init__(self, folder: Path, name: str, adapter: TypeAdapter[T]) -> None:
        self._adapter = adapter
        self._index = folder / f"{name}.npy"
        self._file = (folder / f"{name}.jsonl").open("wb")
        self._starts = array("q", [0])

    def append(self, value: T) -> None:
        size = self._file.write(self._adapter.dump_json(value, exclude_defaults=True) + b"\n")
        self._starts.append(self._starts[-1] + size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        np.save(self._index, np.array(self._starts, np.int64))


class Passages(Sequence[Passage]):
    """All passages in document order, parsed on access; thread-safe."""

    def __init__(self, folder: Path, *, scattered: bool = False) -> None:
        self._lines = JsonLinesFile(folder, "passages", _PASSAGE, scattered=scattered)
        self._keys = map_array(folder / "ids.npy")
        self._key_rows = map_array(folder / "id_rows.npy")
        self._cached = lru_cache(maxsize=_CACHE_SIZE)(self._lines.__getitem__)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, row: SupportsIndex) -> Passage: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, row: SupportsIndex | slice) -> Passage | tuple[Passage, ...]:
        if isinstance(row, slice):
            return tuple(map(self._read_uncached, range(*row.indices(len(self)))))
        return self._cached(range(len(self))[row])

    def __iter__(self) -> Iterator[Passage]:
        return map(self._read_uncached, range(len(self)))

    def _read_uncached(self, row: int) -> Passage:
        return self._cached(row) if len(self) <= _CACHE_SIZE else self._lines[row]

    def row_of(self, passage_id: str) -> int:
        """Return the row of a passage id; raises KeyError."""
        key = np.uint64(_key(passage_id))
        position = int(np.searchsorted(self._keys, key))
        while position < len(self) and self._keys[position] == key:
            row = int(self._key_rows[position])
            if self[row].id == passage_id:
                return row
            position += 1
        raise KeyError(passage_id)

    @property
    def distinct_count(self) -> int:
        """The number of distinct ids, which should be the number of passages."""
        return int(np.unique(self._keys).size)


def _key(passage_id: str) -> int:
    return int.from_bytes(blake2b(passage_id.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class PassageStore:
    """The documents and passages in a folder; document i has the passages `firsts[i]` to `firsts[i + 1]`."""

    documents: tuple[Document, ...]
    passages: Passages
    firsts: NDArray[np.int64]
    pages: NDArray[np.int32]
    withheld: NDArray[np.int64]
    dropped: JsonLinesFile[tuple[DroppedLines, ...]]
    coverage: JsonLinesFile[Coverage]

    @classmethod
    def open(cls, folder: Path, *, scattered: bool = False) -> Self:
        """Open a store; `scattered` optimises for random access. Raises OSError and ValueError."""
        lines = JsonLinesFile(folder, "documents", _DOCUMENT)
        documents = tuple(map(lines.__getitem__, range(len(lines))))
        firsts = map_array(folder / "firsts.npy")
        pages = map_array(folder / "pages.npy")
        return cls(
            documents,
            Passages(folder, scattered=scattered),
            firsts,
            pages,
            map_array(folder / "withheld.npy"),
            JsonLinesFile(folder, "dropped", _DROPPED),
            JsonLinesFile(folder, "coverage", _COVERAGE),
        )

    @classmethod
    def write(cls, folder: Path, parsed_documents: Iterable[ParsedDocument]) -> Self:
        """Write documents, one at a time, into `folder`, and open the store."""
        keys = array("Q")
        withheld = array("q")
        pages = array("i")
        firsts = array("q", [0])
        with ExitStack() as stack:
            documents = stack.enter_context(_JsonLinesWriter(folder, "documents", _DOCUMENT))
            dropped = stack.enter_context(_JsonLinesWriter(folder, "dropped", _DROPPED))
            coverage = stack.enter_context(_JsonLinesWriter(folder, "coverage", _COVERAGE))
            passages = stack.enter_context(_JsonLinesWriter(folder, "passages", _PASSAGE))
            for parsed in parsed_documents:
                documents.append(parsed.document)
                dropped.append(parsed.dropped)
                coverage.append(parsed.coverage)
                for passage in parsed.passages:
                    passages.append(passage)
                    if passage.withheld:
                        withheld.append(len(keys))
                    keys.append(_key(passage.id))
                    pages.append(passage.page or 0)
                firsts.append(len(keys))
        id_digests = np.array(keys, np.uint64)
        order = np.argsort(id_digests, kind="stable")
        columns: tuple[NDArray[Any], ...] = (np.array(firsts, np.int64), np.array(pages, np.int32))
        columns += id_digests[order], order.astype(np.int32), np.array(withheld, np.int64)
        for name, column in zip(_COLUMNS, columns, strict=True):
            np.save(folder / f"{name}.npy", column)
        return cls.open(folder)

    @property
    def parsed_documents(self) -> ParsedDocuments:
        """The documents with their content."""
        sizes = np.diff(self.firsts).tolist()
        loads = (partial(self._load, place) for place in range(len(self.documents)))
        return ParsedDocuments(map(LazyDocument, self.documents, sizes, loads))

    def _load(self, place: int) -> ParsedDocument:
        rows = slice(int(self.firsts[place]), int(self.firsts[place + 1]))
        return ParsedDocument(self.documents[place], self.passages[rows], self.dropped[place], self.coverage[place])
