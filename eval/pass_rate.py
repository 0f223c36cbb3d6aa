"""The share of cases that pass, with its standard error."""

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class PassRate:
    """`passed` of `n` cases."""

    passed: int
    n: int

    @property
    def rate(self) -> float:
        """The share that passed, in 0-1; 0 without cases."""
        return self.passed / self.n if self.n else 0.0

    @property
    def se(self) -> float:
        """Standard error of a proportion, sqrt(p(1-p)/n); 0 without cases."""
        return sqrt(self.rate * (1 - self.rate) / self.n) if self.n else 0.0
