"""Calibration: whether predicted probabilities match observed frequencies."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """`n` predictions from `low` to `high`: their `mean`, the observed `share`, and its standard error `se`."""

    low: float
    high: float
    n: int
    mean: float
    share: float
    se: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The bins that are not empty, the Brier score and the expected calibration error, all in 0-1; `n` predictions.

    `mean` is the mean prediction, `share` the share of positive outcomes.
    """

    bins: tuple[Bin, ...]
    n: int
    brier: float
    ece: float
    mean: float
    share: float


def calibration(predictions: Sequence[tuple[float, bool]]) -> Calibration | None:
    """Return the calibration of probabilities (0-1), each with its outcome; None without any.

    Ten bins of equal width. Brier = mean of (p - o)²; ECE = sum over bins of n_b / n · |share - mean p|. Sources: Brier
    1950, "Verification of forecasts expressed in terms of probability"; Guo et al. 2017, "On calibration of modern
    neural networks" (arXiv:1706.04599).
    """
    if not predictions:
        return None
    binned: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for p, outcome in predictions:
        binned[min(int(p * BINS), BINS - 1)].append((p, outcome))
    bins = tuple(_summarise_bin(number, members) for number, members in enumerate(binned) if members)
    brier = sum((p - outcome) ** 2 for p, outcome in predictions) / len(predictions)
    ece = sum(bin_.n * abs(bin_.share - bin_.mean) for bin_ in bins) / len(predictions)
    mean, share = (float(sum(column)) / len(predictions) for column in zip(*predictions, strict=True))
    return Calibration(bins, len(predictions), brier, ece, mean, share)


def _summarise_bin(number: int, members: Sequence[tuple[float, bool]]) -> Bin:
    n = len(members)
    mean = sum(p for p, _ in members) / n
    share = sum(outcome for _, outcome in members) / n
    return Bin(number / BINS, (number + 1) / BINS, n, mean, share, sqrt(share * (1 - share) / n))
