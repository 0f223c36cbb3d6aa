"""Word vectors of a corpus by term number, and their combination with the encoder's vectors.

Searched is the encoder's vector of a passage beside that of its pooled words: both of unit length, scaled and set side
by side, so that their cosine is the weighted sum of both cosines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.encoder import to_unit_length
from ingest.embedding.words import WordVectors, shipped_word_vectors
from ingest.terms.arrays import map_array
from ingest.terms.flow import Flow

Array = NDArray[np.float32]
# Words of the headings count this often: R@10 on a city's FAQ .713 at 1, .741 at 2, .752 at 3, .748 at 5
# (decision 004).
_HEADINGS = 3
# The encoder's share of the cosine (decision 004).
_ENCODER = 0.375
# Dimensions that are kept for the search, by principal axes: candidates are found as well with 256 as with all, in a
# third of the memory; their cosines are then computed from the full vectors.
_KEPT = 256
# Rows that the axes are computed from.
_SAMPLE = 5_000


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
        return cls(numbers, to_unit_length(vectors), np.linalg.norm(vectors, axis=1).astype(np.float32))

    def extend(self, numbers: Mapping[str, int], words: WordVectors) -> Self:
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
            elif (known := shipped_word_vectors().terms.get(word)) is not None:
                vector = shipped_word_vectors().vectors[known].astype(np.float32)
                importance[i] = np.linalg.norm(vector)
                directions[i] = vector / max(float(importance[i]), 1e-6)
        return directions, importance

    def pooled(self, words: Sequence[str]) -> Array:
        """Return the unit vector of the sum of the words' vectors, (d,), zero where none is known."""
        directions, importance = self.look_up(words)
        pooled: Array = to_unit_length((importance @ directions)[np.newaxis])[0]
        return pooled

    def save(self, folder: Path) -> None:
        """Write into `folder`, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "directions.npy", self.directions)
        np.save(folder / "importance.npy", self.importance)

    @classmethod
    def load(cls, folder: Path, numbers: Mapping[str, int]) -> Self:
        """Open what `save` wrote; the directions stay on disk and are read as they are needed."""
        return cls(numbers, map_array(folder / "directions.npy"), map_array(folder / "importance.npy"))


def pool_passages(flow: Flow, lexicon: Lexicon) -> Array:
    """Return the pooled word vectors of the passages, (n, d) of unit length."""
    sums = np.zeros((len(flow), lexicon.directions.shape[1]), np.float32)
    for row in range(len(flow)):
        numbers = np.concatenate([*_HEADINGS * [flow.headings(row)], flow.body(row)])
        sums[row] = lexicon.importance[numbers] @ lexicon.directions[numbers]
    return to_unit_length(sums)


def concatenate_vectors(encoded: Array, pooled: Array) -> Array:
    """Return both side by side, (n, d1 + d2)."""
    shares = np.sqrt(np.float32(_ENCODER)), np.sqrt(np.float32(1 - _ENCODER))
    return np.concatenate([encoded * shares[0], pooled * shares[1]], axis=-1)


def sample_slice(size: int) -> slice:
    """Return which of `size` vectors their axes are computed from."""
    return slice(None, None, max(1, size // _SAMPLE))


def principal_axes(size: int, sample: Array) -> Array:
    """Return the principal axes of `size` vectors by a `sample` of them (n, d), (d, 256).

    For few vectors they are all axes, (d, d).
    """
    dimension = sample.shape[1]
    if size <= _KEPT or dimension <= _KEPT:
        return np.eye(dimension, dtype=np.float32)
    _, directions = np.linalg.eigh((sample.T @ sample).astype(np.float64))
    return np.ascontiguousarray(directions[:, ::-1][:, :_KEPT], dtype=np.float32)
