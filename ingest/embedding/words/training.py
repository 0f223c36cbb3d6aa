"""Trains word vectors on pairs of texts, with NumPy and SciPy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.words.adam import SparseAdam
from ingest.embedding.words.contrastive_loss import Matrix, contrastive_gradients

Ids = NDArray[np.int64]
# Returns a batch as its left and right texts, each as the rows of its words.
Draw = Callable[[np.random.Generator], tuple[Sequence[Ids], Sequence[Ids]]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Learning rates, with linear warm-up over `warm_up` steps and linear decay to zero."""

    steps: int
    temperature: float
    rate: float
    importance_rate: float
    warm_up: int = 10

    def share(self, step: int) -> float:
        """Return the share of the learning rates at a 0-based step."""
        return min(1.0, (step + 1) / self.warm_up) * (1 - step / self.steps)


def train(
    vectors: Matrix,
    importance: NDArray[np.float32],
    draw: Draw,
    schedule: Schedule,
    *,
    seed: int,
    on_step: Callable[[int], None],
) -> Matrix:
    """Return the trained vectors, (words, dimension), each scaled by its word's importance; the inputs are not changed.

    `importance`, (words,), is the logarithm of a word's weight in the sum that makes a text's vector; it has its own,
    higher learning rate. `on_step` is called with the number of steps done. The same seed gives the same vectors.
    """
    rng = np.random.default_rng(seed)
    vectors, importance = vectors.copy(), importance.copy()
    optimisers = SparseAdam(vectors), SparseAdam(importance)
    for step in range(schedule.steps):
        left, right = draw(rng)
        used, counts = _counts([*left, *right])
        weight = np.exp(importance[used])
        weighted = vectors[used] * weight[:, None]
        gradient = _gradient(counts, weighted, len(left), schedule.temperature)
        share = schedule.share(step)
        optimisers[0].step(used, gradient * weight[:, None], share * schedule.rate)
        optimisers[1].step(used, np.einsum("ij,ij->i", gradient, weighted), share * schedule.importance_rate)
        on_step(step + 1)
    return vectors * np.exp(importance)[:, None]


def _counts(texts: Sequence[Ids]) -> tuple[Ids, Any]:
    """Return the distinct words of the texts, and their counts as a sparse (len(texts), words)."""
    from scipy.sparse import csr_array  # noqa: PLC0415 -- 0.3 s and 22 MB that answering does without

    used, columns = np.unique(np.concatenate(texts), return_inverse=True)
    starts = np.cumsum([0, *map(len, texts)])
    return used, csr_array((np.ones(len(columns), np.float32), columns, starts), shape=(len(texts), len(used)))


def _gradient(counts: Any, weighted: Matrix, pairs: int, temperature: float) -> Matrix:
    """Return the loss's gradient for the weighted word vectors, (words, dimension)."""
    sums = counts @ weighted
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    length[length == 0] = np.inf
    unit = sums / length
    left, right = contrastive_gradients(unit[:pairs], unit[pairs:], temperature)
    by_unit = np.vstack([left, right])
    by_sum = (by_unit - unit * np.einsum("ij,ij->i", by_unit, unit)[:, None]) / length
    gradient: Matrix = counts.T @ by_sum
    return gradient
