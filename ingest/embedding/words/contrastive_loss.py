"""Gradients of the contrastive loss InfoNCE."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


def contrastive_gradients(left: Matrix, right: Matrix, temperature: float) -> tuple[Matrix, Matrix]:
    """Return the gradients for `left` and `right`, n pairs of unit rows, (n, dimension) each.

    InfoNCE (van den Oord et al. 2018, arXiv:1807.03748) over cosines with in-batch negatives (Henderson et al. 2017,
    arXiv:1705.00652), in both directions (Radford et al. 2021, arXiv:2103.00020).
    """
    size = len(left)
    similar = left @ right.T / np.float32(temperature)
    forth, back = _softmax(similar, 1), _softmax(similar, 0)
    own = np.arange(size)
    wrong: Matrix = forth + back
    wrong[own, own] -= 2
    wrong /= np.float32(2 * size * temperature)
    return wrong @ right, wrong.T @ left


def _softmax(scores: Matrix, axis: int) -> Matrix:
    powers: Matrix = np.exp(scores - scores.max(axis=axis, keepdims=True))
    powers /= powers.sum(axis=axis, keepdims=True)
    return powers
