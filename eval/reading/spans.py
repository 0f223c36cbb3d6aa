"""Fitting the span model: the weights under which the true answers are the likeliest among the candidates."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from bot.extract.clues import table
from eval.reading.spans_examples import SpanExample

# What the square of a class's weight costs, and that of a number's, in questions' losses. Of fits on two thirds of the
# fitting half, those with 2 to 4 and .3 to 1 have the least loss on the last third (eval/LOG.md, 2026-11-20).
_CLASS_COST, _NUMBER_COST = 3.0, 1.0
# Candidates that a class needs to get a weight, and the weight under which it is left out: a third of the classes are,
# and no figure falls.
_LEAST, _SMALLEST = 100, 0.1
# Steps after which a fit that has not come to an end is taken as it is; one on JaQuAD takes 70.
_STEPS = 1000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SpanWeights:
    """The weights of the span model: of the numbers by name, and of the classes by name."""

    numbers: dict[str, float]
    classes: dict[str, float]


def fit_spans(examples: Sequence[SpanExample]) -> SpanWeights:
    """Return the weights that maximise the likelihood of the right candidates of `examples`, (at least one).

    The likelihood of a question is the sum of the probabilities of its right candidates under a softmax over all that
    it has (Rajpurkar et al. 2016, arXiv:1606.05250, section 5.2, which maximises the same with a penalty on squared
    weights). The fit begins with weights of zero and takes no chance: the same examples give the same weights.
    """
    classes = _classes(examples)
    names = {name: n for n, name in enumerate(dict.fromkeys(name for e in examples for name in e.numbers))}
    x = np.concatenate([table(e.numbers, names, len(e.right)) for e in examples])
    found = _fitted(_memberships(examples, classes), x, examples)
    of_classes, of_numbers = found[: len(classes)], found[len(classes) :]
    return SpanWeights(
        {name: round(float(weight), 3) for name, weight in zip(names, of_numbers, strict=True)},
        {n: round(float(w), 2) for n, w in zip(classes, of_classes, strict=True) if abs(w) >= _SMALLEST},
    )


def _classes(examples: Sequence[SpanExample]) -> dict[str, int]:
    """Return the classes that are met often enough, each with its column."""
    met = Counter(name for example in examples for names in example.classes for name in names)
    return {name: n for n, name in enumerate(name for name, times in met.items() if times >= _LEAST)}


def _memberships(examples: Sequence[SpanExample], classes: dict[str, int]) -> csr_matrix:
    """Return which candidate is in which class, (candidates of all examples, classes)."""
    columns: list[NDArray[np.int32]] = []
    for example in examples:
        columns += [np.array([classes[n] for n in names if n in classes], np.int32) for names in example.classes]
    ends = np.cumsum([0, *map(len, columns)])
    ones = np.ones(ends[-1], np.float32)
    return csr_matrix((ones, np.concatenate(columns), ends), shape=(len(columns), len(classes)))


def _fitted(member: csr_matrix, x: NDArray[np.float32], examples: Sequence[SpanExample]) -> Floats:
    """Return the weights of the classes and, behind them, those of the columns of `x`."""
    sizes = [len(example.right) for example in examples]
    starts, of = np.cumsum([0, *sizes])[:-1], np.repeat(np.arange(len(sizes)), sizes)
    right = np.concatenate([example.right for example in examples])
    split, turned = member.shape[1], member.T.tocsr()
    cost = np.concatenate([np.full(split, _CLASS_COST), np.full(x.shape[1], _NUMBER_COST)])

    def loss(weights: Floats) -> tuple[float, Floats]:
        narrow = weights.astype(np.float32)
        scores = member @ narrow[:split] + x @ narrow[split:]
        odds = np.exp(scores - np.maximum.reduceat(scores, starts)[of])
        chances = odds / np.add.reduceat(odds, starts)[of]
        true = np.maximum(np.add.reduceat(chances * right, starts), 1e-12)
        slope = (chances - chances * right / true[of]).astype(np.float32)
        slopes = np.concatenate([turned @ slope, x.T @ slope]).astype(np.float64)
        value = -np.log(true).sum() + (cost * weights**2).sum() / 2
        return float(value) / len(sizes), (slopes + cost * weights) / len(sizes)

    zero = np.zeros(split + x.shape[1])
    found: Floats = minimize(loss, zero, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    return found
