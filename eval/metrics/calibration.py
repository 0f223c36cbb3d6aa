"""How well predicted probabilities match the shares that came true."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

_BINS = 10


@dataclass(frozen=True, slots=True)
class Calibration:
    """Bins with `n` predictions, their `mean` and the observed `share` with error `se`; Brier score, ECE (0-1)."""

    bins: tuple[dict[str, float], ...]
    n: int
    brier: float
    ece: float


def calibration(predictions: Sequence[tuple[float, bool]]) -> Calibration | None:
    """Return the calibration of probabilities (0-1), each with its outcome; None without any.

    Ten bins of equal width. Brier = mean of (p - o)²; ECE = sum over bins of n_b / n · |share - mean p|. Sources: Brier
    1950, "Verification of forecasts expressed in terms of probability"; Guo et al. 2017, "On calibration of modern
    neural networks" (arXiv:1706.04599).
    """
    if not predictions:
        return None
    p, outcome = np.array(predictions, dtype=float).T
    number = np.minimum((p * _BINS).astype(int), _BINS - 1)
    bins = []
    for one in np.unique(number):
        held = number == one
        n, mean, share = int(held.sum()), float(p[held].mean()), float(outcome[held].mean())
        se = sqrt(share * (1 - share) / n)
        bins.append({"low": one / _BINS, "high": (one + 1) / _BINS, "n": n, "mean": mean, "share": share, "se": se})
    ece = sum(one["n"] * abs(one["share"] - one["mean"]) for one in bins) / len(p)
    return Calibration(tuple(bins), len(p), float(((p - outcome) ** 2).mean()), ece)
