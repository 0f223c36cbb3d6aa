"""How passages and units match the terms of a question, and the features computed from it."""

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.answering.retrieval.features import FEATURES
from bot.answering.retrieval.query_representation import CharacterMatches
from bot.answering.state import Hit
from bot.answering.state.query import Query
from ingest.index.index import Index
from ingest.terms.flow import BODY_MARK
from ingest.terms.units import UNIT_FLAGS, plain_letters

Array = NDArray[np.float32]
Indices = NDArray[np.int64]

_EPSILON = 1e-6
NGRAM_BUCKETS = 8192
"""Hash buckets of character n-grams; a collision matters little among all n-grams of a text."""
_MAX_NGRAM_LENGTH = 3


class UnitTable:
    """The units of passages as the build has stored them: u units with c cells and m index terms, all in order.

    Attributes:
        cells: (c,), records of `ingest.terms.units.CELL`.
        unit_of_cell: (c,), the unit of each cell.
        first_cells: (u,), the first cell of each unit.
        owners: (u,), the passage of each unit.
        letters: the code points of the letters of all units (`ingest.terms.units.plain_letters`).
        terms, cell_of_term, is_label: (m,), the number of each term, its cell, and whether it is in a label or head.
        heading_terms, passage_of_heading: (h,), the numbers of the terms of titles and headings, and their passages.
        passage_count: the number of passages.
    """

    def __init__(self, index: Index, rows: Indices) -> None:
        self.passage_count = len(rows)
        terms, passage_of_term = index.term_sequences.gather(rows)
        is_body = np.arange(len(terms)) > np.flatnonzero(terms == BODY_MARK)[passage_of_term]
        is_heading = ~is_body & (terms >= 0)
        self.heading_terms = terms[is_heading]
        self.passage_of_heading = passage_of_term[is_heading]
        self.letters = index.unit_letters.gather(rows)[0]
        cells, passage_of_cell = index.units.gather(rows)
        self.cells = cells
        self.terms = terms[is_body & (terms >= 0)]
        is_first = np.diff(cells["start"], prepend=-1) != 0
        is_first |= np.diff(passage_of_cell, prepend=-1) != 0
        self.unit_of_cell = np.cumsum(is_first) - 1
        self.first_cells = np.flatnonzero(is_first)
        self.owners = passage_of_cell[self.first_cells]
        counts = cells["terms"]
        self.cell_of_term = np.repeat(np.arange(len(counts)), counts)
        place_in_cell = np.arange(len(self.terms)) - np.repeat(np.cumsum(counts) - counts, counts)
        self.is_label = place_in_cell < cells["label_terms"][self.cell_of_term]

    @property
    def units(self) -> NDArray[np.void]:
        """The first cell of each unit, (u,), which has its place and flags."""
        return self.cells[self.first_cells]

    def match_letters(self, text: str) -> CharacterMatches:
        """Return the units for comparison with the letters of a text."""
        units = np.repeat(self.unit_of_cell, self.cells["letters"])
        return CharacterMatches(text, self.letters, units, len(self.owners))

    @property
    def unit_of_term(self) -> Indices:
        """The unit of each term, (m,)."""
        return self.unit_of_cell[self.cell_of_term]


class TermMatches:
    """How the units and headings of passages match the terms of a question.

    A question without terms gets one term that matches nothing.

    Attributes:
        table: the units.
        words: the t terms.
        weights: (t,), summing to 1; 0 for interrogatives.
        term_table: (t, d + 2), the vector, weight and relative position of each term.
        unit_exact, heading_exact: (u, t) and (p, t), 1 if the text contains the term.
        unit_similar, heading_similar: (u, t) and (p, t), the greatest cosine of the term with a word of the text, 0-1
            (late interaction, Khattab and Zaharia 2020, arXiv:2004.12832).
        label_exact: (u, t), 1 if the label or the column heads of the unit contain the term.
        best_cell, first_cell: (u,), the weighted share of terms in the best and in the first cell of each unit.
        other_terms: (u,), the number of other distinct terms of each unit.
        unit_cosine: (u,), the cosine of the pooled words of unit and question.
    """

    def __init__(self, index: Index, query: Query, table: UnitTable) -> None:
        self.table = table
        self.owners = table.owners
        self.words = [term.text for term in query.terms] or [""]
        weights = np.array([0.0 if term.is_interrogative else term.weight for term in query.terms] or [0.0], np.float32)
        self.weights: Array = weights / max(float(weights.sum()), _EPSILON)
        term_vectors, term_importance = index.lexicon.look_up(self.words)
        order = np.linspace(0, 1, len(self.words), dtype=np.float32)
        self.term_table: Array = np.column_stack([term_vectors, self.weights, order]).astype(np.float32)

        distinct, rows = np.unique(np.concatenate([table.terms, table.heading_terms]), return_inverse=True)
        vectors, importance = index.lexicon.directions[distinct], index.lexicon.importance[distinct]
        numbers = np.array([index.keyword.term_numbers.get(word, -1) for word in self.words])
        exact = (distinct[:, np.newaxis] == numbers).astype(np.float32)
        both = np.concatenate([exact, np.maximum(vectors @ term_vectors.T, exact)], axis=1)
        in_units, in_headings = np.split(rows, [len(table.terms)])
        unit_count, width = len(table.owners), len(self.words)
        unit_of_term = table.unit_of_term
        matched = _maximum_by_text(both[in_units], unit_of_term, unit_count)
        self.unit_exact, self.unit_similar = matched[:, :width], matched[:, width:]
        matched = _maximum_by_text(both[in_headings], table.passage_of_heading, table.passage_count)
        self.heading_exact, self.heading_similar = matched[:, :width], matched[:, width:]
        labels = exact[in_units[table.is_label]]
        self.label_exact = _maximum_by_text(labels, unit_of_term[table.is_label], unit_count)
        by_cell = _maximum_by_text(exact[in_units], table.cell_of_term, len(table.cells)) @ self.weights
        self.best_cell = np.maximum.reduceat(by_cell, table.first_cells) if unit_count else by_cell
        self.first_cell = by_cell[table.first_cells]
        # The number of times that each unit has each word, (u, words).
        counts = np.bincount(unit_of_term * len(distinct) + in_units, minlength=unit_count * len(distinct))
        counts = counts.reshape(unit_count, len(distinct))
        self.other_terms = np.count_nonzero(counts[:, ~exact.any(axis=1)], axis=1)
        pooled = counts.astype(np.float32) @ (vectors * importance[:, np.newaxis])
        self.unit_cosine = _cosine(pooled, term_importance @ term_vectors)

    def coverage(self) -> Array:
        """Return the weighted share of terms that each unit contains, (u,)."""
        shares: Array = self.unit_exact @ self.weights
        return shares

    def best_unit_coverage(self) -> Array:
        """Return the greatest weighted share of terms that a unit of each passage contains, (p,)."""
        return self.max_by_passage(self.coverage()[:, np.newaxis])[:, 0]

    def max_by_passage(self, table: Array) -> Array:
        """Return the maximum over the units of each passage, (p, columns); 0 for a passage without units."""
        maximum = np.zeros((self.table.passage_count, table.shape[1]), np.float32)
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


def _maximum_by_text(table: Array, texts: Indices, count: int) -> Array:
    # 0 without rows; `texts` are ascending.
    maximum = np.zeros((count, table.shape[1]), np.float32)
    if len(texts):
        starts = np.flatnonzero(np.diff(texts, prepend=-1))
        maximum[texts[starts]] = np.maximum.reduceat(table, starts, axis=0)
    return maximum


def _cosine(rows: Array, vector: Array) -> Array:
    lengths = np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(vector)), _EPSILON)
    cosine: Array = (rows @ vector / np.maximum(lengths, _EPSILON)).astype(np.float32)
    return cosine


# Cosines from which a word counts as similar to a term (kernels as in Xiong et al. 2017, arXiv:1706.06613).
KERNELS = (0.9, 0.7, 0.55, 0.4)
# Keeps features that hardly differ among the hits of a question from being scaled up.
_MIN_SPREAD = 0.02


def group_features(matches: TermMatches, hits: Sequence[Hit]) -> tuple[dict[str, Array], dict[str, object]]:
    """Return features of passages and of units among the hits of the same section, page and document.

    Of passages, the size of these groups, the rank in the section, and what the page matches; of units, how much more
    each matches than the best units of its section on average. Rows of one table match nearly the same terms.
    """
    best = matches.best_unit_coverage()
    same_section = _same_key([(hit.passage.doc_id, *hit.passage.path) for hit in hits])
    same_page = _same_key([(hit.passage.doc_id, hit.passage.page or hit.passage.id) for hit in hits])
    same_document = _same_key([hit.passage.doc_id for hit in hits])
    exact = np.maximum(matches.max_by_passage(matches.unit_exact), matches.heading_exact)
    at_least_as_good = same_section & (best[np.newaxis] >= best[:, np.newaxis])
    page = np.stack([exact[on_page].max(axis=0) for on_page in same_page]) @ matches.weights
    section_mean = (same_section @ best) / same_section.sum(axis=1)
    of_passages = {
        "log_section_hits": np.log1p(same_section.sum(axis=1)),
        "log_rank_in_section": np.log1p(at_least_as_good.sum(axis=1)),
        "best_unit_coverage_above_section": best - section_mean,
        "document_share": same_document.mean(axis=1),
        "page_coverage": page,
        "page_coverage_below_best": page - page.max(),
        "page_share": same_page.sum(axis=1) / len(same_section),
    }
    return of_passages, {"coverage_above_section": matches.coverage() - section_mean[matches.owners]}


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


def unit_features(query: Query, matches: TermMatches) -> dict[str, object]:
    """Return what each unit matches by itself and with its surroundings, its position, and its kinds of tokens."""
    table = matches.table
    counted = f"0{query.counter}"[:_MAX_NGRAM_LENGTH] if query.counter else ""
    return {
        **_unit_match_features(matches),
        **_position_features(matches),
        "shared_letter_runs": _shared_letter_runs(query, table),
        "label_coverage": matches.label_exact @ matches.weights,
        "best_cell_coverage": matches.best_cell,
        "first_cell_coverage": matches.first_cell,
        "log_cells": np.log1p(np.bincount(table.unit_of_cell, minlength=len(table.owners))),
        "log_other_terms": np.log1p(matches.other_terms),
        "log_characters": np.log1p(table.units["end"] - table.units["start"]),
        "has_counter": table.match_letters(counted).match_runs([counted] if counted else []).any(axis=1),
        **{name: table.units["flags"] >> bit & 1 for bit, name in enumerate(UNIT_FLAGS)},
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
    unit_counts = np.bincount(owners, minlength=matches.table.passage_count)
    first_units = np.cumsum(unit_counts) - unit_counts
    return {
        "log_units_of_passage": np.log1p(unit_counts[owners]),
        "log_position": np.log1p(np.arange(len(owners)) - first_units[owners]),
        "is_first": np.diff(owners, prepend=-1) > 0,
        "is_last": np.diff(owners, append=matches.table.passage_count) > 0,
    }


def _shared_letter_runs(query: Query, table: UnitTable) -> Array:
    matches = table.match_letters(plain_letters(query.text))
    shared = np.concatenate([matches.match_ngrams(n) for n in range(1, _MAX_NGRAM_LENGTH + 1)], axis=1)
    shares: Array = shared.sum(axis=1, dtype=np.float32) / np.float32(max(1, shared.shape[1]))
    return shares


def letter_runs(text: str) -> NDArray[np.int32]:
    """Return the hashes of the distinct 1- to 3-grams of the letters of normalised `text`."""
    plain = plain_letters(text)
    ngrams = {plain[i : i + n] for n in range(1, _MAX_NGRAM_LENGTH + 1) for i in range(len(plain) - n + 1)}
    hashes = {crc32(ngram.encode("utf-8", "replace")) % NGRAM_BUCKETS for ngram in ngrams}
    return np.array(sorted(hashes), np.int32)
