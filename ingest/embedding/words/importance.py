"""Initial importance of words by frequency.

Source: Arora et al. 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings".
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_A = 1e-3


def log_importance(counts: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
    """Return ln(a / (a + p)) of words that occur `counts` times, where p is their share of all; (len(counts),)."""
    share = np.asarray(counts) / max(1, np.sum(counts))
    return np.log(_A / (_A + share)).astype(np.float32)
