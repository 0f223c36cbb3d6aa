"""Trains the token-level relevance model, `bot/answering/relevance/token_reader.onnx`; `bot` runs it with onnxruntime.

The inputs are question (`asked`) and text (`told`). Each token has its own features, contextual features
(`relevance/token_context.py`) and features of its best match on the other side. Co-attention combines the two sides
(Seo et al. 2017, "BiDAF", arXiv:1611.01603), followed by layers over three neighbouring tokens and one attention layer
(Yu et al. 2018, "QANet", arXiv:1804.09541). It learns first from an encyclopedia, then from the project's sets. The
file's metadata are its parts of speech, the encoder directions that it uses, and what combines it with the evidence.
"""

from argparse import Namespace
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import isnan, nan
from sys import maxsize
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.special import logit
from torch import Tensor, nn
from torch.nn import functional

from bot.answering.relevance.token_context import RAW_FEATURES, TokenContext, Tokens
from bot.answering.relevance.token_model import LOWEST_LOGIT, PADDED_LOGIT, Parts, TokenReader, combine_probabilities
from bot.answering.token_batches import (
    FORM_FEATURES,
    NGRAM_BUCKETS,
    Segment,
    Window,
    make_batch,
    make_windows,
    tokenise_text,
)
from ingest.configuration.environment import read_settings
from ingest.embedding.use_encoder import piece_head, pieces_in_context
from ingest.embedding.words import shipped_word_vectors
from lab.training.examples import (
    Array,
    ExampleDrawer,
    ReadingExample,
    Scores,
    collect_examples,
    collect_training_examples,
    hold_out,
    relevance_figures,
)
from lab.training.questions import squad_set
from lab.training.relevance import held_out_scores
from lab.training.sources import find_sets
from lab.training.torch_training import (
    AttentionLayer,
    NeighbourLayer,
    TrainingSchedule,
    binary_loss,
    export_onnx,
    fit_logistic,
    gelu,
    listwise_loss,
    pairwise_loss,
    start_training,
    train_model,
)

# Width of the layers and of the projection in which words are compared.
_WIDTH = 96
_COMPARISON_WIDTH = 64
# Dimensions of the embeddings of letters and of parts of speech, and of the output heads.
_LETTER_DIMENSION = 48
_PART_DIMENSION = 16
_HIDDEN_WIDTH = 64
_DROPOUT = 0.15
_MASKED_LOGIT = -1e4
# On questions about an encyclopedia, then on the project's own; the batch size is in questions.
_PRETRAINING = TrainingSchedule(8, 9600, 2e-3, warmup_steps=200, weight_decay=1e-2)
_FINE_TUNING = TrainingSchedule(8, 1260, 6e-4, warmup_steps=66, weight_decay=2e-2)
SMALL = replace(_FINE_TUNING, batch_size=2, steps=2, warmup_steps=1)
# Every 60th unit is used to standardise the encoder's features.
_CALIBRATION_STRIDE = 60
# Passages used of a question, and windows drawn of them that answer, and that do not.
_PASSAGES_PER_QUESTION = 9
_MAX_WINDOWS = 2
# Logit of a question none of whose windows was read.
_NO_WINDOW = -20.0
# Combination weights that leave the token model alone.
_TOKENS_ONLY = (0.0, 1.0, 0.0)
State = dict[str, Tensor]


class TrainableTokenModel(nn.Module):
    """Logits of the units (b, n) and of the windows (b,) from the fields of a `Batch` and its contextual features.

    `meaning` projects the encoder's features to a token representation, `nearness` projects them for comparison.
    """

    def __init__(self, parts: int, drop: float = 0.0) -> None:
        super().__init__()
        vector_size = shipped_word_vectors().dimension
        self.meaning = nn.Linear(RAW_FEATURES, _WIDTH, bias=False)
        self.nearness = nn.Linear(RAW_FEATURES, _COMPARISON_WIDTH, bias=False)
        self.near = nn.Linear(2, _WIDTH)
        self.near_alike = nn.Parameter(torch.tensor(1.0))
        self.runs = nn.Embedding(NGRAM_BUCKETS, _LETTER_DIMENSION, padding_idx=0)
        self.parts = nn.Embedding(parts, _PART_DIMENSION)
        self.segments = nn.Embedding(len(Segment), _WIDTH)
        nn.init.normal_(self.runs.weight, std=0.1)
        with torch.no_grad():
            self.runs.weight[0] = 0
        self.token = nn.Linear(vector_size + _LETTER_DIMENSION + _PART_DIMENSION + FORM_FEATURES, _WIDTH)
        self.met = nn.Linear(4, _WIDTH)
        self.before = nn.ModuleList(NeighbourLayer(drop, _WIDTH) for _ in range(2))
        self.asked = nn.Linear(_WIDTH, 1)
        self.told = nn.Linear(_WIDTH, 1)
        self.product = nn.Parameter(torch.ones(_WIDTH) / _WIDTH**0.5)
        self.alike = nn.Parameter(torch.tensor([3.0, 2.0]))
        self.fuse = nn.Linear(4 * _WIDTH + 3, _WIDTH)
        layers = (NeighbourLayer, AttentionLayer, NeighbourLayer, NeighbourLayer)
        self.after = nn.ModuleList(layer(drop, _WIDTH) for layer in layers)
        self.norm = nn.LayerNorm(_WIDTH)
        self.found = nn.Linear(3 * _WIDTH + 3, _WIDTH)
        self.found_beside = NeighbourLayer(drop, _WIDTH)
        self.found_weight = nn.Linear(_WIDTH, 1)
        self.unit_weight = nn.Linear(_WIDTH, 1)
        self.start = nn.Linear(_WIDTH, 1)
        self.unit = nn.Linear(4 * _WIDTH, _HIDDEN_WIDTH)
        self.unit_out = nn.Linear(_HIDDEN_WIDTH, 1)
        self.passage = nn.Linear(4 * _WIDTH + 3, _HIDDEN_WIDTH)
        self.passage_out = nn.Linear(_HIDDEN_WIDTH, 1)
        self.drop = nn.Dropout(drop)

    def project(self, context: Tensor) -> Tensor:
        """Return the projections of the encoder's features, which the served model gets as input."""
        return torch.cat([self.meaning(self.drop(context)), self.nearness(context)], 2)

    def forward(self, *tables: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits; the last two tables are the projected contextual features."""
        vectors, runs, parts, forms, asked, told, segments, units, exact, places, asked_context, told_context = tables
        question_mask, text_mask = asked > 0, told > 0
        letters = self.runs(runs).sum(1)
        tokens = self.drop(self.token(torch.cat([vectors, letters, self.parts(parts), forms], 1)))
        asked_weight, told_weight = forms[:, 0][asked], forms[:, 0][told]
        cosine = vectors[told] @ vectors[asked].transpose(1, 2)
        text_cosine, question_cosine = _max_cosine(cosine, question_mask, text_mask)
        in_heading = (exact * (segments == Segment.HEADING)[:, :, None]).amax(1)
        same = exact.amax(2)
        text_match = torch.stack([same, text_cosine, same * told_weight, text_cosine * told_weight], 2)
        question_match = torch.stack([exact.amax(1), question_cosine, in_heading, question_cosine * asked_weight], 2)
        near = _unit_vectors(told_context[:, :, _WIDTH:]) @ _unit_vectors(asked_context[:, :, _WIDTH:]).transpose(1, 2)
        text_near, question_near = _max_cosine(near, question_mask, text_mask)
        question = tokens[asked] + self.met(question_match) + asked_context[:, :, :_WIDTH]
        question = question + self.near(torch.stack([question_near, question_near * asked_weight], 2))
        text = tokens[told] + self.met(text_match) + self.segments(segments) + told_context[:, :, :_WIDTH]
        text = text + self.near(torch.stack([text_near, text_near * told_weight], 2))
        for layer in self.before:
            question = layer(question, question_mask)
            text = layer(text, text_mask)
        similarity = self.told(text) + self.asked(question).transpose(1, 2) + self.near_alike * near
        similarity = similarity + (text * self.product) @ question.transpose(1, 2)
        similarity = similarity + self.alike[0] * exact + self.alike[1] * cosine
        text_to_question = torch.softmax(similarity.masked_fill(~question_mask[:, None, :], _MASKED_LOGIT), 2)
        question_to_text = torch.softmax(similarity.masked_fill(~text_mask[:, :, None], _MASKED_LOGIT), 1)
        text_for_question = question_to_text.transpose(1, 2) @ text
        attended = text_to_question @ question
        shared = (text_to_question * exact).sum(2, keepdim=True)
        context = text_to_question @ text_for_question
        fused = torch.cat([text, attended, text * attended, text * context, text_match[:, :, :2], shared], 2)
        matched = self.drop(gelu(self.fuse(fused)))
        for layer in self.after:
            matched = layer(matched, text_mask)
        found = torch.cat([question, text_for_question, question * text_for_question, question_match[:, :, :3]], 2)
        summary = self._question_summary(found, question_mask)
        in_unit = units[:, None, :] == places[None, :, None]
        return self._output_heads(segments, in_unit, self.norm(matched), summary)

    def _question_summary(self, found: Tensor, question_mask: Tensor) -> Tensor:
        matched = self.found_beside(gelu(self.found(found)), question_mask)
        unknown = ~question_mask[:, :, None]
        share = torch.softmax(self.found_weight(matched).masked_fill(unknown, _MASKED_LOGIT), 1)
        return torch.cat([(share * matched).sum(1), matched.masked_fill(unknown, _MASKED_LOGIT).amax(1)], 1)

    def _output_heads(
        self, segments: Tensor, in_unit: Tensor, matched: Tensor, summary: Tensor
    ) -> tuple[Tensor, Tensor]:
        text_mask = segments > Segment.PADDING
        is_text = segments == Segment.TEXT
        starts = self.start(matched)[:, :, 0].masked_fill(~is_text, _MASKED_LOGIT)
        weight = torch.exp(self.unit_weight(matched)[:, :, 0].clamp(-8, 8)) * is_text
        shares = weight[:, None, :] * in_unit
        total = shares.sum(2)
        pooled = (shares @ matched) / total.clamp_min(1e-6)[:, :, None]
        best = starts[:, None, :].masked_fill(~in_unit, _MASKED_LOGIT).amax(2)
        mean_match, highest_match = (part[:, None].expand_as(pooled) for part in summary.chunk(2, 1))
        hidden = gelu(self.unit(self.drop(torch.cat([pooled, mean_match, pooled * mean_match, highest_match], 2))))
        unit_logits = self.unit_out(hidden)[:, :, 0] + 0.3 * best.clamp_min(LOWEST_LOGIT)
        unit_logits = unit_logits.masked_fill(total <= 1e-5, PADDED_LOGIT)
        near = (torch.softmax(starts, 1)[:, :, None] * matched).sum(1)
        mean = (matched * text_mask[:, :, None]).sum(1) / text_mask.sum(1, keepdim=True)
        highest = [starts.amax(1, keepdim=True), torch.logsumexp(starts, 1, keepdim=True)]
        highest = [each.clamp_min(LOWEST_LOGIT) / 3 for each in highest]
        highest.insert(1, unit_logits.amax(1, keepdim=True) / 3)
        hidden = gelu(self.passage(self.drop(torch.cat([near, mean, summary, *highest], 1))))
        return unit_logits, self.passage_out(hidden)[:, 0]


def _max_cosine(cosine: Tensor, question_mask: Tensor, text_mask: Tensor) -> tuple[Tensor, Tensor]:
    text_match = cosine.masked_fill(~question_mask[:, None, :], -1).amax(2)
    return text_match, cosine.masked_fill(~text_mask[:, :, None], -1).amax(1)


def _unit_vectors(x: Tensor) -> Tensor:
    return functional.normalize(x, dim=2, eps=1e-3)


@dataclass(frozen=True, slots=True)
class TokenTraining:
    """The weights of a `TrainableTokenModel`, its parts of speech by number, and the encoder's mean and deviation."""

    state: State
    parts: Parts
    scale: Array

    @property
    def context(self) -> TokenContext:
        """The source of all encoder features, standardised; training computes the same texts in each epoch."""
        return TokenContext(np.concatenate([self.scale, np.eye(RAW_FEATURES, dtype=np.float32)]), maxsize)


def number_parts_of_speech(texts: Iterable[Tokens]) -> Parts:
    """Return a number for each part of speech in the texts."""
    parts = {token.part for text in texts for token in text}
    return {part: number for number, part in enumerate([("PAD",) * 3, ("SEP",) * 3, *sorted(parts)])}


def train(options: Namespace) -> tuple[bytes, dict[str, Any]]:
    """Return the ONNX file; the figures are of held-out groups, over both relevance models together."""
    start_training(options.seed)
    pretraining, fine_tuning = (SMALL, SMALL) if options.small else (_PRETRAINING, _FINE_TUNING)
    encyclopedia = None if options.small else squad_set(*find_sets(options.sets, "training/jaquad-train.json"))
    examples = collect_training_examples(options)
    first = collect_examples(read_settings(), [encyclopedia]) if encyclopedia else examples
    training, held_out = hold_out(examples)
    scores, _ = held_out_scores(training, held_out, options.seed, small=options.small)
    start = train_tokens(first, pretraining, untrained_tokens([*first, *examples]), options.seed)
    held_out_reader = train_tokens(training, fine_tuning, start, options.seed)
    weights, combined = _combine_with_evidence(held_out_reader, held_out, scores)
    trained = train_tokens(examples, fine_tuning, start, options.seed)
    return export_token_reader(trained, weights), relevance_figures(held_out, combined)


def untrained_tokens(examples: Sequence[ReadingExample]) -> TokenTraining:
    """Return the start of a training: the parts of speech of the texts, and the scale of the encoder in them."""
    passages = {hit.passage.id: (example, n) for example in examples for n, hit in enumerate(example.hits)}
    texts = [tokenise_text(text) for example, n in passages.values() for text in example.unit_texts(n)]
    weight, bias = piece_head()
    surfaces = [[token.surface for token in text] for text in texts[::_CALIBRATION_STRIDE]]
    features = pieces_in_context(surfaces, weight)[1] + bias
    scale = np.stack([features.mean(axis=0), features.std(axis=0) + 1e-6]).astype(np.float32)
    return TokenTraining({}, number_parts_of_speech([*texts, *(tokenise_text(e.text) for e in examples)]), scale)


def train_tokens(
    examples: Sequence[ReadingExample], schedule: TrainingSchedule, start: TokenTraining, seed: int
) -> TokenTraining:
    """Return a model trained on `examples`, further from `start`."""
    random = start_training(seed)
    drawer = ExampleDrawer(examples, random)
    model = TrainableTokenModel(len(start.parts), _DROPOUT)
    context = start.context
    if start.state:
        model.load_state_dict(start.state)

    def loss_of_batch() -> Tensor:
        samples: list[_Sample] = []
        while not samples:
            drawn, pairs = drawer.draw(schedule.batch_size)
            chosen = [_choose_samples(example, random) for example in drawn]
            samples = [sample for each in chosen for sample in each]
        inputs = token_inputs([(sample.question, sample.window) for sample in samples], start.parts, context)
        *tables, asked, told = inputs.values()
        units, windows = model(*tables, model.project(asked), model.project(told))
        counts = [len(each) for each in chosen]
        of_questions = torch.split(windows, counts)
        grades = torch.tensor([sample.grade for sample in samples])
        best = torch.stack([each.amax() if len(each) else torch.tensor(_NO_WINDOW) for each in of_questions])
        targets = torch.full(units.shape, nan)
        for row, sample in enumerate(samples):
            targets[row, : len(sample.units)] = torch.tensor(sample.units)
        return (
            2 * binary_loss(units, torch.where(units > PADDED_LOGIT + 1, targets, nan))
            + binary_loss(windows, grades)
            + 0.5 * listwise_loss(of_questions, torch.split(grades, counts))
            + binary_loss(best, torch.tensor([example.answered for example in drawn]))
            + 0.7 * pairwise_loss(best, pairs)
        )

    train_model(model, loss_of_batch, schedule, "語の並びで学習しています")
    return replace(start, state=model.state_dict())


class _Sample(NamedTuple):
    """A question and a window; `units` and `grade` are 0-1, nan if unknown."""

    question: Tokens
    window: Window
    units: tuple[float, ...]
    grade: float


def _choose_samples(example: ReadingExample, random: np.random.Generator) -> list[_Sample]:
    question = tokenise_text(example.text)
    right, wrong = [], []
    for rank, hit in enumerate(example.hits[:_PASSAGES_PER_QUESTION]):
        labels = example.units[example.evidence.owners == rank]
        of_passage = float(example.passages[rank])
        for window in make_windows(hit.passage.path, map(tokenise_text, example.unit_texts(rank))):
            units = tuple(float(labels[number]) for number in window.units)
            grade = of_passage if of_passage == 0 or max(units) > 0 else 0.0
            if of_passage and any(map(isnan, units)):
                grade = 1.0 if of_passage == 1 else nan
            sample = _Sample(question, window, units, grade)
            if grade > 0:
                right.append(sample)
            elif grade == 0:
                wrong.append((rank, sample))
    chosen = [right[i] for i in random.permutation(len(right))[:_MAX_WINDOWS]]
    if wrong:
        chances = np.array([1 / (1 + rank) for rank, _ in wrong])
        n = min(_MAX_WINDOWS, len(wrong))
        chosen += [wrong[i][1] for i in random.choice(len(wrong), n, replace=False, p=chances / chances.sum())]
    return chosen


def _combine_with_evidence(
    trained: TokenTraining, examples: Sequence[ReadingExample], scores: Sequence[Scores]
) -> tuple[dict[str, list[float]], list[Scores]]:
    """Return the weights that combine evidence (`scores`) and tokens, and the combined scores; groups count equally."""
    levels = ("units", "passages", "whole")
    reader = TokenReader(export_token_reader(trained, dict.fromkeys(levels, _TOKENS_ONLY)))
    counts = Counter(example.question.group for example in examples)
    read = []
    for example, score in zip(examples, scores, strict=True):
        paths = [hit.passage.path for hit in example.hits]
        passages = [(path, list(map(tokenise_text, example.unit_texts(n)))) for n, path in enumerate(paths)]
        read.append(reader.combine_with_evidence(example.text, passages.__getitem__, example.evidence.owners, score))
    weights, combined = {}, []
    for k, level in enumerate(levels):
        pairs = [np.stack(np.atleast_1d(score[k], each[k]), 1) for score, each in zip(scores, read, strict=True)]
        both = [logit(np.clip(each, 1e-6, 1 - 1e-6)) for each in pairs]
        targets = [example.labels[k] for example in examples]
        shares = [np.full(len(x), e.complete / counts[e.question.group]) for x, e in zip(both, examples, strict=True)]
        weights[level] = fit_logistic(*map(np.concatenate, (both, targets, shares)))
        scored = zip(pairs, both, strict=True)
        combined.append([combine_probabilities(weights[level], pair[:, 0], x[:, 1]) for pair, x in scored])
    return weights, [(units, passages, float(whole[0])) for units, passages, whole in zip(*combined, strict=True)]


def token_inputs(pairs: Sequence[tuple[Tokens, Window]], parts: Parts, context: TokenContext) -> dict[str, Tensor]:
    """Return the inputs for pairs of question and window, at least one: the fields of a `Batch`, then the context."""
    batch = make_batch(pairs, parts)
    tables = {field.name: torch.from_numpy(getattr(batch, field.name)) for field in fields(batch)}
    contexts = map(torch.from_numpy, context.batch_features(pairs))
    return tables | dict(zip(("asked_context", "told_context"), contexts, strict=True))


def export_token_reader(trained: TokenTraining, joined: Mapping[str, Sequence[float]]) -> bytes:
    """Return the ONNX file; what projects the encoder's features is outside its graph, so that they can be cached."""
    model = TrainableTokenModel(len(trained.parts))
    model.load_state_dict(trained.state)
    directions = [trained.state[f"{name}.weight"].numpy() for name in ("meaning", "nearness")]
    table = np.concatenate([trained.scale, *directions]).astype(np.float16)
    question = tokenise_text("期間は何年ですか")
    texts = ["市の計画です。", "期間は四年です。対象は市民です。"]
    pairs = [(question, window) for text in texts for window in make_windows((text,), [tokenise_text(text)])]
    axes = dict.fromkeys(("vectors", "runs", "parts", "forms"), "k") | dict.fromkeys(("asked", "asked_context"), "bq")
    axes |= dict.fromkeys(("told", "segments", "units", "told_context"), "bt") | {"exact": "btq", "places": "n"}
    return export_onnx(
        model,
        token_inputs(pairs, trained.parts, TokenContext(table)),
        axes | {"of_units": "bn", "of_windows": "b"},
        {"parts": list(trained.parts), "joined": joined, "context": b64encode(table.tobytes()).decode()},
    )
