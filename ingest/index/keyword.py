"""BM25 keyword search.

The variant is Lucene's as given in Kamphuis et al. 2020, "Which BM25 do you mean?" (table 1), without the factor k1 + 1
that changes no ranking. Scores are computed at build time and stored by term, as in Lù 2024, "BM25S: Orders of
magnitude faster lexical search via eager sparse scoring" (arXiv:2407.03618); a query sums the scores of its terms. The
library of that paper gives the same scores and is slower to build (decision 094).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.terms.flow import Terms

# Lucene's defaults.
K1 = 1.2
B = 0.75
_ARRAYS = ("starts", "rows", "weights")


@dataclass(frozen=True, slots=True)
class KeywordIndex:
    """BM25 scores of `size` texts; read-only and thread-safe.

    A sparse matrix by term: term t occurs in the texts `rows[starts[t]:starts[t + 1]]` with those `weights`.
    """

    size: int
    term_numbers: Mapping[str, int]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]

    @property
    def vocabulary(self) -> Sequence[str]:
        """The indexed terms in the order of their first occurrence."""
        return tuple(self.term_numbers)

    def score_texts(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """Return the score of each text, (size,); repeated terms count repeatedly."""
        total = np.zeros(self.size, dtype=np.float32)
        for term in terms:
            if (number := self.term_numbers.get(term)) is not None:
                start = self.starts[number]
                end = self.starts[number + 1]
                total[self.rows[start:end]] += self.weights[start:end]
        return total

    def rows_of(self, term: str) -> NDArray[np.int32]:
        """Return the rows of the texts that have `term`, ascending."""
        number = self.term_numbers.get(term)
        return self.rows[:0] if number is None else self.rows[self.starts[number] : self.starts[number + 1]]

    def idf(self, term: str) -> float:
        """Return the inverse document frequency of `term`; highest for unknown terms."""
        number = self.term_numbers.get(term)
        document_frequency = 0 if number is None else self.starts[number + 1] - self.starts[number]
        return float(_idf(self.size, np.array([document_frequency]))[0])

    @classmethod
    def build(cls, term_numbers: Mapping[str, int], terms: Terms, texts: NDArray[np.int64], size: int) -> Self:
        """Index `size` texts: `terms` (m,) are the words of all of them, and `texts` (m,) the text of each."""
        from scipy.sparse import csc_array  # noqa: PLC0415 -- 0.3 s and 22 MB that answering does without

        # Equal pairs of text and term are added up.
        counts = csc_array((np.ones(len(terms)), (texts, terms)), shape=(size, len(term_numbers)))
        frequency = np.diff(counts.indptr)
        lengths = np.bincount(texts, minlength=size)
        average_length = lengths.mean() if lengths.any() else 1.0
        saturation = counts.data + K1 * (1 - B + B * lengths[counts.indices] / average_length)
        weights = np.repeat(_idf(size, frequency), frequency) * counts.data / saturation
        return cls(
            size, term_numbers, counts.indptr.astype(np.int64), counts.indices.astype(np.int32), weights.astype("f4")
        )

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        return {f"{name}_{part}": getattr(self, part) for part in _ARRAYS}

    @classmethod
    def load(cls, name: str, size: int, term_numbers: Mapping[str, int], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Open an index of `size` texts from its `arrays`."""
        return cls(size, term_numbers, *(arrays[f"{name}_{part}"] for part in _ARRAYS))


def _idf(size: int, df: NDArray[Any]) -> NDArray[np.float64]:
    idf: NDArray[np.float64] = np.log1p((size - df + 0.5) / (df + 0.5))
    return idf
