"""Trains the follow-up model on conversations, generated follow-ups and standalone questions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bot.conversation.follow_up_model import BEFORE, FollowUpKind, model_tokens
from bot.conversation.follow_ups import strip_connectives
from bot.relevance.tokens import Batch, Token, Window, make_batch, tokenise_text
from eval.storage.progress import with_progress_bar
from eval.training.follow_ups.conversations import ABOUT, ALONE, SINGLE, SWAP, FollowUpQuestion
from eval.training.follow_ups.followup_model import TrainableFollowUpModel, make_followup_inputs
from eval.training.follow_ups.generated_followups import make_follow_ups
from eval.training.reader.bulletin_questions import read_written_questions
from ingest.japanese import nfkc

_T = TypeVar("_T")
Texts = tuple[Token, ...]
Parts = dict[tuple[str, ...], int]
State = dict[str, Tensor]
STEPS = 1200
_SAMPLES, _STEP, _WARM, _LEAST, _DROP, _DECAY, _SMOOTHED = 32, 2e-3, 100, 0.02, 0.2, 2e-2, 0.1
# What is shipped is the running mean of the weights.
_KEPT = 0.99
# What is drawn how often: a question of a conversation as it is; the text of a follow-up behind another question; what
# a question would have left out, or exchanged, behind one of the same article; and what stands alone behind any, behind
# one of the same article, a single question behind one about other documents.
_WAYS = ("conversation", "recombined", "left out", "exchanged", "unrelated", "same article", "single")
_MIX = (0.42, 0.08, 0.08, 0.06, 0.16, 0.1, 0.1)
# Of what is recombined: texts and questions that are written, not made.
_WRITTEN = 3 / 4
# Sets of the reader's questions that are asked of bulletins and sittings.
_SERIES = ("bulletins", "everyday", "pairs")
_KINDS = {ALONE: FollowUpKind.ALONE, SINGLE: FollowUpKind.ALONE, ABOUT: FollowUpKind.ABOUT, SWAP: FollowUpKind.SWAP}
_UNKNOWN, _IGNORED = -1.0, -100


@dataclass(frozen=True, slots=True)
class FollowUpSample:
    """A text behind a question, its kind, and for each token whether it is carried over, replaced, or replaces.

    A kind of None, and no tokens, are not known.
    """

    text: Texts
    before: Texts
    kind: FollowUpKind | None
    carried: tuple[float, ...] = ()
    replaced: tuple[float, ...] = ()
    by: tuple[float, ...] = ()


def load_standalone_questions() -> list[tuple[str, str]]:
    """Return questions that stand alone, each with the article that it is about: those the reader learns from."""
    lines = (line for series in _SERIES for line in read_written_questions(series))
    return [((line["support"] or line.get("near") or [""])[0], nfkc(line["question"]).strip()) for line in lines]


def make_sample(asked: FollowUpQuestion) -> FollowUpSample:
    """Return what is learned from a question of a conversation."""
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
    """Whether a writer joined the text with の to what it is about."""
    return any(whole.partition(text[:length])[0].endswith("の") for length in (4, 3, 2) if text[:length] in whole[1:])


def _token_labels(text: str, runs: Iterable[str]) -> tuple[float, ...]:
    places = [(at, at + len(run)) for run in runs if run and (at := text.find(run)) >= 0]
    return tuple(float(any(a < m.end and m.start < b for a, b in places)) for m in model_tokens(text))


class _SampleDrawer:
    """Draws samples by chance; `asked` are of conversations, and single questions."""

    def __init__(
        self, asked: Sequence[FollowUpQuestion], alone: Sequence[tuple[str, str]], random: np.random.Generator
    ) -> None:
        self._random = random
        self._own = [make_sample(one) for one in asked if one.kind != SINGLE]
        self._singles = [make_sample(one) for one in asked if one.kind == SINGLE]
        self._abouts = [one for one in self._own if one.kind in {FollowUpKind.OF, FollowUpKind.ABOUT}]
        tails = [one.text.partition(one.by)[2] for one in asked if one.kind == SWAP and one.text.startswith(one.by)]
        made_of = [make_sample(one) for one in make_follow_ups(alone, tails, Random(0))]  # noqa: S311 -- the same ones each time
        self._left_out = [one for one in made_of if one.kind is not FollowUpKind.SWAP]
        exchanged = [one for one in made_of if one.kind is FollowUpKind.SWAP]
        self._ready = {"conversation": self._own, "left out": self._left_out, "exchanged": exchanged}
        if self._singles:
            self._ready["single"] = self._singles
        self._questions = [tokenise_text(question) for _, question in alone]
        wholes = [one.before for one in self._own]
        self._alone = [*(one.text for one in self._own if one.kind is FollowUpKind.ALONE), *wholes]
        self._befores = (wholes, self._questions, [one.before for one in self._singles] or wholes)
        by_article: dict[str, list[int]] = {}
        for number, (article, _) in enumerate(alone):
            by_article.setdefault(article, []).append(number)
        self._articles = [numbers for numbers in by_article.values() if len(numbers) > 1]

    @property
    def texts(self) -> Iterator[Texts]:
        """All that is learned from."""
        yield from (*self._alone, *self._questions, *(one.text for one in (*self._own, *self._singles)))

    def __call__(self) -> FollowUpSample:
        way = _WAYS[self._random.choice(len(_MIX), p=_MIX)]
        if way in self._ready:
            return self._draw_one(self._ready[way])
        if way == "recombined":
            return self._draw_recombined()
        if way == "unrelated":
            return FollowUpSample(
                self._draw_one(self._draw_one((self._alone, self._questions))),
                self._draw_question(),
                FollowUpKind.ALONE,
            )
        text, before = self._random.choice(self._draw_one(self._articles), 2, replace=False)
        return FollowUpSample(self._questions[text], self._questions[before], FollowUpKind.ALONE)

    def _draw_recombined(self) -> FollowUpSample:
        """Draw the text of a follow-up behind another question: of that much the same is carried, whatever is asked.

        Whether it would be a follow-up there too, nobody knows.
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
    """Return the state of a net that has learned from conversations and questions that stand `alone`, seed 0.

    Besides the parts of speech that it knows by number; 0 stands for any other.
    """
    torch.manual_seed(0)
    # What is seldom drawn has moments that fade for long: as denormal numbers they treble the time.
    torch.set_flush_denormal(True)
    draw = _SampleDrawer(asked, alone, np.random.default_rng(0))
    parts = number_parts_of_speech(draw.texts)
    net = TrainableFollowUpModel(len(parts), _DROP)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_STEP, weight_decay=_DECAY, betas=(0.9, 0.98))
    mean = {name: weight.clone() for name, weight in net.state_dict().items()}
    for step in with_progress_bar(range(steps), "会話で学習しています"):
        for group in optimiser.param_groups:
            group["lr"] = _STEP * min(1, (step + 1) / _WARM) * max(_LEAST, 1 - step / steps)
        optimiser.zero_grad()
        _loss(net, [draw() for _ in range(_SAMPLES)], parts).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        for name, weight in net.state_dict().items():
            mean[name].lerp_(weight, 1 - min(_KEPT, step / (step + 10)))
    return mean, parts


def number_parts_of_speech(texts: Iterable[Texts]) -> Parts:
    """Return the parts of speech of the texts by number."""
    seen = {token.part for text in texts for token in text}
    return {part: number for number, part in enumerate([("PAD",) * 3, ("SEP",) * 3, *sorted(seen)])}


def pack_samples(samples: Sequence[FollowUpSample], parts: Parts) -> Batch:
    """Put samples side by side."""
    return make_batch([(one.text, Window((), (one.before[:BEFORE],), (0,))) for one in samples], parts)


def _loss(net: TrainableFollowUpModel, samples: Sequence[FollowUpSample], parts: Parts) -> Tensor:
    kinds, of_before, of_text = net(*make_followup_inputs(pack_samples(samples, parts)))
    wanted = torch.tensor([_IGNORED if one.kind is None else int(one.kind) for one in samples])
    return (
        functional.cross_entropy(kinds, wanted, label_smoothing=_SMOOTHED, ignore_index=_IGNORED)
        + _token_loss(of_before[:, 1:, 0], [one.carried for one in samples])
        + _token_loss(of_before[:, 1:, 1], [one.replaced for one in samples])
        + _token_loss(of_text, [one.by for one in samples])
    )


def _token_loss(logits: Tensor, marks: Sequence[tuple[float, ...]]) -> Tensor:
    wanted = torch.full(logits.shape, _UNKNOWN)
    for row, each in enumerate(marks):
        wanted[row, : min(len(each), logits.shape[1])] = torch.tensor(each[: logits.shape[1]])
    known = wanted > _UNKNOWN
    if not known.any():
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits[known], wanted[known])
