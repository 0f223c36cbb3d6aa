"""Keyword search: BM25 over the words of texts.

The variant is Lucene's as given in Kamphuis et al. 2020, "Which BM25 do you mean?" (table 1), without the factor k1 + 1
that changes no ranking. Scores are computed when the index is built and kept by term, as in Lù 2024, "BM25S: Orders of
magnitude faster lexical search via eager sparse scoring" (arXiv:2407.03618); a query adds up the columns of its terms.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

# Lucene's defaults.
K1 = 1.2
B = 0.75
_ARRAYS = ("starts", "rows", "weights")


@dataclass(frozen=True, slots=True)
class KeywordIndex:
    """BM25 scores of `size` texts, ready to be added up; read-only and safe to share between threads.

    A sparse matrix by term: term t stands in the texts `rows[starts[t]:starts[t + 1]]`, with those `weights`.
    """

    size: int
    numbers: Mapping[str, int]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> Self:
        """Index texts given as their terms."""
        numbers: dict[str, int] = {}
        for text in texts:
            for term in text:
                numbers.setdefault(term, len(numbers))
        return cls(len(texts), numbers, *_score(texts, numbers))

    @property
    def vocabulary(self) -> Sequence[str]:
        """Return the terms that stand in some text, in the order of their first appearance."""
        return tuple(self.numbers)

    def scores(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """Return the score of each text, (size,); a term given twice counts twice."""
        total = np.zeros(self.size, dtype=np.float32)
        for term in terms:
            if (number := self.numbers.get(term)) is not None:
                start, end = self.starts[number], self.starts[number + 1]
                total[self.rows[start:end]] += self.weights[start:end]
        return total

    def idf(self, term: str) -> float:
        """Return how rare `term` is; highest for unknown terms."""
        number = self.numbers.get(term)
        df = 0 if number is None else self.starts[number + 1] - self.starts[number]
        return float(_idf(self.size, np.array([df]))[0])

    def save(self, folder: Path) -> None:
        """Write the index into `folder`, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "terms.json").write_text(json.dumps(list(self.numbers), ensure_ascii=False), encoding="utf-8")
        for array in _ARRAYS:
            np.save(folder / f"{array}.npy", getattr(self, array))

    @classmethod
    def load(cls, folder: Path, size: int) -> Self:
        """Open what `save` wrote for `size` texts; the arrays stay on disk and are read as they are needed."""
        terms = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        return cls(size, {term: i for i, term in enumerate(terms)}, *(_mapped(folder / f"{a}.npy") for a in _ARRAYS))


def _mapped(path: Path) -> NDArray[Any]:
    """Map an array into memory. np.asarray: slices of a plain view are several times faster than of a memmap."""
    return np.asarray(np.load(path, mmap_mode="r"))


def _idf(size: int, df: NDArray[Any]) -> NDArray[np.float64]:
    """Return ln(1 + (N - df + 0.5) / (df + 0.5))."""
    idf: NDArray[np.float64] = np.log1p((size - df + 0.5) / (df + 0.5))
    return idf


def _score(
    texts: Sequence[Sequence[str]], terms: Mapping[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Return (starts, rows, weights): idf · tf / (tf + k1 · (1 - b + b · |d| / avgdl)) of each term in each text."""
    size = len(texts)
    length = np.fromiter(map(len, texts), np.int64, size)
    occurrences = np.fromiter((terms[term] for text in texts for term in text), np.int64, int(length.sum()))
    # One number a (term, passage) pair, so that sorting them groups by term and counts tf.
    pairs, tf = np.unique(occurrences * max(size, 1) + np.repeat(np.arange(size), length), return_counts=True)
    term, row = np.divmod(pairs, max(size, 1))
    df = np.bincount(term, minlength=len(terms))
    average = length.mean() if length.any() else 1.0
    scores = _idf(size, df)[term] * tf / (tf + K1 * (1 - B + B * length[row] / average))
    starts = np.concatenate([[0], np.cumsum(df)]).astype(np.int64)
    return starts, row.astype(np.int32), scores.astype(np.float32)
