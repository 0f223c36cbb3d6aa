"""Trains the token model, first on SQuAD-style questions, then on the questions of the project."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from bot.relevance.token_context import TokenContext, Tokens
from bot.relevance.token_model import PADDED_LOGIT, TokenReader
from eval.training.examples import ReadingExample
from eval.training.loop import adamw_with_warm_up, binary_loss, start_training, train_model
from eval.training.token_model import (
    TokenLogits,
    TrainableTokenModel,
    TrainedTokenReader,
    export_token_reader,
    make_token_inputs,
    number_parts_of_speech,
)
from eval.training.token_samples import (
    AnsweredQuestion,
    TokenSample,
    make_example_samples,
    make_question_samples,
)

Array = NDArray[np.float32]
_Predict = Callable[[Sequence[TokenSample]], TokenLogits]
# Every 60th question is used to standardise the encoder's features.
_CALIBRATION_STRIDE = 60
# Batches drawn together and sorted by length.
_BATCHES_PER_DRAW = 16
# Passages used of a question.
_PASSAGES_PER_QUESTION = 9
# Windows drawn of a question that contain its answer.
_MAX_POSITIVE_WINDOWS = 2
# Windows drawn of a question that do not contain its answer.
_MAX_NEGATIVE_WINDOWS = 2
# Share of questions paired with the same question whose answer was removed.
_UNANSWERED_SHARE = 0.8
# Logit of a question none of whose windows was read.
_NOWHERE = -20.0


@dataclass(frozen=True, slots=True)
class TrainingSchedule:
    """Batch size (samples, or questions), number of steps and settings of the optimiser.

    The learning rate rises over `warmup_steps`, then falls linearly.
    """

    batch_size: int
    steps: int
    learning_rate: float
    warmup_steps: int
    dropout: float
    weight_decay: float


# On questions about an encyclopedia.
PRETRAINING = TrainingSchedule(48, 9600, 2e-3, warmup_steps=200, dropout=0.15, weight_decay=1e-2)
# On the project's own questions.
FINE_TUNING = TrainingSchedule(8, 1260, 6e-4, warmup_steps=66, dropout=0.2, weight_decay=2e-2)


def _answering_sentences(question: AnsweredQuestion) -> Iterator[Tokens]:
    yield from question.paragraphs[question.at].sentences


def pretrain(questions: Sequence[AnsweredQuestion], steps: int = PRETRAINING.steps) -> TrainedTokenReader:
    """Return a model trained on SQuAD-style questions, with seed 0."""
    sentences = (text for each in questions[::_CALIBRATION_STRIDE] for text in _answering_sentences(each))
    context = TokenContext.from_texts(sentences)
    untrained = TrainedTokenReader(
        {},
        number_parts_of_speech(text for each in questions for text in (each.question, *_answering_sentences(each))),
        context,
    )
    model, random = _start_training(untrained, PRETRAINING)
    batches: list[list[TokenSample]] = []

    def loss_of_batch() -> Tensor:
        if not batches:
            drawn = random.integers(len(questions), size=PRETRAINING.batch_size * _BATCHES_PER_DRAW // 2)
            made = [sample for i in drawn for sample in make_question_samples(questions[i], random)]
            made.sort(key=lambda sample: -_sample_length(sample))
            batches.extend(made[i : i + PRETRAINING.batch_size] for i in range(0, len(made), PRETRAINING.batch_size))
            random.shuffle(batches)
        return _sample_loss(_sample_reader(model, untrained), batches.pop())

    _train(model, loss_of_batch, PRETRAINING, steps, "百科の問いで学習しています")
    return replace(untrained, state=model.state_dict())


def fine_tune(
    examples: Sequence[ReadingExample], start: TrainedTokenReader, steps: int = FINE_TUNING.steps
) -> TrainedTokenReader:
    """Return the model `start` trained further on `examples`, with seed 0."""
    model, random = _start_training(start, FINE_TUNING)
    complete, unanswered, partners = _index_questions(examples)
    chances = np.array([examples[place].weight for place in complete])
    chances /= chances.sum()

    def loss_of_batch() -> Tensor | None:
        drawn: list[_DrawnQuestion] = []
        for place in random.choice(complete, min(FINE_TUNING.batch_size, len(complete)), replace=False, p=chances):
            other = partners.get(int(place))
            if other is None and place in unanswered and random.random() < _UNANSWERED_SHARE:
                other = unanswered[int(place)]
            drawn += _draw_questions(examples, [int(place), *([] if other is None else [other])], len(drawn), random)
        return _question_loss(_sample_reader(model, start), drawn) if drawn else None

    _train(model, loss_of_batch, FINE_TUNING, steps, "自治体の問いで学習しています")
    return replace(start, state=model.state_dict())


def _start_training(
    start: TrainedTokenReader, schedule: TrainingSchedule
) -> tuple[TrainableTokenModel, np.random.Generator]:
    random = start_training(0)
    model = TrainableTokenModel(1 + max(start.parts.values()), schedule.dropout)
    if start.state:
        model.load_state_dict(start.state)
    return model, random


def _train(
    model: TrainableTokenModel,
    loss_of_batch: Callable[[], Tensor | None],
    schedule: TrainingSchedule,
    steps: int,
    doing: str,
) -> None:
    optimiser, rate = adamw_with_warm_up(
        model,
        schedule.learning_rate,
        steps,
        warmup_steps=schedule.warmup_steps,
        weight_decay=schedule.weight_decay,
    )
    train_model(model, loss_of_batch, optimiser, rate, steps, max_norm=1.0, doing=doing)


def _sample_reader(model: TrainableTokenModel, trained: TrainedTokenReader) -> _Predict:
    def read(samples: Sequence[TokenSample]) -> TokenLogits:
        logits: TokenLogits = model(
            *make_token_inputs([(sample.question, sample.window) for sample in samples], trained.parts, trained.context)
        )
        return logits

    return read


def _sample_length(sample: TokenSample) -> int:
    return len(sample.window.headings) + sum(map(len, sample.window.texts))


def _sample_loss(predict: _Predict, samples: Sequence[TokenSample]) -> Tensor:
    read = predict(samples)
    none = torch.zeros(len(samples), 1)
    ends = [
        functional.cross_entropy(torch.cat([none, logits], 1), torch.tensor([_token_column(s, end) for s in samples]))
        for end, logits in enumerate((read.starts, read.ends))
    ]
    return 0.5 * (ends[0] + ends[1]) + 2 * _unit_loss(read.units, samples) + 1.5 * _window_loss(read.windows, samples)


def _token_column(sample: TokenSample, end: int) -> int:
    return 0 if sample.span is None else 2 + len(sample.window.headings) + sample.span[end]


def _unit_loss(logits: Tensor, samples: Sequence[TokenSample]) -> Tensor:
    targets = torch.full(logits.shape, nan)
    for row, sample in enumerate(samples):
        targets[row, : len(sample.units)] = torch.tensor(sample.units)
    return binary_loss(logits, torch.where(logits > PADDED_LOGIT + 1, targets, nan))


def _window_loss(logits: Tensor, samples: Sequence[TokenSample]) -> Tensor:
    return binary_loss(logits, torch.tensor([sample.answers for sample in samples]))


@dataclass(frozen=True, slots=True)
class _DrawnQuestion:
    """Windows of a question, whether it is answered, and the index of a drawn question that must score lower."""

    samples: tuple[TokenSample, ...]
    answered: float
    above: int | None = None


def _index_questions(examples: Sequence[ReadingExample]) -> tuple[list[int], dict[int, int], dict[int, int]]:
    """Return the indices of complete examples, of their versions without the answer, and of paired examples.

    Of a pair exactly one example is answered.
    """
    complete: list[int] = []
    unanswered: dict[int, int] = {}
    members: dict[str, list[int]] = {}
    for place, example in enumerate(examples):
        if example.complete:
            complete.append(place)
            if example.question.pair:
                members.setdefault(example.question.pair, []).append(place)
        elif complete and examples[complete[-1]].question is example.question:
            unanswered[complete[-1]] = place
    partners: dict[int, int] = {}
    for pair in members.values():
        if len(pair) == 2 and {examples[place].answered for place in pair} == {0.0, 1.0}:
            partners |= {pair[0]: pair[1], pair[1]: pair[0]}
    return complete, unanswered, partners


def _draw_questions(
    examples: Sequence[ReadingExample], places: Sequence[int], at: int, random: np.random.Generator
) -> Iterator[_DrawnQuestion]:
    chosen = [(examples[place], _choose_samples(examples[place], random)) for place in places]
    chosen = [(example, samples) for example, samples in chosen if samples]
    for number, (example, samples) in enumerate(chosen):
        below = at + 1 - number if len(chosen) > 1 and example.answered == 1 else None
        yield _DrawnQuestion(samples, example.answered, below)


def _choose_samples(example: ReadingExample, random: np.random.Generator) -> tuple[TokenSample, ...]:
    listed = [
        (rank, sample)
        for rank, samples in enumerate(make_example_samples(example, _PASSAGES_PER_QUESTION))
        for sample in samples
    ]
    right = [sample for _, sample in listed if sample.answers > 0]
    wrong = [(rank, sample) for rank, sample in listed if sample.answers == 0]
    chosen = [right[i] for i in random.permutation(len(right))[:_MAX_POSITIVE_WINDOWS]]
    if wrong:
        chances = np.array([1 / (1 + rank) for rank, _ in wrong])
        drawn = random.choice(
            len(wrong), min(_MAX_NEGATIVE_WINDOWS, len(wrong)), replace=False, p=chances / chances.sum()
        )
        chosen += [wrong[i][1] for i in drawn]
    return tuple(chosen)


def _question_loss(predict: _Predict, drawn: Sequence[_DrawnQuestion]) -> Tensor:
    samples = [sample for each in drawn for sample in each.samples]
    read = predict(samples)
    owners = torch.tensor([number for number, each in enumerate(drawn) for _ in each.samples])
    best = torch.full((len(drawn),), _NOWHERE).scatter_reduce(0, owners, read.windows, "amax")
    grades = torch.tensor([sample.answers for sample in samples]).nan_to_num()
    total = torch.zeros(len(drawn)).index_add(0, owners, torch.exp(read.windows - best[owners]))
    each = torch.zeros(len(drawn)).index_add(0, owners, grades * ((best + torch.log(total))[owners] - read.windows))
    sums = torch.zeros(len(drawn)).index_add(0, owners, grades)
    among = (each / sums.clamp_min(1e-6))[sums > 0].sum() / len(drawn)
    question_loss = binary_loss(best, torch.tensor([each.answered for each in drawn]))
    above = [(number, each.above) for number, each in enumerate(drawn) if each.above is not None]
    margins = [functional.softplus(best[below] - best[more]) for more, below in above]
    paired = torch.stack(margins).mean() if margins else torch.zeros(())
    single = 2 * _unit_loss(read.units, samples) + _window_loss(read.windows, samples)
    return single + 0.5 * among + question_loss + 0.7 * paired


def make_token_reader(trained: TrainedTokenReader) -> TokenReader:
    """Return the model in its serving form, without the evidence model's share in its scores."""
    return TokenReader(export_token_reader(trained, dict.fromkeys(("whole", "passages", "units"), (0, 1, 0))))


_Scores = tuple[Array, Array, float]


def cross_validated_logits(
    examples: Sequence[ReadingExample],
    evidence_scores: Sequence[_Scores],
    start: TrainedTokenReader,
    folds: int,
    steps: int = FINE_TUNING.steps,
) -> list[tuple[Array, Array]]:
    """Return out-of-fold logits of the units and passages of each example; folds split by group.

    Every fold starts from `start`. `evidence_scores` of the evidence model select the passages to read.
    """
    groups = sorted({example.question.group for example in examples})
    by_place: dict[int, tuple[Array, Array]] = {}
    for fold in range(folds):
        held_out = set(groups[fold::folds])
        training = [example for example in examples if example.question.group not in held_out]
        reader = make_token_reader(fine_tune(training, start, steps))
        for place, example in enumerate(examples):
            if example.complete and example.question.group in held_out:
                passages = [hit.passage for hit in example.hits]
                by_place[place] = reader.best_logits(example.query.text, passages, evidence_scores[place][1])
    empty = (np.zeros(0, np.float32), np.zeros(0, np.float32))
    return [by_place.get(place, empty) for place in range(len(examples))]


def fit_combination(
    examples: Sequence[ReadingExample], evidence_scores: Sequence[_Scores], token_scores: Sequence[tuple[Array, Array]]
) -> dict[str, list[float]]:
    """Return logistic regression weights (evidence, tokens, intercept) for `whole`, `units` and `passages`.

    Groups have equal weight, so that the largest set does not dominate.
    """
    complete = [i for i, example in enumerate(examples) if example.complete]
    counts: dict[str, int] = {}
    for i in complete:
        counts[examples[i].question.group] = counts.get(examples[i].question.group, 0) + 1
    weights = np.array([1 / counts[examples[i].question.group] for i in complete])
    answered = np.array([examples[i].answered for i in complete])
    answer_logits = np.array([(logit(evidence_scores[i][2]), token_scores[i][1].max()) for i in complete])
    by = {"whole": _fit_logistic_regression(answer_logits, answered, weights)}
    for name, at, labels in (
        ("units", 0, [examples[i].units for i in complete]),
        ("passages", 1, [examples[i].passages for i in complete]),
    ):
        each = np.concatenate([np.stack([logit(evidence_scores[i][at]), token_scores[i][at]], 1) for i in complete])
        by[name] = _fit_logistic_regression(
            each, np.concatenate(labels), np.repeat(weights, [len(one) for one in labels])
        )
    return by


def logit(probability: Array | float) -> Array:
    """Return the logit of probabilities, clipped away from 0 and 1."""
    clipped = np.clip(np.asarray(probability, np.float32), 1e-6, 1 - 1e-6)
    logits: Array = np.log(clipped / (1 - clipped))
    return logits


def _fit_logistic_regression(x: NDArray[np.float64], targets: Array, weights: NDArray[np.float64]) -> list[float]:
    from scipy.optimize import minimize  # noqa: PLC0415 -- costs half a second

    known = ~np.isnan(targets)
    x = x[known].astype(np.float64)
    y = targets[known].astype(np.float64)
    share = weights[known] / weights[known].sum()

    def loss(w: NDArray[np.float64]) -> float:
        z = x @ w[:2] + w[2]
        return float(share @ (np.logaddexp(0, z) - y * z))

    found: list[float] = minimize(loss, [1.0, 0.0, 0.0]).x.tolist()
    return found
