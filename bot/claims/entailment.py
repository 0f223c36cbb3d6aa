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
from bot.claims.alignment import claims, lead_of_rival, lines_about
from bot.claims.hypothesis import Hypothesis

_NEAREST = 2


def features(h: Hypothesis) -> dict[str, float]:
    """Return the features of a hypothesis by name, each about 0 where nothing speaks against it."""
    nouns, in_compounds = wording.foreign_nouns(h.text, h.question, h.cited)
    told = [claim for text in (h.text, *h.reply) for claim in claims(text)]
    lines = lines_about(h)
    best = list(lines)[:_NEAREST]
    return {
        "foreign_nouns": min(nouns, 3.0),
        "foreign_compounds": min(in_compounds, 3.0),
        "rival": max([0.0, *(lead_of_rival(claim, h, told) for claim in claims(h.text))]),
        "contradiction": polarity.contradiction(h.text, lines),
        "begun": float(polarity.tells_as_begun(h.text, "\n".join(best[:1]))),
        "denies_alone": float(polarity.denies_alone(h.text, "\n".join(best))),
    }


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
