"""The evidence-based relevance model in NumPy, an ensemble with calibrated probabilities.

eval/training/reader is the same net in PyTorch and says what each layer is for. safetensors hold the weights
of all nets, the means and spreads of the evidence, and how logits become probabilities that hold (Platt 1999).
"""

from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.relevance.evidence import OF_PASSAGE, OF_UNIT, Evidence

Array = NDArray[np.float32]
Weights = dict[str, Array]

# Gates over the question's terms, numbers that stand for its letters, width of a layer, passages seen one by one.
GATES, LETTERS, WIDTH, TOP = 6, 12, 64, 5
SHIPPED = Path(__file__).with_name("reader.safetensors")
_NONE = -10.0
# Evidence lies within so many spreads of its mean; what is farther out was not learned from.
_FARTHEST = 5.0


class RelevanceModel:
    """Nets that were trained alike from different starts; read-only and safe to share between threads."""

    def __init__(self, weights: Weights) -> None:
        count = 1 + max(int(name.split("/")[0]) for name in weights if "/" in name)
        self._nets = [_Net(_with_prefix(weights, f"{number}/")) for number in range(count)]
        self._passages, self._units = weights["passages"], weights["units"]
        if (widths := (self._passages.shape[1], self._units.shape[1])) != (OF_PASSAGE, OF_UNIT):
            raise ValueError(f"weights for {widths} numbers, not for {(OF_PASSAGE, OF_UNIT)}")
        self._platt = weights["platt"]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a file of weights; raises OSError, ValueError, KeyError, or an error of safetensors for a broken one."""
        from safetensors.numpy import load_file  # noqa: PLC0415 -- only where a model is opened

        return cls({name: value.astype(np.float32) for name, value in load_file(path).items()})

    def __call__(self, evidence: Evidence) -> tuple[Array, Array, float]:
        """Return the probabilities (0-1) of the units (u,), of the passages (p,), and that anything answers."""
        found = zip(self.logits(evidence), self._platt, strict=True)
        units, passages, whole = (1 / (1 + np.exp(-(slope * x + shift))) for x, (slope, shift) in found)
        return units, passages, float(whole)

    def logits(self, evidence: Evidence) -> tuple[Array, Array, Array]:
        """Return the mean logits of the nets: of the units (u,), the passages (p,), and the whole ()."""
        passages, units = standardise(evidence.passages, self._passages), standardise(evidence.units, self._units)
        found = [net(evidence, passages, units) for net in self._nets]
        of_units, of_passages, of_whole = (np.mean(each, axis=0) for each in zip(*found, strict=True))
        return of_units, of_passages, of_whole


def standardise(values: Array, by: Array) -> Array:
    """Return evidence less its mean `by[0]`, in spreads `by[1]`."""
    near: Array = np.clip((values - by[0]) / by[1], -_FARTHEST, _FARTHEST)
    return near


class _Net:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def _layer(self, name: str, x: Array) -> Array:
        y: Array = x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return y

    def _relu(self, name: str, x: Array) -> Array:
        return np.maximum(self._layer(name, x), 0)

    def __call__(self, evidence: Evidence, passages: Array, units: Array) -> tuple[Array, Array, Array]:
        owners, count = evidence.owners, len(passages)
        letters = np.tanh(self._weights["letters.weight"][evidence.runs].sum(axis=0))
        gate = self._gates(evidence.terms)
        best = _max_by_owner(evidence.matches[:, :, :2], owners, count)
        whole = np.maximum(best, evidence.headings)
        met = _match_features(
            gate, np.concatenate([best[:, :, :1], whole, evidence.headings[:, :, :1]], 2), whole[:, :, 1]
        )
        both = np.maximum(evidence.matches[:, :, :2], evidence.headings[owners])
        of_unit = _match_features(gate, np.concatenate([evidence.matches, both], 2), both[:, :, 1])
        h = self._encode_units(np.concatenate([units, passages[owners], of_unit, met[owners]], axis=1), units, letters)
        of_units = self._layer("unit_out", h)[:, 0]
        highest = np.maximum(_max_by_owner(of_units[:, None] - _NONE, owners, count)[:, 0] + _NONE, _NONE)
        p = self._encode_passages(
            np.concatenate([passages, *_pooled(h, of_units, highest, owners)], axis=1), letters, met
        )
        of_passages = self._layer("passage_out", p)[:, 0]
        return of_units, of_passages, self._answerable_logit(gate, whole, highest, of_passages, [passages, met, p])

    def _encode_units(self, seen: Array, units: Array, letters: Array) -> Array:
        kinds = self._layer("kinds", letters)
        x = np.concatenate([seen, _for_each(letters, len(seen)), units[:, -len(kinds) :] * kinds], axis=1)
        return self._relu("unit_2", self._relu("unit", x))

    def _encode_passages(self, seen: Array, letters: Array, met: Array) -> Array:
        x = np.concatenate([seen, _for_each(letters, len(seen)), met], axis=1)
        return self._relu("passage_2", self._relu("passage", x))

    def _gates(self, terms: Array) -> Array:
        """Return what each term counts for each gate, (t, gates); a gate's sum is 1."""
        raw = self._layer("gates", self._relu("gate", terms)) + np.log(np.maximum(terms[:, -2:-1], 1e-3))
        gate: Array = np.exp(raw - raw.max(axis=0))
        gate /= gate.sum(axis=0)
        return gate

    def _answerable_logit(
        self, gate: Array, whole: Array, highest: Array, of_passages: Array, seen: list[Array]
    ) -> Array:
        share = np.exp(of_passages - of_passages.max())
        share /= share.sum()
        most = whole.max(axis=0)
        reached = [gate.T @ most[:, 1], gate.T @ most[:, 0], (gate * (1 - most[:, 1:])).max(axis=0)]
        x = [_top(of_passages), _top(highest), *reached, share @ np.concatenate(seen, axis=1)]
        whole_out: Array = self._layer("whole_out", self._relu("whole", np.concatenate(x)))[0]
        return whole_out


def _with_prefix(weights: Weights, prefix: str) -> Weights:
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def _for_each(row: Array, count: int) -> Array:
    return np.broadcast_to(row, (count, len(row)))


def _pooled(h: Array, of_units: Array, highest: Array, owners: NDArray[np.int64]) -> tuple[Array, Array]:
    """Return the units of each passage by their softmax, (p, width), and their highest and summed logit, (p, 2)."""
    share = np.exp(of_units - highest[owners])
    total = np.maximum(np.bincount(owners, share, len(highest)), 1e-6).astype(np.float32)
    pooled = np.zeros((len(highest), h.shape[1]), np.float32)
    np.add.at(pooled, owners, h * (share / total[owners])[:, None])
    logits = np.stack([highest, highest + np.log(total)], axis=1).astype(np.float32)
    return pooled, logits / np.float32(3)


def _max_by_owner(values: Array, owners: NDArray[np.int64], count: int) -> Array:
    """Return the greatest of each owner's rows, at least 0, (count, ...)."""
    most = np.zeros((count, *values.shape[1:]), np.float32)
    if len(owners):
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        most[owners[starts]] = np.maximum(np.maximum.reduceat(values, starts, axis=0), 0)
    return most


def _match_features(gate: Array, how: Array, like: Array) -> Array:
    """Return by gate the weighted sums of `how` (rows, t, m) and what is least met, (rows, (m + 1) · gates)."""
    sums = (gate.T @ how).reshape(len(how), gate.shape[1] * how.shape[2])
    met: Array = np.concatenate([sums, (gate * (1 - like)[:, :, None]).max(axis=1)], axis=1)
    return met


def _top(logits: Array) -> Array:
    top = np.full(TOP, _NONE, np.float32)
    best = np.sort(logits)[::-1][:TOP]
    top[: len(best)] = best
    return top / np.float32(3)
