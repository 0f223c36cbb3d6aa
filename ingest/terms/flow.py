"""Passages as sequences of term numbers or letters, and the texts that are embedded and indexed.

Also what of a passage goes into which index: the text that is embedded, the words of heading and body.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words, words_by_sentence
from ingest.terms.arrays import GrowingArray, map_array

# What stands between two sentences, and behind the headings.
SENTENCE, BODY = -1, -2
# Words that are looked at together where all of a flow are: some 16 MB.
_TOGETHER = 2_000_000
Terms = NDArray[np.int32]


def embedding_text(passage: Passage) -> str:
    """Return the text whose meaning is searched: the two inner headings, and below them the passage."""
    return "\n".join(filter(None, (" > ".join(passage.path[-2:]), passage.text)))


def heading_words(document: Document, passage: Passage) -> list[str]:
    """Return the index terms of the document's title and the passage's headings, each heading once."""
    return list(_words("\n".join(dict.fromkeys((document.title, *passage.path)))))


@lru_cache(maxsize=1000)
def _words(text: str) -> tuple[str, ...]:
    """Return `words`, remembered: the passages of a section share their headings."""
    return tuple(words(text))


def passage_letters(passage: Passage) -> str:
    """Return the letters of headings and text, as `letters` gives them."""
    return squash_text("\n".join((*passage.path, passage.text)))


def squash_text(text: str) -> str:
    """Return the letters of `text` in normal form, lower case, without spaces."""
    return "".join(nfkc(text).casefold().split())


def body_words(passage: Passage) -> list[list[str]]:
    """Return the index terms of the passage itself, by sentence."""
    return words_by_sentence(passage.text)


@dataclass(frozen=True, slots=True)
class Flow:
    """Passage i is `terms[starts[i]:starts[i + 1]]`: its headings, BODY, its sentences with SENTENCE between them."""

    starts: NDArray[np.int64]
    terms: Terms

    @classmethod
    def build(
        cls,
        headings: Sequence[Sequence[str]],
        bodies: Sequence[Sequence[Sequence[str]]],
        numbers: Mapping[str, int],
    ) -> Self:
        """Lay out the words of the headings and, by sentence, of the bodies; `numbers` knows them all."""
        laid_out = (_lay_out(*words, numbers) for words in zip(headings, bodies, strict=True))
        return cls._from_pieces([np.fromiter(each, np.int32) for each in laid_out])

    @classmethod
    def from_letters(cls, texts: Sequence[str]) -> Self:
        """Lay out the letters of `texts`, as their code points."""
        return cls._from_pieces([np.frombuffer(text.encode("utf-32-le", "replace"), np.int32) for text in texts])

    @classmethod
    def _from_pieces(cls, pieces: Sequence[Terms]) -> Self:
        starts = np.concatenate([[0], np.cumsum([len(each) for each in pieces])]).astype(np.int64)
        return cls(starts, np.concatenate([np.zeros(0, np.int32), *pieces]))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def part(self, first: int, end: int) -> "Flow":
        """Return the passages from `first` to before `end`."""
        starts = self.starts[first : end + 1]
        return Flow(starts - starts[0], self.terms[starts[0] : starts[-1]])

    def parts(self, firsts: NDArray[np.int64]) -> Iterator[tuple[int, "Flow"]]:
        """Yield the whole flow in parts that fit into memory, each with the row of its first passage.

        A part ends where one of `firsts` does, which end with the number of passages.
        """
        at = 0
        while at < len(self):
            far = int(np.searchsorted(self.starts, self.starts[at] + _TOGETHER, side="right")) - 1
            fitting, next_one = np.searchsorted(firsts, [far, at], side="right").tolist()
            end = int(firsts[max(fitting - 1, next_one)])
            yield at, self.part(at, end)
            at = end

    def of(self, rows: NDArray[np.int64]) -> tuple[Terms, NDArray[np.int64]]:
        """Return what stands in the passages `rows`, one after another, (m,), and the place of each in `rows`, (m,)."""
        pieces = [self.terms[self.starts[row] : self.starts[row + 1]] for row in rows]
        places = np.repeat(np.arange(len(rows)), self.starts[rows + 1] - self.starts[rows])
        return np.concatenate([np.zeros(0, np.int32), *pieces]), places

    def texts(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the passages `rows` of a flow of letters as text."""
        pieces = (self.terms[self.starts[row] : self.starts[row + 1]] for row in rows)
        return [piece.tobytes().decode("utf-32-le", "replace") for piece in pieces]

    def headings(self, row: int) -> Terms:
        """Return the words of the headings of a passage."""
        terms = self.terms[self.starts[row] : self.starts[row + 1]]
        return terms[: np.flatnonzero(terms == BODY)[0]]

    def body(self, row: int) -> Terms:
        """Return the words below the headings of a passage, without marks."""
        terms = self.terms[self.starts[row] : self.starts[row + 1]]
        body: Terms = terms[np.flatnonzero(terms == BODY)[0] :]
        return body[body >= 0]

    @property
    def heading_mask(self) -> NDArray[np.bool_]:
        """Whether each of the `terms` is a word of the headings."""
        ends = np.flatnonzero(self.terms == BODY)
        return np.arange(len(self.terms)) < np.repeat(ends, np.diff(self.starts))

    @property
    def places(self) -> NDArray[np.int64]:
        """Of which passage each of the `terms` is."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @classmethod
    def load(cls, folder: Path, *, scattered: bool = False) -> Self:
        """Open what a `FlowFile` wrote; the arrays stay on disk, and passages are read `scattered` or in order."""
        return cls(map_array(folder / "starts.npy"), map_array(folder / "terms.npy", scattered=scattered))


class FlowFile:
    """A flow that is written passage by passage into `folder`, which is made; whole once it is closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._starts, self._terms = (
            GrowingArray(folder / "starts.npy", np.int64),
            GrowingArray(folder / "terms.npy", np.int32),
        )
        self._starts.append(np.zeros(1, np.int64))

    def append(self, flow: Flow) -> None:
        """Write the passages of `flow` behind those that are there."""
        self._starts.append(flow.starts[1:] + len(self._terms))
        self._terms.append(flow.terms)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._starts.__exit__()
        self._terms.__exit__()


def _lay_out(heading: Sequence[str], sentences: Sequence[Sequence[str]], numbers: Mapping[str, int]) -> Iterable[int]:
    yield from map(numbers.__getitem__, heading)
    yield BODY
    for i, sentence in enumerate(sentences):
        if i:
            yield SENTENCE
        yield from map(numbers.__getitem__, sentence)
