"""Fits the ranker's weights with the ListNet loss."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.ranking import Ranker
from eval.training.ranker.ranking_examples import RankingExample

# Initial weights: keywords, encoder and word vectors count equally.
PRIOR = {"bm25": 1.0, "encoder_cosine": 1.0, "word_vector_cosine": 1.0}
# Strength of the L2 pull towards the prior, per standard deviation of a feature (decision 003).
_PULL = 0.03

Array = NDArray[np.float64]


def fit_ranker(tasks: Sequence[Sequence[RankingExample]], pull: float = _PULL) -> Ranker:
    """Return the ranker that minimises the mean loss of the tasks plus an L2 pull towards PRIOR.

    A task is weighted by the square root of its number of questions, relative to the largest. With equal weights, 18
    questions about pages moved 2 % of JSQuAD's to another passage without finding more pages (decision 003).

    Weights are not negative. Otherwise two features that one task cannot distinguish get large weights of opposite
    signs, which do harm on another corpus.

    The loss is ListNet's (Cao et al. 2007, "Learning to rank: from pairwise approach to listwise approach"): the cross
    entropy between the grades and the softmax of the scores. It is convex.
    """
    names = list(tasks[0][0].features)
    scale = _feature_spread([example for task in tasks for example in task], names)
    prior = np.array([PRIOR.get(name, 0.0) for name in names])
    largest = max(map(len, tasks))
    shares = [(len(task) / largest) ** 0.5 / len(task) for task in tasks]
    sets = [[(_feature_matrix(e, names) / scale, e.grades / e.grades.sum()) for e in task] for task in tasks]

    def loss(weights: Array) -> tuple[float, Array]:
        value = pull * ((weights - prior) ** 2).sum()
        slope = 2 * pull * (weights - prior)
        for examples, share in zip(sets, shares, strict=True):
            for features, target in examples:
                scores = features @ weights
                log_sum = np.logaddexp.reduce(scores)
                value += share * (log_sum - target @ scores)
                slope = slope + share * (features.T @ (np.exp(scores - log_sum) - target))
        return float(value), slope

    from scipy.optimize import minimize  # noqa: PLC0415 -- half a second that the other commands need not pay

    result = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(names))
    return Ranker({name: float(weight) for name, weight in zip(names, result.x / scale, strict=True)})


def _feature_matrix(example: RankingExample, names: Sequence[str]) -> Array:
    return np.stack([example.features[name] for name in names], axis=1).astype(np.float64)


def _feature_spread(examples: Sequence[RankingExample], names: Sequence[str]) -> Array:
    spread: Array = np.mean([_feature_matrix(example, names).std(axis=0) for example in examples], axis=0)
    return np.maximum(spread, 1e-6)
