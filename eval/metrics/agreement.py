"""Cohen's kappa between judges, and the calibration of predicted probabilities."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Label = int | str | bool
Weight = Callable[[int, int, int], float]
"""How far two of `k` labels agree (0-1), given by their places in order."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """`kappa` (1 full agreement, 0 agreement by chance) over `n` items that both judged, and its standard error `se`.

    `observed` is the weighted share of agreement. kappa and se are None where chance alone gives full agreement (one
    label only), or without a pair.
    """

    kappa: float | None
    se: float | None
    observed: float
    n: int


def nominal(first: int, second: int, _: int) -> float:
    """Count only the same label as agreement."""
    return float(first == second)


def quadratic(first: int, second: int, labels: int) -> float:
    """Count near labels of an ordered scale as nearly the same: 1 - (i - j)² / (k - 1)² (Fleiss and Cohen 1973)."""
    return 1.0 - (first - second) ** 2 / max(labels - 1, 1) ** 2


def kappa(pairs: Iterable[tuple[Label, Label]], weight: Weight = nominal, labels: Iterable[Label] = ()) -> Agreement:
    """Return the agreement of two judges who gave `pairs` of labels to the same items.

    kappa = (p_o - p_e) / (1 - p_e), p_o the weighted share of agreement, p_e the share for two judges who label at
    random with their frequencies. The standard error, which scikit-learn does not give, holds for large samples.
    `labels` names the scale in order; without it, the labels that occur, sorted. Sources: Cohen 1960 and 1968; Fleiss,
    Cohen and Everitt 1969, "Large sample standard errors of kappa and weighted kappa".
    """
    judged = list(pairs)
    scale = tuple(labels) or tuple(sorted({label for pair in judged for label in pair}, key=str))
    if not judged:
        return Agreement(None, None, 0.0, 0)
    shares = np.zeros((len(scale), len(scale)))
    for first, second in judged:
        shares[scale.index(first), scale.index(second)] += 1 / len(judged)
    places = range(len(scale))
    return _agreement(shares, np.array([[weight(i, j, len(scale)) for j in places] for i in places]), len(judged))


def _agreement(shares: NDArray[np.float64], weights: NDArray[np.float64], n: int) -> Agreement:
    rows = shares.sum(axis=1)
    columns = shares.sum(axis=0)
    observed = float((weights * shares).sum())
    by_chance = float(rows @ weights @ columns)
    if np.isclose(by_chance, 1.0):
        return Agreement(None, None, observed, n)
    value = (observed - by_chance) / (1 - by_chance)
    means = (weights @ columns)[:, None] + (rows @ weights)[None, :]
    spread = float((shares * (weights - means * (1 - value)) ** 2).sum()) - (value - by_chance * (1 - value)) ** 2
    return Agreement(value, float(np.sqrt(max(spread, 0.0) / n)) / (1 - by_chance), observed, n)


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
