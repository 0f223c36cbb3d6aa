"""The decision between an answer and a refusal, on questions whose passage is there and the same with it taken away."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answer import Question
from bot.check.verify import CITED
from bot.find.decide import Decide
from bot.pipeline import Pipeline
from bot.turn import Draft, Turn
from eval.metrics.standard_error import standard_error
from eval.runs.progress import tracked
from ingest.documents import Passage

# What it costs to leave equal weights of nothing: enough to keep a separable set's weights finite.
_PULL = 0.001
# Probabilities at which the curve is told.
STEPS = tuple(round(step / 20, 2) for step in range(2, 19))


@dataclass(frozen=True, slots=True)
class Tried:
    """How one question ended. `there` is whether its answer could be found, `right` whether the answer given is it.

    `found` is whether the heaviest piece stands in a passage that answers; `signals` are the numbers that the decision
    was read from, by name, none where no piece could answer.
    """

    set: str
    id: str
    there: bool
    answered: bool
    right: bool
    found: bool
    signals: Mapping[str, float]
    confidence: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a set: `holds` tells whether a passage answers it, `is_right` whether a draft does.

    Where `holds` is None nothing answers it. With `taken_away` it is asked a second time without those passages.
    """

    id: str
    text: str
    as_of: date
    is_right: Callable[[Draft], bool]
    holds: Callable[[Passage], bool] | None
    taken_away: bool = True


def try_all(name: str, questions: Sequence[Asked], pipeline: Pipeline) -> list[Tried]:
    """Ask each of `questions`, and where its passages are known once more without them; a bar shows on a terminal."""
    return [tried for asked in tracked(questions, name) for tried in _tries(name, asked, pipeline)]


def _tries(name: str, asked: Asked, pipeline: Pipeline) -> Iterator[Tried]:
    yield _tried(name, asked, pipeline, None)
    if asked.holds is not None and asked.taken_away:
        yield _tried(name, asked, pipeline, asked.holds)


def _tried(name: str, asked: Asked, pipeline: Pipeline, without: Callable[[Passage], bool] | None) -> Tried:
    turn, found = Turn(Question(question=asked.text), asked.as_of), None
    for step, do in pipeline.steps:
        if turn.finished:
            break
        if isinstance(do, Decide):
            found = do.signals(turn)
        turn = do(turn)
        if step == "retrieve" and without is not None:
            turn = replace(turn, hits=tuple(hit for hit in turn.hits if not without(hit.passage)))
    draft = turn.draft
    answered = draft is not None and draft.status in CITED
    return Tried(
        name,
        asked.id,
        without is None and asked.holds is not None,
        answered,
        draft is not None and answered and without is None and asked.is_right(draft),
        without is None and asked.holds is not None and found is not None and asked.holds(found.passage),
        found.numbers if found else {},
        found.confidence if found else 0.0,
    )


def figures(tried: Sequence[Tried]) -> dict[str, Any]:
    """Return by set: the share answered and right where the answer is there, the share declined where it is not."""
    return {name: _figures([t for t in tried if t.set == name]) for name in dict.fromkeys(t.set for t in tried)}


def _figures(tried: Sequence[Tried]) -> dict[str, Any]:
    there, absent = [t for t in tried if t.there], [t for t in tried if not t.there]
    rates = {
        "answered": [float(t.answered) for t in there],
        "right": [float(t.right) for t in there],
        "declined": [float(not t.answered) for t in absent],
    }
    told: dict[str, Any] = {"n": len(there), "n_absent": len(absent)}
    for rate, values in rates.items():
        if values:
            told |= {rate: float(np.mean(values)), f"{rate}_se": standard_error(values)}
    return told


def curve(tried: Sequence[Tried]) -> list[dict[str, float]]:
    """Return for each of STEPS, were it the threshold, the share answered where due and declined where due."""
    there = np.array([t.confidence for t in tried if t.there])
    absent = np.array([t.confidence for t in tried if not t.there])
    return [
        {
            "from": step,
            "answered": float((there >= step).mean()) if len(there) else 0.0,
            "declined": float((absent < step).mean()) if len(absent) else 0.0,
        }
        for step in STEPS
    ]


def fitted(tried: Sequence[Tried]) -> dict[str, float]:
    """Return the weights of the signals, and the bias, by logistic regression; each set counts alike.

    Nothing where no question had a piece that could answer.

    What is to be told apart is whether the heaviest piece stands in a passage that answers.
    """
    used = [t for t in tried if t.signals]
    if not used:
        return {}
    names = list(used[0].signals)
    x = np.array([[*(t.signals[name] for name in names), 1.0] for t in used])
    y = np.array([float(t.found) for t in used])
    sizes = {name: sum(t.set == name for t in used) for name in {t.set for t in used}}
    share = np.array([1 / sizes[t.set] for t in used])
    share /= share.sum()

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = x @ weights
        value = share @ (np.logaddexp(0, odds) - y * odds) + _PULL * weights @ weights
        return float(value), x.T @ (share * (1 / (1 + np.exp(-odds)) - y)) + 2 * _PULL * weights

    from scipy.optimize import minimize  # noqa: PLC0415 -- half a second that the other commands need not pay

    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    return dict(zip((*names, "bias"), map(float, found), strict=True))
