"""Sparse Adam optimiser (Kingma & Ba 2015, arXiv:1412.6980)."""

import numpy as np
from numpy.typing import NDArray

# The paper's own.
_BETA1, _BETA2, _EPSILON = 0.9, 0.999, 1e-8
# Rows at a time: few enough that what is computed of them stays in the processor's cache.
_BLOCK = 256


class SparseAdam:
    """Moves `values`, (rows, …), in place. The moments of rows that are not touched stay as they are."""

    def __init__(self, values: NDArray[np.float32]) -> None:
        self._values = values
        self._first = np.zeros_like(values)
        self._second = np.zeros_like(values)
        self._steps = 0

    def step(self, rows: NDArray[np.int64], gradient: NDArray[np.float32], rate: float) -> None:
        """Move `rows`, each named once, against their `gradient`, (len(rows), …), by about `rate`."""
        self._steps += 1
        for start in range(0, len(rows), _BLOCK):
            self._move(rows[start : start + _BLOCK], gradient[start : start + _BLOCK], rate)

    def _move(self, rows: NDArray[np.int64], gradient: NDArray[np.float32], rate: float) -> None:
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
