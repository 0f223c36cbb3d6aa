"""Features of passages and units from which the relevance model predicts.

Shapes: p passages, u units of them in order, t terms of the question, d dimensions of word vectors. The order of the
feature columns is part of the trained model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.question.query import AnswerType, Query
from bot.relevance.units import TOKEN_KINDS, UnitText, heading_terms, letter_runs, unit_texts
from bot.retrieval.features import FEATURES, compute_features
from bot.retrieval.query_representation import QueryRepresentation
from bot.state import Hit
from ingest.index.index import Index

Array = NDArray[np.float32]
Indices = NDArray[np.int64]

_EPSILON = 1e-6
# Cosines from which a word counts as similar to a term (kernels as in Xiong et al. 2017, arXiv:1706.06613).
_KERNELS = (0.9, 0.7, 0.55, 0.4)
# Keeps features that hardly differ among the hits of a question from being scaled up.
_MIN_SPREAD = 0.02
_PASSAGE_KINDS, _DOCUMENT_KINDS = ("row", "list"), ("plan", "meeting", "faq", "notice")
PASSAGE_FEATURES = (
    *FEATURES,
    *(f"{name}_standardised" for name in FEATURES),
    *(f"{name}_below_best" for name in FEATURES),
    "score_below_best",
    "log_rank",
    "body_coverage",
    "coverage",
    "heading_coverage",
    "similarity",
    "best_unit_coverage",
    "best_unit_coverage_below_best",
    "coverage_below_best",
    "weightiest_missing_term",
    "weightiest_dissimilar_term",
    "title_coverage",
    "log_section_hits",
    "log_rank_in_section",
    "best_unit_coverage_above_section",
    "document_share",
    "page_coverage",
    "page_coverage_below_best",
    "page_share",
    "log_characters",
    "log_units",
    *(f"is_{kind}" for kind in _PASSAGE_KINDS),
    *(f"is_of_{kind}" for kind in _DOCUMENT_KINDS),
    "log_question_terms",
    "weightiest_term",
    *(f"asks_for_{kind.value}" for kind in AnswerType),
    "is_of_named_document",
)
"""The columns of `Evidence.passages`, in the order of the trained model; "coverage" is a weighted share of terms."""
UNIT_FEATURES = (
    "coverage",
    "similarity",
    "coverage_with_headings",
    "similarity_with_headings",
    "coverage_with_previous",
    "coverage_with_neighbours",
    "coverage_below_best_of_passage",
    "coverage_below_best",
    "coverage_with_headings_below_best",
    "coverage_of_rest_of_passage",
    "weightiest_missing_term",
    "cosine",
    *(f"coverage_at_cosine_{kernel}" for kernel in _KERNELS),
    "shared_letter_runs",
    "label_coverage",
    "best_cell_coverage",
    "first_cell_coverage",
    "log_cells",
    "coverage_above_section",
    "log_other_terms",
    "log_characters",
    "log_units_of_passage",
    "log_position",
    "is_first",
    "is_last",
    "has_label",
    "is_question",
    "has_counter",
    *(f"has_{kind}" for kind in TOKEN_KINDS),
)
"""The columns of `Evidence.units`, in the order of the trained model."""


class TermMatches:
    """How the units and headings of passages match the terms of a question.

    A question without terms gets one term that matches nothing.

    Attributes:
        words: the t terms.
        weights: (t,), summing to 1; 0 for interrogatives.
        term_table: (t, d + 2), the vector, weight and relative position of each term.
        owners: (u,), the passage of each unit.
        unit_exact, heading_exact: (u, t) and (p, t), 1 where the text contains the term.
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
        self.owners, self.passage_count = owners, len(headings)
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
        in_units, in_headings = _rows_of_texts(units, word_rows), _rows_of_texts(headings, word_rows)
        self.unit_exact, self.unit_similar = _max_of_texts(exact, in_units), _max_of_texts(similar, in_units)
        self.heading_exact, self.heading_similar = (
            _max_of_texts(exact, in_headings),
            _max_of_texts(similar, in_headings),
        )
        pooled = _word_counts(in_units, len(word_rows)) @ (vectors * importance[:, np.newaxis])
        self.unit_cosine = _cosine(pooled, term_importance @ term_vectors)

    def match_texts(self, texts: Sequence[Sequence[str]]) -> Array:
        """Return which terms other texts contain, each text given as its words, (texts, t)."""
        contained = [set(text) for text in texts]
        return np.array([[word in words for word in self.words] for words in contained], np.float32)

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
    """Return the row of each word of each text; each ends with the extra row that matches nothing."""
    return [np.array([*(word_rows[word] for word in text), len(word_rows)], np.int64) for text in texts]


def _max_of_texts(table: Array, rows_of_texts: Sequence[Indices]) -> Array:
    if not rows_of_texts:
        return np.zeros((0, table.shape[1]), np.float32)
    starts = np.cumsum([0, *map(len, rows_of_texts[:-1])])
    maximum: Array = np.maximum.reduceat(table[np.concatenate(rows_of_texts)], starts, axis=0)
    return maximum


def _word_counts(rows_of_texts: Sequence[Indices], word_count: int) -> Array:
    """Return how often each text has each word, (texts, words)."""
    counts = [np.bincount(rows, minlength=word_count + 1)[:word_count] for rows in rows_of_texts]
    return np.array(counts, np.float32).reshape(len(rows_of_texts), word_count)


def _cosine(rows: Array, vector: Array) -> Array:
    lengths = np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(vector)), _EPSILON)
    cosine: Array = (rows @ vector / np.maximum(lengths, _EPSILON)).astype(np.float32)
    return cosine


@dataclass(frozen=True, slots=True)
class Evidence:
    """The inputs of the relevance model; all fields but `bounds` are named as in the ONNX file.

    Attributes:
        passages: (p, PASSAGE_FEATURES), features of each passage.
        units: (u, UNIT_FEATURES), features of each unit.
        owners: (u,), the passage of each unit.
        terms: (t, d + 2), the vector, weight and relative position of each term.
        matches: (u, t, 4), whether the unit has the term, the greatest cosine with one of its words, whether the unit
            or a neighbour has it, and whether the unit's label has it.
        headings: (p, t, 2), whether the headings have the term, and the greatest cosine with one of their words.
        runs: hashed character n-grams of the question.
        bounds: start and end of each unit in its passage's text.
    """

    passages: Array
    units: Array
    owners: Indices
    terms: Array
    matches: Array
    headings: Array
    runs: NDArray[np.int32]
    bounds: tuple[tuple[int, int], ...]

    @property
    def term_weights(self) -> Array:
        """The weight of each term, (t,), as in TermMatches."""
        return self.terms[:, -2]

    @property
    def unit_has_term(self) -> Array:
        """1 where the unit has the term, (u, t)."""
        return self.matches[:, :, 0]

    @property
    def heading_has_term(self) -> Array:
        """1 where the headings of the passage have the term, (p, t)."""
        return self.headings[:, :, 0]

    @property
    def unit_has_figure(self) -> NDArray[np.bool_]:
        """Whether each unit has a figure, (u,)."""
        is_positive: NDArray[np.bool_] = self.units[:, UNIT_FEATURES.index("has_figure")] > 0
        return is_positive


def collect_evidence(representation: QueryRepresentation, query: Query, hits: Sequence[Hit]) -> Evidence:
    """Return the evidence of `hits`, of which there is at least one; passages without text have no units.

    `representation` is that of the topic of `query`. The passages are in its index, but their text may be a part of the
    indexed text.
    """
    index = representation.index
    units_of_hits = [unit_texts(hit.passage.text, is_row=hit.passage.kind == "row") for hit in hits]
    units = list(chain.from_iterable(units_of_hits))
    unit_counts = [len(units_of_hit) for units_of_hit in units_of_hits]
    owners = np.repeat(np.arange(len(hits)), unit_counts)
    documents = [index.document(hit.passage.doc_id) for hit in hits]
    titles = [heading_terms(document.title) if document else () for document in documents]
    headings = [(*title, *heading_terms("\n".join(hit.passage.path))) for title, hit in zip(titles, hits, strict=True)]
    matches = TermMatches(index, query, [unit.terms for unit in units], headings, owners)
    labels = np.array([[word in unit.label for word in matches.words] for unit in units], np.float32)
    labels = labels.reshape(matches.unit_exact.shape)
    groups = _HitGroups(matches, hits)
    rows = np.array([index.passage_row(hit.passage.id) for hit in hits], np.int64)
    searched = compute_features(representation, rows)
    document_kinds = [document.kind if document else "other" for document in documents]
    passage_features: dict[str, object] = {
        **_search_features(searched, hits),
        **_match_features(matches),
        "title_coverage": matches.match_texts(titles) @ matches.weights,
        **groups.passage_features(),
        "log_characters": np.log1p([len(hit.passage.text) for hit in hits]),
        "log_units": np.log1p(unit_counts),
        **{f"is_{kind}": [hit.passage.kind == kind for hit in hits] for kind in _PASSAGE_KINDS},
        **{f"is_of_{kind}": [other == kind for other in document_kinds] for kind in _DOCUMENT_KINDS},
        "log_question_terms": np.full(len(hits), np.log1p(len(query.terms))),
        "weightiest_term": np.full(len(hits), matches.weights.max()),
        **{f"asks_for_{kind.value}": np.full(len(hits), query.answer_type is kind) for kind in AnswerType},
        "is_of_named_document": [hit.passage.doc_id in query.scope.named for hit in hits],
    }
    unit_features = _unit_features(query, units, matches, labels) | groups.unit_features()
    return Evidence(
        passages=_table(passage_features, PASSAGE_FEATURES),
        units=_table(unit_features, UNIT_FEATURES),
        owners=owners,
        terms=matches.term_table,
        matches=np.stack([matches.unit_exact, matches.unit_similar, matches.match_neighbours()[1], labels], axis=2),
        headings=np.stack([matches.heading_exact, matches.heading_similar], axis=2),
        runs=letter_runs(query.text),
        bounds=tuple((unit.start, unit.end) for unit in units),
    )


class _HitGroups:
    """The hits of the same section, page and document; rows of one table match nearly the same terms."""

    def __init__(self, matches: TermMatches, hits: Sequence[Hit]) -> None:
        self._matches = matches
        own = matches.unit_exact @ matches.weights
        self._best_unit = matches.max_by_passage(own[:, np.newaxis])[:, 0]
        self._same_section = _same_key([(hit.passage.doc_id, *hit.passage.path) for hit in hits])
        self._same_page = _same_key([(hit.passage.doc_id, hit.passage.page or hit.passage.id) for hit in hits])
        self._same_document = _same_key([hit.passage.doc_id for hit in hits])

    def passage_features(self) -> dict[str, Array]:
        """Return the size of each hit's groups, its rank in its section, and what its page matches."""
        weights, same_section, best = self._matches.weights, self._same_section, self._best_unit
        exact = np.maximum(self._matches.max_by_passage(self._matches.unit_exact), self._matches.heading_exact)
        at_least_as_good = same_section & (best[np.newaxis] >= best[:, np.newaxis])
        page = np.stack([exact[on_page].max(axis=0) for on_page in self._same_page]) @ weights
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
        own = self._matches.unit_exact @ self._matches.weights
        return {"coverage_above_section": own - mean[self._matches.owners]}


def _same_key(keys: Sequence[object]) -> NDArray[np.bool_]:
    """Return which pairs have the same key, (n, n)."""
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    groups = np.array([numbers[key] for key in keys])
    is_same: NDArray[np.bool_] = groups[:, np.newaxis] == groups
    return is_same


def _table(columns: Mapping[str, object], names: Sequence[str]) -> Array:
    return np.stack([np.asarray(columns[name], np.float32) for name in names], axis=1)


def _search_features(features: Mapping[str, Array], hits: Sequence[Hit]) -> dict[str, Array]:
    """Return the features of the search: as they are, standardised, and relative to the best hit; then the rank."""
    searched = np.stack([features[name] for name in FEATURES], axis=1)
    spread = np.maximum(searched.std(axis=0), _MIN_SPREAD)
    scores = np.array([hit.score for hit in hits], np.float32)
    standardised, relative = (searched - searched.mean(axis=0)) / spread, searched - searched.max(axis=0)
    return {
        **features,
        **{f"{name}_standardised": column for name, column in zip(FEATURES, standardised.T, strict=True)},
        **{f"{name}_below_best": column for name, column in zip(FEATURES, relative.T, strict=True)},
        "score_below_best": scores - scores.max(),
        "log_rank": np.log1p(np.arange(len(hits))),
    }


def _match_features(matches: TermMatches) -> dict[str, Array]:
    """Return the weighted shares of terms that body, headings and best unit match, and the weightiest missing term."""
    weights = matches.weights
    body = matches.max_by_passage(matches.unit_exact)
    exact = np.maximum(body, matches.heading_exact)
    similar = np.maximum(matches.max_by_passage(matches.unit_similar), matches.heading_similar)
    best_unit = matches.max_by_passage((matches.unit_exact @ weights)[:, np.newaxis])[:, 0]
    covered = exact @ weights
    return {
        "body_coverage": body @ weights,
        "coverage": covered,
        "heading_coverage": matches.heading_exact @ weights,
        "similarity": similar @ weights,
        "best_unit_coverage": best_unit,
        "best_unit_coverage_below_best": best_unit - best_unit.max(),
        "coverage_below_best": covered - covered.max(),
        "weightiest_missing_term": ((1 - exact) * weights).max(axis=1),
        "weightiest_dissimilar_term": ((1 - similar) * weights).max(axis=1),
    }


def _unit_features(query: Query, units: Sequence[UnitText], matches: TermMatches, labels: Array) -> dict[str, object]:
    """Return what each unit matches by itself and with its surroundings, its position, and its kinds of tokens."""
    weights, owners, exact = matches.weights, matches.owners, matches.unit_exact
    heading = matches.heading_exact[owners]
    with_heading = np.maximum(exact, heading)
    with_previous, with_both = matches.match_neighbours()
    own, covered = exact @ weights, with_heading @ weights
    passage = matches.max_by_passage(exact)[owners]
    best = matches.max_by_passage(own[:, np.newaxis])[owners, 0]
    is_first, is_last = np.diff(owners, prepend=-1) > 0, np.diff(owners, append=matches.passage_count) > 0
    unit_counts = np.bincount(owners, minlength=matches.passage_count)
    position = np.arange(len(owners)) - (np.cumsum(unit_counts) - unit_counts)[owners]
    question_runs, terms = set(letter_runs(query.text).tolist()), set(matches.words)
    kinds = np.array([unit.kinds for unit in units], np.float32).reshape(len(units), len(TOKEN_KINDS))
    return {
        "coverage": own,
        "similarity": matches.unit_similar @ weights,
        "coverage_with_headings": covered,
        "similarity_with_headings": np.maximum(matches.unit_similar, matches.heading_similar[owners]) @ weights,
        "coverage_with_previous": np.maximum(with_previous, heading) @ weights,
        "coverage_with_neighbours": np.maximum(with_both, heading) @ weights,
        "coverage_below_best_of_passage": own - best,
        "coverage_below_best": own - own.max(initial=0),
        "coverage_with_headings_below_best": covered - covered.max(initial=0),
        "coverage_of_rest_of_passage": (passage * (1 - exact)) @ weights,
        "weightiest_missing_term": ((1 - with_heading) * weights).max(axis=1),
        "cosine": matches.unit_cosine,
        **{f"coverage_at_cosine_{kernel}": (matches.unit_similar > kernel) @ weights for kernel in _KERNELS},
        "shared_letter_runs": [
            len(question_runs.intersection(unit.runs.tolist())) / max(1, len(question_runs)) for unit in units
        ],
        "label_coverage": labels @ weights,
        **_cell_features(units, matches),
        "log_other_terms": np.log1p([len(set(unit.terms) - terms) for unit in units]),
        "log_characters": np.log1p([unit.end - unit.start for unit in units]),
        "log_units_of_passage": np.log1p(unit_counts[owners]),
        "log_position": np.log1p(position),
        "is_first": is_first,
        "is_last": is_last,
        "has_label": [unit.has_label for unit in units],
        "is_question": [unit.is_question for unit in units],
        "has_counter": [unit.has_counter(query.counter) for unit in units],
        **{f"has_{kind}": column for kind, column in zip(TOKEN_KINDS, kinds.T, strict=True)},
    }


def _cell_features(units: Sequence[UnitText], matches: TermMatches) -> dict[str, object]:
    """Return for each unit the term weight of its best cell and of its first, and the number of its cells."""
    weight_of = dict(zip(matches.words, matches.weights.tolist(), strict=True))
    weights_of_units = [
        [sum(weight_of[word] for word in cell & weight_of.keys()) for cell in unit.cells] for unit in units
    ]
    return {
        "best_cell_coverage": [max(cell_weights) for cell_weights in weights_of_units],
        "first_cell_coverage": [cell_weights[0] for cell_weights in weights_of_units],
        "log_cells": np.log1p([len(cell_weights) for cell_weights in weights_of_units]),
    }
