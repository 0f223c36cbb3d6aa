"""The vectors of a corpus' words, by their numbers in its keyword index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.arrays import mapped
from ingest.encoders.encoder import unit
from ingest.words import WordVectors, shipped

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Each word has a direction of unit length, `directions` (terms, d), and an `importance` (terms,), both float32.

    Both are zero for words that nobody knows. Words that the corpus lacks have the vectors that come with this package.
    """

    numbers: Mapping[str, int]
    directions: NDArray[Any]
    importance: NDArray[Any]

    @classmethod
    def build(cls, numbers: Mapping[str, int], words: WordVectors) -> Self:
        """Order the vectors of `words`, which are as long as a word is important, by `numbers`."""
        vectors = np.zeros((len(numbers), words.dimension), np.float32)
        for term, number in numbers.items():
            if term in words.terms:
                vectors[number] = words.vectors[words.terms[term]]
        return cls(numbers, unit(vectors), np.linalg.norm(vectors, axis=1).astype(np.float32))

    def grown(self, numbers: Mapping[str, int], words: WordVectors) -> Self:
        """Return the vectors of this lexicon ordered by other `numbers`, with those of `words` for what it lacks."""
        grown = self.build(numbers, words)
        held = np.array([(number, self.numbers[term]) for term, number in numbers.items() if term in self.numbers])
        if held.size:
            grown.directions[held[:, 0]] = self.directions[held[:, 1]]
            grown.importance[held[:, 0]] = self.importance[held[:, 1]]
        return grown

    def look_up(self, words: Sequence[str]) -> tuple[Array, Array]:
        """Return direction and importance of each of `words`, (len(words), d) and (len(words),)."""
        directions = np.zeros((len(words), self.directions.shape[1]), np.float32)
        importance = np.zeros(len(words), np.float32)
        for i, word in enumerate(words):
            if (number := self.numbers.get(word)) is not None:
                directions[i], importance[i] = self.directions[number], self.importance[number]
            elif (known := shipped().terms.get(word)) is not None:
                vector = shipped().vectors[known].astype(np.float32)
                importance[i] = np.linalg.norm(vector)
                directions[i] = vector / max(float(importance[i]), 1e-6)
        return directions, importance

    def pooled(self, words: Sequence[str]) -> Array:
        """Return the unit vector of the sum of the words' vectors, (d,), zero where none is known."""
        directions, importance = self.look_up(words)
        pooled: Array = unit((importance @ directions)[np.newaxis])[0]
        return pooled

    def save(self, folder: Path) -> None:
        """Write into `folder`, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "directions.npy", self.directions)
        np.save(folder / "importance.npy", self.importance)

    @classmethod
    def load(cls, folder: Path, numbers: Mapping[str, int]) -> Self:
        """Open what `save` wrote; the directions stay on disk and are read as they are needed."""
        return cls(numbers, mapped(folder / "directions.npy"), mapped(folder / "importance.npy"))
