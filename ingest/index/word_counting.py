"""Counts and numbers the index terms of all passages, in parallel."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from ingest.documents import Document, Passage
from ingest.index.passages import Readings
from ingest.sandbox.parallel import map_in_processes
from ingest.terms.flow import BODY, SENTENCE, Flow, FlowFile, body_words, heading_words, passage_letters

# Passages whose words a process counts at once, in half a second.
_TOGETHER = 500
_UNKNOWN = -3


@dataclass(frozen=True, slots=True)
class PassageWords:
    """Passages as words and as letters, whose words have numbers of their own: `vocabulary[n]` is the word n."""

    vocabulary: Sequence[str]
    flow: Flow
    letters: Flow

    def part(self, first: int, end: int) -> "PassageWords":
        """Return the passages from `first` to before `end`, with the same numbers."""
        return PassageWords(self.vocabulary, self.flow.part(first, end), self.letters.part(first, end))


@dataclass(frozen=True, slots=True)
class CountedWords:
    """The words of all passages, by their `numbers`, as they lie on disk."""

    numbers: Mapping[str, int]
    flow: Flow


@dataclass(frozen=True, slots=True)
class EarlierWords:
    """Words that were counted before, and which of them are of each document that is as it was, by its id."""

    words: PassageWords
    rows: Mapping[str, range]

    @classmethod
    def for_first_build(cls) -> Self:
        """Return what there is before the first build."""
        empty = Flow(np.zeros(1, np.int64), np.zeros(0, np.int32))
        return cls(PassageWords((), empty, empty), {})


def count_words(
    folder: Path, readings: Readings, earlier: EarlierWords, counted: Callable[[int], None]
) -> CountedWords:
    """Write the flows of the words and of the letters of all passages into `folder`, and return the words.

    What was counted `earlier` is taken over. `counted` is told for how many passages it is done.
    """
    total = sum(one.passages for one in readings.kept)
    new = [one for one in readings.kept if one.document.id not in earlier.rows]
    done = total - sum(one.passages for one in new)
    found = _NewWords(map_in_processes(_words, _pairs(Readings(new)), _TOGETHER))
    before = _Renumberer(earlier.words)
    numbers: dict[str, int] = {}
    with FlowFile(folder / "flow") as flow, FlowFile(folder / "letters") as letters:
        for one in readings.kept:
            rows = earlier.rows.get(one.document.id)
            if rows is not None:
                words = earlier.words.part(rows.start, rows.stop)
                parts: Iterable[tuple[_Renumberer, PassageWords]] = [(before, words)]
            else:
                parts = found.next(one.passages)
            for source, words in parts:
                flow.append(source.renumber(words.flow, numbers))
                letters.append(words.letters)
                done += 0 if source is before else len(words.flow)
            counted(done)
    return CountedWords(numbers, Flow.load(folder / "flow"))


def _pairs(readings: Readings) -> Iterator[tuple[Document, Passage]]:
    return ((reading.document, passage) for reading in readings for passage in reading.passages)


def _words(passages: Sequence[tuple[Document, Passage]]) -> PassageWords:
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
    """Gives words the numbers that all passages share."""

    def __init__(self, words: PassageWords) -> None:
        self._vocabulary = words.vocabulary
        # The marks are the negative numbers, so they lie at the end.
        self._numbers = np.full(len(words.vocabulary) + 2, _UNKNOWN, np.int32)
        self._numbers[[SENTENCE, BODY]] = SENTENCE, BODY

    def renumber(self, flow: Flow, numbers: dict[str, int]) -> Flow:
        """Return passages by `numbers`, to which the words are added that are new there."""
        new = flow.terms[self._numbers[flow.terms] == _UNKNOWN]
        distinct, first = np.unique(new, return_index=True)
        for term in distinct[np.argsort(first)].tolist():
            self._numbers[term] = numbers.setdefault(self._vocabulary[term], len(numbers))
        return Flow(flow.starts, self._numbers[flow.terms])


class _NewWords:
    """The words of new passages, of which so many are taken as a document has."""

    def __init__(self, batches: Iterator[PassageWords]) -> None:
        self._batches = batches
        self._words = EarlierWords.for_first_build().words
        self._source = _Renumberer(self._words)
        self._at = 0

    def next(self, passages: int) -> Iterator[tuple[_Renumberer, PassageWords]]:
        """Yield the words of the next passages, so many of them, in one part or more."""
        while passages:
            if self._at == len(self._words.flow):
                self._words, self._at = next(self._batches), 0
                self._source = _Renumberer(self._words)
            end = min(len(self._words.flow), self._at + passages)
            yield self._source, self._words.part(self._at, end)
            passages -= end - self._at
            self._at = end
