"""Keyword search: BM25 over the words of texts.

The variant is Lucene's as given in Kamphuis et al. 2020, "Which BM25 do you mean?" (table 1), without the factor k1 + 1
that changes no ranking. Scores are computed when the index is built and kept by term, as in Lù 2024, "BM25S: Orders of
magnitude faster lexical search via eager sparse scoring" (arXiv:2407.03618); a query adds up the columns of its terms.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.terms.arrays import create_array, map_array
from ingest.terms.flow import Flow, Terms

Parts = Callable[[], Iterable[tuple[Terms, NDArray[np.int64]]]]
"""Gives all words to index, part by part: their numbers, and of which text each is.

A part holds all words of its texts, and each part texts behind those of the one before.
"""

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

    @classmethod
    def write(cls, folder: Path, numbers: Mapping[str, int], size: int, parts: Parts) -> Self:
        """Index `size` texts into `folder`, which is made, and open the index. The parts are gone through twice."""
        folder.mkdir(parents=True)
        (folder / "terms.json").write_text(json.dumps(list(numbers), ensure_ascii=False), encoding="utf-8")
        length, df = np.zeros(size, np.int64), np.zeros(len(numbers), np.int64)
        for terms, texts in parts():
            length += np.bincount(texts, minlength=size)
            df += np.bincount(_pairs(terms, texts)[0], minlength=len(df))
        starts = np.concatenate([[0], np.cumsum(df)]).astype(np.int64)
        np.save(folder / "starts.npy", starts)
        rows = create_array(folder / "rows.npy", np.int32, int(starts[-1]))
        weights = create_array(folder / "weights.npy", np.float32, int(starts[-1]))
        average = length.mean() if length.any() else 1.0
        # Where the next text of each term is written.
        at, idf = starts[:-1].copy(), _idf(size, df)
        for terms, texts in parts():
            term, text, tf = _pairs(terms, texts)
            here = np.bincount(term, minlength=len(df))
            places = at[term] + np.arange(len(term)) - (np.cumsum(here) - here)[term]
            rows[places] = text
            weights[places] = idf[term] * tf / (tf + K1 * (1 - B + B * length[text] / average))
            at += here
        return cls.load(folder, size)

    @classmethod
    def load(cls, folder: Path, size: int) -> Self:
        """Open what `write` wrote for `size` texts; the arrays stay on disk and are read as they are needed."""
        terms = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        return cls(size, {term: i for i, term in enumerate(terms)}, *(map_array(folder / f"{a}.npy") for a in _ARRAYS))


def passage_terms(flow: Flow, firsts: NDArray[np.int64]) -> Parts:
    """Return what gives the words of all passages, headings included, each with the row of its passage.

    `firsts` are the rows that documents begin at, with the number of passages behind.
    """

    def parts() -> Iterable[tuple[Terms, NDArray[np.int64]]]:
        for row, part in flow.parts(firsts):
            words = part.terms >= 0
            yield part.terms[words], row + part.places[words]

    return parts


def _idf(size: int, df: NDArray[Any]) -> NDArray[np.float64]:
    """Return ln(1 + (N - df + 0.5) / (df + 0.5))."""
    idf: NDArray[np.float64] = np.log1p((size - df + 0.5) / (df + 0.5))
    return idf


def _pairs(terms: Terms, texts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each pair of a term and a text that it stands in, by term and then by text, and how often it does."""
    # One number a pair, so that sorting them groups by term and counts tf.
    wide = int(texts.max(initial=0)) + 1
    pairs, tf = np.unique(terms.astype(np.int64) * wide + texts, return_counts=True)
    term, text = np.divmod(pairs, wide)
    return term, text, tf
