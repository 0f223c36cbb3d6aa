"""Mean of a metric over questions, with its standard error."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean `value` of `n` rows and its standard error `se`, both in the metric's unit; 0 without rows."""

    value: float
    n: int
    se: float


def compute_mean(values: Iterable[tuple[str, float]]) -> Mean:
    """Return the mean of `values`, each with the id of its question.

    One question asked over two corpora tells less than two questions: residuals are summed by question before they are
    squared, sqrt(sum over questions of (sum of value - mean)²) / n. For verdicts (0 or 1) with each question asked once
    that is sqrt(p(1-p)/n). Source: Cameron and Miller 2015, A Practitioner's Guide to Cluster-Robust Inference, for a
    mean.
    """
    told = list(values)
    if not told:
        return Mean(0.0, 0, 0.0)
    mean = sum(value for _, value in told) / len(told)
    residuals: defaultdict[str, float] = defaultdict(float)
    for question, value in told:
        residuals[question] += value - mean
    return Mean(mean, len(told), sqrt(sum(value * value for value in residuals.values())) / len(told))
