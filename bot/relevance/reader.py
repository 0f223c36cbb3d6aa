"""Scores the hits of a query with the relevance models, or with a fallback."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.question.query import Query
from bot.relevance.cross_lingual import read_by_embedding
from bot.relevance.evidence import Evidence, collect_evidence
from bot.relevance.overlap import read_by_overlap
from bot.relevance.relevance_model import SHIPPED, RelevanceModel
from bot.relevance.token_model import SHIPPED as TOKENS
from bot.relevance.token_model import TokenReader, shipped_token_reader
from bot.relevance.units import FIGURE, KINDS
from bot.retrieval.query_representation import QueryRepresentationCache
from bot.state import Hit, Reading, ScoredPassage, Unit

_log = logging.getLogger(__name__)
_M = TypeVar("_M", RelevanceModel, TokenReader)
# A unit that has, with its headings, this weighted share of the question's terms raises the confidence, also in an
# index too small for the model. Of 399 unanswerable questions 5 have such a unit, of 946 answerable ones 115
# (decision 015).
_FULL_COVERAGE, _FULL_COVERAGE_CONFIDENCE = 0.95, 0.8
_EPSILON = 1e-6
# Weight of the page's retrieval score in a passage's logit; .5 ranks no other page first (decision 006).
_PAGE_WEIGHT = 0.3
# A word has two letters; this many consecutive lines without one are the axis of a chart.
_WORD, _AXIS = re.compile(r"[^\W\d_]{2}"), 3


class Reader:
    """Scores how likely each unit and passage answers, and whether any does; safe to share between threads.

    `problem` explains in Japanese why the model of `path` or `tokens` (default: the packaged ones) is not used; ""
    where both are.
    """

    def __init__(self, asked: QueryRepresentationCache, path: Path | None = None, tokens: Path | None = None) -> None:
        self._asked = asked
        self.problem = ""
        self._model = self._open(RelevanceModel.load, path or SHIPPED, "語の重なりで読み取ります", "train")
        opened = TokenReader.load if tokens else lambda _: shipped_token_reader()
        self._tokens = self._open(opened, tokens or TOKENS, "語の並びは読みません", "tokens")

    def read(self, query: Query, hits: Sequence[Hit]) -> Reading:
        """Return the reading of `hits`, best first; without a model, scores are by word overlap.

        The model was trained on Japanese questions: other languages are scored by embedding.
        """
        if query.is_foreign and hits:
            return read_by_embedding(self._asked.index, self._asked.encoder, query, hits)
        if self._model is None or not hits:
            return read_by_overlap(query, hits)
        evidence = collect_evidence(self._asked(query.topic), query, hits)
        of_units, of_passages, confidence = self._model(evidence)
        if self._tokens is not None:
            of_units, of_passages, confidence = self._tokens.joined(
                query.text, [hit.passage for hit in hits], of_units, of_passages, confidence
            )
        if _best_term_coverage(evidence, query) >= _FULL_COVERAGE:
            confidence = max(confidence, _FULL_COVERAGE_CONFIDENCE)
        of_passages = _adjust_by_page_score(of_passages, hits)
        units: list[list[Unit]] = [[] for _ in hits]
        for owner, (start, end), probability in zip(evidence.owners, evidence.bounds, of_units, strict=True):
            units[owner].append(Unit(start, end, float(probability)))
        order = sorted(range(len(hits)), key=lambda i: -of_passages[i])
        units_of_hits = [_suppress_chart_axes(units[i], hit.passage.text) for i, hit in enumerate(hits)]
        passages = tuple(ScoredPassage(hits[i], float(of_passages[i]), units_of_hits[i]) for i in order)
        return Reading(passages, confidence)

    def _open(self, load: Callable[[Path], _M], path: Path, instead: str, how: str) -> _M | None:
        try:
            return load(path)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with a file, questions are answered without it
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            self.problem += (
                f"読み取りのモデル「{path.name}」を使えません（{reason}）。{instead}。"
                f"パッケージを入れ直すか、`python -m eval reader {how}` で作り直してください。"
            )
            _log.warning("The reader's model %s cannot be used: %s", path, reason)
            return None


def _adjust_by_page_score(of_passages: NDArray[np.float32], hits: Sequence[Hit]) -> NDArray[np.float32]:
    """Return the probabilities lowered where retrieval ranks the page below others; unchanged without a page.

    A slide or sheet answers as a whole, and the retrieval score includes the words of the page.
    """
    best: dict[tuple[str, int], float] = {}
    for hit in hits:
        if hit.passage.page is not None:
            place = hit.passage.doc_id, hit.passage.page
            best[place] = max(best.get(place, -np.inf), hit.score)
    top = max((hit.score for hit in hits), default=0.0)
    gaps = [best.get((hit.passage.doc_id, hit.passage.page or 0), top) - top for hit in hits]
    clipped = np.clip(of_passages, _EPSILON, 1 - _EPSILON)
    probability: NDArray[np.float32] = 1 / (
        1 + (1 - clipped) / clipped * np.exp(-_PAGE_WEIGHT * np.array(gaps, np.float32))
    )
    return probability


def _suppress_chart_axes(units: Sequence[Unit], text: str) -> tuple[Unit, ...]:
    """Return the units with probability 0 for the remains of charts: consecutive lines without words."""
    result: list[Unit] = []
    for has_words, run in groupby(units, lambda unit: bool(_WORD.search(text[unit.start : unit.end]))):
        lines = list(run)
        is_axis = not has_words and len(lines) >= _AXIS
        result += [replace(unit, probability=0.0) for unit in lines] if is_axis else lines
    return tuple(result)


def _best_term_coverage(evidence: Evidence, query: Query) -> float:
    """Return the greatest weighted share of the question's terms in a unit and its headings, 0-1.

    For a question that asks for a number, the unit itself must have the terms and a number: the headings of a near miss
    name the same subject.
    """
    asks_number = np.array([term.is_interrogative for term in query.terms] or [False])
    weights = np.where(asks_number, 0, evidence.terms[:, -2])
    exact = evidence.matches[:, :, 0]
    is_counted = evidence.units[:, -KINDS + FIGURE] > 0 if asks_number.any() else np.ones(len(exact), np.bool_)
    if not asks_number.any():
        exact = np.maximum(exact, evidence.headings[evidence.owners, :, 0])
    return float((exact @ weights)[is_counted].max(initial=0) / max(float(weights.sum()), _EPSILON))
