"""Trains the token model, first on SQuAD-style questions, then on the project's own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from bot.relevance.token_context import TokenContext, Tokens
from bot.relevance.token_model import UNKNOWN, Parts, TokenReader
from eval.storage.progress import with_progress_bar
from eval.training.reader.reading_examples import ReadingExample
from eval.training.reader.token_file import TrainedTokenReader, export_token_reader
from eval.training.reader.token_model import TokenLogits, TrainableTokenModel, make_token_inputs
from eval.training.reader.token_samples import (
    AnsweredQuestion,
    TokenSample,
    make_example_samples,
    make_question_samples,
)

Array = NDArray[np.float32]
_Reads = Callable[[Sequence[TokenSample]], TokenLogits]
# One in so many questions, by whose sentences the encoder's features are brought to mean 0 and spread 1.
_CALIBRATED_BY = 60
# Samples a step, steps and step size on the encyclopedia; questions a step, steps and step size on the own sets.
_SAMPLES, STEPS, _STEP = 48, 9600, 2e-3
_QUESTIONS, OWN_STEPS, _OWN_STEP = 8, 1260, 6e-4
# Steps that are drawn at once and put together by length; steps in which the step size grows; the least share of it.
_DRAWN, _WARM, _LEAST = 16, 200, 0.02
# Passages of a question that are learned from, and windows: right ones, wrong ones beside them.
_PASSAGES, _RIGHT, _WRONG = 9, 2, 2
# The share of the questions that are learned from beside the same with its answer taken away.
_BESIDE = 0.8
_DROP, _OWN_DROP, _DECAY, _OWN_DECAY = 0.15, 0.2, 1e-2, 2e-2
_NOWHERE = -20.0


def _number_parts_of_speech(asked: Iterable[AnsweredQuestion]) -> Parts:
    """Return the parts of speech of the questions and their texts by number; 0 stands for any other."""
    seen = {token.part for each in asked for text in (each.question, *_answering_sentences(each)) for token in text}
    return {part: number for number, part in enumerate([("PAD",) * 3, ("SEP",) * 3, *sorted(seen)])}


def _answering_sentences(asked: AnsweredQuestion) -> Iterator[Tokens]:
    yield from asked.paragraphs[asked.at].sentences


def pretrain(asked: Sequence[AnsweredQuestion], steps: int = STEPS) -> TrainedTokenReader:
    """Return a net that has learned from questions of the form of SQuAD, seed 0."""
    every = TokenContext.from_texts(text for each in asked[::_CALIBRATED_BY] for text in _answering_sentences(each))
    begun = TrainedTokenReader({}, _number_parts_of_speech(asked), every)
    net, optimiser, random = _start_training(begun, _DROP, _DECAY)
    batches: list[list[TokenSample]] = []
    for step in with_progress_bar(range(steps), "百科の問いで学習しています"):
        if not batches:
            drawn = (asked[i] for i in random.integers(len(asked), size=_SAMPLES * _DRAWN // 2))
            made = sorted(
                (s for each in drawn for s in make_question_samples(each, random)), key=lambda s: -_sample_length(s)
            )
            batches = [made[i : i + _SAMPLES] for i in range(0, len(made), _SAMPLES)]
            random.shuffle(batches)
        _optimiser_step(
            net,
            optimiser,
            _sample_loss(_sample_reader(net, begun), batches.pop()),
            _STEP * _learning_rate(step, steps, _WARM),
        )
    return replace(begun, state=net.state_dict())


def fine_tune(
    examples: Sequence[ReadingExample], start: TrainedTokenReader, steps: int = OWN_STEPS
) -> TrainedTokenReader:
    """Return the net that began as `start` and has learned from `examples`, seed 0."""
    net, optimiser, random = _start_training(start, _OWN_DROP, _OWN_DECAY)
    whole, lacking, partners = _index_questions(examples)
    chances = np.array([examples[place].weight for place in whole])
    chances /= chances.sum()
    for step in with_progress_bar(range(steps), "自治体の問いで学習しています"):
        drawn: list[_DrawnQuestion] = []
        for place in random.choice(whole, min(_QUESTIONS, len(whole)), replace=False, p=chances):
            other = partners.get(int(place))
            if other is None and place in lacking and random.random() < _BESIDE:
                other = lacking[int(place)]
            drawn += _draw_questions(examples, [int(place), *([] if other is None else [other])], len(drawn), random)
        if drawn:
            rate = _OWN_STEP * _learning_rate(step, steps, _WARM // 3)
            _optimiser_step(net, optimiser, _question_loss(_sample_reader(net, start), drawn), rate)
    return replace(start, state=net.state_dict())


def _start_training(
    start: TrainedTokenReader, drop: float, decay: float
) -> tuple[TrainableTokenModel, torch.optim.Optimizer, np.random.Generator]:
    torch.manual_seed(0)
    # What is seldom drawn has moments that fade for long: as denormal numbers they treble the time.
    torch.set_flush_denormal(True)
    net = TrainableTokenModel(1 + max(start.parts.values()), drop)
    if start.state:
        net.load_state_dict(start.state)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_STEP, weight_decay=decay, betas=(0.9, 0.98))
    return net, optimiser, np.random.default_rng(0)


def _sample_reader(net: TrainableTokenModel, by: TrainedTokenReader) -> _Reads:
    """Return what gives the logits of samples by `net`, with the parts of speech and the features of `by`."""

    def read(samples: Sequence[TokenSample]) -> TokenLogits:
        found: TokenLogits = net(
            *make_token_inputs([(sample.question, sample.window) for sample in samples], by.parts, by.context)
        )
        return found

    return read


def _learning_rate(step: int, steps: int, warm: int) -> float:
    return min(1, (step + 1) / warm) * max(_LEAST, 1 - step / steps)


def _optimiser_step(net: TrainableTokenModel, optimiser: torch.optim.Optimizer, loss: Tensor, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()


def _sample_length(sample: TokenSample) -> int:
    return len(sample.window.headings) + sum(map(len, sample.window.texts))


def _sample_loss(reads: _Reads, samples: Sequence[TokenSample]) -> Tensor:
    """Return the loss of windows by themselves: of first and last token or none, of the units, of the window."""
    read = reads(samples)
    none = torch.zeros(len(samples), 1)
    ends = [
        functional.cross_entropy(torch.cat([none, logits], 1), torch.tensor([_token_column(s, end) for s in samples]))
        for end, logits in enumerate((read.starts, read.ends))
    ]
    return 0.5 * (ends[0] + ends[1]) + 2 * _unit_loss(read.units, samples) + 1.5 * _window_loss(read.windows, samples)


def _token_column(sample: TokenSample, end: int) -> int:
    """Return the column of the first (0) or last (1) token of the answer, behind one that stands for none."""
    return 0 if sample.span is None else 2 + len(sample.window.headings) + sample.span[end]


def _unit_loss(logits: Tensor, samples: Sequence[TokenSample]) -> Tensor:
    wanted = torch.full(logits.shape, nan)
    for row, sample in enumerate(samples):
        wanted[row, : len(sample.units)] = torch.tensor(sample.units)
    return _binary_loss(logits, torch.where(logits > UNKNOWN + 1, wanted, nan))


def _window_loss(logits: Tensor, samples: Sequence[TokenSample]) -> Tensor:
    return _binary_loss(logits, torch.tensor([sample.answers for sample in samples]))


def _binary_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    known = ~torch.isnan(wanted)
    if not known.any():
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits[known], wanted[known])


@dataclass(frozen=True, slots=True)
class _DrawnQuestion:
    """Windows of a question, whether anything answers it, and the place of one drawn that is to stand below it."""

    samples: tuple[TokenSample, ...]
    answered: float
    above: int | None = None


def _index_questions(examples: Sequence[ReadingExample]) -> tuple[list[int], dict[int, int], dict[int, int]]:
    """Return the places of the complete examples; for each the same cut, and its pair of which one is unanswered."""
    whole: list[int] = []
    lacking: dict[int, int] = {}
    members: dict[str, list[int]] = {}
    for place, example in enumerate(examples):
        if example.complete:
            whole.append(place)
            if example.question.pair:
                members.setdefault(example.question.pair, []).append(place)
        elif whole and examples[whole[-1]].question is example.question:
            lacking[whole[-1]] = place
    partners: dict[int, int] = {}
    for pair in members.values():
        if len(pair) == 2 and {examples[place].answered for place in pair} == {0.0, 1.0}:  # noqa: PLR2004 -- a pair
            partners |= {pair[0]: pair[1], pair[1]: pair[0]}
    return whole, lacking, partners


def _draw_questions(
    examples: Sequence[ReadingExample], places: Sequence[int], at: int, random: np.random.Generator
) -> Iterator[_DrawnQuestion]:
    """Yield windows of one question and of what lacks its answer; `at` is the place of the first."""
    chosen = [(examples[place], _choose_samples(examples[place], random)) for place in places]
    chosen = [(example, samples) for example, samples in chosen if samples]
    for number, (example, samples) in enumerate(chosen):
        below = at + 1 - number if len(chosen) > 1 and example.answered == 1 else None
        yield _DrawnQuestion(samples, example.answered, below)


def _choose_samples(example: ReadingExample, random: np.random.Generator) -> tuple[TokenSample, ...]:
    """Return some right windows, and wrong ones, of high passages more often."""
    listed = [(rank, sample) for rank, of in enumerate(make_example_samples(example, _PASSAGES)) for sample in of]
    right = [sample for _, sample in listed if sample.answers > 0]
    wrong = [(rank, sample) for rank, sample in listed if sample.answers == 0]
    found = [right[i] for i in random.permutation(len(right))[:_RIGHT]]
    if wrong:
        chances = np.array([1 / (1 + rank) for rank, _ in wrong])
        drawn = random.choice(len(wrong), min(_WRONG, len(wrong)), replace=False, p=chances / chances.sum())
        found += [wrong[i][1] for i in drawn]
    return tuple(found)


def _question_loss(reads: _Reads, drawn: Sequence[_DrawnQuestion]) -> Tensor:
    """Return the loss of windows by themselves and among their question's, of the best one, and of what lacks less."""
    samples = [sample for each in drawn for sample in each.samples]
    read = reads(samples)
    owners = torch.tensor([number for number, each in enumerate(drawn) for _ in each.samples])
    best = torch.full((len(drawn),), _NOWHERE).scatter_reduce(0, owners, read.windows, "amax")
    grades = torch.tensor([sample.answers for sample in samples]).nan_to_num()
    total = torch.zeros(len(drawn)).index_add(0, owners, torch.exp(read.windows - best[owners]))
    each = torch.zeros(len(drawn)).index_add(0, owners, grades * ((best + torch.log(total))[owners] - read.windows))
    sums = torch.zeros(len(drawn)).index_add(0, owners, grades)
    among = (each / sums.clamp_min(1e-6))[sums > 0].sum() / len(drawn)
    of_questions = _binary_loss(best, torch.tensor([each.answered for each in drawn]))
    above = [(number, each.above) for number, each in enumerate(drawn) if each.above is not None]
    lead = [functional.softplus(best[less] - best[more]) for more, less in above]
    paired = torch.stack(lead).mean() if lead else torch.zeros(())
    single = 2 * _unit_loss(read.units, samples) + _window_loss(read.windows, samples)
    return single + 0.5 * among + of_questions + 0.7 * paired


def make_token_reader(trained: TrainedTokenReader) -> TokenReader:
    """Return the net as it is served, its logits joined to nothing."""
    return TokenReader(export_token_reader(trained, dict.fromkeys(("whole", "passages", "units"), (0, 1, 0))))


Said = tuple[Array, Array, float]


def cross_validated_logits(
    examples: Sequence[ReadingExample],
    said: Sequence[Said],
    start: TrainedTokenReader,
    folds: int,
    steps: int = OWN_STEPS,
) -> list[tuple[Array, Array]]:
    """Return the logits of the units and passages of each example by nets that have not seen its group.

    All begin as `start`. `said` is what the evidence says of each: its best passages are read, as when serving.
    """
    groups = sorted({example.question.group for example in examples})
    found: dict[int, tuple[Array, Array]] = {}
    for fold in range(folds):
        out = set(groups[fold::folds])
        seen = [example for example in examples if example.question.group not in out]
        reader = make_token_reader(fine_tune(seen, start, steps))
        for place, example in enumerate(examples):
            if example.complete and example.question.group in out:
                passages = [hit.passage for hit in example.hits]
                found[place] = reader.best(example.query.text, passages, said[place][1])
    nothing = (np.zeros(0, np.float32), np.zeros(0, np.float32))
    return [found.get(place, nothing) for place in range(len(examples))]


def fit_combination(
    examples: Sequence[ReadingExample], said: Sequence[Said], found: Sequence[tuple[Array, Array]]
) -> dict[str, list[float]]:
    """Return slope of the evidence, slope of the tokens, and shift, by logistic regression over complete examples.

    They are of the whole, the units and the passages. A group weighs as much as another, so that the largest set does
    not speak for all.
    """
    whole = [i for i, example in enumerate(examples) if example.complete]
    counts: dict[str, int] = {}
    for i in whole:
        counts[examples[i].question.group] = counts.get(examples[i].question.group, 0) + 1
    weights = np.array([1 / counts[examples[i].question.group] for i in whole])
    answered = np.array([examples[i].answered for i in whole])
    of_whole = np.array([(logit(said[i][2]), found[i][1].max()) for i in whole])
    by = {"whole": _fit_logistic_regression(of_whole, answered, weights)}
    for name, at, labels in (
        ("units", 0, [examples[i].units for i in whole]),
        ("passages", 1, [examples[i].passages for i in whole]),
    ):
        each = np.concatenate([np.stack([logit(said[i][at]), found[i][at]], 1) for i in whole])
        by[name] = _fit_logistic_regression(
            each, np.concatenate(labels), np.repeat(weights, [len(one) for one in labels])
        )
    return by


def logit(probability: Array | float) -> Array:
    """Return the logit of probabilities that are neither 0 nor 1."""
    sure = np.clip(np.asarray(probability, np.float32), 1e-6, 1 - 1e-6)
    of: Array = np.log(sure / (1 - sure))
    return of


def _fit_logistic_regression(x: NDArray[np.float64], wanted: Array, weights: NDArray[np.float64]) -> list[float]:
    from scipy.optimize import minimize  # noqa: PLC0415 -- half a second that the other commands need not pay

    known = ~np.isnan(wanted)
    x, y, share = x[known].astype(np.float64), wanted[known].astype(np.float64), weights[known] / weights[known].sum()

    def loss(w: NDArray[np.float64]) -> float:
        z = x @ w[:2] + w[2]
        return float(share @ (np.logaddexp(0, z) - y * z))

    found: list[float] = minimize(loss, [1.0, 0.0, 0.0]).x.tolist()
    return found
