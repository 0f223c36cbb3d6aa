"""Calibration: whether predicted probabilities match observed frequencies."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The `n` cases whose probability lies from `low` to `high`: its mean, the `share` that was so, its `se`."""

    low: float
    high: float
    n: int
    mean: float
    share: float
    se: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The bins that hold cases, the Brier score and the expected calibration error, all in 0-1; `n` cases."""

    bins: tuple[Bin, ...]
    n: int
    brier: float
    ece: float


def calibration(told: Sequence[tuple[float, bool]]) -> Calibration | None:
    """Return how well the probabilities of `told` (0-1), each with whether it was so, are calibrated; None without any.

    Ten bins of equal width. Brier = mean of (p - o)²; ECE = sum over bins of n_b / n · |share - mean p|. Sources: Brier
    1950, "Verification of forecasts expressed in terms of probability"; Guo et al. 2017, "On calibration of modern
    neural networks" (arXiv:1706.04599).
    """
    if not told:
        return None
    held: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for p, was in told:
        held[min(int(p * BINS), BINS - 1)].append((p, was))
    bins = tuple(_bin(at, inside) for at, inside in enumerate(held) if inside)
    brier = sum((p - was) ** 2 for p, was in told) / len(told)
    ece = sum(one.n * abs(one.share - one.mean) for one in bins) / len(told)
    return Calibration(bins, len(told), brier, ece)


def _bin(at: int, inside: Sequence[tuple[float, bool]]) -> Bin:
    n = len(inside)
    mean, share = sum(p for p, _ in inside) / n, sum(was for _, was in inside) / n
    return Bin(at / BINS, (at + 1) / BINS, n, mean, share, sqrt(share * (1 - share) / n))
