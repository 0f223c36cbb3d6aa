"""How passages and units match the terms of a question, and the features computed from it."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.relevance.units import NGRAM_BUCKETS, TOKEN_KINDS, UnitText, letter_runs
from bot.retrieval.features import FEATURES
from bot.state import Hit
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
        both = np.concatenate([exact, similar], axis=1)
        in_units, unit_starts = _rows_of_texts(units, word_rows)
        self.unit_exact, self.unit_similar = _split_maximum(both, in_units, unit_starts)
        self.heading_exact, self.heading_similar = _split_maximum(both, *_rows_of_texts(headings, word_rows))
        # The number of times that each unit has each word, (u, words + 1).
        unit_of_word = np.repeat(np.arange(len(units)), np.diff(unit_starts, append=len(in_units)))
        size = len(word_rows) + 1
        counts = np.bincount(unit_of_word * size + in_units, minlength=len(units) * size).reshape(len(units), size)
        pooled = counts[:, :-1].astype(np.float32) @ (vectors * importance[:, np.newaxis])
        self.unit_cosine = _cosine(pooled, term_importance @ term_vectors)

    def match_texts(self, texts: Sequence[Collection[str]]) -> Array:
        """Return which terms other texts contain, each text given as its words, (texts, t)."""
        contained = np.zeros((len(texts), len(self.words)), np.float32)
        for row, text in zip(contained, texts, strict=True):
            if text:
                row[:] = [word in text for word in self.words]
        return contained

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


def _rows_of_texts(texts: Sequence[Sequence[str]], word_rows: Mapping[str, int]) -> tuple[Indices, Indices]:
    """Return the row of each word of all texts, after each text the row for no word, and the start of each text."""
    rows = [row for text in texts for row in (*(word_rows[word] for word in text), len(word_rows))]
    lengths = np.array([len(text) + 1 for text in texts], np.int64)
    return np.array(rows, np.int64), np.cumsum(lengths) - lengths


def _split_maximum(table: Array, rows: Indices, starts: Indices) -> tuple[Array, Array]:
    width = table.shape[1] // 2
    maximum = np.maximum.reduceat(table[rows], starts, axis=0) if len(starts) else table[:0]
    return maximum[:, :width], maximum[:, width:]


def _cosine(rows: Array, vector: Array) -> Array:
    lengths = np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(vector)), _EPSILON)
    cosine: Array = (rows @ vector / np.maximum(lengths, _EPSILON)).astype(np.float32)
    return cosine


# Cosines from which a word counts as similar to a term (kernels as in Xiong et al. 2017, arXiv:1706.06613).
KERNELS = (0.9, 0.7, 0.55, 0.4)
# Keeps features that hardly differ among the hits of a question from being scaled up.
_MIN_SPREAD = 0.02


class HitGroups:
    """The hits of the same section, page and document; rows of one table match nearly the same terms."""

    def __init__(self, matches: TermMatches, hits: Sequence[Hit]) -> None:
        self._matches = matches
        self._best_unit = matches.best_unit_coverage()
        self._same_section = _same_key([(hit.passage.doc_id, *hit.passage.path) for hit in hits])
        self._same_page = _same_key([(hit.passage.doc_id, hit.passage.page or hit.passage.id) for hit in hits])
        self._same_document = _same_key([hit.passage.doc_id for hit in hits])

    def passage_features(self) -> dict[str, Array]:
        """Return the size of each hit's groups, its rank in its section, and what its page matches."""
        same_section = self._same_section
        best = self._best_unit
        exact = np.maximum(self._matches.max_by_passage(self._matches.unit_exact), self._matches.heading_exact)
        at_least_as_good = same_section & (best[np.newaxis] >= best[:, np.newaxis])
        page = np.stack([exact[on_page].max(axis=0) for on_page in self._same_page]) @ self._matches.weights
        return {
            "log_section_hits": np.log1p(same_section.sum(axis=1)),
            "log_rank_in_section": np.log1p(at_least_as_good.sum(axis=1)),
            "best_unit_coverage_above_section": best - (same_section @ best) / same_section.sum(axis=1),
            "document_share": self._same_document.mean(axis=1),
            "page_coverage": page,
            "page_coverage_below_best": page - page.max(),
            "page_share": self._same_page.sum(axis=1) / len(same_section),
        }

    def unit_features(self) -> dict[str, object]:
        """Return how much more each unit matches than the best units of its section on average."""
        mean = (self._same_section @ self._best_unit) / self._same_section.sum(axis=1)
        return {"coverage_above_section": self._matches.coverage() - mean[self._matches.owners]}


def _same_key(keys: Sequence[object]) -> NDArray[np.bool_]:
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    groups = np.array([numbers[key] for key in keys])
    is_same: NDArray[np.bool_] = groups[:, np.newaxis] == groups
    return is_same


def search_features(features: Mapping[str, Array], hits: Sequence[Hit]) -> dict[str, Array]:
    """Return the features of the search: as they are, standardised, and relative to the best hit; then the rank."""
    searched = np.stack([features[name] for name in FEATURES], axis=1)
    spread = np.maximum(searched.std(axis=0), _MIN_SPREAD)
    scores = np.array([hit.score for hit in hits], np.float32)
    standardised = (searched - searched.mean(axis=0)) / spread
    below_best = searched - searched.max(axis=0)
    return {
        **features,
        **{f"{name}_standardised": column for name, column in zip(FEATURES, standardised.T, strict=True)},
        **{f"{name}_below_best": column for name, column in zip(FEATURES, below_best.T, strict=True)},
        "score_below_best": scores - scores.max(),
        "log_rank": np.log1p(np.arange(len(hits))),
    }


def match_features(matches: TermMatches) -> dict[str, Array]:
    """Return the weighted shares of terms that body, headings and best unit match, and the weightiest missing term."""
    weights = matches.weights
    body = matches.max_by_passage(matches.unit_exact)
    exact = np.maximum(body, matches.heading_exact)
    similar = np.maximum(matches.max_by_passage(matches.unit_similar), matches.heading_similar)
    best_unit = matches.best_unit_coverage()
    coverage = exact @ weights
    return {
        "body_coverage": body @ weights,
        "coverage": coverage,
        "heading_coverage": matches.heading_exact @ weights,
        "similarity": similar @ weights,
        "best_unit_coverage": best_unit,
        "best_unit_coverage_below_best": best_unit - best_unit.max(),
        "coverage_below_best": coverage - coverage.max(),
        "weightiest_missing_term": ((1 - exact) * weights).max(axis=1),
        "weightiest_dissimilar_term": ((1 - similar) * weights).max(axis=1),
    }


def unit_features(query: Query, units: Sequence[UnitText], matches: TermMatches, labels: Array) -> dict[str, object]:
    """Return what each unit matches by itself and with its surroundings, its position, and its kinds of tokens.

    `labels` (u, t) is 1 if the label of a unit has the term.
    """
    kinds = np.array([unit.kinds for unit in units], np.float32).reshape(len(units), len(TOKEN_KINDS))
    terms = set(matches.words)
    return {
        **_unit_match_features(matches),
        **_position_features(matches),
        "shared_letter_runs": _shared_letter_runs(query, units),
        "label_coverage": labels @ matches.weights,
        **_cell_features(units, matches),
        "log_other_terms": np.log1p([len(frozenset().union(*unit.cells) - terms) for unit in units]),
        "log_characters": np.log1p([unit.end - unit.start for unit in units]),
        "has_label": [unit.has_label for unit in units],
        "is_question": [unit.is_question for unit in units],
        "has_counter": [unit.has_counter(query.counter) for unit in units],
        **{f"has_{kind}": column for kind, column in zip(TOKEN_KINDS, kinds.T, strict=True)},
    }


def _unit_match_features(matches: TermMatches) -> dict[str, object]:
    weights = matches.weights
    owners = matches.owners
    exact = matches.unit_exact
    heading = matches.heading_exact[owners]
    with_heading = np.maximum(exact, heading)
    with_previous, with_both = matches.match_neighbours()
    coverage = matches.coverage()
    coverage_with_heading = with_heading @ weights
    in_passage = matches.max_by_passage(exact)[owners]
    similar_with_heading = np.maximum(matches.unit_similar, matches.heading_similar[owners])
    return {
        "coverage": coverage,
        "similarity": matches.unit_similar @ weights,
        "coverage_with_headings": coverage_with_heading,
        "similarity_with_headings": similar_with_heading @ weights,
        "coverage_with_previous": np.maximum(with_previous, heading) @ weights,
        "coverage_with_neighbours": np.maximum(with_both, heading) @ weights,
        "coverage_below_best_of_passage": coverage - matches.best_unit_coverage()[owners],
        "coverage_below_best": coverage - coverage.max(initial=0),
        "coverage_with_headings_below_best": coverage_with_heading - coverage_with_heading.max(initial=0),
        "coverage_of_rest_of_passage": (in_passage * (1 - exact)) @ weights,
        "weightiest_missing_term": ((1 - with_heading) * weights).max(axis=1),
        "cosine": matches.unit_cosine,
        **{f"coverage_at_cosine_{kernel}": (matches.unit_similar > kernel) @ weights for kernel in KERNELS},
    }


def _position_features(matches: TermMatches) -> dict[str, object]:
    owners = matches.owners
    unit_counts = np.bincount(owners, minlength=matches.passage_count)
    first_units = np.cumsum(unit_counts) - unit_counts
    return {
        "log_units_of_passage": np.log1p(unit_counts[owners]),
        "log_position": np.log1p(np.arange(len(owners)) - first_units[owners]),
        "is_first": np.diff(owners, prepend=-1) > 0,
        "is_last": np.diff(owners, append=matches.passage_count) > 0,
    }


def _shared_letter_runs(query: Query, units: Sequence[UnitText]) -> Array:
    is_of_question = np.zeros(NGRAM_BUCKETS, np.float32)
    is_of_question[letter_runs(query.text)] = 1
    unit_of_run = np.repeat(np.arange(len(units)), np.array([len(unit.runs) for unit in units], np.int64))
    runs = np.concatenate([np.zeros(0, np.int32), *(unit.runs for unit in units)])
    shared = np.bincount(unit_of_run, is_of_question[runs], len(units))
    shares: Array = (shared / max(1.0, is_of_question.sum())).astype(np.float32)
    return shares


def _cell_features(units: Sequence[UnitText], matches: TermMatches) -> dict[str, object]:
    weight_of = dict(zip(matches.words, matches.weights.tolist(), strict=True))
    words = frozenset(weight_of)
    weights_of_units = [[sum(map(weight_of.__getitem__, cell & words)) for cell in unit.cells] for unit in units]
    return {
        "best_cell_coverage": [max(cell_weights) for cell_weights in weights_of_units],
        "first_cell_coverage": [cell_weights[0] for cell_weights in weights_of_units],
        "log_cells": np.log1p([len(cell_weights) for cell_weights in weights_of_units]),
    }
