"""Fits the classifier of messages of people in danger (command: emergencies)."""

import json
import re
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.emergencies.recognition import BEREAVEMENT, HARMLESS, classifier_features, likely_situations, texts_to_read
from eval.command import Measurement, command
from ingest.cli.command_line import path_option
from ingest.japanese import nfkc
from ingest.japanese.characters import KANJI, to_hiragana
from ingest.japanese.tokenise import morphemes

Array = NDArray[np.float64]
_TRAINING = Path(__file__).parent
_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")
_KANJI = re.compile(f"[{KANJI}]")
_KANA = re.compile("[ぁ-ん]")
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


@dataclass(frozen=True, slots=True)
class Classifier:
    """A softmax regression: `weights` are (dimension, labels), `bias` is (labels,)."""

    labels: list[str]
    weights: Array
    bias: Array

    def situations(self, vectors: Array) -> list[list[str]]:
        """Return the situations that would be shown for each vector."""
        logits = vectors @ self.weights + self.bias
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        named = (dict(zip(self.labels, map(float, row), strict=True)) for row in chances)
        return [likely_situations(one | {HARMLESS: one[HARMLESS] + one.pop(BEREAVEMENT)}) for one in named]


def load_examples() -> list[Example]:
    """Return the messages of `danger/`, also in hiragana and with a cry for help, and the ordinary questions."""
    examples = list[Example]()
    for file in sorted((_TRAINING / "danger").glob("*.tsv")):
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            label, written = line.split("\t")
            messages = list(_expand(nfkc(written).lower()))
            for text in messages:
                weight, fold = 1 / sqrt(len(messages)), number % _FOLDS
                examples.append(Example(text, label, weight, fold))
                if _KANA.search(text) and _KANJI.search(text):
                    cry = "" if label in {HARMLESS, BEREAVEMENT} else " たすけて"
                    variants = {_in_hiragana(text), _in_hiragana(text) + cry}
                    examples += [Example(one, label, _KANA_WEIGHT * weight, fold) for one in sorted(variants)]
    for file in sorted((_TRAINING / "questions").glob("*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            text = nfkc(json.loads(line)["question"]).lower()
            for read in texts_to_read(text):
                examples.append(Example(read, HARMLESS, _QUESTION_WEIGHT, number % _FOLDS))
    return examples


def fit_classifier(examples: list[Example], vectors: Array) -> Classifier:
    """Return the classifier with the lowest weighted cross-entropy plus an L2 penalty."""
    labels = sorted({example.label for example in examples})
    size = vectors.shape[1], len(labels)
    target = np.eye(len(labels))[[labels.index(example.label) for example in examples]]
    weight = np.array([example.weight for example in examples])[:, np.newaxis]

    def loss(parameters: Array) -> tuple[float, Array]:
        weights, bias = parameters[: -len(labels)].reshape(size), parameters[-len(labels) :]
        logits = vectors @ weights + bias
        logits -= logits.max(axis=1, keepdims=True)
        log_chances = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        error = (np.exp(log_chances) - target) * weight
        gradient = np.append((vectors.T @ error + _L2 * weights).ravel(), error.sum(axis=0))
        return float(_L2 / 2 * (weights**2).sum() - (weight * target * log_chances).sum()), gradient

    start = np.zeros(size[0] * size[1] + size[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return Classifier(labels, found[: -len(labels)].reshape(size), found[-len(labels) :])


@command(
    "emergencies",
    "危険にある人の言葉を見分けるものを、例から作る",
    path_option("--out", "FILE", "保存先", required=True, dest="file"),
)
def emergencies(options: Namespace) -> Measurement:
    """Fit the classifier on all examples, and measure it by cross-validation over lines."""
    examples = load_examples()
    vectors = classifier_features([example.text for example in examples])
    folds = np.array([example.fold for example in examples])
    shown: list[list[str]] = [[] for _ in examples]
    for fold in range(_FOLDS):
        rest, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        fitted = fit_classifier([examples[row] for row in rest], vectors[rest])
        for row, situations in zip(held, fitted.situations(vectors[held]), strict=True):
            shown[row] = situations
    judged = [(example, one) for example, one in zip(examples, shown, strict=True) if example.weight == 1]
    danger = [(one.label, found) for one, found in judged if one.label not in {HARMLESS, BEREAVEMENT}]
    false = [bool(found) for one, found in judged if one.label in {HARMLESS, BEREAVEMENT}]
    figures = {
        "alarm": {"rate": float(np.mean([bool(found) for _, found in danger])), "n": len(danger)},
        "first": {"rate": float(np.mean([found[:1] == [label] for label, found in danger])), "n": len(danger)},
        "false_alarm": {"rate": float(np.mean(false)), "n": len(false)},
    }
    classifier = fit_classifier(examples, vectors)
    content = {
        "fitted_on": {"messages": len(examples)},
        "labels": classifier.labels,
        "bias": classifier.bias.round(2).tolist(),
        "weights": classifier.weights.T.round(2).tolist(),
    }
    options.file.write_text(json.dumps(content, ensure_ascii=False).replace("], [", "],\n  [") + "\n", "utf-8")
    return Measurement(figures)


def _expand(text: str) -> Iterator[str]:
    parts = _ALTERNATIVES.split(text)
    choices = (part.split("|") if number % 2 else [part] for number, part in enumerate(parts))
    return map("".join, product(*choices))


def _in_hiragana(text: str) -> str:
    return "".join(to_hiragana(m.reading) if m.pos[0] != "補助記号" else m.surface for m in morphemes(text))
