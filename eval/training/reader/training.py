"""Trains the relevance models and computes cross-validated predictions."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from eval.storage.progress import with_progress_bar
from eval.training.reader.reading_examples import ReadingExample
from eval.training.reader.relevance_model import (
    RelevanceEnsemble,
    TrainableRelevanceModel,
    export_relevance_model,
    reader_loss,
    standardise,
)

Array = NDArray[np.float32]
# Questions a step, passes over the examples, step size, decay (decision 011).
BATCH, EPOCHS, STEP, DECAY = 22, 4.5, 2e-3, 1e-3
# The share of the questions that are learned from beside the same with what answers taken away, where there is such.
_BESIDE = 0.8
# Spreads below this would make noise of what hardly varies.
_LEAST_SPREAD = 1e-3


def train_models(examples: Sequence[ReadingExample], nets: int, epochs: float = EPOCHS) -> dict[str, Array]:
    """Return the weights of `nets` nets, seeds 0, 1, …, for bot/relevance; logits are not bent yet."""
    torch.set_num_threads(1)
    weights = {
        "passages": _feature_scaling([example.evidence.passages for example in examples]),
        "units": _feature_scaling([example.evidence.units for example in examples]),
        "platt": np.array([[1, 0]] * 3, np.float32),
    }
    ready = [_scale_example(example, weights) for example in examples]
    for seed in range(nets):
        net = _train_one(ready, seed, epochs)
        weights |= {f"{seed}/{name}": value.numpy() for name, value in net.state_dict().items()}
    return weights


def _feature_scaling(tables: Sequence[Array]) -> Array:
    rows = np.concatenate(tables)
    return np.stack([rows.mean(axis=0), rows.std(axis=0) + _LEAST_SPREAD]).astype(np.float32)


def _scale_example(example: ReadingExample, weights: dict[str, Array]) -> ReadingExample:
    evidence = example.evidence
    passages, units = standardise(evidence.passages, weights["passages"]), standardise(evidence.units, weights["units"])
    return replace(example, evidence=replace(evidence, passages=passages, units=units))


def _train_one(examples: Sequence[ReadingExample], seed: int, epochs: float) -> TrainableRelevanceModel:
    """Draw questions by their weight, most with one that lacks the answer, and follow the mean loss of a batch."""
    torch.manual_seed(seed)
    # What is seldom drawn has moments that fade for long: as denormal numbers they treble the time.
    torch.set_flush_denormal(True)
    random = np.random.default_rng(seed)
    first = examples[0].evidence
    net = TrainableRelevanceModel(first.passages.shape[1], first.units.shape[1], first.terms.shape[1])
    optimiser = torch.optim.AdamW(net.parameters(), lr=STEP, weight_decay=DECAY)
    whole, lacking = _index_questions(examples)
    steps = int(epochs * len(examples) / (BATCH * (1 + _BESIDE / 2)))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, STEP, total_steps=steps + 1, pct_start=0.1)
    chances = np.array([examples[i].weight for i in whole])
    chances /= chances.sum()
    for _ in with_progress_bar(range(steps), "学習しています"):
        drawn = [whole[i] for i in random.choice(len(whole), BATCH, p=chances)]
        beside = {
            i: int(random.choice(lacking[n])) for i, n in enumerate(drawn) if n in lacking and random.random() < _BESIDE
        }
        pairs = [(i, BATCH + k) for k, i in enumerate(beside) if examples[drawn[i]].answered == 1]
        optimiser.zero_grad()
        value = reader_loss(net, [examples[n] for n in (*drawn, *beside.values())], pairs)
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        schedule.step()
    return net.eval()


def _index_questions(examples: Sequence[ReadingExample]) -> tuple[list[int], dict[int, list[int]]]:
    """Return the places of the complete examples, and for each those of the same question with something taken away."""
    whole: list[int] = []
    lacking: dict[int, list[int]] = {}
    for place, example in enumerate(examples):
        if example.complete:
            whole.append(place)
        elif whole and examples[whole[-1]].question is example.question:
            lacking.setdefault(whole[-1], []).append(place)
    return whole, lacking


def save_weights(weights: dict[str, Array], path: Path) -> None:
    """Write the ONNX file of the models with these weights."""
    path.write_bytes(export_relevance_model(weights))


def cross_validated_readings(
    examples: Sequence[ReadingExample], folds: int, epochs: float = EPOCHS
) -> tuple[list[tuple[Array, Array, float]], Array]:
    """Return what models say of each example whose group they have not seen, and what bends all logits so, (3, 2)."""
    groups = sorted({example.question.group for example in examples})
    logits: dict[int, tuple[Array, Array, Array]] = {}
    for fold in range(folds):
        out = set(groups[fold::folds])
        model = RelevanceEnsemble(train_models([e for e in examples if e.question.group not in out], 1, epochs))
        logits |= {i: model.logits(e.evidence) for i, e in enumerate(examples) if e.question.group in out}
    whole = [i for i, example in enumerate(examples) if example.complete]
    wanted = [(examples[i].units, examples[i].passages, np.array([examples[i].answered])) for i in whole]
    bent = np.array(
        [
            _fit_platt_scaling(
                np.concatenate([np.atleast_1d(logits[i][k]) for i in whole]), np.concatenate([w[k] for w in wanted])
            )
            for k in range(3)
        ],
        np.float32,
    )
    said = []
    for i in range(len(examples)):
        units, passages, of_whole = (1 / (1 + np.exp(-(a * x + b))) for x, (a, b) in zip(logits[i], bent, strict=True))
        said.append((units, passages, float(of_whole)))
    return said, bent


def _fit_platt_scaling(logits: Array, wanted: Array) -> tuple[float, float]:
    """Return slope and shift that make probabilities of logits (Platt 1999), by maximum likelihood."""
    from scipy.optimize import minimize  # noqa: PLC0415 -- half a second that the other commands need not pay

    known = ~np.isnan(wanted)
    x, y = logits[known].astype(np.float64), wanted[known].astype(np.float64)
    found = minimize(lambda w: np.logaddexp(0, w[0] * x + w[1]).sum() - y @ (w[0] * x + w[1]), [1.0, 0.0])
    return float(found.x[0]), float(found.x[1])
