"""The token-level relevance model (ONNX), combined with the evidence-based probabilities.

The model is defined and explained in `eval.training.reader.token_model` and exported for onnxruntime.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import cache
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from bot.relevance.token_context import TokenContext, Tokens
from bot.relevance.tokens import Batch, Window, make_batch, make_windows, tokenise_text
from bot.relevance.units import unit_spans
from ingest.documents import Passage

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Array = NDArray[np.float32]
Parts = dict[tuple[str, ...], int]
SHIPPED = Path(__file__).with_name("token_reader.onnx")
LOWEST, UNKNOWN = -10.0, -20.0
# Most passages scored by this model, best by evidence first; more change nothing (decision 014).
READ = 4
# Probabilities are clipped to this distance from 0 and 1, which single precision may reach.
_SURE = 1e-6


class TokenReader:
    """A trained model, combined with the evidence-based probabilities; safe to share between threads."""

    def __init__(self, net: bytes) -> None:
        self._session = open_session(net)
        # More threads than processors would only wait.
        self._aside = ThreadPoolExecutor(cpu_count(), "token-reader")
        metadata = self._session.get_modelmeta().custom_metadata_map
        self._parts: Parts = {tuple(part): number for number, part in enumerate(json.loads(metadata["parts"]))}
        weights = json.loads(metadata["joined"])
        self._joined: Mapping[str, Sequence[float]] = {
            level: weights[level] for level in ("units", "passages", "whole")
        }
        shapes = {given.name: given.shape for given in self._session.get_inputs()}
        if shapes.keys() != {*(field.name for field in fields(Batch)), "asked_context", "told_context"}:
            raise ValueError("a net that is given something else")
        self._context = TokenContext.read(metadata["context"])
        if shapes["asked_context"][-1] != self._context.size:
            raise ValueError("a net that is given other features of tokens")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a model file; raises OSError, ValueError, KeyError, or an error of onnxruntime for a broken one."""
        return cls(path.read_bytes())

    def net(self, pairs: Sequence[tuple[Tokens, Window]]) -> tuple[Array, Array]:
        """Return the logits of the units (b, n), padded with UNKNOWN, and of the windows (b,).

        `pairs` are b questions with one window each, at least one.
        """
        each = make_batch(pairs, self._parts)
        given = {field.name: getattr(each, field.name) for field in fields(each)}
        given["asked_context"], given["told_context"] = self._context.beside(pairs)
        of_units, of_windows = self._session.run(["of_units", "of_windows"], given)
        return of_units, of_windows

    def logits(self, question: str, passages: Sequence[Passage]) -> tuple[list[Array], Array]:
        """Return the logits of each passage's units, one array per passage, and of the passages (p,)."""
        of_units = [np.full(len(unit_spans(passage)), LOWEST, np.float32) for passage in passages]
        of_passages = np.full(len(passages), LOWEST, np.float32)
        cut = [
            (number, window)
            for number, passage in enumerate(passages)
            for window in make_windows(passage.path, [passage.text[start:end] for start, end in unit_spans(passage)])
        ]
        # Two batches, short and long windows, because padding costs as much as text.
        cut.sort(key=lambda one: len(one[1].headings) + sum(map(len, one[1].texts)))
        question_tokens = tokenise_text(question)
        parts = [part for part in (cut[: len(cut) // 2], cut[len(cut) // 2 :]) if question_tokens and part]
        pairs = [[(question_tokens, window) for _, window in part] for part in parts]
        # The short batch runs in another thread.
        pending = [self._aside.submit(self.net, each) for each in pairs[:-1]]
        last = [self.net(each) for each in pairs[-1:]]
        for part, (found, whole) in zip(parts, [*(each.result() for each in pending), *last], strict=True):
            for (number, window), row, logit in zip(part, found, whole, strict=True):
                of_units[number][list(window.units)] = row[: len(window.units)]
                of_passages[number] = max(of_passages[number], logit)
        return of_units, of_passages

    def joined(
        self, question: str, passages: Sequence[Passage], of_units: Array, of_passages: Array, whole: float
    ) -> tuple[Array, Array, float]:
        """Return the probabilities (0-1) of units, passages and of any answer, combined with the token logits.

        The units are those of `passages` in order. Passages that the model does not score get its lowest logit.
        """
        logits = self.best(question, passages, of_passages)
        return (
            combine_probabilities(self._joined["units"], of_units, logits[0]),
            combine_probabilities(self._joined["passages"], of_passages, logits[1]),
            float(combine_probabilities(self._joined["whole"], whole, logits[1].max())),
        )

    def best(self, question: str, passages: Sequence[Passage], of_passages: Array) -> tuple[Array, Array]:
        """Return the logits of all units (u,) and passages (p,), computed for the best passages by evidence."""
        selected = np.argsort(-of_passages, kind="stable")[:READ].tolist()
        unit_logits, logits = self.logits(question, [passages[number] for number in selected])
        lowest = min((float(array.min(initial=0)) for array in unit_logits), default=0.0)
        logits_by_passage = dict(zip(selected, unit_logits, strict=True))
        every = [
            logits_by_passage[n] if n in logits_by_passage else np.full(len(unit_spans(p)), lowest, np.float32)
            for n, p in enumerate(passages)
        ]
        passage_logits = np.full(len(passages), logits.min(), np.float32)
        passage_logits[selected] = logits
        return np.concatenate(every), passage_logits


@cache
def shipped_token_reader() -> TokenReader:
    """Return the packaged model, loaded once and shared. Raises as `load`."""
    return TokenReader.load(SHIPPED)


def combine_probabilities(by: Sequence[float], evidence: Array | float, tokens: Array | float) -> Array:
    """Return probabilities (0-1) from evidence and token logits; `by` are two slopes and an intercept."""
    clipped = np.clip(np.asarray(evidence, np.float32), _SURE, 1 - _SURE)
    probability: Array = 1 / (1 + np.exp(-(by[0] * np.log(clipped / (1 - clipped)) + by[1] * tokens + by[2])))
    return probability


def open_session(net: bytes) -> "InferenceSession":
    """Return a single-threaded onnxruntime session; raises an error of onnxruntime."""
    from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415 -- a fifth of a second

    options = SessionOptions()
    # One thread per question, as several questions run at the same time.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # errors are raised and logged by the caller
    return InferenceSession(net, options, providers=["CPUExecutionProvider"])
