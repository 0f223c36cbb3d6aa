"""Fits the classifier of messages of people in danger (command: emergencies)."""

import json
import re
from argparse import Namespace
from itertools import product
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from bot.emergencies.recognition import (
    BEREAVEMENT,
    HARMLESS,
    Array,
    as_situations,
    classifier_features,
    likely_situations,
    texts_to_read,
)
from eval.command import Measurement, command
from ingest.cli.command_line import path_option
from ingest.japanese import nfkc
from ingest.japanese.characters import KANJI, to_hiragana
from ingest.japanese.tokenise import morphemes

_TRAINING = Path(__file__).parent
_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")
_KANJI, _KANA = re.compile(f"[{KANJI}]"), re.compile("[ぁ-ん]")
_SAFE = {HARMLESS, BEREAVEMENT}
# The weight of a message in hiragana, and of one of the ordinary questions (decision 099).
_KANA_WEIGHT, _QUESTION_WEIGHT = 0.3, 0.1
_L2 = 0.05
_FOLDS = 5


class Example(NamedTuple):
    """A message with its label and weight; those of a line are in one fold of a cross-validation."""

    text: str
    label: str
    weight: float
    fold: int


def load_examples() -> list[Example]:
    """Return the messages of `danger/`, also in hiragana and with a cry for help, and the ordinary questions."""
    examples = list[Example]()
    for file in sorted((_TRAINING / "danger").glob("*.tsv")):
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            label, written = line.split("\t")
            parts = _ALTERNATIVES.split(nfkc(written).lower())
            choices = (part.split("|") if place % 2 else [part] for place, part in enumerate(parts))
            messages = ["".join(chosen) for chosen in product(*choices)]
            weight, fold = 1 / sqrt(len(messages)), number % _FOLDS
            examples += [Example(text, label, weight, fold) for text in messages]
            for kana in (_in_hiragana(text) for text in messages if _KANJI.search(text) and _KANA.search(text)):
                variants = {kana, kana if label in _SAFE else f"{kana} たすけて"}
                examples += [Example(text, label, _KANA_WEIGHT * weight, fold) for text in sorted(variants)]
    for file in sorted((_TRAINING / "questions").glob("*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            texts = texts_to_read(nfkc(json.loads(line)["question"]).lower())
            examples += [Example(text, HARMLESS, _QUESTION_WEIGHT, number % _FOLDS) for text in texts]
    return examples


def fit_classifier(examples: list[Example], features: Array) -> tuple[list[str], Array, Array]:
    """Return the labels, weights and bias with the lowest weighted cross-entropy plus an L2 penalty."""
    labels = sorted({example.label for example in examples})
    size = features.shape[1], len(labels)
    target = np.eye(len(labels))[[labels.index(example.label) for example in examples]]
    weight = np.array([example.weight for example in examples])[:, np.newaxis]

    def loss(parameters: Array) -> tuple[float, Array]:
        weights, bias = parameters[: -len(labels)].reshape(size), parameters[-len(labels) :]
        log_chances = log_softmax(features @ weights + bias, axis=1)
        error = (np.exp(log_chances) - target) * weight
        gradient = np.append((features.T @ error + _L2 * weights).ravel(), error.sum(axis=0))
        return float(_L2 / 2 * (weights**2).sum() - (weight * target * log_chances).sum()), gradient

    start = np.zeros(size[0] * size[1] + size[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return labels, found[: -len(labels)].reshape(size), found[-len(labels) :]


@command(
    "emergencies",
    "危険にある人の言葉を見分けるものを、例から作る",
    path_option("--out", "FILE", "保存先", required=True, dest="file"),
)
def emergencies(options: Namespace) -> Measurement:
    """Fit the classifier on all examples, and measure it by cross-validation over single messages."""
    examples = load_examples()
    features = classifier_features([example.text for example in examples])
    folds = np.array([example.fold for example in examples])
    danger, false = list[tuple[str, list[str]]](), list[bool]()
    for fold in range(_FOLDS):
        rest = np.flatnonzero(folds != fold)
        labels, weights, bias = fit_classifier([examples[row] for row in rest], features[rest])
        for row in (row for row in np.flatnonzero(folds == fold) if examples[row].weight == 1):
            shown = likely_situations(as_situations(labels, softmax(features[row] @ weights + bias)))
            if examples[row].label in _SAFE:
                false.append(bool(shown))
            else:
                danger.append((examples[row].label, shown))
    labels, weights, bias = fit_classifier(examples, features)
    content = {
        "fitted_on": {"messages": len(examples)},
        "labels": labels,
        "bias": bias.round(2).tolist(),
        "weights": weights.T.round(2).tolist(),
    }
    options.file.write_text(json.dumps(content).replace("], [", "],\n  [") + "\n", "utf-8")
    figures = {
        "alarm": (np.mean([bool(shown) for _, shown in danger]), len(danger)),
        "first": (np.mean([shown[:1] == [label] for label, shown in danger]), len(danger)),
        "false_alarm": (np.mean(false), len(false)),
    }
    return Measurement({name: {"rate": float(rate), "n": n} for name, (rate, n) in figures.items()})


def _in_hiragana(text: str) -> str:
    return "".join(to_hiragana(m.reading) if m.pos[0] != "補助記号" else m.surface for m in morphemes(text))
