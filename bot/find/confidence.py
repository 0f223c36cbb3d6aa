"""How sure it is that what was found answers: a probability, fitted on questions with and without their passage."""

from dataclasses import dataclass
from math import exp

from ingest.documents import Passage

# The logistic regression of `python -m eval decision` (curve and sets in eval/LOG.md, 2026-11-20): what a unit of the
# heaviest piece's score and of the best coverage adds to the log odds, and the log odds at zero of both.
_SCORE, _COVERAGE, _BIAS = 2.0, 2.0, -3.9


@dataclass(frozen=True, slots=True)
class Signals:
    """What an answer's probability is read from: the heaviest piece's score, and the best coverage of those that fit.

    `passage` is where the heaviest piece stands.
    """

    passage: Passage
    score: float
    coverage: float

    @property
    def confidence(self) -> float:
        """The probability (0-1) that the heaviest piece answers."""
        return 1 / (1 + exp(-(_SCORE * self.score + _COVERAGE * self.coverage + _BIAS)))
