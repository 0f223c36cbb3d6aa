"""The share of cases that pass, with its standard error."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class PassRate:
    """`passed` of `n` cases; `se` is the standard error of the rate, in 0-1."""

    passed: int
    n: int
    se: float

    @property
    def rate(self) -> float:
        """The share that passed, in 0-1; 0 without cases."""
        return self.passed / self.n if self.n else 0.0


def rate_of(verdicts: Iterable[tuple[str, bool]]) -> PassRate:
    """Return how many of `verdicts`, each the id of a question and whether it passed, did.

    One question asked over two corpora tells less than two questions: residuals are summed by question before they are
    squared, sqrt(sum over questions of (sum of passed - rate)²) / n. With each question asked once that is
    sqrt(p(1-p)/n). Source: Cameron and Miller 2015, A Practitioner's Guide to Cluster-Robust Inference, for a mean.
    """
    told = list(verdicts)
    passed, n = sum(good for _, good in told), len(told)
    residuals: defaultdict[str, float] = defaultdict(float)
    for question, good in told:
        residuals[question] += good - passed / n
    return PassRate(passed, n, sqrt(sum(value * value for value in residuals.values())) / n if n else 0.0)
