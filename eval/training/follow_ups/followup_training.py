"""Trains the follow-up model on conversations, generated follow-ups and standalone questions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bot.conversation.follow_up_model import MAX_PREVIOUS_TOKENS, FollowUpKind, model_tokens
from bot.conversation.follow_ups import strip_connectives
from bot.relevance.tokens import Batch, Token, Window, make_batch, tokenise_text
from eval.storage.progress import with_progress_bar
from eval.training.follow_ups.conversations import ABOUT, ALONE, SINGLE, SWAP, FollowUpQuestion
from eval.training.follow_ups.generated_followups import make_follow_ups
from eval.training.follow_ups.trainable_followup_model import TrainableFollowUpModel, make_followup_inputs
from eval.training.reader.bulletin_questions import read_written_questions
from ingest.japanese import nfkc

_T = TypeVar("_T")
Texts = tuple[Token, ...]
Parts = dict[tuple[str, ...], int]
State = dict[str, Tensor]
STEPS = 1200
_BATCH_SIZE = 32
# The learning rate rises over the warm-up steps, then falls linearly to the lowest share.
_LEARNING_RATE = 2e-3
_WARMUP_STEPS = 100
_MIN_RATE_SHARE = 0.02
_DROPOUT = 0.2
_WEIGHT_DECAY = 2e-2
_LABEL_SMOOTHING = 0.1
# Decay of the moving average of the weights, which is what is shipped.
_AVERAGE_DECAY = 0.99
# Sampling probabilities: a conversation turn; a follow-up after another question; a generated omission or exchange
# after a question on the same article; a standalone question after any question, after one on the same article; a
# single question after one about other documents.
_SOURCES = ("conversation", "recombined", "left out", "exchanged", "unrelated", "same article", "single")
_MIX = (0.42, 0.08, 0.08, 0.06, 0.16, 0.1, 0.1)
# Share of recombined samples taken from written conversations; the rest is generated.
_WRITTEN = 3 / 4
# Question sets of the reader over bulletins and council sittings.
_SERIES = ("bulletins", "everyday", "pairs")
_KINDS = {ALONE: FollowUpKind.ALONE, SINGLE: FollowUpKind.ALONE, ABOUT: FollowUpKind.ABOUT, SWAP: FollowUpKind.SWAP}
# Label of a token that takes no part in the loss.
_UNKNOWN = -1.0
# Label of a kind that takes no part in the loss.
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class FollowUpSample:
    """A text after a question, its kind, and per token whether it is carried over, replaced, or a replacement.

    A kind of None and empty labels are unknown.
    """

    text: Texts
    before: Texts
    kind: FollowUpKind | None
    carried: tuple[float, ...] = ()
    replaced: tuple[float, ...] = ()
    by: tuple[float, ...] = ()


def load_standalone_questions() -> list[tuple[str, str]]:
    """Return standalone questions as (article, question), from the reader's training questions."""
    lines = (line for series in _SERIES for line in read_written_questions(series))
    return [((line["support"] or line.get("near") or [""])[0], nfkc(line["question"]).strip()) for line in lines]


def make_sample(asked: FollowUpQuestion) -> FollowUpSample:
    """Return the training sample of a conversation turn."""
    text, kind = strip_connectives(asked.text), _KINDS[asked.kind]
    if kind is FollowUpKind.ABOUT and _is_joined_by_no(text, asked.whole):
        kind = FollowUpKind.OF
    swapped = kind is FollowUpKind.SWAP
    return FollowUpSample(
        tokenise_text(text),
        tokenise_text(asked.before),
        kind,
        _token_labels(asked.before, asked.carried) if asked.kind == ABOUT else (),
        _token_labels(asked.before, (asked.replaced,)) if swapped else (),
        _token_labels(text, (asked.by,)) if swapped else (),
    )


def _is_joined_by_no(text: str, whole: str) -> bool:
    """Whether the reference question joins its topic to the text with の."""
    return any(whole.partition(text[:length])[0].endswith("の") for length in (4, 3, 2) if text[:length] in whole[1:])


def _token_labels(text: str, runs: Iterable[str]) -> tuple[float, ...]:
    places = [(at, at + len(run)) for run in runs if run and (at := text.find(run)) >= 0]
    return tuple(float(any(a < m.end and m.start < b for a, b in places)) for m in model_tokens(text))


class _SampleDrawer:
    """Draws random samples from conversation turns and standalone questions."""

    def __init__(
        self, asked: Sequence[FollowUpQuestion], alone: Sequence[tuple[str, str]], random: np.random.Generator
    ) -> None:
        self._random = random
        self._own = [make_sample(one) for one in asked if one.kind != SINGLE]
        self._singles = [make_sample(one) for one in asked if one.kind == SINGLE]
        self._abouts = [one for one in self._own if one.kind in {FollowUpKind.OF, FollowUpKind.ABOUT}]
        endings = [one.text.partition(one.by)[2] for one in asked if one.kind == SWAP and one.text.startswith(one.by)]
        generated = [make_sample(one) for one in make_follow_ups(alone, endings, Random(0))]  # noqa: S311 -- must be reproducible
        self._left_out = [one for one in generated if one.kind is not FollowUpKind.SWAP]
        exchanged = [one for one in generated if one.kind is FollowUpKind.SWAP]
        self._ready = {"conversation": self._own, "left out": self._left_out, "exchanged": exchanged}
        if self._singles:
            self._ready["single"] = self._singles
        self._questions = [tokenise_text(question) for _, question in alone]
        previous = [one.before for one in self._own]
        self._alone = [*(one.text for one in self._own if one.kind is FollowUpKind.ALONE), *previous]
        self._befores = (
            previous,
            self._questions,
            [one.before for one in self._singles] or previous,
        )
        by_article: dict[str, list[int]] = {}
        for number, (article, _) in enumerate(alone):
            by_article.setdefault(article, []).append(number)
        self._articles = [numbers for numbers in by_article.values() if len(numbers) > 1]

    @property
    def texts(self) -> Iterator[Texts]:
        """All texts of the training data."""
        yield from (*self._alone, *self._questions, *(one.text for one in (*self._own, *self._singles)))

    def __call__(self) -> FollowUpSample:
        source = _SOURCES[self._random.choice(len(_MIX), p=_MIX)]
        if source in self._ready:
            return self._draw_one(self._ready[source])
        if source == "recombined":
            return self._draw_recombined()
        if source == "unrelated":
            return FollowUpSample(
                self._draw_one(self._draw_one((self._alone, self._questions))),
                self._draw_question(),
                FollowUpKind.ALONE,
            )
        text, before = self._random.choice(self._draw_one(self._articles), 2, replace=False)
        return FollowUpSample(self._questions[text], self._questions[before], FollowUpKind.ALONE)

    def _draw_recombined(self) -> FollowUpSample:
        """Draw a follow-up text after another question, whose carried tokens hardly depend on the text.

        The kind is unknown, because the text may not be a follow-up there.
        """
        before, text = (
            self._draw_one(self._abouts if self._random.random() < _WRITTEN else self._left_out) for _ in range(2)
        )
        return replace(before, text=text.text, kind=None)

    def _draw_question(self) -> Texts:
        return self._draw_one(self._draw_one(self._befores))

    def _draw_one(self, of: Sequence[_T]) -> _T:
        return of[int(self._random.integers(len(of)))]


def train_followup_model(
    asked: Sequence[FollowUpQuestion], alone: Sequence[tuple[str, str]], steps: int = STEPS
) -> tuple[State, Parts]:
    """Return the trained state and the numbers of its parts of speech (0: any other); the seed is 0."""
    torch.manual_seed(0)
    # The moments of rarely drawn rows decay to denormal numbers, which triple the training time.
    torch.set_flush_denormal(True)
    draw = _SampleDrawer(asked, alone, np.random.default_rng(0))
    parts = number_parts_of_speech(draw.texts)
    model = TrainableFollowUpModel(len(parts), _DROPOUT)
    optimiser = torch.optim.AdamW(model.parameters(), lr=_LEARNING_RATE, weight_decay=_WEIGHT_DECAY, betas=(0.9, 0.98))
    mean = {name: weight.clone() for name, weight in model.state_dict().items()}
    for step in with_progress_bar(range(steps), "会話で学習しています"):
        for group in optimiser.param_groups:
            group["lr"] = _LEARNING_RATE * min(1, (step + 1) / _WARMUP_STEPS) * max(_MIN_RATE_SHARE, 1 - step / steps)
        optimiser.zero_grad()
        _loss(model, [draw() for _ in range(_BATCH_SIZE)], parts).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        for name, weight in model.state_dict().items():
            mean[name].lerp_(weight, 1 - min(_AVERAGE_DECAY, step / (step + 10)))
    return mean, parts


def number_parts_of_speech(texts: Iterable[Texts]) -> Parts:
    """Return a number for each part of speech in the texts."""
    seen = {token.part for text in texts for token in text}
    return {part: number for number, part in enumerate([("PAD",) * 3, ("SEP",) * 3, *sorted(seen)])}


def pack_samples(samples: Sequence[FollowUpSample], parts: Parts) -> Batch:
    """Return samples as one batch."""
    return make_batch([(one.text, Window((), (one.before[:MAX_PREVIOUS_TOKENS],), (0,))) for one in samples], parts)


def _loss(model: TrainableFollowUpModel, samples: Sequence[FollowUpSample], parts: Parts) -> Tensor:
    kinds, of_before, of_text = model(*make_followup_inputs(pack_samples(samples, parts)))
    targets = torch.tensor([_IGNORED if one.kind is None else int(one.kind) for one in samples])
    return (
        functional.cross_entropy(kinds, targets, label_smoothing=_LABEL_SMOOTHING, ignore_index=_IGNORED)
        + _token_loss(of_before[:, 1:, 0], [one.carried for one in samples])
        + _token_loss(of_before[:, 1:, 1], [one.replaced for one in samples])
        + _token_loss(of_text, [one.by for one in samples])
    )


def _token_loss(logits: Tensor, marks: Sequence[tuple[float, ...]]) -> Tensor:
    targets = torch.full(logits.shape, _UNKNOWN)
    for row, each in enumerate(marks):
        targets[row, : min(len(each), logits.shape[1])] = torch.tensor(each[: logits.shape[1]])
    known = targets > _UNKNOWN
    if not known.any():
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits[known], targets[known])
