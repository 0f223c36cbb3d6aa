"""Share of the cases that pass, with its standard error."""

from collections.abc import Iterable
from dataclasses import dataclass

from eval.metrics.mean import compute_mean


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


def compute_pass_rate(verdicts: Iterable[tuple[str, bool]]) -> PassRate:
    """Return how many of `verdicts`, each the id of a question and whether it passed, did.

    A question asked over two corpora is one cluster, as in `mean_of`.
    """
    told = list(verdicts)
    return PassRate(sum(good for _, good in told), len(told), compute_mean(told).se)
