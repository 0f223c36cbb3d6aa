"""Passages as sequences of term numbers or letters, and the texts that are embedded and indexed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Document, ParsedDocument, Passage
from ingest.japanese.normal_forms import comparison_key
from ingest.japanese.tokenise import words, words_by_sentence
from ingest.sandbox.parallel import map_in_processes
from ingest.terms.arrays import GrowingArray, map_array

# Marks between sentences, and after the headings.
SENTENCE_MARK = -1
BODY_MARK = -2
# Terms per part: some 16 MB.
_TERMS_PER_PART = 2_000_000
Terms = NDArray[np.int32]


def embedding_text(passage: Passage) -> str:
    """Return the text to embed: the two innermost headings and the passage."""
    return "\n".join(filter(None, (" > ".join(passage.path[-2:]), passage.text)))


# Passages of a section share headings.
@lru_cache(maxsize=1000)
def _cached_words(text: str) -> tuple[str, ...]:
    return tuple(words(text))


@dataclass(frozen=True, slots=True)
class Flow:
    """Passage i is `terms[starts[i]:starts[i + 1]]`: headings, BODY_MARK, sentences separated by SENTENCE_MARK."""

    starts: NDArray[np.int64]
    terms: Terms

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
        return cls._from_pieces(pieces)

    @classmethod
    def from_letters(cls, texts: Sequence[str]) -> Self:
        """Return the flow of the letters of `texts` as code points."""
        return cls._from_pieces([np.frombuffer(text.encode("utf-32-le", "replace"), np.int32) for text in texts])

    @classmethod
    def _from_pieces(cls, pieces: Sequence[Terms]) -> Self:
        starts = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])]).astype(np.int64)
        return cls(starts, np.concatenate([np.zeros(0, np.int32), *pieces]))

    def __len__(self) -> int:
        return len(self.starts) - 1

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

    def gather(self, rows: NDArray[np.int64]) -> tuple[Terms, NDArray[np.int64]]:
        """Return the terms of the passages `rows`, (m,), and the index in `rows` of each, (m,)."""
        pieces = [self.terms[self.starts[row] : self.starts[row + 1]] for row in rows]
        positions = np.repeat(np.arange(len(rows)), self.starts[rows + 1] - self.starts[rows])
        return np.concatenate([np.zeros(0, np.int32), *pieces]), positions

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
    """Writes a flow into a new `folder`; valid once it is closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._starts = GrowingArray(folder / "starts.npy", np.int64)
        self._terms = GrowingArray(folder / "terms.npy", np.int32)
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
    """Write the words and letters of all passages into `folder`, and return the words.

    `on_progress` receives the number of passages done.
    """
    numbers: dict[str, int] = {}
    done = 0
    on_progress(done)
    passages = ((parsed.document, passage) for parsed in documents for passage in parsed.passages)
    with FlowFile(folder / "flow") as flow, FlowFile(folder / "letters") as letters:
        for vocabulary, words_flow, letters_flow in map_in_processes(_count_batch, passages, _BATCH_SIZE):
            shared = np.array([numbers.setdefault(word, len(numbers)) for word in vocabulary], np.int32)
            # SENTENCE_MARK and BODY_MARK are negative, so they index from the end.
            shared = np.append(shared, np.array([BODY_MARK, SENTENCE_MARK], np.int32))
            flow.append(Flow(words_flow.starts, shared[words_flow.terms]))
            letters.append(letters_flow)
            done += len(words_flow)
            on_progress(done)
    return CountedWords(numbers, Flow.load(folder / "flow"))


def _count_batch(passages: Sequence[tuple[Document, Passage]]) -> tuple[Sequence[str], Flow, Flow]:
    # The words in the order of their numbers in this batch, and the passages as words and as letters.
    headings = ("\n".join(dict.fromkeys((document.title, *passage.path))) for document, passage in passages)
    numbers: dict[str, int] = {}
    flow = Flow.build(map(_cached_words, headings), (words_by_sentence(each.text) for _, each in passages), numbers)
    letters = Flow.from_letters([comparison_key(passage.text_with_headings) for _, passage in passages])
    return tuple(numbers), flow, letters
