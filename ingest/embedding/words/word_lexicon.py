"""Word vectors of a corpus by term number, and their combination with the encoder's vectors.

For search, the encoder's vector of a passage and the pooled vector of its words are scaled and concatenated, so that
their cosine is the weighted sum of both cosines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.encoder import to_unit_length
from ingest.embedding.words import WordVectors, shipped_word_vectors
from ingest.terms.flow import Flow

Array = NDArray[np.float32]
# Weight of words in headings: R@10 on a city's FAQ .713 at 1, .741 at 2, .752 at 3, .748 at 5 (decision 004).
_HEADING_WEIGHT = 3
# The encoder's share of the cosine (decision 004).
_ENCODER_SHARE = 0.375
# Principal axes used for search: candidates are as good as with all dimensions, in a third of the memory. Their cosines
# are then computed from the full vectors.
_SEARCH_DIMENSIONS = 256
# Vectors from which the axes are computed.
_SAMPLE_SIZE = 5_000


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Unit vectors of words, `directions` (terms, d), and their `importance` (terms,), both float32.

    Both are zero for unknown words. Words that are not in the corpus have the shipped vectors.
    """

    numbers: Mapping[str, int]
    directions: NDArray[Any]
    importance: NDArray[Any]

    @classmethod
    def build(cls, numbers: Mapping[str, int], words: WordVectors) -> Self:
        """Return the vectors of `words`, whose lengths are their importance, in the order of `numbers`."""
        vectors = np.zeros((len(numbers), words.dimension), np.float32)
        for term, number in numbers.items():
            if term in words.terms:
                vectors[number] = words.vectors[words.terms[term]]
        return cls(numbers, to_unit_length(vectors), np.linalg.norm(vectors, axis=1).astype(np.float32))

    def look_up(self, words: Sequence[str]) -> tuple[Array, Array]:
        """Return directions (len(words), d) and importance (len(words),) of `words`."""
        directions = np.zeros((len(words), self.directions.shape[1]), np.float32)
        importance = np.zeros(len(words), np.float32)
        numbers = np.fromiter((self.numbers.get(word, -1) for word in words), np.int64, len(words))
        known = np.flatnonzero(numbers >= 0)
        directions[known] = self.directions[numbers[known]]
        importance[known] = self.importance[numbers[known]]
        for i in np.flatnonzero(numbers < 0).tolist():
            if (row := shipped_word_vectors().terms.get(words[i])) is not None:
                vector = shipped_word_vectors().vectors[row].astype(np.float32)
                importance[i] = np.linalg.norm(vector)
                directions[i] = vector / max(float(importance[i]), 1e-6)
        return directions, importance

    def pooled(self, words: Sequence[str]) -> Array:
        """Return the unit vector of the words' sum, (d,); zero if none is known."""
        directions, importance = self.look_up(words)
        pooled: Array = to_unit_length((importance @ directions)[np.newaxis])[0]
        return pooled


def pool_passages(flow: Flow, lexicon: Lexicon) -> Array:
    """Return the pooled word vectors of the passages, (n, d) of unit length."""
    from scipy.sparse import csr_array  # noqa: PLC0415 -- 0.3 s and 22 MB that answering does without

    terms, passages = flow.words()
    weights = np.where(flow.heading_mask[flow.terms >= 0], np.float32(_HEADING_WEIGHT), np.float32(1))
    shape = len(flow), len(lexicon.importance)
    return to_unit_length(
        csr_array((weights * lexicon.importance[terms], (passages, terms)), shape) @ lexicon.directions
    )


def concatenate_vectors(encoded: NDArray[Any], pooled: NDArray[Any]) -> Array:
    """Return the weighted concatenation of both vectors, (n, d1 + d2)."""
    shares = np.sqrt(np.float32(_ENCODER_SHARE)), np.sqrt(np.float32(1 - _ENCODER_SHARE))
    return np.concatenate([encoded * shares[0], pooled * shares[1]], axis=-1)


def sample_slice(size: int) -> slice:
    """Return the slice of `size` vectors that the principal axes are computed from."""
    return slice(None, None, max(1, size // _SAMPLE_SIZE))


def principal_axes(size: int, sample: Array) -> Array:
    """Return the first 256 principal axes of `size` vectors, (d, 256), from a sample (n, d); all (d, d) if few."""
    dimension = sample.shape[1]
    if size <= _SEARCH_DIMENSIONS or dimension <= _SEARCH_DIMENSIONS:
        return np.eye(dimension, dtype=np.float32)
    _, directions = np.linalg.eigh((sample.T @ sample).astype(np.float64))
    return np.ascontiguousarray(directions[:, ::-1][:, :_SEARCH_DIMENSIONS], dtype=np.float32)
