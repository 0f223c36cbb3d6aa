"""Storage of a generation's documents and passages, each loaded on access.

documents.jsonl   a document a line; documents.npy where each line starts, and the end of the last
dropped.jsonl     what of each document reached no passage, a document a line, and dropped.npy
passages.jsonl    a passage a line, in the order of the documents, and passages.npy
firsts.npy        the row of each document's first passage, and the number of passages, (documents + 1,)
pages.npy         the page of each passage, 0 for none, (passages,)
ids.npy           a digest of each passage's id, in order; id_rows.npy the row of each, (passages,)
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

from ingest.documents import Document, DroppedLines, ParsedDocument, Passage
from ingest.terms.arrays import advise_random_access, map_array

T = TypeVar("T")
_DOCUMENT = TypeAdapter(Document)
_PASSAGE = TypeAdapter(Passage)
_DROPPED = TypeAdapter(tuple[DroppedLines, ...])
_LINES, _COLUMNS = ("documents", "dropped", "passages"), ("firsts", "pages", "ids", "id_rows")
FILES = (*(f"{name}.jsonl" for name in _LINES), *(f"{name}.npy" for name in (*_LINES, *_COLUMNS)))
"""All files that are written, by their names."""
# Passages that stay made, some 2 KB each: all of a small index, and of a large one those that many questions find.
_MADE = 4096


@dataclass(frozen=True, slots=True)
class LazyReading:
    """A document, how many passages it has, and what gives the whole of what was understood of it."""

    document: Document
    passages: int
    whole: Callable[[], ParsedDocument]


class Readings:
    """What was understood of documents, one after the other: each is made when it is asked for, and not kept."""

    def __init__(self, kept: Iterable[LazyReading]) -> None:
        self.kept = tuple(kept)
        self._places = {one.document.id: place for place, one in enumerate(self.kept)}

    @classmethod
    def of(cls, readings: Iterable[ParsedDocument]) -> Self:
        """Return readings that are in memory already."""
        return cls(map(to_lazy_reading, readings))

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents alone, for which nothing is read."""
        return tuple(one.document for one in self.kept)

    def __len__(self) -> int:
        return len(self.kept)

    def __iter__(self) -> Iterator[ParsedDocument]:
        return map(_load_reading, self.kept)

    def find(self, doc_id: str) -> LazyReading | None:
        """Return a document and what gives the whole of it; None for an id that is not among them."""
        place = self._places.get(doc_id)
        return None if place is None else self.kept[place]

    def reading(self, doc_id: str) -> ParsedDocument | None:
        """Return what was understood of a document; None for an id that is not among them."""
        found = self.find(doc_id)
        return _load_reading(found) if found else None

    def map_documents(self, change: Callable[[Document], Document]) -> "Readings":
        """Return the same with what is said of the documents changed."""
        return Readings(replace(one, document=change(one.document)) for one in self.kept)


def to_lazy_reading(reading: ParsedDocument) -> LazyReading:
    """Return a reading that is in memory."""
    return LazyReading(reading.document, len(reading.passages), lambda: reading)


def _load_reading(kept: LazyReading) -> ParsedDocument:
    return replace(kept.whole(), document=kept.document)


class JsonLines(Generic[T]):
    """Values in a file of JSON, one a line, each made when it is asked for; safe to share between threads.

    `scattered` ones are asked for here and there, not in order.
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

    def find_containing(self, text: str) -> Iterator[int]:
        """Yield the places of the lines in which `text` stands, which has no mark that JSON writes otherwise."""
        wanted = text.encode()
        at = self._bytes.find(wanted)
        while at >= 0:
            place = int(np.searchsorted(self._starts, at, side="right")) - 1
            yield place
            at = self._bytes.find(wanted, int(self._starts[place + 1]))


class _JsonLinesWriter(Generic[T]):
    """What `Lines` reads, written line by line."""

    def __init__(self, folder: Path, name: str, adapter: TypeAdapter[T]) -> None:
        self._adapter, self._index = adapter, folder / f"{name}.npy"
        self._file = (folder / f"{name}.jsonl").open("wb")
        self._starts = array("q", [0])

    def append(self, value: T) -> None:
        written = self._file.write(self._adapter.dump_json(value, exclude_defaults=True) + b"\n")
        self._starts.append(self._starts[-1] + written)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        np.save(self._index, np.array(self._starts, np.int64))


class Passages(Sequence[Passage]):
    """All passages in the order of their documents, each made when it is asked for; safe to share between threads."""

    def __init__(self, folder: Path, *, scattered: bool = False) -> None:
        self._lines = JsonLines(folder, "passages", _PASSAGE, scattered=scattered)
        self._keys, self._key_rows = map_array(folder / "ids.npy"), map_array(folder / "id_rows.npy")
        self._made = lru_cache(maxsize=_MADE)(self._lines.__getitem__)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, row: SupportsIndex) -> Passage: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, row: SupportsIndex | slice) -> Passage | tuple[Passage, ...]:
        if isinstance(row, slice):
            return tuple(map(self._read_uncached, range(*row.indices(len(self)))))
        return self._made(range(len(self))[row])

    def __iter__(self) -> Iterator[Passage]:
        return map(self._read_uncached, range(len(self)))

    def _read_uncached(self, row: int) -> Passage:
        """Return a passage; who goes through many of a large index is not to drive out what questions find."""
        return self._made(row) if len(self) <= _MADE else self._lines[row]

    def row(self, passage_id: str) -> int:
        """Return the place of a passage by its id; raises KeyError."""
        key = np.uint64(_key(passage_id))
        at = int(np.searchsorted(self._keys, key))
        while at < len(self) and self._keys[at] == key:
            row = int(self._key_rows[at])
            if self[row].id == passage_id:
                return row
            at += 1
        raise KeyError(passage_id)

    def find_containing(self, text: str) -> Iterator[Passage]:
        """Yield the passages that have `text` in their headings, their words or their cells, in order."""
        return map(self._made, self._lines.find_containing(text))

    @property
    def distinct(self) -> int:
        """How many ids they have, of which each is to have its own."""
        return int(np.unique(self._keys).size)


def _key(passage_id: str) -> int:
    """Return a number of 64 bits: among a million ids two have the same once in 10^7 indexes, and both are found."""
    return int.from_bytes(blake2b(passage_id.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class PassageStore:
    """The documents and passages in a folder; document i has the passages `firsts[i]` to `firsts[i + 1]`."""

    documents: tuple[Document, ...]
    passages: Passages
    firsts: NDArray[np.int64]
    pages: NDArray[np.int32]
    dropped: JsonLines[tuple[DroppedLines, ...]]

    @classmethod
    def open(cls, folder: Path, *, scattered: bool = False) -> Self:
        """Open what `write` wrote; `scattered` passages are asked for, or all. Raises OSError and ValueError."""
        lines = JsonLines(folder, "documents", _DOCUMENT)
        documents = tuple(map(lines.__getitem__, range(len(lines))))
        firsts, pages = map_array(folder / "firsts.npy"), map_array(folder / "pages.npy")
        return cls(
            documents, Passages(folder, scattered=scattered), firsts, pages, JsonLines(folder, "dropped", _DROPPED)
        )

    @classmethod
    def write(cls, folder: Path, readings: Iterable[ParsedDocument]) -> Self:
        """Write readings, one at a time, into `folder`, and open them."""
        keys, pages, firsts = array("Q"), array("i"), array("q", [0])
        with ExitStack() as stack:
            documents = stack.enter_context(_JsonLinesWriter(folder, "documents", _DOCUMENT))
            dropped = stack.enter_context(_JsonLinesWriter(folder, "dropped", _DROPPED))
            passages = stack.enter_context(_JsonLinesWriter(folder, "passages", _PASSAGE))
            for reading in readings:
                documents.append(reading.document)
                dropped.append(reading.dropped)
                for passage in reading.passages:
                    passages.append(passage)
                    keys.append(_key(passage.id))
                    pages.append(passage.page or 0)
                firsts.append(len(keys))
        numbers = np.array(keys, np.uint64)
        order = np.argsort(numbers, kind="stable")
        columns: tuple[NDArray[Any], ...] = (np.array(firsts, np.int64), np.array(pages, np.int32))
        columns += numbers[order], order.astype(np.int32)
        for name, column in zip(_COLUMNS, columns, strict=True):
            np.save(folder / f"{name}.npy", column)
        return cls.open(folder)

    @property
    def readings(self) -> Readings:
        """What was understood of each document."""
        sizes = np.diff(self.firsts).tolist()
        whole = (partial(self._reading, place) for place in range(len(self.documents)))
        return Readings(map(LazyReading, self.documents, sizes, whole))

    def _reading(self, place: int) -> ParsedDocument:
        rows = slice(int(self.firsts[place]), int(self.firsts[place + 1]))
        return ParsedDocument(self.documents[place], self.passages[rows], self.dropped[place])
