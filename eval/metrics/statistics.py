"""Means, standard errors, calibration, and the significance of a difference between two runs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

RESAMPLES = 10_000
SEED = 20_261_120
# Bins of a reliability diagram.
_BINS = 10
# Resamples drawn at once: 250 of 10,000 queries are 20 MB.
_BATCH = 250


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean `value` of `n` rows and its standard error `se`, both in the metric's unit; 0 without rows."""

    value: float
    n: int
    se: float

    @property
    def passed(self) -> int:
        """How many of the verdicts passed."""
        return round(self.value * self.n)

    def figures(self, name: str) -> dict[str, float]:
        """Return `name`, `name_se` and `name_n`; empty without rows."""
        return {name: self.value, f"{name}_se": self.se, f"{name}_n": self.n} if self.n else {}


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """The mean difference over `n` queries, its 95 % interval, and the two-sided p-value of "there is none"."""

    n: int
    difference: float
    low: float
    high: float
    p: float


def compute_mean(values: Iterable[tuple[str, float]]) -> Mean:
    """Return the mean of `values`, each with the id of its question.

    One question over two corpora is less evidence than two questions, so residuals are summed by question before they
    are squared: se = sqrt(sum over questions of (sum of value - mean)²) / n. For verdicts (0 or 1) with each question
    once that is sqrt(p(1-p)/n). Source: Cameron and Miller 2015, A Practitioner's Guide to Cluster-Robust Inference.
    """
    pairs = list(values)
    if not pairs:
        return Mean(0.0, 0, 0.0)
    mean = sum(value for _, value in pairs) / len(pairs)
    residuals: defaultdict[str, float] = defaultdict(float)
    for question, value in pairs:
        residuals[question] += value - mean
    return Mean(mean, len(pairs), sqrt(sum(value * value for value in residuals.values())) / len(pairs))


def percentiles(times_ms: Sequence[float], *wanted: int) -> dict[str, float]:
    """Return `p50_ms` and so on for each percentile `wanted`, interpolated between neighbours; empty without times."""
    return {f"p{p}_ms": float(np.percentile(times_ms, p)) for p in wanted} if times_ms else {}


def paired_bootstrap(before: Sequence[float], after: Sequence[float]) -> MeanDifference:
    """Return the mean of after - before, query by query; both in the same order, at least one query.

    10,000 resamples of the queries with a fixed seed. The interval lies between the 2.5th and 97.5th percentile of the
    resampled means; p is the share of resamples, the sample itself included, whose mean is at least as far from the
    sample's mean as that is from 0. Below some twenty queries the interval is too narrow. Sources: Efron and
    Tibshirani 1993, An Introduction to the Bootstrap, chapters 13 and 16; Sakai 2006, "Evaluating evaluation metrics
    based on the bootstrap".
    """
    from scipy.stats import bootstrap  # noqa: PLC0415 -- a second that most commands need not pay

    differences = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    mean = float(differences.mean())
    means = np.full(RESAMPLES, mean)
    if len(differences) > 1:  # SciPy refuses a sample of one
        resampled = bootstrap(
            (differences,), np.mean, n_resamples=RESAMPLES, batch=_BATCH, rng=SEED, method="percentile"
        )
        means = resampled.bootstrap_distribution
    low, high = np.percentile(means, [2.5, 97.5])
    # Sums of the same numbers in another order differ in their last digit.
    extreme = int(np.count_nonzero(np.abs(means - mean) >= abs(mean) - 1e-12))
    return MeanDifference(len(differences), mean, float(low), float(high), (extreme + 1) / (RESAMPLES + 1))


def mcnemar(gained: int, lost: int) -> float:
    """Return the two-sided p-value of "a case that changes is as likely gained as lost"; 1 if none changed.

    The exact form, min(1, 2 · P(X <= min(gained, lost))) for X of the binomial (gained + lost, 1/2), which holds for
    few changes too. Sources: McNemar 1947, Psychometrika 12(2); for comparing systems Dror et al. 2018, ACL, "The
    hitchhiker's guide to testing statistical significance in natural language processing".
    """
    if not gained + lost:
        return 1.0
    from scipy.stats import binomtest  # noqa: PLC0415 -- as above

    return float(binomtest(gained, gained + lost, 0.5).pvalue)


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
