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
# A unit that holds, with its headings, this share of the question's terms by weight says what was asked, also in an
# index too small for the model's evidence. Of 399 unanswerable questions over real towns and PDFs 5 have such a unit,
# of 946 answerable ones 115 (decision 015).
_WHOLLY, _SAID_IN_FULL = 0.95, 0.8
_EPSILON = 1e-6
# What the search's score of a page counts in a passage's logit; .5 brings no other page first (decision 006).
_OF_PAGE = 0.3
# Two letters side by side; lines without, one behind another, from which on they are of a chart's axis.
_WORD, _AXIS = re.compile(r"[^\W\d_]{2}"), 3


class Reader:
    """Tells how likely each unit and passage found answers, and whether any does; safe to share between threads.

    `problem` says in Japanese why the model of `path`, or that of `tokens` (without one, those of this package), is not
    used; "" where both are.
    """

    def __init__(self, asked: QueryRepresentationCache, path: Path | None = None, tokens: Path | None = None) -> None:
        self._asked = asked
        self.problem = ""
        self._model = self._open(RelevanceModel.load, path or SHIPPED, "語の重なりで読み取ります", "train")
        opened = TokenReader.load if tokens else lambda _: shipped_token_reader()
        self._tokens = self._open(opened, tokens or TOKENS, "語の並びは読みません", "tokens")

    def read(self, query: Query, hits: Sequence[Hit]) -> Reading:
        """Return the reading of `hits`, which come best first; what the model cannot read is read by overlap.

        It has learned from questions in Japanese: those in other languages are read by meaning.
        """
        if query.is_foreign and hits:
            return read_by_embedding(self._asked.index, self._asked.encoder, query, hits)
        if self._model is None or not hits:
            return read_by_overlap(query, hits)
        found = collect_evidence(self._asked(query.topic), query, hits)
        of_units, of_passages, confidence = self._model(found)
        if self._tokens is not None:
            of_units, of_passages, confidence = self._tokens.joined(
                query.text, [hit.passage for hit in hits], of_units, of_passages, confidence
            )
        if _best_term_coverage(found, query) >= _WHOLLY:
            confidence = max(confidence, _SAID_IN_FULL)
        of_passages = _adjust_by_page_score(of_passages, hits)
        units: list[list[Unit]] = [[] for _ in hits]
        for owner, (start, end), probability in zip(found.owners, found.bounds, of_units, strict=True):
            units[owner].append(Unit(start, end, float(probability)))
        order = sorted(range(len(hits)), key=lambda i: -of_passages[i])
        told = [_suppress_chart_axes(units[i], hit.passage.text) for i, hit in enumerate(hits)]
        passages = tuple(ScoredPassage(hits[i], float(of_passages[i]), told[i]) for i in order)
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
    """Return the probabilities of passages, less where search finds their page behind others; without a page as before.

    A slide and a sheet answer as a whole, and of that search knows more: its score is of the page's words too.
    """
    best: dict[tuple[str, int], float] = {}
    for hit in hits:
        if hit.passage.page is not None:
            place = hit.passage.doc_id, hit.passage.page
            best[place] = max(best.get(place, -np.inf), hit.score)
    top = max((hit.score for hit in hits), default=0.0)
    behind = [best.get((hit.passage.doc_id, hit.passage.page or 0), top) - top for hit in hits]
    sure = np.clip(of_passages, _EPSILON, 1 - _EPSILON)
    probability: NDArray[np.float32] = 1 / (1 + (1 - sure) / sure * np.exp(-_OF_PAGE * np.array(behind, np.float32)))
    return probability


def _suppress_chart_axes(units: Sequence[Unit], text: str) -> tuple[Unit, ...]:
    """Return the units, those that are left of a chart answering nothing: lines of figures without a word, in a row."""
    told: list[Unit] = []
    for has_words, run in groupby(units, lambda unit: bool(_WORD.search(text[unit.start : unit.end]))):
        loose = list(run)
        is_axis = not has_words and len(loose) >= _AXIS
        told += [replace(unit, probability=0.0) for unit in loose] if is_axis else loose
    return tuple(told)


def _best_term_coverage(found: Evidence, query: Query) -> float:
    """Return the greatest share of the question's terms, by weight, that a unit and its headings hold, 0-1.

    Terms that ask for a number count for nothing; such a question only a unit tells that has a number, and that holds
    the terms itself: the headings of a near miss hold its subject, and no other term says what is asked.
    """
    asks = np.array([term.asks for term in query.terms] or [False])
    weights = np.where(asks, 0, found.terms[:, -2])
    held = found.matches[:, :, 0]
    counted = found.units[:, -KINDS + FIGURE] > 0 if asks.any() else np.ones(len(held), np.bool_)
    if not asks.any():
        held = np.maximum(held, found.headings[found.owners, :, 0])
    return float((held @ weights)[counted].max(initial=0) / max(float(weights.sum()), _EPSILON))
