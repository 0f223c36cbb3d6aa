"""Counts and numbers the index terms of all passages, in parallel."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from ingest.documents import Document, Passage
from ingest.index.passages import ParsedDocuments
from ingest.sandbox.parallel import map_in_processes
from ingest.terms.flow import BODY_MARK, SENTENCE_MARK, Flow, FlowFile, body_words, heading_words, passage_letters

# Passages per process and batch, some half a second.
_BATCH_SIZE = 500
_UNASSIGNED = -3


@dataclass(frozen=True, slots=True)
class PassageWords:
    """Passages as words and as letters; `vocabulary[n]` is the word numbered n."""

    vocabulary: Sequence[str]
    flow: Flow
    letters: Flow

    def part(self, first: int, end: int) -> "PassageWords":
        """Return the passages from `first` to before `end`, with the same numbers."""
        return PassageWords(self.vocabulary, self.flow.part(first, end), self.letters.part(first, end))


@dataclass(frozen=True, slots=True)
class CountedWords:
    """The words of all passages with their numbers, memory-mapped."""

    term_numbers: Mapping[str, int]
    flow: Flow


@dataclass(frozen=True, slots=True)
class KnownWords:
    """The words of an earlier generation, and the rows of each unchanged document in it."""

    words: PassageWords
    rows: Mapping[str, range]

    @classmethod
    def empty(cls) -> Self:
        """Return the known words of a first build."""
        empty = Flow(np.zeros(1, np.int64), np.zeros(0, np.int32))
        return cls(PassageWords((), empty, empty), {})


def count_words(
    folder: Path, documents: ParsedDocuments, known: KnownWords, on_progress: Callable[[int], None]
) -> CountedWords:
    """Write the words and letters of all passages into `folder`, and return the words.

    The words of `known` documents are reused. `on_progress` receives the number of passages done.
    """
    total = sum(item.passage_count for item in documents.items)
    new = [item for item in documents.items if item.document.id not in known.rows]
    done = total - sum(item.passage_count for item in new)
    new_words = _WordStream(map_in_processes(_count_batch, _passages_with_documents(ParsedDocuments(new)), _BATCH_SIZE))
    known_renumberer = _Renumberer(known.words)
    numbers: dict[str, int] = {}
    with FlowFile(folder / "flow") as flow, FlowFile(folder / "letters") as letters:
        for item in documents.items:
            rows = known.rows.get(item.document.id)
            if rows is not None:
                words = known.words.part(rows.start, rows.stop)
                parts: Iterable[tuple[_Renumberer, PassageWords]] = [(known_renumberer, words)]
            else:
                parts = new_words.take(item.passage_count)
            for source, words in parts:
                flow.append(source.renumber(words.flow, numbers))
                letters.append(words.letters)
                done += 0 if source is known_renumberer else len(words.flow)
            on_progress(done)
    return CountedWords(numbers, Flow.load(folder / "flow"))


def _passages_with_documents(documents: ParsedDocuments) -> Iterator[tuple[Document, Passage]]:
    return ((parsed.document, passage) for parsed in documents for passage in parsed.passages)


def _count_batch(passages: Sequence[tuple[Document, Passage]]) -> PassageWords:
    headings = [heading_words(document, passage) for document, passage in passages]
    bodies = [body_words(passage) for _, passage in passages]
    numbers: dict[str, int] = {}
    for heading, body in zip(headings, bodies, strict=True):
        for words in (heading, *body):
            for word in words:
                numbers.setdefault(word, len(numbers))
    letters = Flow.from_letters([passage_letters(passage) for _, passage in passages])
    return PassageWords(tuple(numbers), Flow.build(headings, bodies, numbers), letters)


class _Renumberer:
    """Maps the word numbers of a batch to those shared by all passages."""

    def __init__(self, words: PassageWords) -> None:
        self._vocabulary = words.vocabulary
        # SENTENCE and BODY are negative, so they index from the end.
        self._numbers = np.full(len(words.vocabulary) + 2, _UNASSIGNED, np.int32)
        self._numbers[[SENTENCE_MARK, BODY_MARK]] = SENTENCE_MARK, BODY_MARK

    def renumber(self, flow: Flow, numbers: dict[str, int]) -> Flow:
        new = flow.terms[self._numbers[flow.terms] == _UNASSIGNED]
        distinct, first = np.unique(new, return_index=True)
        for term in distinct[np.argsort(first)].tolist():
            self._numbers[term] = numbers.setdefault(self._vocabulary[term], len(numbers))
        return Flow(flow.starts, self._numbers[flow.terms])


class _WordStream:
    """Splits the batches of new passages by document."""

    def __init__(self, batches: Iterator[PassageWords]) -> None:
        self._batches = batches
        self._words = KnownWords.empty().words
        self._source = _Renumberer(self._words)
        self._at = 0

    def take(self, count: int) -> Iterator[tuple[_Renumberer, PassageWords]]:
        while count:
            if self._at == len(self._words.flow):
                self._words = next(self._batches)
                self._at = 0
                self._source = _Renumberer(self._words)
            end = min(len(self._words.flow), self._at + count)
            yield self._source, self._words.part(self._at, end)
            count -= end - self._at
            self._at = end
