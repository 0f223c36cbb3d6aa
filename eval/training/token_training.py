"""Trains the token model on windows of retrieved passages, first of an encyclopedia, then of the project's sets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import isnan, nan

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bot.relevance.token_context import TokenContext, Tokens
from bot.relevance.token_model import PADDED_LOGIT, TokenReader, combine_probabilities
from bot.relevance.units import unit_spans
from bot.token_batches import Window, make_windows, tokenise_text
from eval.training.examples import ExampleDrawer, ReadingExample, Scores, split_groups
from eval.training.loop import (
    TrainingSchedule,
    binary_loss,
    fit_logistic,
    listwise_loss,
    pairwise_loss,
    start_training,
    train_model,
)
from eval.training.token_model import (
    TokenLogits,
    TrainableTokenModel,
    TrainedTokenReader,
    export_token_reader,
    make_token_inputs,
    number_parts_of_speech,
)

Array = NDArray[np.float32]
# On questions about an encyclopedia, then on the project's own; the batch size is in questions.
PRETRAINING = TrainingSchedule(8, 9600, 2e-3, warmup_steps=200, weight_decay=1e-2)
FINE_TUNING = TrainingSchedule(8, 1260, 6e-4, warmup_steps=66, weight_decay=2e-2)
_DROPOUT = 0.15
# Every 60th passage is used to standardise the encoder's features.
_CALIBRATION_STRIDE = 60
# Passages used of a question, and windows drawn of them that answer, and that do not.
_PASSAGES_PER_QUESTION = 9
_MAX_POSITIVE_WINDOWS = 2
_MAX_NEGATIVE_WINDOWS = 2
# Logit of a question none of whose windows was read.
_NO_WINDOW = -20.0


@dataclass(frozen=True, slots=True)
class TokenSample:
    """A question and a window. `units` and `answers` are 0-1, nan if unknown."""

    question: Tokens
    window: Window
    units: tuple[float, ...]
    answers: float


def train_token_reader(
    examples: Sequence[ReadingExample], schedule: TrainingSchedule, start: TrainedTokenReader | None = None
) -> TrainedTokenReader:
    """Return a model trained on `examples`, further from `start` if there is one, with seed 0."""
    start = start or _untrained_reader(examples)
    random = start_training(0)
    drawer = ExampleDrawer(examples, random)
    model = TrainableTokenModel(1 + max(start.parts.values()), _DROPOUT)
    if start.state:
        model.load_state_dict(start.state)

    def loss_of_batch() -> Tensor:
        samples: list[TokenSample] = []
        while not samples:
            drawn, pairs = drawer.draw(schedule.batch_size)
            chosen = [_choose_samples(example, random) for example in drawn]
            samples = [sample for each in chosen for sample in each]
        texts = [(sample.question, sample.window) for sample in samples]
        read = model(*make_token_inputs(texts, start.parts, start.context))
        owners = torch.repeat_interleave(torch.arange(len(drawn)), torch.tensor(list(map(len, chosen))))
        best = torch.full((len(drawn),), _NO_WINDOW).scatter_reduce(0, owners, read.windows, "amax")
        grades = torch.tensor([sample.answers for sample in samples])
        return (
            _sample_loss(read, samples)
            + 0.5 * listwise_loss(read.windows, grades, owners, len(drawn))
            + binary_loss(best, torch.tensor([example.answered for example in drawn]))
            + 0.7 * pairwise_loss(best, pairs)
        )

    train_model(model, loss_of_batch, schedule, "語の並びで学習しています")
    return replace(start, state=model.state_dict())


def _untrained_reader(examples: Sequence[ReadingExample]) -> TrainedTokenReader:
    passages = {hit.passage.id: hit.passage for example in examples for hit in example.hits}
    texts = [
        [tokenise_text(passage.text[start:end]) for start, end in unit_spans(passage)] for passage in passages.values()
    ]
    context = TokenContext.from_texts(text for of_passage in texts[::_CALIBRATION_STRIDE] for text in of_passage)
    questions = [tokenise_text(example.query.text) for example in examples]
    return TrainedTokenReader({}, number_parts_of_speech([*questions, *chain.from_iterable(texts)]), context)


def _sample_loss(read: TokenLogits, samples: Sequence[TokenSample]) -> Tensor:
    targets = torch.full(read.units.shape, nan)
    for row, sample in enumerate(samples):
        targets[row, : len(sample.units)] = torch.tensor(sample.units)
    unit_loss = binary_loss(read.units, torch.where(read.units > PADDED_LOGIT + 1, targets, nan))
    return 2 * unit_loss + binary_loss(read.windows, torch.tensor([sample.answers for sample in samples]))


def _choose_samples(example: ReadingExample, random: np.random.Generator) -> list[TokenSample]:
    question = tokenise_text(example.query.text)
    bounds = np.cumsum([0, *(len(unit_spans(hit.passage)) for hit in example.hits)])
    right, wrong = [], []
    for rank, hit in enumerate(example.hits[:_PASSAGES_PER_QUESTION]):
        texts = [hit.passage.text[start:end] for start, end in unit_spans(hit.passage)]
        labels = example.units[bounds[rank] : bounds[rank + 1]]
        grade = float(example.passages[rank])
        for window in make_windows(hit.passage.path, texts):
            units = tuple(float(labels[number]) for number in window.units)
            answers = grade if grade == 0 or max(units) > 0 else 0.0
            if grade and any(map(isnan, units)):
                answers = 1.0 if grade == 1 else nan
            sample = TokenSample(question, window, units, answers)
            if answers > 0:
                right.append(sample)
            elif answers == 0:
                wrong.append((rank, sample))
    chosen = [right[i] for i in random.permutation(len(right))[:_MAX_POSITIVE_WINDOWS]]
    if wrong:
        chances = np.array([1 / (1 + rank) for rank, _ in wrong])
        n = min(_MAX_NEGATIVE_WINDOWS, len(wrong))
        chosen += [wrong[i][1] for i in random.choice(len(wrong), n, replace=False, p=chances / chances.sum())]
    return chosen


def cross_validated_combination(
    examples: Sequence[ReadingExample],
    scores: Sequence[Scores],
    start: TrainedTokenReader,
    folds: int,
    schedule: TrainingSchedule,
) -> tuple[list[Scores], dict[str, list[float]]]:
    """Return out-of-fold scores of each example, and the weights that combine the evidence and the tokens.

    Every fold starts from `start`; `scores` of the evidence model select the passages to read. The weights of `whole`,
    `units` and `passages` are those of evidence, tokens, and the intercept. Groups count equally.
    """
    logits: dict[int, tuple[Array, Array]] = {}
    for training, held_out in split_groups(examples, folds):
        trained = train_token_reader(training, schedule, start)
        reader = TokenReader(export_token_reader(trained, dict.fromkeys(("whole", "passages", "units"), (0, 1, 0))))
        for place in held_out:
            if (example := examples[place]).complete:
                passages = [hit.passage for hit in example.hits]
                logits[place] = reader.best_logits(example.query.text, passages, scores[place][1])
    counts = Counter(examples[place].question.group for place in logits)
    weights: dict[str, list[float]] = {}
    for k, name in enumerate(("units", "passages", "whole")):
        features, targets, shares = [], [], []
        for place, read in logits.items():
            example = examples[place]
            of_tokens = (*read, read[1].max(keepdims=True))[k]
            features.append(np.stack([np.atleast_1d(_logit(scores[place][k])), of_tokens], 1))
            targets.append((example.units, example.passages, np.array([example.answered]))[k])
            shares.append(np.full(len(of_tokens), 1 / counts[example.question.group]))
        weights[name] = fit_logistic(*map(np.concatenate, (features, targets, shares))).tolist()
    combined = list(scores)
    for place, (unit_logits, passage_logits) in logits.items():
        units, passage_scores, answered = scores[place]
        combined[place] = (
            combine_probabilities(weights["units"], units, unit_logits),
            combine_probabilities(weights["passages"], passage_scores, passage_logits),
            float(combine_probabilities(weights["whole"], answered, passage_logits.max())),
        )
    return combined, weights


def _logit(probability: Array | float) -> Array:
    clipped = np.clip(np.asarray(probability, np.float32), 1e-6, 1 - 1e-6)
    logits: Array = np.log(clipped / (1 - clipped))
    return logits
