"""The token-level relevance model (ONNX), combined with the evidence-based probabilities.

`lab.training.tokens` defines, trains and exports it for onnxruntime.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import cache
from os import cpu_count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.answering.relevance.token_context import TokenContext, Tokens
from bot.answering.token_batches import Indices, Window, make_batch, make_windows, open_session, tokenise_text
from bot.answering.work_budget import take_work

Array = NDArray[np.float32]
Parts = dict[tuple[str, ...], int]
"""Parts of speech and their numbers."""
PassageTokens = tuple[Sequence[str], Sequence[Tokens]]
"""The headings of a passage, and the tokens of its units."""
SHIPPED = Path(__file__).with_name("token_reader.onnx")
LOWEST_LOGIT = -10.0
"""The logit of a unit without tokens."""
PADDED_LOGIT = -20.0
"""The logit of a padded unit."""
# Passages scored by this model, the best by evidence; more do not improve the answers (decision 014).
MAX_PASSAGES = 4
# Of these, those are read whose logit is at most this much below the best one's: of 1,803 questions no passage further
# below became the best one, and for 1 % the confidence fell by more than .1 (decision 094).
_MAX_GAP = 2.0
# The median logit of the passages below it.
_UNREAD_LOGIT = -4.0
# Keeps probabilities from 0 and 1, which single precision may reach and which have no logit.
_EPSILON = 1e-6


class TokenReader:
    """A trained model, combined with the evidence-based probabilities; safe to share between threads."""

    def __init__(self, model: bytes) -> None:
        self._session = open_session(model)
        self._threads = ThreadPoolExecutor(cpu_count(), "token-reader")
        metadata = self._session.get_modelmeta().custom_metadata_map
        self._parts: Parts = {tuple(part): number for number, part in enumerate(json.loads(metadata["parts"]))}
        weights = json.loads(metadata["joined"])
        self._combination: Mapping[str, Sequence[float]] = {
            level: weights[level] for level in ("units", "passages", "whole")
        }
        self._context = TokenContext.decode(metadata["context"])

    def score_windows(self, pairs: Sequence[tuple[Tokens, Window]]) -> tuple[Array, Array]:
        """Return the logits of the units (b, n), padded with PADDED_LOGIT, and of the windows (b,).

        `pairs` are b questions with one window each, at least one.
        """
        batch = make_batch(pairs, self._parts)
        inputs = {field.name: getattr(batch, field.name) for field in fields(batch)}
        inputs["asked_context"], inputs["told_context"] = self._context.batch_features(pairs)
        unit_logits, window_logits = self._session.run(["of_units", "of_windows"], inputs)
        return unit_logits, window_logits

    def logits(self, question: str, passages: Sequence[PassageTokens]) -> tuple[list[Array], Array]:
        """Return the logits of each passage's units, one array per passage, and of the passages (p,)."""
        unit_logits = [np.full(len(units), LOWEST_LOGIT, np.float32) for _, units in passages]
        passage_logits = np.full(len(passages), LOWEST_LOGIT, np.float32)
        windows = [(number, window) for number, passage in enumerate(passages) for window in make_windows(*passage)]
        windows = windows[: take_work("windows", len(windows))]
        # Two batches, of short and of long windows, because padding takes as long as text.
        windows.sort(key=lambda numbered: len(numbered[1].headings) + sum(map(len, numbered[1].texts)))
        middle = len(windows) // 2
        question_tokens = tokenise_text(question)
        batches = [batch for batch in (windows[:middle], windows[middle:]) if question_tokens and batch]
        pairs = [[(question_tokens, window) for _, window in batch] for batch in batches]
        # The short batch runs in another thread.
        pending = [self._threads.submit(self.score_windows, batch_pairs) for batch_pairs in pairs[:-1]]
        last_scores = [self.score_windows(batch_pairs) for batch_pairs in pairs[-1:]]
        scores = [*(future.result() for future in pending), *last_scores]
        for batch, (window_unit_logits, window_logits) in zip(batches, scores, strict=True):
            for (number, window), row, logit in zip(batch, window_unit_logits, window_logits, strict=True):
                unit_logits[number][list(window.units)] = row[: len(window.units)]
                passage_logits[number] = max(passage_logits[number], logit)
        return unit_logits, passage_logits

    def combine_with_evidence(
        self,
        question: str,
        read_passage: Callable[[int], PassageTokens],
        owners: Indices,
        evidence: tuple[Array, Array, float],
    ) -> tuple[Array, Array, float]:
        """Return the evidence-based probabilities (0-1) combined with the token logits.

        Args:
            read_passage: returns the tokens of the passage with that number; only the best are read.
            owners: (u,), the passage of each unit, in order.
            evidence: what the relevance model returns: the probabilities of the units (u,), of the passages (p,), and
                that any of them answers.
        """
        units, scores, confidence = evidence
        best = np.argsort(-scores, kind="stable")[:MAX_PASSAGES]
        logits = _logits(scores[best])
        selected = best[logits >= logits[0] - _MAX_GAP].tolist()
        unit_logits, token_logits = self.logits(question, list(map(read_passage, selected)))
        # Passages that are not read get no higher logits than those that are.
        lowest = min((float(one.min(initial=_UNREAD_LOGIT)) for one in unit_logits), default=_UNREAD_LOGIT)
        all_unit_logits = np.full(len(owners), lowest, np.float32)
        passage_logits = np.full(len(scores), token_logits.min(initial=_UNREAD_LOGIT), np.float32)
        passage_logits[selected] = token_logits
        for number, one in zip(selected, unit_logits, strict=True):
            all_unit_logits[owners == number] = one
        return (
            combine_probabilities(self._combination["units"], units, all_unit_logits),
            combine_probabilities(self._combination["passages"], scores, passage_logits),
            float(combine_probabilities(self._combination["whole"], confidence, passage_logits.max())),
        )


@cache
def shipped_token_reader() -> TokenReader:
    """Return the packaged model, loaded once and shared."""
    return TokenReader(SHIPPED.read_bytes())


def combine_probabilities(weights: Sequence[float], evidence: Array | float, token_logits: Array | float) -> Array:
    """Return probabilities (0-1) by a logistic regression; `weights` are two slopes and the intercept."""
    slopes = np.asarray(weights[:2], np.float32)
    total = slopes[0] * _logits(np.asarray(evidence, np.float32)) + slopes[1] * token_logits + weights[2]
    probability: Array = (1 / (1 + np.exp(-total))).astype(np.float32)
    return probability


def _logits(probabilities: Array) -> Array:
    clipped = np.clip(probabilities, _EPSILON, 1 - _EPSILON)
    logits: Array = np.log(clipped / (1 - clipped))
    return logits
