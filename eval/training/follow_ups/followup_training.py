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
from eval.training.follow_ups.conversations import ABOUT_PREVIOUS, COMPLETE_QUESTION, SINGLE, SWAP, FollowUpQuestion
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
_SOURCE_CHANCES = (0.42, 0.08, 0.08, 0.06, 0.16, 0.1, 0.1)
# Share of recombined samples taken from written conversations; the rest is generated.
_WRITTEN_SHARE = 3 / 4
# Question sets of the reader over bulletins and council sittings.
_QUESTION_SERIES = ("bulletins", "everyday", "pairs")
_KINDS = {
    COMPLETE_QUESTION: FollowUpKind.ALONE,
    SINGLE: FollowUpKind.ALONE,
    ABOUT_PREVIOUS: FollowUpKind.ABOUT,
    SWAP: FollowUpKind.SWAP,
}
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
    lines = (line for series in _QUESTION_SERIES for line in read_written_questions(series))
    return [((line["support"] or line.get("near") or [""])[0], nfkc(line["question"]).strip()) for line in lines]


def make_sample(question: FollowUpQuestion) -> FollowUpSample:
    """Return the training sample of a conversation turn."""
    text = strip_connectives(question.text)
    kind = _KINDS[question.kind]
    if kind is FollowUpKind.ABOUT and _is_joined_by_no(text, question.standalone_text):
        kind = FollowUpKind.OF
    swapped = kind is FollowUpKind.SWAP
    previous = question.previous_question
    return FollowUpSample(
        text=tokenise_text(text),
        before=tokenise_text(previous),
        kind=kind,
        carried=_token_labels(previous, question.carried) if question.kind == ABOUT_PREVIOUS else (),
        replaced=_token_labels(previous, (question.replaced,)) if swapped else (),
        by=_token_labels(text, (question.replacement,)) if swapped else (),
    )


def _is_joined_by_no(text: str, standalone_text: str) -> bool:
    return any(
        standalone_text.partition(text[:length])[0].endswith("の")
        for length in (4, 3, 2)
        if text[:length] in standalone_text[1:]
    )


def _token_labels(text: str, runs: Iterable[str]) -> tuple[float, ...]:
    places = [(start, start + len(run)) for run in runs if run and (start := text.find(run)) >= 0]
    return tuple(
        float(any(start < token.end and token.start < end for start, end in places)) for token in model_tokens(text)
    )


class _SampleDrawer:
    """Draws random samples from conversation turns and standalone questions."""

    def __init__(
        self, questions: Sequence[FollowUpQuestion], standalone: Sequence[tuple[str, str]], random: np.random.Generator
    ) -> None:
        self._random = random
        self._turns = [make_sample(question) for question in questions if question.kind != SINGLE]
        self._singles = [make_sample(question) for question in questions if question.kind == SINGLE]
        self._abouts = [sample for sample in self._turns if sample.kind in {FollowUpKind.OF, FollowUpKind.ABOUT}]
        swaps = [question for question in questions if question.kind == SWAP]
        endings = [
            question.text.removeprefix(question.replacement)
            for question in swaps
            if question.text.startswith(question.replacement)
        ]
        follow_ups = make_follow_ups(standalone, endings, Random(0))  # noqa: S311 -- must be reproducible
        generated = [make_sample(question) for question in follow_ups]
        self._left_out = [sample for sample in generated if sample.kind is not FollowUpKind.SWAP]
        exchanged = [sample for sample in generated if sample.kind is FollowUpKind.SWAP]
        self._ready = {"conversation": self._turns, "left out": self._left_out, "exchanged": exchanged}
        if self._singles:
            self._ready["single"] = self._singles
        self._questions = [tokenise_text(question) for _, question in standalone]
        previous = [sample.before for sample in self._turns]
        self._alone = [*(sample.text for sample in self._turns if sample.kind is FollowUpKind.ALONE), *previous]
        self._befores = (previous, self._questions, [sample.before for sample in self._singles] or previous)
        by_article: dict[str, list[int]] = {}
        for number, (article, _) in enumerate(standalone):
            by_article.setdefault(article, []).append(number)
        self._articles = [numbers for numbers in by_article.values() if len(numbers) > 1]

    @property
    def texts(self) -> Iterator[Texts]:
        yield from (*self._alone, *self._questions, *(sample.text for sample in (*self._turns, *self._singles)))

    def __call__(self) -> FollowUpSample:
        source = _SOURCES[self._random.choice(len(_SOURCE_CHANCES), p=_SOURCE_CHANCES)]
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
        previous, follow_up = (
            self._draw_one(self._abouts if self._random.random() < _WRITTEN_SHARE else self._left_out) for _ in range(2)
        )
        return replace(previous, text=follow_up.text, kind=None)

    def _draw_question(self) -> Texts:
        return self._draw_one(self._draw_one(self._befores))

    def _draw_one(self, items: Sequence[_T]) -> _T:
        return items[int(self._random.integers(len(items)))]


def train_followup_model(
    questions: Sequence[FollowUpQuestion], standalone: Sequence[tuple[str, str]], steps: int = STEPS
) -> tuple[State, Parts]:
    """Return the trained state and the numbers of its parts of speech (0: any other); the seed is 0."""
    torch.manual_seed(0)
    # The moments of rarely drawn rows decay to denormal numbers, which triple the training time.
    torch.set_flush_denormal(True)
    draw = _SampleDrawer(questions, standalone, np.random.default_rng(0))
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
    parts = {token.part for text in texts for token in text}
    return {part: number for number, part in enumerate([("PAD",) * 3, ("SEP",) * 3, *sorted(parts)])}


def pack_samples(samples: Sequence[FollowUpSample], parts: Parts) -> Batch:
    """Return samples as one batch."""
    return make_batch(
        [(sample.text, Window((), (sample.before[:MAX_PREVIOUS_TOKENS],), (0,))) for sample in samples], parts
    )


def _loss(model: TrainableFollowUpModel, samples: Sequence[FollowUpSample], parts: Parts) -> Tensor:
    kinds, of_before, of_text = model(*make_followup_inputs(pack_samples(samples, parts)))
    targets = torch.tensor([_IGNORED if sample.kind is None else int(sample.kind) for sample in samples])
    return (
        functional.cross_entropy(kinds, targets, label_smoothing=_LABEL_SMOOTHING, ignore_index=_IGNORED)
        + _token_loss(of_before[:, 1:, 0], [sample.carried for sample in samples])
        + _token_loss(of_before[:, 1:, 1], [sample.replaced for sample in samples])
        + _token_loss(of_text, [sample.by for sample in samples])
    )


def _token_loss(logits: Tensor, marks: Sequence[tuple[float, ...]]) -> Tensor:
    targets = torch.full(logits.shape, _UNKNOWN)
    for row, labels in enumerate(marks):
        targets[row, : min(len(labels), logits.shape[1])] = torch.tensor(labels[: logits.shape[1]])
    is_known = targets > _UNKNOWN
    if not is_known.any():
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits[is_known], targets[is_known])
