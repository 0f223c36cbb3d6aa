"""The weights of `bot.claims.entailment`, fitted on replies whose sentences are known to be right or wrong.

Each feature only speaks against a statement, so no weight is below 0. What the sure checks stop is not the model's.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.claims import entailment, premise, squash, statements
from bot.claims.check import wrong_claims
from bot.claims.entailment import Model, features
from bot.claims.figures import normal
from bot.claims.hypothesis import Hypothesis, hypothesis
from eval.verification.natural_replies import Natural, sentences_of
from eval.verification.scripted_replies import ReplySet, load_replies, offered
from ingest.documents import Reading

WEIGHTS = Path(entailment.__file__).with_name("weights.json")
# Replies whose error is not one of sense, or that are whole as they stand and wrong by their time.
_OTHER_ERRORS = frozenset({"planted_order", "prompt_leak", "markup", "superseded_as_current", "address"})
_PULL, _FOLDS = 0.5, 10
# The share of right replies that must get through whole; the threshold is chosen, cross-fitted, for it.
_WHOLE = 0.97


@dataclass(frozen=True, slots=True)
class Example:
    """A statement of the reply `id`; `sure` where another check stops it, `judged` where it is measured on."""

    id: str
    measured: dict[str, float]
    wrong: bool
    sure: bool
    right_reply: bool
    judged: bool


def examples_of(replies: Sequence[Natural]) -> list[Example]:
    """Return the statements of natural replies, with the features that plain marks give."""
    found = []
    for reply in replies:
        shown = [passage.premise() for passage in reply.passages]
        said = sentences_of(reply, quotes=False)
        for n in (n for n, one in enumerate(said) if one.cited):
            h = hypothesis(n, said, shown, reply.question)
            wrong = reply.wrong_sentence == n and not reply.right
            found.append(_example(reply.id, h, wrong, reply.right, judged=True))
    return found


def scripted_examples(one: ReplySet, readings: Sequence[Reading]) -> list[Example]:
    """Return the statements of a project's own set; of a wrong reply only those that are wrong."""
    passages = [passage for reading in readings for passage in reading.passages]
    documents = {reading.document.id: reading.document for reading in readings}
    found = []
    for reply in load_replies(one.files):
        if reply.kind in _OTHER_ERRORS or reply.planted:
            continue
        shown = [premise(passage, documents[passage.doc_id]) for passage in offered(reply, passages)]
        wrong = squash(normal(reply.wrong))
        said = statements(reply.reply)
        for h in (hypothesis(n, said, shown, reply.question) for n, one in enumerate(said) if one.cited):
            of_it = not wrong or wrong in squash(h.text) or squash(h.text) in wrong
            if reply.right or of_it:
                found.append(_example(f"{one.name}/{reply.id}", h, not reply.right, reply.right, judged=False))
    return found


def _example(reply_id: str, h: Hypothesis, wrong: bool, right_reply: bool, *, judged: bool) -> Example:  # noqa: FBT001
    return Example(reply_id, features(h), wrong, any(wrong_claims(h)), right_reply, judged)


def fitted(examples: Sequence[Example]) -> tuple[Model, dict[str, Any]]:
    """Return the model of all examples, and what it reaches on those judged when each reply is left out of the fit."""
    names = list(examples[0].measured)
    folds = [int(sha256(one.id.encode()).hexdigest(), 16) % _FOLDS for one in examples]
    guessed = np.zeros(len(examples))
    for fold in range(_FOLDS):
        model = _fit([one for one, of in zip(examples, folds, strict=True) if of != fold], names)
        for n, one in enumerate(examples):
            if folds[n] == fold:
                guessed[n] = 1.0 if one.sure else model(one.measured)
    threshold = _threshold(examples, guessed)
    whole = _by_reply(examples, guessed, lambda one: one.right_reply)
    caught = _by_reply(examples, guessed, lambda one: one.wrong)
    figures = {
        "n": len({one.id for one in examples}),
        "right_whole": float(np.mean([value <= threshold for value in whole])),
        "wrong_sentence_stopped": float(np.mean([value > threshold for value in caught])),
    }
    last = _fit(examples, names)
    return Model(last.bias, last.weights, threshold), figures


@dataclass(frozen=True, slots=True)
class _Fitted:
    bias: float
    weights: dict[str, float]

    def __call__(self, measured: dict[str, float]) -> float:
        return Model(self.bias, self.weights, 0.5).probability(measured)


def _fit(examples: Sequence[Example], names: Sequence[str]) -> _Fitted:
    free = [one for one in examples if not one.sure]
    x = np.array([[one.measured[name] for name in names] for one in free])
    y = np.array([one.wrong for one in free], float)

    def loss(w: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        z = w[0] + x @ w[1:]
        p = 1 / (1 + np.exp(-z))
        value = np.sum(np.logaddexp(0, z) - y * z) + _PULL * np.sum(w[1:] ** 2)
        slope = np.concatenate([[np.sum(p - y)], x.T @ (p - y) + 2 * _PULL * w[1:]])
        return float(value), slope

    bounds = [(None, None), *[(0.0, None)] * len(names)]
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    return _Fitted(float(found[0]), {name: float(w) for name, w in zip(names, found[1:], strict=True) if w})


def _threshold(examples: Sequence[Example], guessed: NDArray[Any]) -> float:
    whole = sorted(_by_reply(examples, guessed, lambda one: one.right_reply))
    free = [value for value in whole if value < 1]
    place = min(len(free) - 1, int(np.ceil(_WHOLE * len(whole))) - 1)
    return float(free[place])


def _by_reply(examples: Sequence[Example], guessed: NDArray[Any], of: Callable[[Example], bool]) -> list[float]:
    """Return the highest probability of the statements that are `of` it, of each judged reply."""
    highest: dict[str, float] = {}
    for one, value in zip(examples, guessed, strict=True):
        if one.judged and of(one):
            highest[one.id] = max(float(value), highest.get(one.id, 0.0))
    return list(highest.values())


def write_weights(model: Model, figures: dict[str, Any], file: Path = WEIGHTS) -> None:
    """Write the model as the package ships it, with what it reached."""
    data = {
        "about": "bot.claims.entailment; python -m eval verification --fit; card: eval/verification/README.md",
        "cross_fitted": figures,
        "bias": round(model.bias, 4),
        "weights": {name: round(weight, 4) for name, weight in model.weights.items()},
        "threshold": round(model.threshold, 4),
    }
    file.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", "utf-8")
