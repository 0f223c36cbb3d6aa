"""How the units and headings of passages match the terms of a question, by word and by meaning."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.state.query import Query
from ingest.index.index import Index

Array = NDArray[np.float32]
Indices = NDArray[np.int64]

_EPSILON = 1e-6


class TermMatches:
    """How the units and headings of passages match the terms of a question.

    A question without terms gets one term that matches nothing.

    Attributes:
        words: the t terms.
        weights: (t,), summing to 1; 0 for interrogatives.
        term_table: (t, d + 2), the vector, weight and relative position of each term.
        owners: (u,), the passage of each unit.
        unit_exact, heading_exact: (u, t) and (p, t), 1 if the text contains the term.
        unit_similar, heading_similar: (u, t) and (p, t), the greatest cosine of the term with a word of the text, 0-1
            (late interaction, Khattab and Zaharia 2020, arXiv:2004.12832).
        unit_cosine: (u,), the cosine of the pooled words of unit and question.
    """

    def __init__(
        self,
        index: Index,
        query: Query,
        units: Sequence[Sequence[str]],
        headings: Sequence[Sequence[str]],
        owners: Indices,
    ) -> None:
        self.owners = owners
        self.passage_count = len(headings)
        self.words = [term.text for term in query.terms] or [""]
        weights = np.array([0.0 if term.is_interrogative else term.weight for term in query.terms] or [0.0], np.float32)
        self.weights: Array = weights / max(float(weights.sum()), _EPSILON)
        word_rows = {word: i for i, word in enumerate(dict.fromkeys(chain(*units, *headings)))}
        vectors, importance = index.lexicon.look_up(list(word_rows))
        term_vectors, term_importance = index.lexicon.look_up(self.words)
        order = np.linspace(0, 1, len(self.words), dtype=np.float32)
        self.term_table: Array = np.column_stack([term_vectors, self.weights, order]).astype(np.float32)
        similar = np.zeros((len(word_rows) + 1, len(self.words)), np.float32)
        np.maximum(vectors @ term_vectors.T, 0, out=similar[:-1])
        exact = np.zeros_like(similar)
        for column, word in enumerate(self.words):
            if word in word_rows:
                exact[word_rows[word], column] = similar[word_rows[word], column] = 1
        in_units = _rows_of_texts(units, word_rows)
        in_headings = _rows_of_texts(headings, word_rows)
        self.unit_exact = _max_of_texts(exact, in_units)
        self.unit_similar = _max_of_texts(similar, in_units)
        self.heading_exact = _max_of_texts(exact, in_headings)
        self.heading_similar = _max_of_texts(similar, in_headings)
        pooled = _word_counts(in_units, len(word_rows)) @ (vectors * importance[:, np.newaxis])
        self.unit_cosine = _cosine(pooled, term_importance @ term_vectors)

    def match_texts(self, texts: Sequence[Sequence[str]]) -> Array:
        """Return which terms other texts contain, each text given as its words, (texts, t)."""
        contained = [set(text) for text in texts]
        return np.array([[word in words for word in self.words] for words in contained], np.float32)

    def coverage(self) -> Array:
        """Return the weighted share of terms that each unit contains, (u,)."""
        shares: Array = self.unit_exact @ self.weights
        return shares

    def best_unit_coverage(self) -> Array:
        """Return the greatest weighted share of terms that a unit of each passage contains, (p,)."""
        return self.max_by_passage(self.coverage()[:, np.newaxis])[:, 0]

    def max_by_passage(self, table: Array) -> Array:
        """Return the maximum over the units of each passage, (p, columns); 0 for a passage without units."""
        maximum = np.zeros((self.passage_count, table.shape[1]), np.float32)
        np.maximum.at(maximum, self.owners, table)
        return maximum

    def match_neighbours(self) -> tuple[Array, Array]:
        """Return which terms are in a unit or the one before it, and also in the one after it, (u, t) each."""
        exact = self.unit_exact
        is_same_passage = (self.owners[1:] == self.owners[:-1])[:, np.newaxis]
        with_previous = exact.copy()
        with_previous[1:] = np.maximum(with_previous[1:], exact[:-1] * is_same_passage)
        with_both = with_previous.copy()
        with_both[:-1] = np.maximum(with_both[:-1], exact[1:] * is_same_passage)
        return with_previous, with_both


def _rows_of_texts(texts: Sequence[Sequence[str]], word_rows: dict[str, int]) -> list[Indices]:
    return [np.array([*(word_rows[word] for word in text), len(word_rows)], np.int64) for text in texts]


def _max_of_texts(table: Array, rows_of_texts: Sequence[Indices]) -> Array:
    if not rows_of_texts:
        return np.zeros((0, table.shape[1]), np.float32)
    starts = np.cumsum([0, *map(len, rows_of_texts[:-1])])
    maximum: Array = np.maximum.reduceat(table[np.concatenate(rows_of_texts)], starts, axis=0)
    return maximum


def _word_counts(rows_of_texts: Sequence[Indices], word_count: int) -> Array:
    counts = [np.bincount(rows, minlength=word_count + 1)[:word_count] for rows in rows_of_texts]
    return np.array(counts, np.float32).reshape(len(rows_of_texts), word_count)


def _cosine(rows: Array, vector: Array) -> Array:
    lengths = np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(vector)), _EPSILON)
    cosine: Array = (rows @ vector / np.maximum(lengths, _EPSILON)).astype(np.float32)
    return cosine
