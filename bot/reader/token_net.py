"""The token reader with NumPy alone: attention between question and text tells whether what is asked stands there.

`eval.reader.token_net` is the same net in PyTorch and tells what each layer is for.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.reader.tokens import HEADINGS, TEXT, Batch, batch, tokens, windows
from bot.reader.units import units
from ingest.documents import Passage

Array = NDArray[np.float32]
Weights = dict[str, Array]
SHIPPED = Path(__file__).with_name("token_reader.safetensors")
# Width of a layer, heads of attention, layers before and after question and text have met.
WIDTH, HEADS, BEFORE, AFTER = 96, 4, 2, 4
ATTENDS = 1
"""The layer of those after that attends within the text; the others see three tokens side by side."""
LOWEST, UNKNOWN, FAR = -10.0, -20.0, -1e4
# Passages that are read so, the likeliest by evidence: more change nothing (eval/LOG.md, 2026-11-22).
READ = 4
# What attends is within this of 0: exp and sums of it are numbers of single precision.
_STEEP = 80
# Probabilities by evidence are this far from 0 and 1 at least: those of single precision may reach them.
_SURE = 1e-6


class TokenReader:
    """A trained net with what joins its logits to those of the evidence; safe to share between threads."""

    def __init__(self, weights: Weights, parts: Sequence[Sequence[str]]) -> None:
        self._net = TokenNet(weights)
        self._whole, self._units = weights["joined.whole"], weights["joined.units"]
        self._passages = weights["joined.passages"]
        self._parts = {tuple(part): number for number, part in enumerate(parts)}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a file of weights; raises OSError, ValueError, KeyError, or an error of safetensors for a broken one."""
        from safetensors import safe_open  # noqa: PLC0415 -- only where a model is opened

        with safe_open(path, framework="numpy") as file:
            parts = json.loads((file.metadata() or {}).get("parts", "[]"))
            return cls({name: file.get_tensor(name).astype(np.float32) for name in file.keys()}, parts)  # noqa: SIM118

    def logits(self, question: str, passages: Sequence[Passage]) -> tuple[list[Array], Array]:
        """Return the logits of each passage's units, one array a passage, and of the passages (p,)."""
        of_units = [np.full(len(units(passage)), LOWEST, np.float32) for passage in passages]
        of_passages = np.full(len(passages), LOWEST, np.float32)
        cut = [
            (number, window)
            for number, passage in enumerate(passages)
            for window in windows(passage.path, [passage.text[start:end] for start, end in units(passage)])
        ]
        # Two batches, of short windows and of long ones: what pads a window costs as much as its text.
        cut.sort(key=lambda one: len(one[1].headings) + sum(map(len, one[1].texts)))
        asked = tokens(question)
        for part in (cut[: len(cut) // 2], cut[len(cut) // 2 :]) if asked else ():
            if not part:
                continue
            found, whole = self._net(batch([(asked, window) for _, window in part], self._parts))
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
            joined(self._units, of_units, found[0]),
            joined(self._passages, of_passages, found[1]),
            float(joined(self._whole, whole, found[1].max())),
        )

    def best(self, question: str, passages: Sequence[Passage], of_passages: Array) -> tuple[Array, Array]:
        """Return the logits of all units (u,) and passages (p,), read where they are likeliest by evidence."""
        chosen = np.argsort(-of_passages, kind="stable")[:READ].tolist()
        read, logits = self.logits(question, [passages[number] for number in chosen])
        least = min((float(each.min(initial=0)) for each in read), default=0.0)
        of = dict(zip(chosen, read, strict=True))
        every = [of[n] if n in of else np.full(len(units(p)), least, np.float32) for n, p in enumerate(passages)]
        whole = np.full(len(passages), logits.min(), np.float32)
        whole[chosen] = logits
        return np.concatenate(every), whole


def joined(by: Array, evidence: Array | float, tokens: Array | float) -> Array:
    """Return probabilities (0-1) of those by evidence and of logits of tokens: `by` are two slopes and a shift."""
    sure = np.clip(np.asarray(evidence, np.float32), _SURE, 1 - _SURE)
    probability: Array = 1 / (1 + np.exp(-(by[0] * np.log(sure / (1 - sure)) + by[1] * tokens + by[2])))
    return probability


class TokenNet:
    """The net alone."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def __call__(self, b: Batch) -> tuple[Array, Array]:
        """Return the logits of the units (b, n), UNKNOWN where there are fewer, and of the windows (b,)."""
        w = self._weights
        each = np.concatenate([b.vectors, w["runs.weight"][b.runs].sum(1), w["parts.weight"][b.parts], b.forms], 1)
        each = self._layer("token", each)
        is_asked, is_told = b.asked > 0, b.told > 0
        cosine = b.vectors[b.told] @ b.vectors[b.asked].transpose(0, 2, 1)
        of_told, of_asked = _met(b, cosine, is_asked, is_told)
        x = each[b.asked] + self._layer("met", of_asked)
        y = each[b.told] + self._layer("met", of_told) + w["segments.weight"][b.segments]
        for number in range(BEFORE):
            x = self._beside(f"before.{number}", x, is_asked)
            y = self._beside(f"before.{number}", y, is_told)
        alike = self._layer("told", y) + self._layer("asked", x).transpose(0, 2, 1)
        alike += (y * w["product"]) @ x.transpose(0, 2, 1) + w["alike"][0] * b.exact + w["alike"][1] * cosine
        to_asked = _softmax(np.where(is_asked[:, None, :], alike, FAR), 2)
        in_told = _softmax(np.where(is_told[:, :, None], alike, FAR), 1).transpose(0, 2, 1) @ y
        a, back = to_asked @ x, to_asked @ in_told
        same = (to_asked * b.exact).sum(2, keepdims=True)
        m = _gelu(self._layer("fuse", np.concatenate([y, a, y * a, y * back, of_told[:, :, :2], same], 2)))
        for number in range(AFTER):
            layer = self._within if number == ATTENDS else self._beside
            m = layer(f"after.{number}", m, is_told)
        m = self._norm("norm", m)
        asks = _gelu(self._layer("found", np.concatenate([x, in_told, x * in_told, of_asked[:, :, :3]], 2)))
        asks = self._beside("found_beside", asks, is_asked)
        share = _softmax(np.where(is_asked[:, :, None], self._layer("found_weight", asks), FAR), 1)
        sought = np.concatenate(
            [(share * asks).sum(1), np.where(is_asked[:, :, None], asks, FAR).max(1)], 1, dtype=np.float32
        )
        starts = np.where(b.segments == TEXT, self._layer("ends", m)[:, :, 0], FAR)
        of_units = self._of_units(b, m, starts, sought)
        return of_units, self._of_windows(m, is_told, starts, of_units, sought)

    def _of_units(self, b: Batch, m: Array, starts: Array, sought: Array) -> Array:
        """Return the units' logits, of their tokens by weight, of what is sought, and of the likeliest start."""
        weight = np.exp(np.clip(self._layer("unit_weight", m)[:, :, 0], -8, 8)) * (b.segments == TEXT)
        mine = b.units[:, None, :] == np.arange(b.n)[None, :, None]
        shares = weight[:, None, :] * mine
        total = shares.sum(2)
        pooled = (shares @ m) / np.maximum(total, 1e-6)[:, :, None]
        best = np.where(mine, starts[:, None, :], FAR).max(2)
        wanted, most = (np.broadcast_to(part[:, None], pooled.shape) for part in np.split(sought, 2, axis=1))
        h = _gelu(self._layer("unit", np.concatenate([pooled, wanted, pooled * wanted, most], 2)))
        logits = self._layer("unit_out", h)[:, :, 0] + 0.3 * np.maximum(best, LOWEST)
        known: Array = np.where(total > 1e-5, logits, UNKNOWN)  # noqa: PLR2004 -- no token at all
        return known

    def _of_windows(self, m: Array, is_told: NDArray[np.bool_], starts: Array, of_units: Array, sought: Array) -> Array:
        near = (_softmax(starts, 1)[:, :, None] * m).sum(1)
        mean = (m * is_told[:, :, None]).sum(1) / is_told.sum(1, keepdims=True)
        highest = starts.max(1, keepdims=True)
        summed = highest + np.log(np.exp(starts - highest).sum(1, keepdims=True))
        best = [np.maximum(highest, LOWEST) / 3, of_units.max(1, keepdims=True) / 3, np.maximum(summed, LOWEST) / 3]
        h = _gelu(self._layer("passage", np.concatenate([near, mean, sought, *best], 1)))
        return self._layer("passage_out", h)[:, 0]

    def _layer(self, name: str, x: Array) -> Array:
        weight = self._weights[f"{name}.weight"]
        y: Array = (x.reshape(-1, x.shape[-1]) @ weight.T).reshape(*x.shape[:-1], len(weight))
        y += self._weights[f"{name}.bias"]
        return y

    def _norm(self, name: str, x: Array) -> Array:
        # Means as products: NumPy's own, over short rows, take half as long again.
        share = np.full(x.shape[-1], 1 / x.shape[-1], np.float32)
        y: Array = x - (x @ share)[..., None]
        y *= (1 / np.sqrt((y * y) @ share + np.float32(1e-5)))[..., None]
        y *= self._weights[f"{name}.weight"]
        y += self._weights[f"{name}.bias"]
        return y

    def _beside(self, name: str, x: Array, known: NDArray[np.bool_]) -> Array:
        """Add to each token what it, the one before and the one behind say."""
        b, length, width = x.shape
        y = self._norm(f"{name}.norm", x)
        y *= known[:, :, None]
        wide = np.zeros((b, length, 3, width), np.float32)
        wide[:, 1:, 0], wide[:, :, 1], wide[:, :-1, 2] = y[:, :-1], y, y[:, 1:]
        z = _gelu(self._layer(f"{name}.layer", wide.reshape(b, length, 3 * width)))
        z += x
        return z

    def _within(self, name: str, x: Array, known: NDArray[np.bool_]) -> Array:
        """Add to each token what the others say that it attends to (Vaswani et al. 2017, arXiv:1706.03762)."""
        b, length, width = x.shape
        seen = self._layer(f"{name}.seen", self._norm(f"{name}.norm", x)).reshape(b, length, 3, HEADS, width // HEADS)
        query, key, value = seen.transpose(2, 0, 3, 1, 4)
        shares = (query / np.float32((width // HEADS) ** 0.5)) @ key.transpose(0, 1, 3, 2)
        shares += np.where(known, np.float32(0), np.float32(FAR))[:, None, None, :]
        # A softmax without looking for the greatest, which takes half of it; divided where there is less to divide.
        np.exp(np.clip(shares, -_STEEP, _STEEP, out=shares), out=shares)
        heard = (shares @ value) / (shares @ np.ones(length, np.float32))[..., None]
        return x + self._layer(f"{name}.layer", heard.transpose(0, 2, 1, 3).reshape(b, length, width))


def _met(b: Batch, cosine: Array, is_asked: NDArray[np.bool_], is_told: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return how each token of the text, and of the question, is met by the other side, (b, length, 4)."""
    weight = b.forms[:, 0]
    near_told = np.where(is_asked[:, None, :], cosine, -1).max(2)
    near_asked = np.where(is_told[:, :, None], cosine, -1).max(1)
    same_told, same_asked = b.exact.max(2), b.exact.max(1)
    above = (b.exact * (b.segments == HEADINGS)[:, :, None]).max(1)
    told = [same_told, near_told, same_told * weight[b.told], near_told * weight[b.told]]
    asked = [same_asked, near_asked, above, near_asked * weight[b.asked]]
    return np.stack(told, 2, dtype=np.float32), np.stack(asked, 2, dtype=np.float32)


def _softmax(x: Array, axis: int) -> Array:
    y: Array = x - x.max(axis, keepdims=True)
    np.exp(y, out=y)
    y /= y.sum(axis, keepdims=True)
    return y


def _gelu(x: Array) -> Array:
    """Return the Gaussian error linear unit, by tanh (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""
    y: Array = x * x
    y *= np.float32(0.0356774081)
    y += np.float32(0.7978845608)
    y *= x
    np.tanh(y, out=y)
    y += 1
    y *= x
    y *= np.float32(0.5)
    return y
