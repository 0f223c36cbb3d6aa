"""Whether a statement follows from its premises, where its claims stand there: a logistic model over a few features.

What figures, dates and names cannot tell (another row's value, a plain denial, a plan told as done, what nobody says)
is told by features none of which is sure alone. Weights, data and figures: `weights.json`, made by
`python -m eval verification --fit` (eval/verification/fit.py).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp

from bot.claims import polarity, wording
from bot.claims.alignment import claims, coverage_elsewhere, fit, lead_of_rivals, rarity, things
from bot.claims.premise import Clause, Premise

_AROUND = 0.3


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A normalised statement, the premises that it cites, the `others` that were offered too, and what it stands in.

    `reply` are the other statements of the reply in order, of which the first `place` stand before it. `quotes` are the
    words of the premises that are said to carry it, normalised, where they are given, and `formulas` those of the
    statement and of the others; `carried` are the premises as far as they are quoted, whole where nothing is.
    """

    text: str
    cited: tuple[Premise, ...]
    others: tuple[Premise, ...] = ()
    question: str = ""
    reply: tuple[str, ...] = ()
    place: int = 0
    items: int = 0
    quotes: tuple[str, ...] = ()
    carried: tuple[Premise, ...] = ()
    formula: str = ""
    operands: tuple[str, ...] = ()

    @property
    def around(self) -> str:
        """What a statement takes up: the question and the reply before it."""
        return " ".join([self.question, *self.reply[: self.place]])

    @property
    def lines(self) -> Sequence[str]:
        """The quotes that carry the statement, or else the lines of the premises that most likely do, best first."""
        return wording.lines_for(self.text, self.around, self.cited)

    @property
    def best_line(self) -> str:
        """All quotes, or else the best line."""
        return "\n".join(self.lines[:1])


def features(h: Hypothesis) -> dict[str, float]:
    """Return the features of a hypothesis by name, each about 0 where nothing speaks against it."""
    said = wording.Said(h.cited, h.question)
    nouns, in_compounds = wording.foreign_nouns(h.text, said)
    told = [claim for text in (h.text, *h.reply) for claim in claims(text)]
    leads = [lead_of_rivals(claim, h.around, h.cited, h.others, told) for claim in claims(h.text)]
    lines = h.lines
    best, near = h.best_line, "\n".join(lines)
    return {
        "foreign_nouns": min(nouns, 3.0),
        "foreign_compounds": min(in_compounds, 3.0),
        "asked_not_said": wording.asked_not_said(h.text, said),
        "rival": max([0.0, *(cited for cited, _ in leads)]),
        "rival_elsewhere": max([0.0, *(other for _, other in leads)]),
        "coverage_elsewhere": coverage_elsewhere(f"{h.text} {h.question}", h.cited, h.others),
        "contradiction": polarity.contradiction(h.text, h.cited, _Fit(h)),
        "opposite": float(polarity.says_opposite(h.text, lines)),
        "begun": float(polarity.tells_as_begun(h.text, best)),
        "denies_alone": float(polarity.denies_alone(h.text, near)),
    }


class _Fit:
    """How much a clause speaks of what a hypothesis does."""

    def __init__(self, h: Hypothesis) -> None:
        self._weights = dict.fromkeys(things(h.around), _AROUND) | dict.fromkeys(things(h.text), 1.0)
        self._rare = rarity((*h.cited, *h.others))

    def __call__(self, clause: Clause, premise: Premise) -> float:
        return sum(fit(clause, premise, self._weights, self._rare).values())


@dataclass(frozen=True, slots=True)
class Model:
    """P(wrong) = 1 / (1 + exp(-(bias + Σ weight · feature))); from `threshold` on a statement does not stand."""

    bias: float
    weights: Mapping[str, float]
    threshold: float

    def probability(self, measured: Mapping[str, float]) -> float:
        """Return how likely a statement with these features is wrong (0 to 1)."""
        return 1 / (1 + exp(-self.bias - sum(weight * measured[name] for name, weight in self.weights.items())))

    def reasons(self, measured: Mapping[str, float]) -> Sequence[str]:
        """Return the features that speak most against it, the strongest first."""
        speaking = {name: weight * measured[name] for name, weight in self.weights.items()}
        return sorted((name for name, value in speaking.items() if value > 0), key=lambda name: -speaking[name])


@cache
def shipped_model() -> Model:
    """Return the model that comes with this package."""
    data = json.loads(files("bot.claims").joinpath("weights.json").read_text("utf-8"))
    return Model(data["bias"], data["weights"], data["threshold"])
