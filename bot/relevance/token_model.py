"""The token-level relevance model (ONNX), combined with the evidence-based probabilities.

`eval.training.reader.token_model` is the net, and tells what each layer is for; its file holds it for onnxruntime.
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
# Passages that are read so, the likeliest by evidence: more change nothing (decision 014).
READ = 4
# Probabilities by evidence are this far from 0 and 1 at least: those of single precision may reach them.
_SURE = 1e-6


class TokenReader:
    """A trained net, and what joins its logits to those of the evidence; safe to share between threads."""

    def __init__(self, net: bytes) -> None:
        self._session = open_session(net)
        # More would only wait for each other.
        self._aside = ThreadPoolExecutor(cpu_count(), "token-reader")
        told = self._session.get_modelmeta().custom_metadata_map
        self._parts: Parts = {tuple(part): number for number, part in enumerate(json.loads(told["parts"]))}
        by = json.loads(told["joined"])
        self._joined: Mapping[str, Sequence[float]] = {what: by[what] for what in ("units", "passages", "whole")}
        shapes = {given.name: given.shape for given in self._session.get_inputs()}
        if shapes.keys() != {*(field.name for field in fields(Batch)), "asked_context", "told_context"}:
            raise ValueError("a net that is given something else")
        self._context = TokenContext.read(told["context"])
        if shapes["asked_context"][-1] != self._context.size:
            raise ValueError("a net that is given other features of tokens")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a file of a net; raises OSError, ValueError, KeyError, or an error of onnxruntime for a broken one."""
        return cls(path.read_bytes())

    def net(self, pairs: Sequence[tuple[Tokens, Window]]) -> tuple[Array, Array]:
        """Return the logits of the units (b, n), UNKNOWN where there are fewer, and of the windows (b,).

        `pairs` are b questions with a window each, at least one.
        """
        each = make_batch(pairs, self._parts)
        given = {field.name: getattr(each, field.name) for field in fields(each)}
        given["asked_context"], given["told_context"] = self._context.beside(pairs)
        of_units, of_windows = self._session.run(["of_units", "of_windows"], given)
        return of_units, of_windows

    def logits(self, question: str, passages: Sequence[Passage]) -> tuple[list[Array], Array]:
        """Return the logits of each passage's units, one array a passage, and of the passages (p,)."""
        of_units = [np.full(len(unit_spans(passage)), LOWEST, np.float32) for passage in passages]
        of_passages = np.full(len(passages), LOWEST, np.float32)
        cut = [
            (number, window)
            for number, passage in enumerate(passages)
            for window in make_windows(passage.path, [passage.text[start:end] for start, end in unit_spans(passage)])
        ]
        # Two batches, of short windows and of long ones: what pads a window costs as much as its text.
        cut.sort(key=lambda one: len(one[1].headings) + sum(map(len, one[1].texts)))
        asked = tokenise_text(question)
        parts = [part for part in (cut[: len(cut) // 2], cut[len(cut) // 2 :]) if asked and part]
        pairs = [[(asked, window) for _, window in part] for part in parts]
        # The short ones meanwhile, where a processor is free.
        meanwhile = [self._aside.submit(self.net, each) for each in pairs[:-1]]
        last = [self.net(each) for each in pairs[-1:]]
        for part, (found, whole) in zip(parts, [*(each.result() for each in meanwhile), *last], strict=True):
            for (number, window), row, logit in zip(part, found, whole, strict=True):
                of_units[number][list(window.units)] = row[: len(window.units)]
                of_passages[number] = max(of_passages[number], logit)
        return of_units, of_passages

    def joined(
        self, question: str, passages: Sequence[Passage], of_units: Array, of_passages: Array, whole: float
    ) -> tuple[Array, Array, float]:
        """Return what the probabilities (0-1) by evidence of units, passages and the whole become with the tokens read.

        The units are those of `passages` in order; the likeliest passages are read, and others, with their units, are
        taken for as unlikely as the least likely of those.
        """
        found = self.best(question, passages, of_passages)
        return (
            combine_probabilities(self._joined["units"], of_units, found[0]),
            combine_probabilities(self._joined["passages"], of_passages, found[1]),
            float(combine_probabilities(self._joined["whole"], whole, found[1].max())),
        )

    def best(self, question: str, passages: Sequence[Passage], of_passages: Array) -> tuple[Array, Array]:
        """Return the logits of all units (u,) and passages (p,), read where they are likeliest by evidence."""
        chosen = np.argsort(-of_passages, kind="stable")[:READ].tolist()
        read, logits = self.logits(question, [passages[number] for number in chosen])
        least = min((float(each.min(initial=0)) for each in read), default=0.0)
        of = dict(zip(chosen, read, strict=True))
        every = [of[n] if n in of else np.full(len(unit_spans(p)), least, np.float32) for n, p in enumerate(passages)]
        whole = np.full(len(passages), logits.min(), np.float32)
        whole[chosen] = logits
        return np.concatenate(every), whole


@cache
def shipped_token_reader() -> TokenReader:
    """Return the net of this package, opened once: services of many offices read with the same. Raises as `load`."""
    return TokenReader.load(SHIPPED)


def combine_probabilities(by: Sequence[float], evidence: Array | float, tokens: Array | float) -> Array:
    """Return probabilities (0-1) of those by evidence and of logits of tokens: `by` are two slopes and a shift."""
    sure = np.clip(np.asarray(evidence, np.float32), _SURE, 1 - _SURE)
    probability: Array = 1 / (1 + np.exp(-(by[0] * np.log(sure / (1 - sure)) + by[1] * tokens + by[2])))
    return probability


def open_session(net: bytes) -> "InferenceSession":
    """Return what computes a net of onnxruntime, by the thread that asks; raises an error of onnxruntime."""
    from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415 -- a fifth of a second

    options = SessionOptions()
    # A question is read by the thread that asks: others are asked at the same time.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what is wrong with a file is raised, and told by who opens it
    return InferenceSession(net, options, providers=["CPUExecutionProvider"])
