"""Trains the follow-up model, `bot/answering/question/followup.onnx`; `bot` runs it with onnxruntime.

The typed text (`asked`) and the previous question (`told`) form one token sequence, each token with its own features
and those of its best match on the other side. It learns from conversations, whose questions are labelled, and from
standalone questions after any other.
"""

from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations, takewhile
from math import nan
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.answering.question.follow_up_model import MAX_PREVIOUS_TOKENS, FollowUpKind, FollowUpModel, model_tokens
from bot.answering.question.follow_ups import strip_connectives
from bot.answering.relevance.token_context import Tokens
from bot.answering.relevance.token_model import Parts
from bot.answering.token_batches import FORM_FEATURES, Window, make_batch, tokenise_text
from eval.storage.numbered_lines import read_json_lines
from ingest.embedding.words import shipped_word_vectors
from ingest.japanese import nfkc
from ingest.japanese.lexicon import NORMAL_FORMS
from lab.benchmarks.search import sample_figures
from lab.training.questions import read_written_questions, single_turn_cases
from lab.training.tokens import State, number_parts_of_speech
from lab.training.torch_training import (
    AttentionLayer,
    NeighbourLayer,
    TrainingSchedule,
    binary_loss,
    export_onnx,
    gelu,
    start_training,
    train_model,
)

_WIDTH = 64
# Rows and dimension of the letter embedding, and the dimension of that of parts of speech.
_LETTER_ROWS = 4096
_LETTER_DIMENSION = 24
_PART_DIMENSION = 12
# Scale of the summed features: the tokens of a long text.
_SUM_SCALE = 10
_DROPOUT = 0.2
_LABEL_SMOOTHING = 0.1
_SCHEDULE = TrainingSchedule(32, 1200, 2e-3, warmup_steps=100, weight_decay=2e-2)
SMALL = replace(_SCHEDULE, batch_size=8, steps=4, warmup_steps=1)
# Conversations of each writer for a small training.
_SMALL_CONVERSATIONS = 4
# Decay of the moving average of the weights, which is what is shipped.
_AVERAGE_DECAY = 0.99
# Share of recombined samples of conversations; the others are generated.
_WRITTEN_SHARE = 0.75
# Label of a kind that takes no part in the loss.
_IGNORED = -100
CONVERSATIONS = Path(__file__).with_name("conversations")
# Series of standalone questions over bulletins and minutes (`questions/`).
_STANDALONE = ("bulletins", "everyday", "pairs")
_INPUTS = ("vectors", "runs", "parts", "forms", "asked", "told", "exact")
T = TypeVar("T")


class TrainableFollowUpModel(nn.Module):
    """Logits: kinds (b, 4), carried and replaced previous tokens (b, t, 2), replacement tokens (b, q)."""

    def __init__(self, parts: int, drop: float = 0.0) -> None:
        super().__init__()
        features = shipped_word_vectors().dimension + _LETTER_DIMENSION + _PART_DIMENSION + FORM_FEATURES
        self.runs = nn.Embedding(_LETTER_ROWS, _LETTER_DIMENSION)
        nn.init.normal_(self.runs.weight, std=0.1)
        self.parts = nn.Embedding(parts, _PART_DIMENSION)
        self.token = nn.Linear(features, _WIDTH)
        self.met = nn.Linear(4, _WIDTH)
        self.before = nn.Parameter(torch.zeros(_WIDTH))
        layers = (NeighbourLayer, AttentionLayer, NeighbourLayer, AttentionLayer)
        self.layers = nn.ModuleList(layer(drop, _WIDTH) for layer in layers)
        self.norm = nn.LayerNorm(_WIDTH)
        self.drop = nn.Dropout(drop)
        self.weight = nn.Linear(_WIDTH, 1)
        self.kind = nn.Linear(4 * _WIDTH, _WIDTH)
        self.kind_out = nn.Linear(_WIDTH, len(FollowUpKind))
        self.of_before = nn.Linear(_WIDTH, 2)
        self.of_text = nn.Linear(_WIDTH, 1)

    def forward(self, *tables: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits; `tables` are fields of a `Batch`."""
        vectors, runs, parts, forms, asked, told, exact = tables
        text_mask, previous_mask = asked > 0, told > 0
        letters = (self.runs(runs % _LETTER_ROWS) * (runs > 0)[:, :, None]).sum(1)
        tokens = self.drop(self.token(torch.cat([vectors, letters, self.parts(parts), forms], 1)))
        cosine = vectors[told] @ vectors[asked].transpose(1, 2)
        weight = forms[:, 0]
        of_text = _match_features(exact.transpose(1, 2), cosine.transpose(1, 2), previous_mask, weight[asked])
        text = tokens[asked] + self.met(of_text)
        previous = tokens[told] + self.met(_match_features(exact, cosine, text_mask, weight[told])) + self.before
        both = torch.cat([text, previous], 1)
        is_token = torch.cat([text_mask, previous_mask], 1)
        for layer in self.layers:
            both = layer(both, is_token)
        both = self.norm(both)
        text, previous = both[:, : asked.shape[1]], both[:, asked.shape[1] :]
        is_padding = ~text_mask[:, :, None]
        share = torch.softmax(self.weight(text).masked_fill(is_padding, -1e4), 1)
        highest = text.masked_fill(is_padding, -1e4).amax(1)
        mean = (previous * previous_mask[:, :, None]).sum(1) / previous_mask.sum(1, keepdim=True)
        summed = (functional.relu(text) * text_mask[:, :, None]).sum(1) / _SUM_SCALE
        pooled = torch.cat([(share * text).sum(1), highest, summed, mean], 1)
        return self.kind_out(gelu(self.kind(self.drop(pooled)))), self.of_before(previous), self.of_text(text)[:, :, 0]


def _match_features(exact: Tensor, cosine: Tensor, others: Tensor, weight: Tensor) -> Tensor:
    same = exact.amax(2)
    near = cosine.masked_fill(~others[:, None, :], -1).amax(2)
    return torch.stack([same, near, same * weight, near * weight], 2)


@dataclass(frozen=True, slots=True)
class FollowUpSample:
    """A text after a question, its kind, and per token whether it is carried over, replaced, or a replacement.

    A kind of None and empty labels are unknown.
    """

    text: str
    before: str
    kind: FollowUpKind | None
    carried: tuple[float, ...] = ()
    replaced: tuple[float, ...] = ()
    by: tuple[float, ...] = ()


def load_conversations(file: Path) -> list[FollowUpSample]:
    """Return the questions after the first of each conversation."""
    turns = (pairwise(conversation["turns"]) for conversation in read_json_lines(file))
    return [_sample(nfkc(previous["whole"]).strip(), turn) for pairs in turns for previous, turn in pairs]


def _sample(previous: str, turn: Mapping[str, Any]) -> FollowUpSample:
    text = strip_connectives(nfkc(turn["text"]).strip())
    if turn["kind"] == "about":
        return _about(text, previous, nfkc(turn["whole"]).strip(), map(nfkc, turn.get("carried", ())))
    if turn["kind"] == "swap":
        return _swap(text, previous, nfkc(turn["replaced"]), nfkc(turn["by"]))
    return FollowUpSample(text, previous, FollowUpKind.ALONE)


def _about(text: str, previous: str, whole: str, carried: Iterable[str]) -> FollowUpSample:
    starts = (text[:length] for length in (4, 3, 2))
    is_joined = any(start in whole[1:] and whole.partition(start)[0].endswith("の") for start in starts)
    kind = FollowUpKind.OF if is_joined else FollowUpKind.ABOUT
    return FollowUpSample(text, previous, kind, carried=_labels(previous, carried))


def _swap(text: str, previous: str, replaced: str, by: str) -> FollowUpSample:
    labels = _labels(previous, (replaced,)), _labels(text, (by,))
    return FollowUpSample(text, previous, FollowUpKind.SWAP, replaced=labels[0], by=labels[1])


def _labels(text: str, runs: Iterable[str]) -> tuple[float, ...]:
    places = [(start, start + len(run)) for run in runs if run and (start := text.find(run)) >= 0]
    return tuple(
        float(any(start < token.end and token.start < end for start, end in places)) for token in model_tokens(text)
    )


# Characters: the least that two questions begin or end alike with, the least and most of a text that is left, and the
# most of a phrase that is exchanged.
_MIN_SHARED_START = 5
_MIN_SHARED_END = 4
_LEFT = range(3, 23)
_MAX_PHRASE = 16
_PARTICLES = frozenset({"は", "の", "って", "に", "で", "、", "が", "も", "では", "には"})


def generate_follow_ups(standalone: Iterable[tuple[str, str]], endings: Sequence[str]) -> list[FollowUpSample]:
    """Return follow-ups made of two questions about one article that begin alike or differ in one phrase.

    The phrase gets one of the `endings` of a conversation.
    """
    random = Random(0)  # noqa: S311 -- reproducible
    by_article = _questions_by_article(standalone)
    pairs = (pair for questions in by_article.values() for pair in permutations(dict.fromkeys(questions), 2))
    made = (_exchange_phrase(*pair, random.choice(endings)) or _leave_out_start(*pair) for pair in pairs)
    return [sample for sample in made if sample]


def _questions_by_article(standalone: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    by_article = defaultdict[str, list[str]](list)
    for article, question in standalone:
        by_article[article].append(question)
    return by_article


def _alike(text: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))


def _leave_out_start(previous: str, whole: str) -> FollowUpSample | None:
    shared = _alike(previous, whole)
    tokens = model_tokens(whole) if shared >= _MIN_SHARED_START else []
    for token, following in reversed(list(pairwise(tokens))):
        if token.end <= shared and token.is_noun and following.surface in _PARTICLES:
            rest = (each.start for each in tokens if each.start >= following.start and each.surface not in _PARTICLES)
            text = whole[next(rest, len(whole)) :]
            is_apt = token.end >= _MIN_SHARED_START and len(text) in _LEFT
            return _about(text, previous, whole, (whole[: token.end],)) if is_apt else None
    return None


def _exchange_phrase(previous: str, whole: str, ending: str) -> FollowUpSample | None:
    if 2 * (_alike(previous, whole) + _alike(previous[::-1], whole[::-1])) < len(previous):
        return None
    bounds = [{0, *(token.end for token in model_tokens(text))} for text in (previous, whole)]
    shared = range(_alike(previous, whole) + 1)
    start = max(place for place in shared if place in bounds[0] & bounds[1])
    shared = range(_alike(previous[start:][::-1], whole[start:][::-1]) + 1)
    end = max(n for n in shared if len(previous) - n in bounds[0] and len(whole) - n in bounds[1])
    replaced, by = previous[start : len(previous) - end], whole[start : len(whole) - end]
    if end < _MIN_SHARED_END or 2 * (start + end) < len(previous) or not (_is_phrase(replaced) and _is_phrase(by)):
        return None
    return _swap(by + ending, previous, replaced, by)


def _is_phrase(text: str) -> bool:
    tokens = model_tokens(text)
    if not tokens or len(text) > _MAX_PHRASE or set(text) & set("、。?"):
        return False
    first, last = tokens[0], tokens[-1]
    asks = any(token.pos[0] == "代名詞" or token.normal in NORMAL_FORMS for token in tokens)
    begins = first.is_content and first.pos[0] != "接尾辞" and first.pos[-4] != "助数詞"
    return begins and not asks and last.is_noun and last.pos[1] != "副詞可能"


def _load_single_questions() -> list[FollowUpSample]:
    """Return the questions of the project's sets, each after one about other documents."""
    random = Random(0)  # noqa: S311 -- reproducible
    by_corpus = [{nfkc(case.turns[0]).strip(): None for case in cases} for cases in single_turn_cases().values()]
    samples = []
    for questions in by_corpus:
        others = [question for each in by_corpus if each is not questions for question in each]
        samples += [FollowUpSample(text, random.choice(others), FollowUpKind.ALONE) for text in questions]
    return samples


def train(options: Namespace) -> tuple[bytes, dict[str, Any]]:
    """Return the ONNX file; the figures are of each writer by a model that did not learn from that writer."""
    start_training(options.seed)
    writers = [load_conversations(file) for file in sorted(CONVERSATIONS.glob("*.jsonl"))]
    lines = [line for series in _STANDALONE for line in read_written_questions(series)]
    standalone = [((x["support"] or x.get("near") or [""])[0], nfkc(x["question"]).strip()) for x in lines]
    singles = [] if options.small else _load_single_questions()
    schedule = SMALL if options.small else _SCHEDULE
    if options.small:
        writers = [samples[:_SMALL_CONVERSATIONS] for samples in writers[:2]]
        standalone = standalone[:20]
    judged = defaultdict[str, list[float]](list)
    for judge in writers:
        rest = [sample for writer in writers if writer is not judge for sample in writer]
        fitted = train_follow_ups(rest, singles, standalone, schedule, options.seed)
        served = FollowUpModel(export_follow_up_model(*fitted))
        for sample in judge:
            is_follow_up = served(sample.text, sample.before) is not None
            if sample.kind is FollowUpKind.ALONE:
                judged["left_unchanged"].append(float(not is_follow_up))
            else:
                judged["swap" if sample.kind is FollowUpKind.SWAP else "about"].append(float(is_follow_up))
    trained = train_follow_ups([s for writer in writers for s in writer], singles, standalone, schedule, options.seed)
    figures: dict[str, Any] = {}
    for name, values in judged.items():
        figures |= sample_figures(name, values)
    return export_follow_up_model(*trained), figures


def train_follow_ups(
    conversations: Sequence[FollowUpSample],
    singles: Sequence[FollowUpSample],
    standalone: Sequence[tuple[str, str]],
    schedule: TrainingSchedule,
    seed: int,
) -> tuple[State, Parts]:
    """Return the mean state of the training and the numbers of parts of speech; `standalone` is (article, question)."""
    random = start_training(seed)
    draw, texts = _prepare_drawing(conversations, singles, standalone, random)
    parts = number_parts_of_speech(map(tokenise_text, texts))
    model = TrainableFollowUpModel(len(parts), _DROPOUT)
    mean = {name: weight.clone() for name, weight in model.state_dict().items()}

    def average(step: int) -> None:
        for name, weight in model.state_dict().items():
            mean[name].lerp_(weight, 1 - min(_AVERAGE_DECAY, step / (step + 10)))

    def loss_of_batch() -> Tensor:
        samples = [draw() for _ in range(schedule.batch_size)]
        pairs = [(tokenise_text(sample.text), tokenise_text(sample.before)) for sample in samples]
        kinds, of_before, of_text = model(*follow_up_inputs(pairs, parts).values())
        targets = torch.tensor([_IGNORED if sample.kind is None else int(sample.kind) for sample in samples])
        return (
            functional.cross_entropy(kinds, targets, label_smoothing=_LABEL_SMOOTHING, ignore_index=_IGNORED)
            + _token_loss(of_before[:, 1:, 0], [sample.carried for sample in samples])
            + _token_loss(of_before[:, 1:, 1], [sample.replaced for sample in samples])
            + _token_loss(of_text, [sample.by for sample in samples])
        )

    train_model(model, loss_of_batch, schedule, "会話で学習しています", average)
    return mean, parts


def _prepare_drawing(
    turns: Sequence[FollowUpSample],
    singles: Sequence[FollowUpSample],
    standalone: Sequence[tuple[str, str]],
    random: np.random.Generator,
) -> tuple[Callable[[], FollowUpSample], set[str]]:
    """Return what draws a sample, and the texts that it draws from."""

    def one_of(items: Sequence[T]) -> T:
        return items[int(random.integers(len(items)))]

    about = [sample for sample in turns if sample.kind in {FollowUpKind.OF, FollowUpKind.ABOUT}]
    questions = [question for _, question in standalone]
    tokens = [(model_tokens(sample.text), sample.by) for sample in turns if sample.by[:1] == (1.0,)]
    endings = ["".join(token.surface for token in text[by.index(0.0) :]) for text, by in tokens if 0.0 in by]
    generated = generate_follow_ups(standalone, endings or [""])
    made_about = [sample for sample in generated if sample.kind is not FollowUpKind.SWAP] or about
    made_swaps = [sample for sample in generated if sample.kind is FollowUpKind.SWAP] or turns
    articles = [members for members in _questions_by_article(standalone).values() if len(members) > 1]
    previous = [sample.before for sample in turns]
    alone = [*(sample.text for sample in turns if sample.kind is FollowUpKind.ALONE), *previous]
    befores = (previous, questions, [sample.before for sample in singles] or previous)

    def draw_recombined() -> FollowUpSample:
        """Draw a follow-up text after another question; whether it is a follow-up there is unknown."""
        follow_ups = about if random.random() < _WRITTEN_SHARE else made_about
        return replace(one_of(follow_ups), text=one_of(follow_ups).text, kind=None)

    def draw_unrelated() -> FollowUpSample:
        return FollowUpSample(one_of(one_of((alone, questions))), one_of(one_of(befores)), FollowUpKind.ALONE)

    def draw_of_one_article() -> FollowUpSample:
        text, before = random.choice(one_of(articles), 2, replace=False)
        return FollowUpSample(str(text), str(before), FollowUpKind.ALONE)

    sources: tuple[tuple[float, Callable[[], FollowUpSample]], ...] = (
        (0.42, lambda: one_of(turns)),
        (0.08, lambda: one_of(made_about)),
        (0.06, lambda: one_of(made_swaps)),
        (0.08, draw_recombined),
        (0.16, draw_unrelated),
        (0.1, draw_of_one_article),
        (0.1, lambda: one_of(singles or turns)),
    )
    chances = [chance for chance, _ in sources]
    texts = {*alone, *questions, *(sample.text for sample in (*turns, *singles))}

    def draw() -> FollowUpSample:
        return sources[random.choice(len(sources), p=chances)][1]()

    return draw, texts


def _token_loss(logits: Tensor, labels: Sequence[tuple[float, ...]]) -> Tensor:
    targets = torch.full(logits.shape, nan)
    for row, of_tokens in enumerate(labels):
        targets[row, : min(len(of_tokens), logits.shape[1])] = torch.tensor(of_tokens[: logits.shape[1]])
    return binary_loss(logits, targets)


def follow_up_inputs(pairs: Iterable[tuple[Tokens, Tokens]], parts: Parts) -> dict[str, Tensor]:
    """Return the inputs for pairs of a text and the previous question."""
    windows = [(text, Window((), (before[:MAX_PREVIOUS_TOKENS],), (0,))) for text, before in pairs]
    batch = make_batch(windows, parts)
    return {name: torch.from_numpy(getattr(batch, name)) for name in _INPUTS}


def export_follow_up_model(state: State, parts: Parts) -> bytes:
    """Return the ONNX file."""
    model = TrainableFollowUpModel(len(parts))
    model.load_state_dict(state)
    example = follow_up_inputs([(tokenise_text("大人だといくら?"), tokenise_text("市民プールの料金は?"))], parts)
    axes = dict.fromkeys(("vectors", "runs", "parts", "forms"), "k") | {"asked": "bq", "told": "bt", "exact": "btq"}
    axes |= {"kinds": "b", "of_before": "bt", "of_text": "bq"}
    return export_onnx(model, example, axes, {"parts": list(parts)})
