"""Scores the hits of a query with the relevance models, or with the encoder for other languages."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, groupby

import numpy as np
from numpy.typing import NDArray

from bot.answering.relevance.evidence import collect_evidence, shipped_relevance_model
from bot.answering.relevance.token_model import PassageTokens, shipped_token_reader
from bot.answering.retrieval.query_representation import QueryRepresentationCache
from bot.answering.state import Hit, Relevance, ScoredPassage, Unit
from bot.answering.state.query import Query
from bot.answering.token_batches import StoredTokens
from bot.errors import BotError
from ingest.documents import Passage
from ingest.terms.units import unit_spans

# Encoding the units of a passage takes time.
_MAX_ENCODED_PASSAGES = 5
# Slope and intercept of Platt scaling (1999) of a lead to a probability, fitted to 30 English questions over two texts.
_LEAD_SLOPE = 28.0
_LEAD_INTERCEPT = -4.0
# The correct passage is first for only .7 of the questions (decision 008).
_MAX_ENCODER_CONFIDENCE = 0.7
# Keeps logits finite.
_EPSILON = 1e-6
# Weight of the page's retrieval score in a passage's logit; .5 gives the same first pages (decision 003).
_PAGE_WEIGHT = 0.3
# How far a proposed query raises a probability towards the one it gives. Of 40 colloquial questions .975, not .800,
# have a relevant passage among the first four; with wrong proposals .750 (decision 089).
_PROPOSAL_WEIGHT = 0.3
_WORD = re.compile(r"[^\W\d_]{2}")
# This many consecutive lines without a word are the axis labels of a chart.
_MIN_AXIS_LINES = 3


class RelevanceScorer:
    """Scores how likely each unit and passage answers, and whether any does; safe to share between threads."""

    def __init__(self, representations: QueryRepresentationCache) -> None:
        """Open the packaged models. Raises BotError."""
        self._representations = representations
        self._tokens = StoredTokens(representations.index)
        try:
            self._relevance_model = shipped_relevance_model()
            self._token_model = shipped_token_reader()
        except BotError:
            raise
        except Exception as error:  # onnxruntime raises errors of many kinds
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise BotError(f"読み取りのモデルを開けません（{reason}）。パッケージを入れ直してください。") from error

    def score(self, query: Query, hits: Sequence[Hit]) -> Relevance:
        """Return the relevance of `hits`, best first; questions in other languages are read by encoder similarity."""
        if not hits:
            return Relevance((), 0.0)
        if query.is_foreign:
            return self._score_by_embedding(query, hits)
        evidence = collect_evidence(self._representations(query.topic), query, hits)

        def read_passage(number: int) -> PassageTokens:
            passage = hits[number].passage
            return passage.path, self._tokens.read_units(passage)

        unit_scores, scores, confidence = self._token_model.combine_with_evidence(
            query.text, read_passage, evidence.owners, self._relevance_model(evidence)
        )
        scores = _adjust_by_page_score(scores, hits)
        units: list[list[Unit]] = [[] for _ in hits]
        for owner, (start, end), probability in zip(evidence.owners, evidence.bounds, unit_scores, strict=True):
            units[owner].append(Unit(start, end, float(probability)))
        order = sorted(range(len(hits)), key=lambda i: -scores[i])
        scored = (
            ScoredPassage(hits[i], float(scores[i]), _suppress_chart_axes(units[i], hits[i].passage.text))
            for i in order
        )
        return Relevance(tuple(scored), confidence)

    def _score_by_embedding(self, query: Query, hits: Sequence[Hit]) -> Relevance:
        # The models were trained on Japanese questions. Encoders differ in the cosine of unrelated texts, so the lead
        # over the median is more telling. The topic ranks the passages, the whole question gives the confidence.
        index, encoder = self._representations.index, self._representations.encoder
        topic = encoder.encode_query(query.topic)
        median = index.median_cosine(topic)
        hits = hits[:_MAX_ENCODED_PASSAGES]
        rows = [index.passage_row(hit.passage.id) for hit in hits]

        def score_units(passage: Passage) -> tuple[Unit, ...]:
            spans = unit_spans(passage)
            vectors = encoder.encode_documents([passage.text[start:end] for start, end in spans])
            leads = np.maximum(vectors @ topic - median, 0)
            return tuple(Unit(start, end, float(lead)) for (start, end), lead in zip(spans, leads, strict=True))

        leads = np.maximum(index.vectors[rows] @ topic - median, 0)
        passages = (
            ScoredPassage(hit, float(lead), score_units(hit.passage)) for hit, lead in zip(hits, leads, strict=True)
        )
        question = encoder.encode_query(query.text)
        best_lead = float((index.vectors[rows] @ question).max() - index.median_cosine(question))
        probability = 1 / (1 + float(np.exp(-(_LEAD_SLOPE * best_lead + _LEAD_INTERCEPT))))
        ordered = tuple(sorted(passages, key=lambda scored: -scored.probability))
        return Relevance(ordered, min(_MAX_ENCODER_CONFIDENCE, probability))


def raise_by_proposals(relevance: Relevance, proposed: Sequence[Relevance]) -> Relevance:
    """Return the relevance with the probabilities raised if proposed queries give the hits higher ones.

    The confidence stays that of the person's question.
    """
    if not proposed:
        return relevance
    by_passage = [{scored.hit.passage.id: scored for scored in other.passages} for other in proposed]
    raised = [
        _raise_passage(scored, [passages[scored.hit.passage.id] for passages in by_passage])
        for scored in relevance.passages
    ]
    return replace(relevance, passages=tuple(sorted(raised, key=lambda scored: -scored.probability)))


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
    # A slide or sheet answers as a whole, and the retrieval score includes the words of the page.
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
