"""Trains word vectors on pairs of texts: the pairs, the loss and its optimiser, with NumPy and SciPy.

Pairs come from plain text by the Inverse Cloze Task: Lee et al. 2019, "Latent Retrieval for Weakly Supervised Open
Domain Question Answering", arXiv:1906.00300.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Matrix = NDArray[np.float32]
# The defaults of Adam's paper: decay of the mean, decay of the mean square, and what keeps the divisor from zero.
_BETA1 = 0.9
_BETA2 = 0.999
_EPSILON = 1e-8
# Rows updated at a time: their data fit into the processor's cache.
_ROWS_PER_UPDATE = 256
# Words of a span that serves as a query: minimum, and the number that is not reached.
_SPAN = (8, 16)
# Words around a span, on each side.
_CONTEXT = 60
# Maximum words of a window.
_MAX_WINDOW = 70
# Minimum words of a text from which a span is cut.
_MIN_TEXT = 16
_NO_WORDS = np.zeros(0, np.int64)
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

    `importance`, (words,), is the logarithm of a word's weight in the sum that makes a text's vector; it has a
    higher learning rate. `on_step` is called with the number of steps done. The same seed gives the same vectors.
    """
    rng = np.random.default_rng(seed)
    vectors = vectors.copy()
    importance = importance.copy()
    optimisers = SparseAdam(vectors), SparseAdam(importance)
    for step in range(schedule.steps):
        left, right = draw(rng)
        used, counts = _counts([*left, *right], len(vectors))
        weight = np.exp(importance[used])
        weighted = vectors[used] * weight[:, None]
        gradient = _gradient(counts, weighted, len(left), schedule.temperature)
        share = schedule.share(step)
        optimisers[0].step(used, gradient * weight[:, None], share * schedule.rate)
        optimisers[1].step(used, np.einsum("ij,ij->i", gradient, weighted), share * schedule.importance_rate)
        on_step(step + 1)
    return vectors * np.exp(importance)[:, None]


def _counts(texts: Sequence[Ids], size: int) -> tuple[Ids, Any]:
    from scipy.sparse import csr_array  # noqa: PLC0415 -- 0.3 s and 22 MB that answering does without

    words = np.concatenate(texts)
    is_used = np.zeros(size, bool)
    is_used[words] = True
    columns = (np.cumsum(is_used) - 1)[words]
    used = np.flatnonzero(is_used)
    starts = np.cumsum([0, *map(len, texts)])
    return used, csr_array((np.ones(len(columns), np.float32), columns, starts), shape=(len(texts), len(used)))


def _gradient(counts: Any, weighted: Matrix, pairs: int, temperature: float) -> Matrix:
    sums = counts @ weighted
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    length[length == 0] = np.inf
    unit = sums / length
    left, right = contrastive_gradients(unit[:pairs], unit[pairs:], temperature)
    by_unit = np.vstack([left, right])
    by_sum = (by_unit - unit * np.einsum("ij,ij->i", by_unit, unit)[:, None]) / length
    gradient: Matrix = counts.T @ by_sum
    return gradient


class SparseAdam:
    """Sparse Adam (Kingma & Ba 2015, arXiv:1412.6980), which optimises `values`, (rows, …), in place.

    The moments of rows without a gradient do not decay.
    """

    def __init__(self, values: NDArray[np.float32]) -> None:
        self._values = values
        self._first = np.zeros_like(values)
        self._second = np.zeros_like(values)
        self._steps = 0

    def step(self, rows: NDArray[np.int64], gradient: NDArray[np.float32], rate: float) -> None:
        """Update distinct `rows` with their `gradient`, (len(rows), …), at this learning rate."""
        self._steps += 1
        for start in range(0, len(rows), _ROWS_PER_UPDATE):
            self._update(rows[start : start + _ROWS_PER_UPDATE], gradient[start : start + _ROWS_PER_UPDATE], rate)

    def _update(self, rows: NDArray[np.int64], gradient: NDArray[np.float32], rate: float) -> None:
        first = self._first[rows]
        first += (1 - _BETA1) * (gradient - first)
        self._first[rows] = first
        second = self._second[rows]
        second += (1 - _BETA2) * (gradient * gradient - second)
        self._second[rows] = second
        # m / (1 - β1^t) over √(v / (1 - β2^t)) + ε
        np.sqrt(second, out=second)
        second /= np.float32((1 - _BETA2**self._steps) ** 0.5)
        second += np.float32(_EPSILON)
        first /= second
        first *= np.float32(rate / (1 - _BETA1**self._steps))
        self._values[rows] -= first


def contrastive_gradients(left: Matrix, right: Matrix, temperature: float) -> tuple[Matrix, Matrix]:
    """Return the gradients of the contrastive loss for `left` and `right`, n pairs of unit rows, (n, dimension) each.

    InfoNCE (van den Oord et al. 2018, arXiv:1807.03748) over cosines with in-batch negatives (Henderson et al. 2017,
    arXiv:1705.00652), in both directions (Radford et al. 2021, arXiv:2103.00020).
    """
    size = len(left)
    # No cosine is above 1, so that one exponential serves the softmax of rows and that of columns.
    powers: Matrix = np.exp((left @ right.T - np.float32(1)) / np.float32(temperature))
    diagonal = np.arange(size)
    errors = powers * (1 / powers.sum(axis=1, keepdims=True) + 1 / powers.sum(axis=0, keepdims=True))
    errors[diagonal, diagonal] -= 2
    errors /= np.float32(2 * size * temperature)
    return errors @ right, errors.T @ left


def random_window(text: Ids, rng: np.random.Generator, longest: int = _MAX_WINDOW) -> Ids:
    """Return `longest` consecutive words of `text`, or all of a shorter one."""
    if len(text) <= longest:
        return text
    start = rng.integers(len(text) - longest + 1)
    return text[start : start + longest]


def split_span(text: Ids, rng: np.random.Generator, heading: Ids = _NO_WORDS) -> tuple[Ids, Ids]:
    """Return a span of `text`, and `heading` with the words around the span; a short text is cut in half."""
    if len(text) < _MIN_TEXT:
        return text[: len(text) // 2], np.concatenate([heading, text[len(text) // 2 :]])
    length = rng.integers(*_SPAN)
    start = rng.integers(len(text) - length + 1)
    end = start + length
    context = np.concatenate([heading, text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]])
    return text[start:end], random_window(context, rng)
