"""Passages as sequences of term numbers or letters, and the texts that are embedded and indexed."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Document, ParsedDocument, Passage
from ingest.japanese.contacts import LINK_TARGET
from ingest.japanese.normal_forms import comparison_key
from ingest.japanese.tokenise import WordList, WrittenWord, read_words, split_words, words
from ingest.sandbox import map_in_processes
from ingest.terms.arrays import GrowingArray, map_array
from ingest.terms.units import CELL, UnitReader

# Marks between sentences, and after the headings.
SENTENCE_MARK = -1
BODY_MARK = -2
# Terms per part: some 16 MB.
_TERMS_PER_PART = 2_000_000
Terms = NDArray[np.int32]


def embedding_text(passage: Passage) -> str:
    """Return the text to embed: the two innermost headings and the passage, without targets of links."""
    return "\n".join(filter(None, (" > ".join(passage.path[-2:]), LINK_TARGET.sub("", passage.text))))


# Passages of a section share headings.
@lru_cache(maxsize=1000)
def _cached_words(text: str) -> tuple[str, ...]:
    return tuple(words(text))


@dataclass(frozen=True, slots=True)
class Flow:
    """Passage i is `terms[starts[i]:starts[i + 1]]`: headings, BODY_MARK, sentences separated by SENTENCE_MARK."""

    starts: NDArray[np.int64]
    terms: NDArray[Any]

    @classmethod
    def build(
        cls,
        headings: Iterable[Sequence[str]],
        bodies: Iterable[Sequence[Sequence[str]]],
        numbers: dict[str, int],
    ) -> Self:
        """Return the flow of headings and bodies (by sentence); words that are new to `numbers` are added to it."""
        pieces = []
        for heading, sentences in zip(headings, bodies, strict=True):
            terms = [numbers.setdefault(word, len(numbers)) for word in heading]
            terms.append(BODY_MARK)
            for i, sentence in enumerate(sentences):
                if i:
                    terms.append(SENTENCE_MARK)
                terms += [numbers.setdefault(word, len(numbers)) for word in sentence]
            pieces.append(np.array(terms, np.int32))
        return cls.from_pieces(pieces)

    @classmethod
    def from_letters(cls, texts: Sequence[str]) -> Self:
        """Return the flow of the letters of `texts` as code points."""
        return cls.from_pieces([np.frombuffer(text.encode("utf-32-le", "replace"), np.int32) for text in texts])

    @classmethod
    def from_pieces(cls, pieces: Sequence[NDArray[Any]], dtype: Any = np.int32) -> Self:
        """Return the flow of the terms, or records of another `dtype`, of each passage."""
        starts = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])]).astype(np.int64)
        return cls(starts, np.concatenate([np.zeros(0, dtype), *pieces]))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def renumber(self, numbers: Sequence[int]) -> "Flow":
        """Return the flow with `numbers[term]` for each term."""
        return Flow(self.starts, np.array(numbers, np.int32)[self.terms])

    def part(self, first: int, end: int) -> "Flow":
        """Return the passages from `first` to before `end`."""
        starts = self.starts[first : end + 1]
        return Flow(starts - starts[0], self.terms[starts[0] : starts[-1]])

    def parts(self, firsts: NDArray[np.int64]) -> Iterator[tuple[int, "Flow"]]:
        """Yield the flow in parts that fit into memory, each with the row of its first passage.

        Parts end at document boundaries: `firsts` are the first rows of the documents followed by the number of
        passages.
        """
        start = 0
        while start < len(self):
            limit = int(np.searchsorted(self.starts, self.starts[start] + _TERMS_PER_PART, side="right")) - 1
            last_fitting, following = np.searchsorted(firsts, [limit, start], side="right").tolist()
            end = int(firsts[max(last_fitting - 1, following)])
            yield start, self.part(start, end)
            start = end

    def gather(self, rows: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the terms of the passages `rows`, (m,), and the index in `rows` of each, (m,)."""
        pieces = [self.terms[self.starts[row] : self.starts[row + 1]] for row in rows]
        positions = np.repeat(np.arange(len(rows)), self.starts[rows + 1] - self.starts[rows])
        return np.concatenate([self.terms[:0], *pieces]), positions

    def texts(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the passages `rows` of a flow of letters as text."""
        pieces = (self.terms[self.starts[row] : self.starts[row + 1]] for row in rows)
        return [piece.tobytes().decode("utf-32-le", "replace") for piece in pieces]

    def headings(self, row: int) -> Terms:
        """Return the heading words of a passage."""
        terms = self.terms[self.starts[row] : self.starts[row + 1]]
        return terms[: np.flatnonzero(terms == BODY_MARK)[0]]

    def body(self, row: int) -> Terms:
        """Return the body words of a passage, without marks."""
        terms = self.terms[self.starts[row] : self.starts[row + 1]]
        body: Terms = terms[np.flatnonzero(terms == BODY_MARK)[0] :]
        return body[body >= 0]

    @property
    def heading_mask(self) -> NDArray[np.bool_]:
        """Whether each of the `terms` is a heading word."""
        ends = np.flatnonzero(self.terms == BODY_MARK)
        return np.arange(len(self.terms)) < np.repeat(ends, np.diff(self.starts))

    @property
    def passage_of_term(self) -> NDArray[np.int64]:
        """The passage of each of the `terms`."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @classmethod
    def load(cls, folder: Path, *, scattered: bool = False) -> Self:
        """Memory-map a written flow; `scattered` optimises for random access."""
        return cls(map_array(folder / "starts.npy"), map_array(folder / "terms.npy", scattered=scattered))


class FlowFile:
    """Writes a flow of terms, or of records of another `dtype`, into a new `folder`; valid once it is closed."""

    def __init__(self, folder: Path, dtype: Any = np.int32) -> None:
        folder.mkdir(parents=True)
        self._starts = GrowingArray(folder / "starts.npy", np.int64)
        self._terms = GrowingArray(folder / "terms.npy", dtype)
        self._starts.append(np.zeros(1, np.int64))

    def append(self, flow: Flow) -> None:
        """Append the passages of `flow`."""
        self._starts.append(flow.starts[1:] + len(self._terms))
        self._terms.append(flow.terms)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._starts.__exit__()
        self._terms.__exit__()


def context_numbers(firsts: NDArray[np.int64], pages: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the number of each passage's context, (len(pages),), from 0 in order of appearance.

    `pages` are those of the passages (0 for none), `firsts` the first rows of the documents followed by the number of
    passages. A passage without a page is its own context. Sections are not used as contexts: neighbours' words ranked
    wrong passages first (decision 006).
    """
    size = len(pages)
    owners = np.repeat(np.arange(len(firsts) - 1), np.diff(firsts))
    # One number per page of each document, then one per passage without a page.
    pages_per_document = int(pages.max(initial=0)) + 1
    keys = np.where(pages > 0, owners * pages_per_document + pages, len(firsts) * pages_per_document + np.arange(size))
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    numbers = np.empty(len(first), np.int32)
    numbers[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    contexts: NDArray[np.int32] = numbers[inverse]
    return contexts


def context_words(
    flow: Flow, firsts: NDArray[np.int64], contexts: NDArray[np.int32]
) -> Iterator[tuple[Terms, NDArray[np.int64]]]:
    """Yield batches of the terms of `contexts`, each term with the number of its context.

    A batch holds complete contexts; equal headings within one count once.
    """
    for row, flow_part in flow.parts(firsts):
        numbers = contexts[row : row + len(flow_part)]
        headings: set[tuple[int, bytes]] = set()
        is_repeated = np.zeros(len(flow_part), bool)
        for position, number in enumerate(numbers.tolist()):
            heading = number, flow_part.headings(position).tobytes()
            is_repeated[position] = heading in headings
            headings.add(heading)
        passage_indexes = flow_part.passage_of_term
        mask = (flow_part.terms >= 0) & ~(flow_part.heading_mask & is_repeated[passage_indexes])
        yield flow_part.terms[mask], numbers[passage_indexes[mask]].astype(np.int64)


# Passages per process and batch, some half a second.
_BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class CountedWords:
    """The words of all passages with their numbers, memory-mapped."""

    term_numbers: Mapping[str, int]
    flow: Flow


def count_words(folder: Path, documents: Iterable[ParsedDocument], on_progress: Callable[[int], None]) -> CountedWords:
    """Write the words, letters and units of all passages into `folder`, and return the index terms.

    `flow` has the index terms, `letters` the characters, `units` the cells of the units and `unit_letters` their
    letters (`ingest.terms.units`), `written` all words as they are written, which `written.json` lists. `on_progress`
    receives the number of passages done.
    """
    numbers: dict[str, int] = {}
    written_numbers: dict[WrittenWord, int] = {}
    done = 0
    on_progress(done)
    passages = ((parsed.document, passage) for parsed in documents for passage in parsed.passages)
    with ExitStack() as files:
        names = ("flow", "letters", "written", "unit_letters")
        flow, letters, written, unit_letters = (files.enter_context(FlowFile(folder / name)) for name in names)
        units = files.enter_context(FlowFile(folder / "units", CELL))
        for batch in map_in_processes(_count_batch, passages, _BATCH_SIZE):
            # SENTENCE_MARK and BODY_MARK are negative, so they index from the end.
            shared = [*(numbers.setdefault(word, len(numbers)) for word in batch.vocabulary), BODY_MARK, SENTENCE_MARK]
            flow.append(batch.flow.renumber(shared))
            shared = [written_numbers.setdefault(word, len(written_numbers)) for word in batch.written_words]
            written.append(batch.written.renumber(shared))
            letters.append(batch.letters)
            units.append(batch.units)
            unit_letters.append(batch.unit_letters)
            done += len(batch.flow)
            on_progress(done)
    (folder / "written.json").write_text(json.dumps(list(written_numbers), ensure_ascii=False), encoding="utf-8")
    return CountedWords(numbers, Flow.load(folder / "flow"))


def read_written_words(folder: Path) -> list[WrittenWord]:
    """Return the words of the flow `written` in the order of their numbers."""
    listed = json.loads((folder / "written.json").read_bytes())
    return [(surface, term, tuple(part)) for surface, term, part in listed]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Passages as sequences; the words of `flow` and `written` are in the order of their numbers in this batch."""

    vocabulary: Sequence[str]
    flow: Flow
    written_words: Sequence[WrittenWord]
    written: Flow
    units: Flow
    unit_letters: Flow
    letters: Flow


def _count_batch(passages: Sequence[tuple[Document, Passage]]) -> _Batch:
    headings = ("\n".join(dict.fromkeys((document.title, *passage.path))) for document, passage in passages)
    bodies: list[list[list[str]]] = []
    units: list[NDArray[Any]] = []
    unit_letters: list[str] = []
    written: list[NDArray[np.int32]] = []
    numbers: dict[str, int] = {}
    word_list = WordList()
    for _, passage in passages:
        reader = UnitReader(passage)
        placed, words_written = read_words(reader.normal, word_list)
        bodies.append(split_words(reader.normal, placed))
        unit_letters.append(reader.letters)
        units.append(reader.cells([start for start, _ in placed], [start for start, _ in words_written]))
        written.append(np.array([number for _, number in words_written], np.int32))
    return _Batch(
        flow=Flow.build(map(_cached_words, headings), bodies, numbers),
        vocabulary=tuple(numbers),
        written_words=word_list.words,
        written=Flow.from_pieces(written),
        units=Flow.from_pieces(units, CELL),
        unit_letters=Flow.from_letters(unit_letters),
        letters=Flow.from_letters([comparison_key(passage.text_with_headings) for _, passage in passages]),
    )
