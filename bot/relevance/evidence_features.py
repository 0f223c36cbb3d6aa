"""Computes the features of passages and units by name; `evidence` puts them into the order of the trained model."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.relevance.term_matches import Array, TermMatches
from bot.relevance.units import TOKEN_KINDS, UnitText, letter_runs
from bot.retrieval.features import FEATURES
from bot.state import Hit
from bot.state.query import Query

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
        "log_other_terms": np.log1p([len(set(unit.terms) - terms) for unit in units]),
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


def _shared_letter_runs(query: Query, units: Sequence[UnitText]) -> list[float]:
    question_runs = set(letter_runs(query.text).tolist())
    return [len(question_runs.intersection(unit.runs.tolist())) / max(1, len(question_runs)) for unit in units]


def _cell_features(units: Sequence[UnitText], matches: TermMatches) -> dict[str, object]:
    weight_of = dict(zip(matches.words, matches.weights.tolist(), strict=True))
    weights_of_units = [
        [sum(weight_of[word] for word in cell & weight_of.keys()) for cell in unit.cells] for unit in units
    ]
    return {
        "best_cell_coverage": [max(cell_weights) for cell_weights in weights_of_units],
        "first_cell_coverage": [cell_weights[0] for cell_weights in weights_of_units],
        "log_cells": np.log1p([len(cell_weights) for cell_weights in weights_of_units]),
    }
