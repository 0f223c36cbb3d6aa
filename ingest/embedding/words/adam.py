"""Sparse Adam optimiser (Kingma & Ba 2015, arXiv:1412.6980)."""

import numpy as np
from numpy.typing import NDArray

# The defaults of the paper.
_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8
# Rows updated at a time: their data fit into the processor's cache.
_ROWS_PER_UPDATE = 256


class SparseAdam:
    """Optimises `values`, (rows, …), in place. The moments of rows without a gradient do not decay."""

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
