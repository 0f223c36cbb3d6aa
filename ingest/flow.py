"""What stands in each passage, in order: its words as numbers of the keyword index, or its letters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

# What stands between two sentences, and behind the headings.
SENTENCE, BODY = -1, -2
_ARRAYS = ("starts", "terms")


@dataclass(frozen=True, slots=True)
class Flow:
    """Passage i is `terms[starts[i]:starts[i + 1]]`: its headings, BODY, its sentences with SENTENCE between them."""

    starts: NDArray[np.int64]
    terms: NDArray[np.int32]

    @classmethod
    def build(
        cls,
        headings: Sequence[Sequence[str]],
        bodies: Sequence[Sequence[Sequence[str]]],
        numbers: Mapping[str, int],
    ) -> Self:
        """Lay out the words of the headings and, by sentence, of the bodies; `numbers` knows them all."""
        starts, terms = np.zeros(len(headings) + 1, np.int64), []
        for row, (heading, sentences) in enumerate(zip(headings, bodies, strict=True)):
            terms.append(np.fromiter(_laid_out(heading, sentences, numbers), np.int32))
            starts[row + 1] = starts[row] + len(terms[-1])
        return cls(starts, np.concatenate([np.zeros(0, np.int32), *terms]))

    @classmethod
    def of_letters(cls, texts: Sequence[str]) -> Self:
        """Lay out the letters of `texts`, as their code points."""
        codes = [np.frombuffer(text.encode("utf-32-le", "replace"), np.int32) for text in texts]
        starts = np.concatenate([[0], np.cumsum([len(each) for each in codes])]).astype(np.int64)
        return cls(starts, np.concatenate([np.zeros(0, np.int32), *codes]))

    def of(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return what stands in the passages `rows`, one after another, (m,), and the place of each in `rows`, (m,)."""
        pieces = [self.terms[self.starts[row] : self.starts[row + 1]] for row in rows]
        places = np.repeat(np.arange(len(rows)), self.starts[rows + 1] - self.starts[rows])
        return np.concatenate([np.zeros(0, np.int32), *pieces]), places

    def texts(self, rows: NDArray[np.int64]) -> list[str]:
        """Return the passages `rows` of a flow of letters as text."""
        pieces = (self.terms[self.starts[row] : self.starts[row + 1]] for row in rows)
        return [piece.tobytes().decode("utf-32-le", "replace") for piece in pieces]

    def words(self, row: int, vocabulary: Sequence[str]) -> tuple[list[str], list[list[str]]]:
        """Return what was laid out as passage `row`: the words of the headings, and those of the body by sentence."""
        heading: list[str] = []
        sentences: list[list[str]] = [heading]
        for number in self.terms[self.starts[row] : self.starts[row + 1]].tolist():
            if number >= 0:
                sentences[-1].append(vocabulary[number])
            else:
                sentences.append([])
        return heading, [sentence for sentence in sentences[1:] if sentence]

    def save(self, folder: Path) -> None:
        """Write into `folder`, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        for array in _ARRAYS:
            np.save(folder / f"{array}.npy", getattr(self, array))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open what `save` wrote; the arrays stay on disk and are read as they are needed."""
        return cls(*(np.asarray(np.load(folder / f"{array}.npy", mmap_mode="r")) for array in _ARRAYS))


def _laid_out(heading: Sequence[str], sentences: Sequence[Sequence[str]], numbers: Mapping[str, int]) -> Iterable[int]:
    yield from map(numbers.__getitem__, heading)
    yield BODY
    for i, sentence in enumerate(sentences):
        if i:
            yield SENTENCE
        yield from map(numbers.__getitem__, sentence)
