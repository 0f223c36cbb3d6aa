"""Trains the relevance models and computes cross-validated predictions."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from eval.training.examples import ReadingExample
from eval.training.loop import binary_loss, listwise_loss, start_training, train_model
from eval.training.relevance_model import RelevanceEnsemble, TrainableRelevanceModel, batch_examples, standardise

Array = NDArray[np.float32]
Scores = tuple[Array, Array, float]
"""The probabilities of the units, the passages, and of an answer."""
# Values of decision 011: questions per batch.
QUESTIONS_PER_BATCH = 22
# Passes over the training data.
EPOCHS = 4.5
# Peak learning rate.
LEARNING_RATE = 2e-3
# Weight decay.
WEIGHT_DECAY = 1e-3
# Share of questions paired with their version without an answer.
_UNANSWERED_SHARE = 0.8
# Minimum standard deviation, so that nearly constant features are not amplified.
_MIN_SPREAD = 1e-3


def train_models(examples: Sequence[ReadingExample], nets: int, epochs: float = EPOCHS) -> dict[str, Array]:
    """Return the weights of `nets` models with seeds 0, 1, …; their logits are not calibrated yet."""
    torch.set_num_threads(1)
    weights = {
        "passages": _feature_scaling([example.evidence.passages for example in examples]),
        "units": _feature_scaling([example.evidence.units for example in examples]),
        "platt": np.array([[1, 0]] * 3, np.float32),
    }
    scaled = [_scale_example(example, weights) for example in examples]
    for seed in range(nets):
        network = _train_one(scaled, seed, epochs)
        weights |= {f"{seed}/{name}": value.numpy() for name, value in network.state_dict().items()}
    return weights


def _feature_scaling(tables: Sequence[Array]) -> Array:
    rows = np.concatenate(tables)
    return np.stack([rows.mean(axis=0), rows.std(axis=0) + _MIN_SPREAD]).astype(np.float32)


def _scale_example(example: ReadingExample, weights: dict[str, Array]) -> ReadingExample:
    evidence = example.evidence
    passages = standardise(evidence.passages, weights["passages"])
    units = standardise(evidence.units, weights["units"])
    return replace(example, evidence=replace(evidence, passages=passages, units=units))


def _train_one(examples: Sequence[ReadingExample], seed: int, epochs: float) -> TrainableRelevanceModel:
    random = start_training(seed)
    first = examples[0].evidence
    network = TrainableRelevanceModel(first.passages.shape[1], first.units.shape[1], first.terms.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    complete, without_answer = _index_questions(examples)
    steps = int(epochs * len(examples) / (QUESTIONS_PER_BATCH * (1 + _UNANSWERED_SHARE / 2)))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps + 1, pct_start=0.1)
    chances = np.array([examples[i].weight for i in complete])
    chances /= chances.sum()

    def loss_of_batch() -> Tensor:
        drawn = [complete[i] for i in random.choice(len(complete), QUESTIONS_PER_BATCH, p=chances)]
        unanswered = {
            i: int(random.choice(without_answer[n]))
            for i, n in enumerate(drawn)
            if n in without_answer and random.random() < _UNANSWERED_SHARE
        }
        pairs = [(i, QUESTIONS_PER_BATCH + k) for k, i in enumerate(unanswered) if examples[drawn[i]].answered == 1]
        return reader_loss(network, [examples[n] for n in (*drawn, *unanswered.values())], pairs)

    train_model(network, loss_of_batch, optimiser, schedule, steps, max_norm=2.0, doing="学習しています")
    return network.eval()


def _index_questions(examples: Sequence[ReadingExample]) -> tuple[list[int], dict[int, list[int]]]:
    complete: list[int] = []
    without_answer: dict[int, list[int]] = {}
    for place, example in enumerate(examples):
        if example.complete:
            complete.append(place)
        elif complete and examples[complete[-1]].question is example.question:
            without_answer.setdefault(complete[-1], []).append(place)
    return complete, without_answer


def cross_validated_readings(
    examples: Sequence[ReadingExample], folds: int, epochs: float = EPOCHS
) -> tuple[list[Scores], Array]:
    """Return out-of-fold probabilities of each example and the Platt scaling used, (3, 2); folds split by group."""
    groups = sorted({example.question.group for example in examples})
    logits: dict[int, tuple[Array, Array, Array]] = {}
    for fold in range(folds):
        out = set(groups[fold::folds])
        model = RelevanceEnsemble(train_models([e for e in examples if e.question.group not in out], 1, epochs))
        logits |= {i: model.logits(e.evidence) for i, e in enumerate(examples) if e.question.group in out}
    complete = [i for i, example in enumerate(examples) if example.complete]
    targets = [(examples[i].units, examples[i].passages, np.array([examples[i].answered])) for i in complete]
    scaling = np.array(
        [
            _fit_platt_scaling(
                np.concatenate([np.atleast_1d(logits[i][k]) for i in complete]), np.concatenate([w[k] for w in targets])
            )
            for k in range(3)
        ],
        np.float32,
    )
    probabilities = []
    for i in range(len(examples)):
        units, passages, answered = (
            1 / (1 + np.exp(-(a * x + b))) for x, (a, b) in zip(logits[i], scaling, strict=True)
        )
        probabilities.append((units, passages, float(answered)))
    return probabilities, scaling


def _fit_platt_scaling(logits: Array, targets: Array) -> tuple[float, float]:
    from scipy.optimize import minimize  # noqa: PLC0415 -- costs half a second

    known = ~np.isnan(targets)
    x = logits[known].astype(np.float64)
    y = targets[known].astype(np.float64)
    fit = minimize(lambda w: np.logaddexp(0, w[0] * x + w[1]).sum() - y @ (w[0] * x + w[1]), [1.0, 0.0])
    return float(fit.x[0]), float(fit.x[1])


def reader_loss(
    model: TrainableRelevanceModel, examples: Sequence[ReadingExample], pairs: Sequence[tuple[int, int]] = ()
) -> Tensor:
    """Return the loss of single units and passages, of those of a question relative to each other, and of the answer.

    `pairs` are the indices of answered questions and of their versions without the answer, which must score lower
    (Burges et al. 2005, "Learning to rank using gradient descent").
    """
    b = batch_examples(examples)
    units, passages, whole = model(b)
    of_units = torch.from_numpy(np.concatenate([e.units for e in examples]))
    of_passages = torch.from_numpy(np.concatenate([e.passages for e in examples]))
    answered = torch.tensor([e.answered for e in examples])
    return (
        3 * binary_loss(units, of_units)
        + listwise_loss(units, of_units, b.of_units, b.n)
        + 2 * binary_loss(passages, of_passages)
        + listwise_loss(passages, of_passages, b.of_passages, b.n)
        + binary_loss(whole, answered)
        + sum(functional.softplus(whole[less] - whole[more]) for more, less in pairs) / max(1, len(pairs))
    )
