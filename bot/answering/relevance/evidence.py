"""The evidence-based relevance model (ONNX) and its input: features of passages and units.

`lab.training.relevance` defines its layers, trains and exports it. Shapes: p passages, u units of them in order, t
terms of the question, d dimensions of word vectors.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.answering.relevance import evidence_features
from bot.answering.relevance.evidence_features import KERNELS, Array, Indices, TermMatches, UnitTable
from bot.answering.retrieval.features import FEATURES, compute_features
from bot.answering.retrieval.query_representation import QueryRepresentation
from bot.answering.state import Hit
from bot.answering.state.query import AnswerType, Query
from bot.answering.token_batches import open_session
from bot.errors import BotError
from ingest.index.index import Index
from ingest.japanese.tokenise import words
from ingest.terms.units import TOKEN_KINDS

# Kinds of passages that have a feature.
_PASSAGE_KINDS = ("row", "list")
# Kinds of documents that have a feature.
_DOCUMENT_KINDS = ("plan", "meeting", "faq", "notice")
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
"""The columns of `Evidence.passages`; "coverage" is a weighted share of terms."""
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
    *(f"coverage_at_cosine_{kernel}" for kernel in KERNELS),
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
"""The columns of `Evidence.units`."""


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


def hit_rows(index: Index, hits: Sequence[Hit]) -> NDArray[np.int64]:
    """Return the rows of the hits in their index."""
    return np.array([index.passage_row(hit.passage.id) for hit in hits], np.int64)


def collect_evidence(
    representation: QueryRepresentation, query: Query, hits: Sequence[Hit], table: UnitTable | None = None
) -> Evidence:
    """Return the evidence of at least one hit; passages without text have no units.

    Args:
        representation: the representation of the topic of `query`.
        hits: passages of its index.
        table: their units, all by default; a training leaves out those that answer.
    """
    index = representation.index
    rows = hit_rows(index, hits)
    table = table or UnitTable(index, rows)
    matches = TermMatches(index, query, table)
    passage_groups, unit_groups = evidence_features.group_features(matches, hits)
    units = table.units
    bounds = tuple(zip(units["start"].tolist(), units["end"].tolist(), strict=True))
    documents = [index.document(hit.passage.doc_id) for hit in hits]
    titles = [_title_terms(document.title) if document else frozenset() for document in documents]
    document_kinds = [document.kind if document else "other" for document in documents]
    in_titles = np.array([[word in title for word in matches.words] for title in titles], np.float32)
    passage_features: dict[str, object] = {
        **evidence_features.search_features(compute_features(representation, rows), hits),
        **evidence_features.match_features(matches),
        "title_coverage": in_titles @ matches.weights,
        **passage_groups,
        "log_units": np.log1p(np.bincount(table.owners, minlength=len(hits))),
        "weightiest_term": np.full(len(hits), matches.weights.max()),
        "log_characters": np.log1p([len(hit.passage.text) for hit in hits]),
        **{f"is_{kind}": [hit.passage.kind == kind for hit in hits] for kind in _PASSAGE_KINDS},
        **{f"is_of_{kind}": [document_kind == kind for document_kind in document_kinds] for kind in _DOCUMENT_KINDS},
        "log_question_terms": np.full(len(hits), np.log1p(len(query.terms))),
        **{f"asks_for_{kind.value}": np.full(len(hits), query.answer_type is kind) for kind in AnswerType},
        "is_of_named_document": [hit.passage.doc_id in query.scope.named for hit in hits],
    }
    return Evidence(
        passages=_table(passage_features, PASSAGE_FEATURES),
        units=_table(evidence_features.unit_features(query, matches) | unit_groups, UNIT_FEATURES),
        owners=table.owners,
        terms=matches.term_table,
        matches=np.stack(
            [matches.unit_exact, matches.unit_similar, matches.match_neighbours()[1], matches.label_exact], axis=2
        ),
        headings=np.stack([matches.heading_exact, matches.heading_similar], axis=2),
        runs=evidence_features.letter_runs(query.text),
        bounds=bounds,
    )


# The passages of a document share its title.
@lru_cache(maxsize=4096)
def _title_terms(title: str) -> frozenset[str]:
    return frozenset(words(title))


def _table(columns: Mapping[str, object], names: Sequence[str]) -> Array:
    return np.stack([np.asarray(columns[name], np.float32) for name in names], axis=1)


SHIPPED = Path(__file__).with_name("reader.onnx")
INPUTS = ("passages", "units", "owners", "terms", "matches", "headings", "runs")
"""The fields of `Evidence` that the model reads."""
OUTPUTS = ("of_units", "of_passages", "of_whole")


COLUMNS = {"passages": PASSAGE_FEATURES, "units": UNIT_FEATURES}
"""What is computed for the inputs that have a column for each feature; a model's metadata name the columns it reads."""


class RelevanceModel:
    """An open model, safe to share between threads; a feature that it was not trained with is ignored."""

    def __init__(self, model: bytes) -> None:
        """Open a model. Raises BotError if it reads features that are not computed; onnxruntime's for another file."""
        self._session = open_session(model)
        metadata = self._session.get_modelmeta().custom_metadata_map
        self._columns: dict[str, list[int]] = {}
        for name, computed in COLUMNS.items():
            read = json.loads(metadata[name])
            if missing := [feature for feature in read if feature not in computed]:
                raise BotError(
                    f"関連の判定のモデルが読む特徴「{'」「'.join(missing)}」を、プログラムが計算していません。"
                    "`python -m lab train relevance` で学習し直すか、その特徴を戻してください。"
                )
            self._columns[name] = [computed.index(feature) for feature in read]

    def __call__(self, evidence: Evidence) -> tuple[Array, Array, float]:
        """Return the probabilities (0-1) that each unit (u,), each passage (p,), and any passage answers."""
        inputs = {name: getattr(evidence, name) for name in INPUTS}
        inputs |= {name: inputs[name][:, columns] for name, columns in self._columns.items()}
        inputs["runs"] = evidence.runs.astype(np.int64)
        units, passages, confidence = self._session.run(list(OUTPUTS), inputs)
        return units, passages, float(confidence[0])


@cache
def shipped_relevance_model() -> RelevanceModel:
    """Return the packaged model, loaded once and shared."""
    return RelevanceModel(SHIPPED.read_bytes())
