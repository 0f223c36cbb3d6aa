"""Keyword search: BM25 over two fields of each passage, its headings and its body.

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
FIELDS = ("heading", "body")
_ARRAYS = ("starts", "rows", "scores")


@dataclass(frozen=True, slots=True)
class _Field:
    """A sparse matrix by term: term t stands in passages `rows[starts[t]:starts[t + 1]]`, with those `scores`."""

    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class KeywordIndex:
    """BM25 scores of `size` passages, ready to be added up; read-only and safe to share between threads."""

    size: int
    _terms: Mapping[str, int]
    _idf: NDArray[np.float64]
    _fields: Mapping[str, _Field]

    @classmethod
    def build(cls, headings: Sequence[Sequence[str]], bodies: Sequence[Sequence[str]]) -> Self:
        """Index passages given as the terms of their headings and of their bodies, in the same order."""
        terms: dict[str, int] = {}
        for texts in (headings, bodies):
            for text in texts:
                for term in text:
                    terms.setdefault(term, len(terms))
        fields = {name: _score(texts, terms) for name, texts in zip(FIELDS, (headings, bodies), strict=True)}
        either = _score([[*heading, *body] for heading, body in zip(headings, bodies, strict=True)], terms)
        return cls(len(bodies), terms, _idf(len(bodies), np.diff(either.starts)), fields)

    @property
    def vocabulary(self) -> Sequence[str]:
        """Return the terms that stand in some passage, in the order of their first appearance."""
        return tuple(self._terms)

    def scores(self, terms: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """Return for each field the score of each passage, (size,); a term given twice counts twice."""
        known = [self._terms[term] for term in terms if term in self._terms]
        return {name: self._sum(field, known) for name, field in self._fields.items()}

    def _sum(self, field: _Field, terms: Sequence[int]) -> NDArray[np.float32]:
        total = np.zeros(self.size, dtype=np.float32)
        for term in terms:
            start, end = field.starts[term], field.starts[term + 1]
            total[field.rows[start:end]] += field.scores[start:end]
        return total

    def idf(self, term: str) -> float:
        """Return how rare `term` is: its idf over passages that hold it in either field; highest for unknown terms."""
        if term in self._terms:
            return float(self._idf[self._terms[term]])
        return float(_idf(self.size, np.zeros(1))[0])

    def save(self, folder: Path) -> None:
        """Write the index into `folder`, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "terms.json").write_text(json.dumps(list(self._terms), ensure_ascii=False), encoding="utf-8")
        np.save(folder / "idf.npy", self._idf)
        for name, field in self._fields.items():
            for array in _ARRAYS:
                np.save(folder / f"{name}.{array}.npy", getattr(field, array))

    @classmethod
    def load(cls, folder: Path, size: int) -> Self:
        """Open what `save` wrote for `size` passages; the arrays stay on disk and are read as they are needed."""
        terms = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        fields = {name: _Field(*(_mapped(folder / f"{name}.{array}.npy") for array in _ARRAYS)) for name in FIELDS}
        return cls(size, {term: i for i, term in enumerate(terms)}, np.load(folder / "idf.npy"), fields)


def _mapped(path: Path) -> NDArray[Any]:
    """Map an array into memory. np.asarray: slices of a plain view are several times faster than of a memmap."""
    return np.asarray(np.load(path, mmap_mode="r"))


def _idf(size: int, df: NDArray[Any]) -> NDArray[np.float64]:
    """Return ln(1 + (N - df + 0.5) / (df + 0.5))."""
    idf: NDArray[np.float64] = np.log1p((size - df + 0.5) / (df + 0.5))
    return idf


def _score(texts: Sequence[Sequence[str]], terms: Mapping[str, int]) -> _Field:
    """Return idf · tf / (tf + k1 · (1 - b + b · |d| / avgdl)) for each term and each text that holds it."""
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
    return _Field(starts, row.astype(np.int32), scores.astype(np.float32))
