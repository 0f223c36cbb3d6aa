"""Trains the follow-up model on conversations, generated follow-ups and standalone questions."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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

from bot.conversation.follow_up_model import MAX_PREVIOUS_TOKENS, FollowUpKind, model_tokens
from bot.conversation.follow_ups import strip_connectives
from bot.relevance.tokens import Batch, Token, Window, make_batch, tokenise_text
from eval.dataset.sets import project_sets
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_json_lines
from eval.training.follow_up_model import TrainableFollowUpModel, make_followup_inputs
from eval.training.loop import adamw_with_warm_up, binary_loss, start_training, train_model
from eval.training.tasks import read_written_questions
from eval.training.token_model import number_parts_of_speech
from ingest.japanese import nfkc
from ingest.japanese.interrogatives import NORMAL_FORMS
from ingest.japanese.tokenise import Morpheme, morphemes

WRITTEN = tuple(sorted(Path(__file__).with_name("conversations").glob("*.jsonl")))
"""The project's own conversations."""
# Kinds of questions: about the subject of the one before, with one part exchanged, standing alone in a conversation,
# without a conversation.
ABOUT_PREVIOUS = "about"
SWAP = "swap"
COMPLETE_QUESTION = "alone"
SINGLE = "single"
_EXCLUDED_KINDS = frozenset({"attack", "lookalike"})


@dataclass(frozen=True, slots=True)
class FollowUpQuestion:
    """A question of a conversation, and its reference rewriting; all texts are normalised.

    Attributes:
        text: the question as typed.
        kind: ABOUT_PREVIOUS, SWAP or COMPLETE_QUESTION, or SINGLE without a conversation.
        standalone_text: the reference rewriting, which needs no previous question.
        previous_question: the standalone text of the question before.
        answer: the answer to the previous question.
        source_id: the article or file that answers this question.
        same_document: whether it also answers the previous question.
        group: the conversation.
        writer: the file of the conversation.
        carried: the parts of the previous question that the standalone text takes over.
        replaced: the part of the previous question that `replacement` replaces, or "".
        replacement: the part of `text` that replaces it, or "".
    """

    text: str
    kind: str
    standalone_text: str
    previous_question: str
    answer: str
    source_id: str
    same_document: bool
    group: str
    writer: str = ""
    carried: tuple[str, ...] = ()
    replaced: str = ""
    replacement: str = ""


def load_conversations(files: Iterable[Path]) -> list[FollowUpQuestion]:
    """Return the follow-up questions of `files`; raises SetFileError for an invalid one."""
    questions = []
    for file in files:
        for conversation in read_json_lines(file):
            try:
                for previous, turn in pairwise(conversation["turns"]):
                    questions.append(_read_question(previous, turn, conversation["id"], file.stem))
            except (KeyError, TypeError, AttributeError) as error:
                raise SetFileError(f"{file}: 会話の形式が違います（{error}）。") from error
    if unknown := {question.kind for question in questions} - {ABOUT_PREVIOUS, SWAP, COMPLETE_QUESTION}:
        raise SetFileError(
            f"会話の kind は about、swap、alone のどれかです（{'、'.join(map(str, sorted(unknown)))}）。"
        )
    return questions


def _read_question(
    previous: dict[str, Any], turn: dict[str, Any], conversation_id: str, writer: str
) -> FollowUpQuestion:
    return FollowUpQuestion(
        text=nfkc(turn["text"]).strip(),
        kind=turn["kind"],
        standalone_text=nfkc(turn["whole"]).strip(),
        previous_question=nfkc(previous["whole"]).strip(),
        answer=nfkc(previous["answer"]),
        source_id=turn["doc"],
        same_document=turn["doc"] == previous["doc"],
        group=conversation_id,
        writer=writer,
        carried=tuple(map(nfkc, turn.get("carried", ()))),
        replaced=nfkc(turn.get("replaced", "")),
        replacement=nfkc(turn.get("by", "")),
    )


def load_single_questions() -> list[FollowUpQuestion]:
    """Return the single-turn questions of the project's sets, each after one about other documents.

    They are grouped by documents. The sets of originals that corpus/ restates have the same questions and are skipped.
    """
    by_group: dict[str, dict[str, None]] = {}
    for case_set in project_sets():
        if not case_set.is_available or case_set.name.startswith("sources"):
            continue
        group = by_group.setdefault("/".join(case_set.corpora[0].parts[-2:]), {})
        for case in case_set.load(case_set.files):
            if len(case.turns) == 1 and case.behave != "clarify" and case.kind not in _EXCLUDED_KINDS:
                group[nfkc(case.turns[0]).strip()] = None
    random = Random(0)  # noqa: S311 -- reproducible
    singles = []
    for group_name, questions in by_group.items():
        others = [question for other, of_other in by_group.items() if other != group_name for question in of_other]
        singles += [_make_single(text, random.choice(others), group_name) for text in questions]
    return singles


def _make_single(text: str, previous_question: str, group: str) -> FollowUpQuestion:
    return FollowUpQuestion(
        text=text,
        kind=SINGLE,
        standalone_text=text,
        previous_question=previous_question,
        answer="",
        source_id="",
        same_document=False,
        group=group,
        writer=group,
    )


# Minimum characters of a shared beginning.
_MIN_SHARED_START = 5
# Minimum characters of a follow-up.
_MIN_LENGTH = 3
# Maximum characters of a follow-up.
_MAX_LENGTH = 22
# Maximum characters of an exchanged phrase.
_MAX_PHRASE_LENGTH = 16
# Minimum characters of a shared end.
_MIN_SHARED_END = 4
_PARTICLES = frozenset({"は", "の", "って", "に", "で", "、", "が", "も", "では", "には"})


def make_follow_ups(
    questions: Iterable[tuple[str, str]], tails: Sequence[str], random: Random
) -> Iterator[FollowUpQuestion]:
    """Yield follow-ups generated from (article, question) pairs; an exchanged phrase ends in one of the `tails`."""
    by_article: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for article, question in questions:
        by_article[article][question] = None
    for article, article_questions in by_article.items():
        for previous, standalone in permutations(article_questions, 2):
            swapped = _swap_phrase(previous, standalone, article, random.choice(tails))
            if follow_up := swapped or _omit_shared_start(previous, standalone, article):
                yield follow_up


def _omit_shared_start(previous: str, standalone: str, article: str) -> FollowUpQuestion | None:
    shared_length = _common_prefix_length(previous, standalone)
    tokens = [token for token in morphemes(standalone) if token.pos[0] != "空白"]
    for token, following in reversed(list(pairwise(tokens))):
        if token.end > shared_length or not token.is_noun or following.surface not in _PARTICLES:
            continue
        contents = (other for other in tokens if other.start >= following.start and other.surface not in _PARTICLES)
        first_content = next(contents, None)
        text = standalone[first_content.start :] if first_content else ""
        if token.end < _MIN_SHARED_START or not _MIN_LENGTH <= len(text) <= _MAX_LENGTH:
            return None
        return FollowUpQuestion(
            text=text,
            kind=ABOUT_PREVIOUS,
            standalone_text=standalone,
            previous_question=previous,
            answer="",
            source_id="",
            same_document=True,
            group=article,
            carried=(standalone[: token.end],),
        )
    return None


def _swap_phrase(previous: str, standalone: str, article: str, tail: str) -> FollowUpQuestion | None:
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
    return FollowUpQuestion(
        text=replacement + tail,
        kind=SWAP,
        standalone_text=standalone,
        previous_question=previous,
        answer="",
        source_id="",
        same_document=True,
        group=article,
        replaced=replaced,
        replacement=replacement,
    )


def _common_prefix_length(text: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))


def _is_swappable(text: str) -> bool:
    tokens = morphemes(text)
    if not tokens or len(text) > _MAX_PHRASE_LENGTH or re.search(r"[、。?]", text):
        return False
    asks = any(token.pos[0] == "代名詞" or token.normal in NORMAL_FORMS for token in tokens)
    return (
        not asks
        and any(token.pos[0] == "名詞" for token in tokens)
        and _can_begin_phrase(tokens[0])
        and _can_end_phrase(tokens[-1])
    )


def _can_begin_phrase(token: Morpheme) -> bool:
    return token.is_content and token.pos[0] != "接尾辞" and token.pos[-4] != "助数詞"


def _can_end_phrase(token: Morpheme) -> bool:
    return token.is_noun and token.pos[1] != "副詞可能"


_T = TypeVar("_T")
Texts = tuple[Token, ...]
Parts = dict[tuple[str, ...], int]
State = dict[str, Tensor]
STEPS = 1200
_BATCH_SIZE = 32
_LEARNING_RATE = 2e-3
_WARMUP_STEPS = 100
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
    random = start_training(0)
    draw = _SampleDrawer(questions, standalone, random)
    parts = number_parts_of_speech(draw.texts)
    model = TrainableFollowUpModel(len(parts), _DROPOUT)
    optimiser, schedule = adamw_with_warm_up(
        model, _LEARNING_RATE, steps, warmup_steps=_WARMUP_STEPS, weight_decay=_WEIGHT_DECAY
    )
    mean = {name: weight.clone() for name, weight in model.state_dict().items()}

    def average(step: int) -> None:
        for name, weight in model.state_dict().items():
            mean[name].lerp_(weight, 1 - min(_AVERAGE_DECAY, step / (step + 10)))

    train_model(
        model,
        lambda: _loss(model, [draw() for _ in range(_BATCH_SIZE)], parts),
        optimiser,
        schedule,
        steps,
        max_norm=1.0,
        doing="会話で学習しています",
        after_step=average,
    )
    return mean, parts


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
    targets = torch.full(logits.shape, nan)
    for row, labels in enumerate(marks):
        targets[row, : min(len(labels), logits.shape[1])] = torch.tensor(labels[: logits.shape[1]])
    return binary_loss(logits, targets)
