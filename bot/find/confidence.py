"""How sure it is that what was found answers: a probability, read from how well it was found and how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import exp

from ingest.documents import Passage

# What a unit of each signal adds to the log odds that the heaviest piece answers, and the log odds at zero of all.
# Chosen among weightings for what they keep of the own cases; `python -m eval decision` tells what they give, and its
# regression, which on the own cases knows only whether an answer is due (eval/LOG.md, 2026-11-21).
_WEIGHTS: Mapping[str, float] = {
    "score": 1.5,
    "coverage": 3.0,
    "found": 0.05,
    "behind": -0.2,
    "ahead": 0.5,
    "said": -0.4,
}
_BIAS = -3.94


@dataclass(frozen=True, slots=True)
class Signals:
    """What an answer's probability is read from, all of the heaviest piece, which stands in `passage`.

    `score` is its weight, `coverage` the best of those that fit, `found` the search's score of its passage, `behind`
    what that lacks to the best passage's, `ahead` its weight before the heaviest piece of another passage. `said` is 1
    where somebody says it in a meeting, else 0.
    """

    passage: Passage
    score: float
    coverage: float
    found: float
    behind: float
    ahead: float
    said: float

    @property
    def numbers(self) -> dict[str, float]:
        """The signals by name."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "passage"}

    @property
    def confidence(self) -> float:
        """The probability (0-1) that the heaviest piece answers."""
        return 1 / (1 + exp(-(sum(_WEIGHTS[name] * value for name, value in self.numbers.items()) + _BIAS)))
