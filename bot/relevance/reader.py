"""Scores the hits of a query with the relevance models, or with a fallback."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, groupby
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.relevance.cross_lingual import read_by_embedding
from bot.relevance.evidence import Evidence, collect_evidence
from bot.relevance.overlap import read_by_overlap
from bot.relevance.relevance_model import SHIPPED, RelevanceModel, shipped_relevance_model
from bot.relevance.token_model import SHIPPED as TOKENS
from bot.relevance.token_model import TokenReader, shipped_token_reader
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.state import Hit, Reading, ScoredPassage, Unit
from bot.state.query import Query

_log = logging.getLogger(__name__)
_Model = TypeVar("_Model", RelevanceModel, TokenReader)
# A unit with this weighted share of the question's terms, headings included, raises the confidence, because the model
# is unsure in a small index. Of 399 unanswerable questions 5 have such a unit, of 946 answerable 115 (decision 015).
_FULL_COVERAGE = 0.95
# The least confidence with such a unit.
_FULL_COVERAGE_CONFIDENCE = 0.8
# Keeps logits finite.
_EPSILON = 1e-6
# Weight of the page's retrieval score in a passage's logit; .5 gives the same first pages (decision 006).
_PAGE_WEIGHT = 0.3
# How far a proposed query raises a probability towards the one it gives. Of 40 colloquial questions .975, not .800,
# have a relevant passage among the first four; with wrong proposals .750 (decision 067).
_PROPOSAL_WEIGHT = 0.3
_WORD = re.compile(r"[^\W\d_]{2}")
# This many consecutive lines without a word are the axis labels of a chart.
_MIN_AXIS_LINES = 3


class Reader:
    """Scores how likely each unit and passage answers, and whether any does; safe to share between threads.

    `problem` explains in Japanese why a model is not used; "" if both are used.
    """

    def __init__(
        self,
        representations: QueryRepresentationCache,
        relevance_path: Path | None = None,
        token_path: Path | None = None,
    ) -> None:
        """Open the models, by default the packaged ones."""
        self._representations = representations
        self.problem = ""
        load_relevance = RelevanceModel.load if relevance_path else lambda _: shipped_relevance_model()
        self._relevance_model = self._open(
            load_relevance, relevance_path or SHIPPED, "語の重なりで読み取ります", "train"
        )
        load_tokens = TokenReader.load if token_path else lambda _: shipped_token_reader()
        self._token_model = self._open(load_tokens, token_path or TOKENS, "語の並びは読みません", "tokens")

    def read(self, query: Query, hits: Sequence[Hit]) -> Reading:
        """Return the reading of `hits`, best first; without a model, scores are by word overlap.

        The model was trained on Japanese questions: other languages are scored by embedding.
        """
        if query.is_foreign and hits:
            return read_by_embedding(self._representations.index, self._representations.encoder, query, hits)
        if self._relevance_model is None or not hits:
            return read_by_overlap(query, hits)
        evidence = collect_evidence(self._representations(query.topic), query, hits)
        unit_scores, scores, confidence = self._relevance_model(evidence)
        if self._token_model is not None:
            passages = [hit.passage for hit in hits]
            unit_scores, scores, confidence = self._token_model.combine_with_evidence(
                query.text, passages, unit_scores, scores, confidence
            )
        if _best_term_coverage(evidence, query) >= _FULL_COVERAGE:
            confidence = max(confidence, _FULL_COVERAGE_CONFIDENCE)
        scores = _adjust_by_page_score(scores, hits)
        units: list[list[Unit]] = [[] for _ in hits]
        for owner, (start, end), probability in zip(evidence.owners, evidence.bounds, unit_scores, strict=True):
            units[owner].append(Unit(start, end, float(probability)))
        order = sorted(range(len(hits)), key=lambda i: -scores[i])
        scored = (
            ScoredPassage(hits[i], float(scores[i]), _suppress_chart_axes(units[i], hits[i].passage.text))
            for i in order
        )
        return Reading(tuple(scored), confidence)

    def _open(self, load: Callable[[Path], _Model], path: Path, fallback: str, command: str) -> _Model | None:
        try:
            return load(path)
        except Exception as error:  # noqa: BLE001 -- questions are answered without a model that cannot be opened
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            self.problem += (
                f"読み取りのモデル「{path.name}」を使えません（{reason}）。{fallback}。"
                f"パッケージを入れ直すか、`python -m eval train {command}` で作り直してください。"
            )
            _log.warning("The reader's model %s cannot be used: %s", path, reason)
            return None


def raise_by_proposals(reading: Reading, proposed: Sequence[Reading]) -> Reading:
    """Return a reading with the probabilities raised if proposed queries give the hits higher ones.

    The confidence stays that of the person's question.
    """
    if not proposed:
        return reading
    by_passage = [{scored.hit.passage.id: scored for scored in other.passages} for other in proposed]
    raised = [
        _raise_passage(scored, [passages[scored.hit.passage.id] for passages in by_passage])
        for scored in reading.passages
    ]
    return replace(reading, passages=tuple(sorted(raised, key=lambda scored: -scored.probability)))


def _raise_passage(scored: ScoredPassage, proposed: Sequence[ScoredPassage]) -> ScoredPassage:
    best_of_units = {(unit.start, unit.end): 0.0 for unit in scored.units}
    for unit in chain.from_iterable(other.units for other in proposed):
        span = unit.start, unit.end
        best_of_units[span] = max(best_of_units.get(span, 0.0), unit.probability)
    units = [
        replace(unit, probability=_raise_probability(unit.probability, best_of_units[unit.start, unit.end]))
        for unit in scored.units
    ]
    best = max(other.probability for other in proposed)
    return replace(scored, probability=_raise_probability(scored.probability, best), units=tuple(units))


def _raise_probability(probability: float, proposed: float) -> float:
    return probability + _PROPOSAL_WEIGHT * max(0.0, proposed - probability)


def _adjust_by_page_score(scores: NDArray[np.float32], hits: Sequence[Hit]) -> NDArray[np.float32]:
    """Return the probabilities lowered if retrieval ranks the page below others; unchanged without a page.

    A slide or sheet answers as a whole, and the retrieval score includes the words of the page.
    """
    page_scores: dict[tuple[str, int], float] = {}
    for hit in hits:
        if hit.passage.page is not None:
            page = hit.passage.doc_id, hit.passage.page
            page_scores[page] = max(page_scores.get(page, -np.inf), hit.score)
    top = max((hit.score for hit in hits), default=0.0)
    gaps = [page_scores.get((hit.passage.doc_id, hit.passage.page or 0), top) - top for hit in hits]
    clipped = np.clip(scores, _EPSILON, 1 - _EPSILON)
    odds_against = (1 - clipped) / clipped * np.exp(-_PAGE_WEIGHT * np.array(gaps, np.float32))
    probability: NDArray[np.float32] = 1 / (1 + odds_against)
    return probability


def _suppress_chart_axes(units: Sequence[Unit], text: str) -> tuple[Unit, ...]:
    result: list[Unit] = []
    for has_words, run in groupby(units, lambda unit: bool(_WORD.search(text[unit.start : unit.end]))):
        lines = list(run)
        is_axis = not has_words and len(lines) >= _MIN_AXIS_LINES
        result += [replace(unit, probability=0.0) for unit in lines] if is_axis else lines
    return tuple(result)


def _best_term_coverage(evidence: Evidence, query: Query) -> float:
    """Return the greatest weighted share of the question's terms in a unit and its headings, 0-1.

    For a question that asks for a number, headings do not count and the unit must have a number, because the headings
    of a near miss name the same subject.
    """
    is_interrogative = np.array([term.is_interrogative for term in query.terms] or [False])
    weights = np.where(is_interrogative, 0, evidence.term_weights)
    exact = evidence.unit_has_term
    if is_interrogative.any():
        exact = exact[evidence.unit_has_figure]
    else:
        exact = np.maximum(exact, evidence.heading_has_term[evidence.owners])
    return float((exact @ weights).max(initial=0) / max(float(weights.sum()), _EPSILON))
