"""BM25 keyword search.

The variant is Lucene's as given in Kamphuis et al. 2020, "Which BM25 do you mean?" (table 1), without the factor k1 + 1
that changes no ranking. Scores are computed at build time and stored by term, as in Lù 2024, "BM25S: Orders of
magnitude faster lexical search via eager sparse scoring" (arXiv:2407.03618); a query sums the scores of its terms.
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

TermBatches = Callable[[], Iterable[tuple[Terms, NDArray[np.int64]]]]
"""Returns all terms to index in batches: term numbers, and the text of each.

A batch holds complete texts, in ascending order over all batches.
"""

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
    def write(cls, folder: Path, term_numbers: Mapping[str, int], size: int, batches: TermBatches) -> Self:
        """Index `size` texts into the new `folder` and open the index; `batches` is iterated twice."""
        folder.mkdir(parents=True)
        (folder / "terms.json").write_text(json.dumps(list(term_numbers), ensure_ascii=False), encoding="utf-8")
        text_lengths = np.zeros(size, np.int64)
        document_frequency = np.zeros(len(term_numbers), np.int64)
        for terms, texts in batches():
            text_lengths += np.bincount(texts, minlength=size)
            document_frequency += np.bincount(_term_counts(terms, texts)[0], minlength=len(document_frequency))
        starts = np.concatenate([[0], np.cumsum(document_frequency)]).astype(np.int64)
        np.save(folder / "starts.npy", starts)
        rows = create_array(folder / "rows.npy", np.int32, int(starts[-1]))
        weights = create_array(folder / "weights.npy", np.float32, int(starts[-1]))
        average_length = text_lengths.mean() if text_lengths.any() else 1.0
        # Position of the next text of each term.
        next_place = starts[:-1].copy()
        idf = _idf(size, document_frequency)
        for terms, texts in batches():
            term, text, tf = _term_counts(terms, texts)
            counts = np.bincount(term, minlength=len(document_frequency))
            places = next_place[term] + np.arange(len(term)) - (np.cumsum(counts) - counts)[term]
            rows[places] = text
            weights[places] = idf[term] * tf / (tf + K1 * (1 - B + B * text_lengths[text] / average_length))
            next_place += counts
        return cls.load(folder, size)

    @classmethod
    def load(cls, folder: Path, size: int) -> Self:
        """Open an index of `size` texts; the arrays are memory-mapped."""
        terms = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        return cls(size, {term: i for i, term in enumerate(terms)}, *(map_array(folder / f"{a}.npy") for a in _ARRAYS))


def passage_terms(flow: Flow, firsts: NDArray[np.int64]) -> TermBatches:
    """Return the batches of the terms of all passages, headings included, with the row of each passage.

    `firsts` are the first rows of the documents, followed by the number of passages.
    """

    def batches() -> Iterable[tuple[Terms, NDArray[np.int64]]]:
        for row, flow_part in flow.parts(firsts):
            words = flow_part.terms >= 0
            yield flow_part.terms[words], row + flow_part.passage_of_term[words]

    return batches


def _idf(size: int, df: NDArray[Any]) -> NDArray[np.float64]:
    idf: NDArray[np.float64] = np.log1p((size - df + 0.5) / (df + 0.5))
    return idf


def _term_counts(
    terms: Terms, texts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    # One number per pair, so that sorting groups by term and counts frequencies.
    text_count = int(texts.max(initial=0)) + 1
    pairs, tf = np.unique(terms.astype(np.int64) * text_count + texts, return_counts=True)
    term, text = np.divmod(pairs, text_count)
    return term, text, tf
