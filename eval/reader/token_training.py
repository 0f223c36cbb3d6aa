"""Training the token reader: first on an encyclopedia's questions, then on the project's own; and how it is joined."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from bot.reader.context import Context, Tokens
from bot.reader.token_net import UNKNOWN, Parts, TokenReader
from eval.reader.examples import Example
from eval.reader.token_file import Trained, written
from eval.reader.token_net import Read, TokenReaderNet, given
from eval.reader.token_samples import Asked, Sample, of_asked, of_example
from eval.runs.progress import tracked

Array = NDArray[np.float32]
_Reads = Callable[[Sequence[Sample]], Read]
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


def _parts_of(asked: Iterable[Asked]) -> Parts:
    """Return the parts of speech of the questions and their texts by number; 0 stands for any other."""
    seen = {token.part for each in asked for text in (each.question, *_sentences(each)) for token in text}
    return {part: number for number, part in enumerate([("PAD",) * 3, ("SEP",) * 3, *sorted(seen)])}


def _sentences(asked: Asked) -> Iterator[Tokens]:
    yield from asked.paragraphs[asked.at].sentences


def first_trained(asked: Sequence[Asked], steps: int = STEPS) -> Trained:
    """Return a net that has learned from questions of the form of SQuAD, seed 0."""
    every = Context.undirected(text for each in asked[::_CALIBRATED_BY] for text in _sentences(each))
    begun = Trained({}, _parts_of(asked), every)
    net, optimiser, random = _begun(begun, _DROP, _DECAY)
    batches: list[list[Sample]] = []
    for step in tracked(range(steps), "百科の問いで学習しています"):
        if not batches:
            drawn = (asked[i] for i in random.integers(len(asked), size=_SAMPLES * _DRAWN // 2))
            made = sorted((s for each in drawn for s in of_asked(each, random)), key=lambda s: -_length(s))
            batches = [made[i : i + _SAMPLES] for i in range(0, len(made), _SAMPLES)]
            random.shuffle(batches)
        _follow(net, optimiser, _loss_of_samples(_reads(net, begun), batches.pop()), _STEP * _rate(step, steps, _WARM))
    return replace(begun, state=net.state_dict())


def own_trained(examples: Sequence[Example], start: Trained, steps: int = OWN_STEPS) -> Trained:
    """Return the net that began as `start` and has learned from `examples`, seed 0."""
    net, optimiser, random = _begun(start, _OWN_DROP, _OWN_DECAY)
    whole, lacking, partners = _by_question(examples)
    chances = np.array([examples[place].weight for place in whole])
    chances /= chances.sum()
    for step in tracked(range(steps), "自治体の問いで学習しています"):
        drawn: list[_Drawn] = []
        for place in random.choice(whole, min(_QUESTIONS, len(whole)), replace=False, p=chances):
            other = partners.get(int(place))
            if other is None and place in lacking and random.random() < _BESIDE:
                other = lacking[int(place)]
            drawn += _drawn(examples, [int(place), *([] if other is None else [other])], len(drawn), random)
        if drawn:
            rate = _OWN_STEP * _rate(step, steps, _WARM // 3)
            _follow(net, optimiser, _loss_of_questions(_reads(net, start), drawn), rate)
    return replace(start, state=net.state_dict())


def _begun(
    start: Trained, drop: float, decay: float
) -> tuple[TokenReaderNet, torch.optim.Optimizer, np.random.Generator]:
    torch.manual_seed(0)
    # What is seldom drawn has moments that fade for long: as denormal numbers they treble the time.
    torch.set_flush_denormal(True)
    net = TokenReaderNet(1 + max(start.parts.values()), drop)
    if start.state:
        net.load_state_dict(start.state)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_STEP, weight_decay=decay, betas=(0.9, 0.98))
    return net, optimiser, np.random.default_rng(0)


def _reads(net: TokenReaderNet, by: Trained) -> _Reads:
    """Return what gives the logits of samples by `net`, with the parts of speech and the features of `by`."""

    def read(samples: Sequence[Sample]) -> Read:
        found: Read = net(*given([(sample.question, sample.window) for sample in samples], by.parts, by.context))
        return found

    return read


def _rate(step: int, steps: int, warm: int) -> float:
    return min(1, (step + 1) / warm) * max(_LEAST, 1 - step / steps)


def _follow(net: TokenReaderNet, optimiser: torch.optim.Optimizer, loss: Tensor, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()


def _length(sample: Sample) -> int:
    return len(sample.window.headings) + sum(map(len, sample.window.texts))


def _loss_of_samples(reads: _Reads, samples: Sequence[Sample]) -> Tensor:
    """Return the loss of windows by themselves: of first and last token or none, of the units, of the window."""
    read = reads(samples)
    none = torch.zeros(len(samples), 1)
    ends = [
        functional.cross_entropy(torch.cat([none, logits], 1), torch.tensor([_place(s, end) for s in samples]))
        for end, logits in enumerate((read.starts, read.ends))
    ]
    return 0.5 * (ends[0] + ends[1]) + 2 * _of_units(read.units, samples) + 1.5 * _of_windows(read.windows, samples)


def _place(sample: Sample, end: int) -> int:
    """Return the column of the first (0) or last (1) token of the answer, behind one that stands for none."""
    return 0 if sample.span is None else 2 + len(sample.window.headings) + sample.span[end]


def _of_units(logits: Tensor, samples: Sequence[Sample]) -> Tensor:
    wanted = torch.full(logits.shape, nan)
    for row, sample in enumerate(samples):
        wanted[row, : len(sample.units)] = torch.tensor(sample.units)
    return _single(logits, torch.where(logits > UNKNOWN + 1, wanted, nan))


def _of_windows(logits: Tensor, samples: Sequence[Sample]) -> Tensor:
    return _single(logits, torch.tensor([sample.answers for sample in samples]))


def _single(logits: Tensor, wanted: Tensor) -> Tensor:
    known = ~torch.isnan(wanted)
    if not known.any():
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits[known], wanted[known])


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Windows of a question, whether anything answers it, and the place of one drawn that is to stand below it."""

    samples: tuple[Sample, ...]
    answered: float
    above: int | None = None


def _by_question(examples: Sequence[Example]) -> tuple[list[int], dict[int, int], dict[int, int]]:
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


def _drawn(
    examples: Sequence[Example], places: Sequence[int], at: int, random: np.random.Generator
) -> Iterator[_Drawn]:
    """Yield windows of one question and of what lacks its answer; `at` is the place of the first."""
    chosen = [(examples[place], _chosen(examples[place], random)) for place in places]
    chosen = [(example, samples) for example, samples in chosen if samples]
    for number, (example, samples) in enumerate(chosen):
        below = at + 1 - number if len(chosen) > 1 and example.answered == 1 else None
        yield _Drawn(samples, example.answered, below)


def _chosen(example: Example, random: np.random.Generator) -> tuple[Sample, ...]:
    """Return some right windows, and wrong ones, of high passages more often."""
    listed = [(rank, sample) for rank, of in enumerate(of_example(example, _PASSAGES)) for sample in of]
    right = [sample for _, sample in listed if sample.answers > 0]
    wrong = [(rank, sample) for rank, sample in listed if sample.answers == 0]
    found = [right[i] for i in random.permutation(len(right))[:_RIGHT]]
    if wrong:
        chances = np.array([1 / (1 + rank) for rank, _ in wrong])
        drawn = random.choice(len(wrong), min(_WRONG, len(wrong)), replace=False, p=chances / chances.sum())
        found += [wrong[i][1] for i in drawn]
    return tuple(found)


def _loss_of_questions(reads: _Reads, drawn: Sequence[_Drawn]) -> Tensor:
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
    of_questions = _single(best, torch.tensor([each.answered for each in drawn]))
    above = [(number, each.above) for number, each in enumerate(drawn) if each.above is not None]
    lead = [functional.softplus(best[less] - best[more]) for more, less in above]
    paired = torch.stack(lead).mean() if lead else torch.zeros(())
    single = 2 * _of_units(read.units, samples) + _of_windows(read.windows, samples)
    return single + 0.5 * among + of_questions + 0.7 * paired


def reader_of(trained: Trained) -> TokenReader:
    """Return the net as it is served, its logits joined to nothing."""
    return TokenReader(written(trained, dict.fromkeys(("whole", "passages", "units"), (0, 1, 0))))


Said = tuple[Array, Array, float]


def cross_read(
    examples: Sequence[Example], said: Sequence[Said], start: Trained, folds: int, steps: int = OWN_STEPS
) -> list[tuple[Array, Array]]:
    """Return the logits of the units and passages of each example by nets that have not seen its group.

    All begin as `start`. `said` is what the evidence says of each: its best passages are read, as when serving.
    """
    groups = sorted({example.question.group for example in examples})
    found: dict[int, tuple[Array, Array]] = {}
    for fold in range(folds):
        out = set(groups[fold::folds])
        seen = [example for example in examples if example.question.group not in out]
        reader = reader_of(own_trained(seen, start, steps))
        for place, example in enumerate(examples):
            if example.complete and example.question.group in out:
                passages = [hit.passage for hit in example.hits]
                found[place] = reader.best(example.query.text, passages, said[place][1])
    nothing = (np.zeros(0, np.float32), np.zeros(0, np.float32))
    return [found.get(place, nothing) for place in range(len(examples))]


def joining(
    examples: Sequence[Example], said: Sequence[Said], found: Sequence[tuple[Array, Array]]
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
    by = {"whole": _regression(of_whole, answered, weights)}
    for name, at, labels in (
        ("units", 0, [examples[i].units for i in whole]),
        ("passages", 1, [examples[i].passages for i in whole]),
    ):
        each = np.concatenate([np.stack([logit(said[i][at]), found[i][at]], 1) for i in whole])
        by[name] = _regression(each, np.concatenate(labels), np.repeat(weights, [len(one) for one in labels]))
    return by


def logit(probability: Array | float) -> Array:
    """Return the logit of probabilities that are neither 0 nor 1."""
    sure = np.clip(np.asarray(probability, np.float32), 1e-6, 1 - 1e-6)
    of: Array = np.log(sure / (1 - sure))
    return of


def _regression(x: NDArray[np.float64], wanted: Array, weights: NDArray[np.float64]) -> list[float]:
    from scipy.optimize import minimize  # noqa: PLC0415 -- half a second that the other commands need not pay

    known = ~np.isnan(wanted)
    x, y, share = x[known].astype(np.float64), wanted[known].astype(np.float64), weights[known] / weights[known].sum()

    def loss(w: NDArray[np.float64]) -> float:
        z = x @ w[:2] + w[2]
        return float(share @ (np.logaddexp(0, z) - y * z))

    found: list[float] = minimize(loss, [1.0, 0.0, 0.0]).x.tolist()
    return found
