"""Fits the classifier of messages of people in danger, `bot/answering/screening/classifier.json`."""

import json
import re
from argparse import Namespace
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.answering.screening.recognition import (
    BEREAVEMENT,
    HARMLESS,
    Array,
    Classifier,
    classifier_features,
    form_grams,
    likely_situations,
    searched_form,
    texts_to_read,
)
from ingest.japanese import nfkc
from lab.benchmarks.search import sample_figures

_TRAINING = Path(__file__).parent
_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")
_SAFE = {HARMLESS, BEREAVEMENT}
_QUESTION_WEIGHT = 0.1
_L2 = 0.05
# The most frequent n-grams of the messages are features (decision 097).
_GRAMS = 6_000
_QUESTIONS = "questions"
_SMALL_STRIDE = 20


class Example(NamedTuple):
    """A message with its label, weight and writer (the name of its file)."""

    text: str
    label: str
    weight: float
    writer: str


def load_examples(stride: int = 1) -> list[Example]:
    """Return the messages of `danger/` and the ordinary questions, of every `stride`-th line."""
    examples = list[Example]()
    for file in sorted((_TRAINING / "danger").glob("*.tsv")):
        for label, written in (line.split("\t") for line in file.read_text("utf-8").splitlines()[::stride]):
            parts = _ALTERNATIVES.split(nfkc(written).lower())
            choices = (part.split("|") if place % 2 else [part] for place, part in enumerate(parts))
            messages = ["".join(chosen) for chosen in product(*choices)]
            examples += [Example(text, label, 1 / sqrt(len(messages)), file.stem) for text in messages]
    for file in sorted((_TRAINING / _QUESTIONS).glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines()[::stride]:
            texts = texts_to_read(nfkc(json.loads(line)["question"]).lower())
            examples += [Example(text, HARMLESS, _QUESTION_WEIGHT, _QUESTIONS) for text in texts]
    return examples


def fit_classifier(examples: Sequence[Example], columns: Mapping[str, int], features: Array) -> Classifier:
    """Return the classifier with the lowest weighted cross-entropy plus an L2 penalty."""
    _, labels, weights, _ = zip(*examples, strict=True)
    found = LogisticRegression(C=1 / _L2, max_iter=150).fit(features, labels, weights)
    return Classifier(found.classes_.tolist(), columns, found.coef_.T, found.intercept_)


def train(options: Namespace) -> tuple[bytes, dict[str, Any]]:
    """Return the file fitted on all examples; judged is what is fitted without a writer on that writer's messages.

    A seed other than 0 shuffles the examples, which the fit hardly depends on.
    """
    examples = load_examples(_SMALL_STRIDE if options.small else 1)
    if options.seed:
        Random(options.seed).shuffle(examples)  # noqa: S311 -- reproducible
    forms = [searched_form(example.text) for example in examples]
    pairs = zip(examples, forms, strict=True)
    counts = Counter(gram for one, (_, form) in pairs if one.writer != _QUESTIONS for gram in sorted(form_grams(form)))
    columns = {gram: column for column, (gram, _) in enumerate(counts.most_common(_GRAMS))}
    features = classifier_features(forms, columns)
    writers = np.array([example.writer for example in examples])
    figures = dict[str, Any]()
    for writer in sorted({*writers} - {_QUESTIONS}):
        rest = np.flatnonzero(writers != writer)
        fitted = fit_classifier([examples[row] for row in rest], columns, features[rest])
        judged = {one.text: one.label for one in examples if one.writer == writer and one.weight == 1}
        shown = [(label, likely_situations(fitted.situation_chances(text))) for text, label in judged.items()]
        cases = {
            "alarm": [bool(found) for label, found in shown if label not in _SAFE],
            "first": [found[:1] == [label] for label, found in shown if label not in _SAFE],
            "false_alarm": [bool(found) for label, found in shown if label in _SAFE],
        }
        for name, values in cases.items():
            figures |= sample_figures(f"{writer}.{name}", list(map(float, values)))
    fitted = fit_classifier(examples, columns, features)
    weights = [[round(weight, 2) for weight in row] for row in fitted.weights.tolist()]
    content = {
        "labels": fitted.labels,
        "bias": [round(bias, 2) for bias in fitted.bias.tolist()],
        "weights": weights[: -len(columns)],
        "grams": dict(zip(columns, weights[-len(columns) :], strict=True)),
    }
    return (json.dumps(content, ensure_ascii=False).replace("], ", "],\n  ") + "\n").encode(), figures
