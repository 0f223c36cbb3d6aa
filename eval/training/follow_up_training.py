"""Trains the follow-up model on conversations, generated follow-ups and standalone questions."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations, takewhile
from math import nan
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bot.question.follow_up_model import MAX_PREVIOUS_TOKENS, FollowUpKind, model_tokens
from bot.question.follow_ups import strip_connectives
from bot.relevance.token_context import Tokens
from bot.token_batches import Batch, Window, make_batch, tokenise_text
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_json_lines
from eval.training.follow_up_model import TrainableFollowUpModel, make_followup_inputs
from eval.training.loop import TrainingSchedule, binary_loss, start_training, train_model
from eval.training.questions import read_written_questions, single_turn_cases
from eval.training.token_model import number_parts_of_speech
from ingest.japanese import nfkc
from ingest.japanese.lexicon import NORMAL_FORMS
from ingest.japanese.tokenise import morphemes

WRITTEN = tuple(sorted(Path(__file__).with_name("conversations").glob("*.jsonl")))
"""The project's own conversations."""
SCHEDULE = TrainingSchedule(32, 1200, 2e-3, warmup_steps=100, weight_decay=2e-2)
_DROPOUT = 0.2
_LABEL_SMOOTHING = 0.1
# Decay of the moving average of the weights, which is what is shipped.
_AVERAGE_DECAY = 0.99
# Question sets of the reader over bulletins and council sittings.
_QUESTION_SERIES = ("bulletins", "everyday", "pairs")
# Label of a kind that takes no part in the loss.
_IGNORED = -100
# Limits in characters of a shared beginning, a follow-up, an exchanged phrase, and a shared end.
_MIN_SHARED_START = 5
_LENGTHS = range(3, 23)
_MAX_PHRASE_LENGTH = 16
_MIN_SHARED_END = 4
_PARTICLES = frozenset({"は", "の", "って", "に", "で", "、", "が", "も", "では", "には"})
# Share of recombined samples taken from written conversations; the rest is generated.
_WRITTEN_SHARE = 3 / 4
T = TypeVar("T")
Parts = dict[tuple[str, ...], int]
State = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class FollowUpSample:
    """A text after a question, its kind, and per token whether it is carried over, replaced, or a replacement.

    A kind of None and empty labels are unknown.
    """

    text: Tokens
    before: Tokens
    kind: FollowUpKind | None
    carried: tuple[float, ...] = ()
    replaced: tuple[float, ...] = ()
    by: tuple[float, ...] = ()


def about_sample(text: str, previous: str, standalone: str, carried: Iterable[str]) -> FollowUpSample:
    """Return a follow-up about the same subject; `carried` are the parts of `previous` that `standalone` takes over."""
    text = strip_connectives(text)
    starts = (text[:length] for length in (4, 3, 2))
    is_joined = any(s in standalone[1:] and standalone.partition(s)[0].endswith("の") for s in starts)
    kind = FollowUpKind.OF if is_joined else FollowUpKind.ABOUT
    return FollowUpSample(tokenise_text(text), tokenise_text(previous), kind, carried=_token_labels(previous, carried))


def swap_sample(text: str, previous: str, replaced: str, replacement: str) -> FollowUpSample:
    """Return a follow-up that asks the previous question about something else."""
    text = strip_connectives(text)
    return FollowUpSample(
        tokenise_text(text),
        tokenise_text(previous),
        FollowUpKind.SWAP,
        replaced=_token_labels(previous, (replaced,)),
        by=_token_labels(text, (replacement,)),
    )


def alone_sample(text: str, previous: str) -> FollowUpSample:
    """Return a self-contained question."""
    return FollowUpSample(tokenise_text(strip_connectives(text)), tokenise_text(previous), FollowUpKind.ALONE)


def _token_labels(text: str, runs: Iterable[str]) -> tuple[float, ...]:
    places = [(start, start + len(run)) for run in runs if run and (start := text.find(run)) >= 0]
    return tuple(
        float(any(start < token.end and token.start < end for start, end in places)) for token in model_tokens(text)
    )


@dataclass(frozen=True, slots=True)
class Conversations:
    """The samples of conversations, and the endings of their questions that exchange a phrase (…だと?)."""

    samples: list[FollowUpSample]
    swap_endings: list[str]


def load_conversations(files: Iterable[Path]) -> Conversations:
    """Return the questions of `files` after the first of each conversation; raises SetFileError for an invalid one."""
    found = Conversations([], [])
    for file in files:
        for conversation in read_json_lines(file):
            try:
                for previous, turn in pairwise(conversation["turns"]):
                    _add_turn(found, nfkc(previous["whole"]).strip(), turn)
            except (KeyError, TypeError, AttributeError) as error:
                raise SetFileError(f"{file}: 会話の形式が違います（{error}）。") from error
    return found


def _add_turn(found: Conversations, previous: str, turn: Mapping[str, Any]) -> None:
    text = nfkc(turn["text"]).strip()
    if turn["kind"] == "about":
        carried = map(nfkc, turn.get("carried", ()))
        found.samples.append(about_sample(text, previous, nfkc(turn["whole"]).strip(), carried))
    elif turn["kind"] == "swap":
        replacement = nfkc(turn.get("by", ""))
        found.samples.append(swap_sample(text, previous, nfkc(turn.get("replaced", "")), replacement))
        if text.startswith(replacement):
            found.swap_endings.append(text.removeprefix(replacement))
    elif turn["kind"] == "alone":
        found.samples.append(alone_sample(text, previous))
    else:
        raise SetFileError(f"会話の kind は about、swap、alone のどれかです（{turn['kind']}）。")


def load_standalone_questions() -> list[tuple[str, str]]:
    """Return standalone questions as (article, question), from the training questions of the relevance models."""
    lines = (line for series in _QUESTION_SERIES for line in read_written_questions(series))
    return [((line["support"] or line.get("near") or [""])[0], nfkc(line["question"]).strip()) for line in lines]


def load_single_samples() -> list[FollowUpSample]:
    """Return the questions of the project's sets, each after one about other documents."""
    by_corpus = {
        corpus: dict.fromkeys(nfkc(case.turns[0]).strip() for case in cases)
        for corpus, cases in single_turn_cases().items()
    }
    random = Random(0)  # noqa: S311 -- reproducible
    samples = []
    for corpus, questions in by_corpus.items():
        others = [question for other, of_other in by_corpus.items() if other != corpus for question in of_other]
        samples += [alone_sample(text, random.choice(others)) for text in questions]
    return samples


def make_follow_ups(
    questions: Iterable[tuple[str, str]], endings: Sequence[str], random: Random
) -> Iterator[FollowUpSample]:
    """Yield follow-ups generated from (article, question) pairs; an exchanged phrase gets one of the `endings`."""
    by_article: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for article, question in questions:
        by_article[article][question] = None
    for of_article in by_article.values():
        for previous, standalone in permutations(of_article, 2):
            swapped = _swap_phrase(previous, standalone, random.choice(endings)) if endings else None
            if sample := swapped or _omit_shared_start(previous, standalone):
                yield sample


def _omit_shared_start(previous: str, standalone: str) -> FollowUpSample | None:
    shared_length = _common_prefix_length(previous, standalone)
    tokens = [token for token in morphemes(standalone) if token.pos[0] != "空白"]
    for token, following in reversed(list(pairwise(tokens))):
        if token.end > shared_length or not token.is_noun or following.surface not in _PARTICLES:
            continue
        contents = (other for other in tokens if other.start >= following.start and other.surface not in _PARTICLES)
        first_content = next(contents, None)
        text = standalone[first_content.start :] if first_content else ""
        if token.end < _MIN_SHARED_START or len(text) not in _LENGTHS:
            return None
        return about_sample(text, previous, standalone, (standalone[: token.end],))
    return None


def _swap_phrase(previous: str, standalone: str, ending: str) -> FollowUpSample | None:
    previous_ends = {0, *(token.end for token in morphemes(previous))}
    standalone_ends = {0, *(token.end for token in morphemes(standalone))}
    prefix_length = _common_prefix_length(previous, standalone)
    start = max(place for place in range(prefix_length + 1) if place in previous_ends & standalone_ends)
    suffix_length = _common_prefix_length(previous[start:][::-1], standalone[start:][::-1])
    shared_end = max(
        length
        for length in range(suffix_length + 1)
        if len(previous) - length in previous_ends and len(standalone) - length in standalone_ends
    )
    if shared_end < _MIN_SHARED_END or 2 * (start + shared_end) < len(previous):
        return None
    replaced = previous[start : len(previous) - shared_end]
    replacement = standalone[start : len(standalone) - shared_end]
    if not (_is_swappable(replaced) and _is_swappable(replacement)):
        return None
    return swap_sample(replacement + ending, previous, replaced, replacement)


def _common_prefix_length(text: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))


def _is_swappable(text: str) -> bool:
    tokens = morphemes(text)
    if not tokens or len(text) > _MAX_PHRASE_LENGTH or re.search(r"[、。?]", text):
        return False
    first, last = tokens[0], tokens[-1]
    return (
        not any(token.pos[0] == "代名詞" or token.normal in NORMAL_FORMS for token in tokens)
        and any(token.pos[0] == "名詞" for token in tokens)
        and first.is_content
        and first.pos[0] != "接尾辞"
        and first.pos[-4] != "助数詞"
        and last.is_noun
        and last.pos[1] != "副詞可能"
    )


class _SampleDrawer:
    """Draws random samples from conversations, generated follow-ups, and standalone and single questions."""

    def __init__(
        self,
        conversations: Conversations,
        singles: Sequence[FollowUpSample],
        standalone: Sequence[tuple[str, str]],
        random: np.random.Generator,
    ) -> None:
        self._random = random
        turns = conversations.samples
        generated = [*make_follow_ups(standalone, conversations.swap_endings, Random(0))]  # noqa: S311 -- reproducible
        swaps = [sample for sample in generated if sample.kind is FollowUpKind.SWAP]
        omissions = [sample for sample in generated if sample.kind is not FollowUpKind.SWAP]
        about = [sample for sample in turns if sample.kind in {FollowUpKind.OF, FollowUpKind.ABOUT}]
        questions = [tokenise_text(question) for _, question in standalone]
        by_article: defaultdict[str, list[Tokens]] = defaultdict(list)
        for (article, _), question in zip(standalone, questions, strict=True):
            by_article[article].append(question)
        articles = [members for members in by_article.values() if len(members) > 1]
        previous = [sample.before for sample in turns]
        alone = [*(sample.text for sample in turns if sample.kind is FollowUpKind.ALONE), *previous]
        befores = (previous, questions, [sample.before for sample in singles] or previous)
        self.texts = [*alone, *questions, *(sample.text for sample in (*turns, *singles))]

        def draw_recombined() -> FollowUpSample:
            """Draw a follow-up text after another question; whether it is a follow-up there is unknown."""
            kept, other = (self._draw(about if random.random() < _WRITTEN_SHARE else omissions or about) for _ in "12")
            return replace(kept, text=other.text, kind=None)

        def draw_unrelated() -> FollowUpSample:
            text = self._draw(self._draw((alone, questions)))
            return FollowUpSample(text, self._draw(self._draw(befores)), FollowUpKind.ALONE)

        def draw_of_one_article() -> FollowUpSample:
            members = self._draw(articles)
            text, before = random.choice(len(members), 2, replace=False)
            return FollowUpSample(members[text], members[before], FollowUpKind.ALONE)

        self._sources: tuple[tuple[float, Callable[[], FollowUpSample]], ...] = (
            (0.42, lambda: self._draw(turns)),
            (0.08, draw_recombined),
            (0.08, lambda: self._draw(omissions or turns)),
            (0.06, lambda: self._draw(swaps or turns)),
            (0.16, draw_unrelated),
            (0.1, draw_of_one_article),
            (0.1, lambda: self._draw(singles or turns)),
        )

    def __call__(self) -> FollowUpSample:
        chances = [chance for chance, _ in self._sources]
        return self._sources[self._random.choice(len(chances), p=chances)][1]()

    def _draw(self, items: Sequence[T]) -> T:
        return items[int(self._random.integers(len(items)))]


def train_followup_model(
    conversations: Conversations,
    singles: Sequence[FollowUpSample],
    standalone: Sequence[tuple[str, str]],
    schedule: TrainingSchedule = SCHEDULE,
) -> tuple[State, Parts]:
    """Return the trained state and the numbers of its parts of speech (0: any other); the seed is 0."""
    random = start_training(0)
    draw = _SampleDrawer(conversations, singles, standalone, random)
    parts = number_parts_of_speech(draw.texts)
    model = TrainableFollowUpModel(len(parts), _DROPOUT)
    mean = {name: weight.clone() for name, weight in model.state_dict().items()}

    def average(step: int) -> None:
        for name, weight in model.state_dict().items():
            mean[name].lerp_(weight, 1 - min(_AVERAGE_DECAY, step / (step + 10)))

    def loss_of_batch() -> Tensor:
        samples = [draw() for _ in range(schedule.batch_size)]
        kinds, of_before, of_text = model(*make_followup_inputs(pack_samples(samples, parts)))
        targets = torch.tensor([_IGNORED if sample.kind is None else int(sample.kind) for sample in samples])
        return (
            functional.cross_entropy(kinds, targets, label_smoothing=_LABEL_SMOOTHING, ignore_index=_IGNORED)
            + _token_loss(of_before[:, 1:, 0], [sample.carried for sample in samples])
            + _token_loss(of_before[:, 1:, 1], [sample.replaced for sample in samples])
            + _token_loss(of_text, [sample.by for sample in samples])
        )

    train_model(model, loss_of_batch, schedule, "会話で学習しています", average)
    return mean, parts


def pack_samples(samples: Sequence[FollowUpSample], parts: Parts) -> Batch:
    """Return samples as one batch."""
    return make_batch(
        [(sample.text, Window((), (sample.before[:MAX_PREVIOUS_TOKENS],), (0,))) for sample in samples], parts
    )


def _token_loss(logits: Tensor, marks: Sequence[tuple[float, ...]]) -> Tensor:
    targets = torch.full(logits.shape, nan)
    for row, labels in enumerate(marks):
        targets[row, : min(len(labels), logits.shape[1])] = torch.tensor(labels[: logits.shape[1]])
    return binary_loss(logits, targets)
