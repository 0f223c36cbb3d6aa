"""The vectors of a corpus' words, by their numbers in its keyword index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.words import WordVectors, shipped

Array = NDArray[np.float32]
_FILE = "vectors.npy"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`vectors` (terms, d) has a row for each number of `numbers`, as long as the word is important, zero if unknown.

    Words that the corpus lacks have the vectors that come with this package.
    """

    numbers: Mapping[str, int]
    vectors: NDArray[Any]

    @classmethod
    def build(cls, numbers: Mapping[str, int], words: WordVectors) -> Self:
        """Order the vectors of `words` by `numbers`."""
        vectors = np.zeros((len(numbers), words.dimension), np.float32)
        for term, number in numbers.items():
            if term in words.terms:
                vectors[number] = words.vectors[words.terms[term]]
        return cls(numbers, vectors)

    def vectors_at(self, numbers: NDArray[Any]) -> Array:
        """Return the vectors of the words with these numbers, (len(numbers), d)."""
        return np.asarray(self.vectors[numbers], dtype=np.float32)

    def vectors_of(self, words: Sequence[str]) -> Array:
        """Return the vectors of `words`, (len(words), d); zero for those that nobody knows."""
        rows = np.zeros((len(words), self.vectors.shape[1]), np.float32)
        for row, word in zip(rows, words, strict=True):
            if (number := self.numbers.get(word)) is not None:
                row[:] = self.vectors[number]
            elif (known := shipped().terms.get(word)) is not None:
                row[:] = shipped().vectors[known]
        return rows

    def save(self, folder: Path) -> None:
        """Write the vectors into `folder`, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / _FILE, self.vectors)

    @classmethod
    def load(cls, folder: Path, numbers: Mapping[str, int]) -> Self:
        """Open what `save` wrote; the vectors stay on disk and are read as they are needed."""
        return cls(numbers, np.asarray(np.load(folder / _FILE, mmap_mode="r")))
