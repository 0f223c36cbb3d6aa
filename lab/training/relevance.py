"""Trains the evidence-based relevance model, `bot/answering/relevance/reader.onnx`; `bot` runs it with onnxruntime.

Gates over the question's terms weight matches of important terms (Guo et al. 2016, "A deep relevance matching model for
ad-hoc retrieval", arXiv:1711.08611). Units are scored with their passage, passages with their units, and the whole list
decides whether the question is answered. One model reads one question at a time.
"""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.answering.relevance.evidence import COLUMNS, INPUTS, OUTPUTS, PASSAGE_FEATURES, UNIT_FEATURES, Evidence
from bot.answering.relevance.evidence_features import NGRAM_BUCKETS
from ingest.terms.units import TOKEN_KINDS
from lab.training.examples import (
    ExampleDrawer,
    ReadingExample,
    Scores,
    collect_training_examples,
    hold_out,
    relevance_figures,
)
from lab.training.torch_training import (
    TrainingSchedule,
    binary_loss,
    export_onnx,
    fit_logistic,
    listwise_loss,
    pairwise_loss,
    start_training,
    train_model,
)

# Gates over the question's terms, dimension of the letter embedding, width of the layers, and passages whose logits are
# inputs of the last layer.
_GATES = 6
_LETTERS = 12
_WIDTH = 64
_TOP = 5
_DROPOUT = 0.2
_PADDING_LOGIT = -10.0
# Evidence is clipped to this many standard deviations, because the training data have none beyond.
_MAX_DEVIATIONS = 5.0
# Minimum standard deviation, so that nearly constant features are not amplified.
_MIN_SPREAD = 1e-3
# Settings of decision 011, passes over the training data, and drawn examples for each question.
_SCHEDULE = TrainingSchedule(22, 0, 2e-3, warmup_steps=0, weight_decay=1e-3, max_norm=2.0)
_EPOCHS = 4.5
_EXAMPLES_PER_QUESTION = 1.4
_SMALL_EPOCHS = 1.0
# Models whose mean is shipped.
_MODELS = 3


class TrainableRelevanceModel(nn.Module):
    """Logits of the units (u,), of the passages (p,), and of the question being answered (1,), from an `Evidence`.

    `scales` are the mean and standard deviation of the columns of the passages' and of the units' features.
    """

    def __init__(self, scales: Sequence[Tensor], term_size: int) -> None:
        super().__init__()
        self.scales = tuple(scales)  # not parameters, which are exported in half precision
        passages, units = (scale.shape[1] for scale in scales)
        met = 5 * _GATES
        self.letters = nn.Embedding(NGRAM_BUCKETS, _LETTERS)
        nn.init.normal_(self.letters.weight, std=0.05)
        self.drop = nn.Dropout(_DROPOUT)
        self.gate = nn.Linear(term_size, _WIDTH // 2)
        self.gates = nn.Linear(_WIDTH // 2, _GATES)
        self.kinds = nn.Linear(_LETTERS, len(TOKEN_KINDS))
        self.unit = nn.Linear(units + passages + 7 * _GATES + met + _LETTERS + len(TOKEN_KINDS), _WIDTH)
        self.unit_2 = nn.Linear(_WIDTH, _WIDTH)
        self.unit_out = nn.Linear(_WIDTH, 1)
        self.passage = nn.Linear(passages + _WIDTH + 2 + _LETTERS + met, _WIDTH)
        self.passage_2 = nn.Linear(_WIDTH, _WIDTH // 2)
        self.passage_out = nn.Linear(_WIDTH // 2, 1)
        self.whole = nn.Linear(2 * _TOP + passages + 3 * _GATES + met + _WIDTH // 2, _WIDTH // 2)
        self.whole_out = nn.Linear(_WIDTH // 2, 1)

    def forward(self, *tables: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits; `tables` are in the order of INPUTS."""
        passages, units, owners, terms, matches, headings, runs = tables
        passages, units = (
            ((table - scale[0]) / scale[1]).clamp(-_MAX_DEVIATIONS, _MAX_DEVIATIONS)
            for table, scale in zip((passages, units), self.scales, strict=True)
        )
        count = passages.shape[0]
        weighed = self.gates(functional.relu(self.gate(terms))) + torch.log(terms[:, -2:-1].clamp_min(1e-3))
        gate = torch.softmax(weighed, 0)
        letters = self.drop(torch.tanh(self.letters(runs).sum(0, keepdim=True)))
        best = _reduce(matches[:, :, :2].flatten(1), owners, count, "amax").reshape(count, -1, 2)
        whole = torch.maximum(best, headings)
        met = _gated(gate, torch.cat([best[:, :, :1], whole, headings[:, :, :1]], 2), whole[:, :, 1])
        both = torch.maximum(matches[:, :, :2], headings[owners])
        of_unit = _gated(gate, torch.cat([matches, both], 2), both[:, :, 1])
        asked = letters.expand(units.shape[0], -1)
        kinds = self.kinds(asked) * units[:, -len(TOKEN_KINDS) :]
        unit_layer = torch.cat([units, passages[owners], of_unit, met[owners], asked, kinds], 1)
        unit_layer = functional.relu(self.unit_2(self.drop(functional.relu(self.unit(unit_layer)))))
        unit_logits = self.unit_out(unit_layer)[:, 0]
        highest = torch.full((count,), _PADDING_LOGIT).scatter_reduce(0, owners, unit_logits, "amax")
        share = torch.exp(unit_logits - highest[owners])
        total = _reduce(share[:, None], owners, count, "sum")[:, 0].clamp_min(1e-6)
        pooled = _reduce(unit_layer * (share / total[owners])[:, None], owners, count, "sum")
        sums = torch.stack([highest, highest + torch.log(total)], 1) / 3
        passage_layer = torch.cat([passages, pooled, sums, letters.expand(count, -1), met], 1)
        passage_layer = functional.relu(self.passage_2(self.drop(functional.relu(self.passage(passage_layer)))))
        passage_logits = self.passage_out(passage_layer)[:, 0]
        # The list as a whole: the best logits, how well the terms are reached, and the mean of the likely passages.
        logits = torch.stack([passage_logits, highest], 1)
        top = torch.cat([logits, torch.full((_TOP, 2), _PADDING_LOGIT)]).topk(_TOP, 0)[0].transpose(0, 1).flatten() / 3
        most = whole.amax(0)
        reached = torch.cat(
            [(gate * most[:, 1:]).sum(0), (gate * most[:, :1]).sum(0), (gate * (1 - most[:, 1:])).amax(0)]
        )
        likely = torch.softmax(passage_logits, 0) @ torch.cat([passages, met, passage_layer], 1)
        answered = functional.relu(self.whole(self.drop(torch.cat([top, reached, likely]))))
        return unit_logits, passage_logits, self.whole_out(answered)


def _reduce(values: Tensor, owners: Tensor, count: int, how: str) -> Tensor:
    index = owners[:, None].expand_as(values)
    return torch.zeros(count, values.shape[1]).scatter_reduce(0, index, values, how)


def _gated(gate: Tensor, how: Tensor, like: Tensor) -> Tensor:
    """Return for each text (n,) by gate its matches `how` (n, t, k), and the weightiest term that it is not `like`."""
    return torch.cat([(gate.transpose(0, 1) @ how).flatten(1), (gate * (1 - like)[:, :, None]).amax(1)], 1)


class RelevanceEnsemble(nn.Module):
    """The mean of models trained with different seeds; `platt` is the slope and shift that calibrate each output."""

    def __init__(self, models: Sequence[TrainableRelevanceModel], platt: Sequence[Sequence[float]]) -> None:
        super().__init__()
        self.models = nn.ModuleList(models)
        self.platt = platt

    def forward(self, *tables: Tensor) -> tuple[Tensor, ...]:
        """Return the probabilities of the units (u,), the passages (p,), and of an answer (1,)."""
        logits = [model(*tables) for model in self.models]
        means = [torch.stack(each).mean(0) for each in zip(*logits, strict=True)]
        return tuple(torch.sigmoid(slope * x + shift) for x, (slope, shift) in zip(means, self.platt, strict=True))


def input_tables(evidence: Evidence) -> dict[str, Tensor]:
    """Return the inputs of the model by name."""
    tables = {name: torch.from_numpy(getattr(evidence, name)) for name in INPUTS}
    return {name: table if table.is_floating_point() else table.long() for name, table in tables.items()}


def train(options: Namespace) -> tuple[bytes, dict[str, Any]]:
    """Return the ONNX file of the ensemble; calibration and figures are of groups that a model was not trained on."""
    start_training(options.seed)
    examples = collect_training_examples(options)
    training, held_out = hold_out(examples)
    scores, platt = held_out_scores(training, held_out, options.seed, small=options.small)
    count, epochs = (1, _SMALL_EPOCHS) if options.small else (_MODELS, _EPOCHS)
    models = [train_relevance_model(examples, count * options.seed + number, epochs) for number in range(count)]
    made = export_relevance_model(RelevanceEnsemble(models, platt), examples[0].evidence.terms.shape[1])
    return made, relevance_figures(held_out, scores)


def held_out_scores(
    training: Sequence[ReadingExample], held_out: Sequence[ReadingExample], seed: int, *, small: bool
) -> tuple[list[Scores], list[list[float]]]:
    """Return the calibrated scores of `held_out` by a model of `training`, and the calibration (3, 2) (Platt 1999)."""
    model = train_relevance_model(training, seed, _SMALL_EPOCHS if small else _EPOCHS)
    with torch.no_grad():
        logits = [[each.numpy() for each in model(*input_tables(e.evidence).values())] for e in held_out]
    platt, scores = [], []
    for k in range(len(OUTPUTS)):
        targets = np.concatenate([e.labels[k] for e in held_out if e.complete])
        outputs = np.concatenate([each[k] for e, each in zip(held_out, logits, strict=True) if e.complete])
        slope, shift = fit_logistic(outputs[:, None], targets, np.ones(len(targets)))
        platt.append([slope, shift])
        scores.append([1 / (1 + np.exp(-(slope * each[k] + shift))) for each in logits])
    return [(units, passages, float(whole[0])) for units, passages, whole in zip(*scores, strict=True)], platt


def train_relevance_model(examples: Sequence[ReadingExample], seed: int, epochs: float) -> TrainableRelevanceModel:
    """Return a model trained on `examples` for so many passes."""
    random = start_training(seed)
    drawer = ExampleDrawer(examples, random)
    scales = []
    for name in COLUMNS:
        rows = np.concatenate([getattr(example.evidence, name) for example in examples])
        scales.append(torch.from_numpy(np.stack([rows.mean(axis=0), rows.std(axis=0) + _MIN_SPREAD])).float())
    model = TrainableRelevanceModel(scales, examples[0].evidence.terms.shape[1])
    steps = 1 + int(epochs * len(examples) / (_SCHEDULE.batch_size * _EXAMPLES_PER_QUESTION))
    schedule = replace(_SCHEDULE, steps=steps, warmup_steps=1 + steps // 10)

    def loss_of_batch() -> Tensor:
        drawn, pairs = drawer.draw(_SCHEDULE.batch_size)
        read = [model(*input_tables(example.evidence).values()) for example in drawn]
        units, passages, answered = zip(*read, strict=True)
        unit_labels = [torch.from_numpy(example.units) for example in drawn]
        passage_labels = [torch.from_numpy(example.passages) for example in drawn]
        whole = torch.cat(answered)
        return (
            3 * binary_loss(torch.cat(units), torch.cat(unit_labels))
            + listwise_loss(units, unit_labels)
            + 2 * binary_loss(torch.cat(passages), torch.cat(passage_labels))
            + listwise_loss(passages, passage_labels)
            + binary_loss(whole, torch.tensor([example.answered for example in drawn]))
            + pairwise_loss(whole, pairs)
        )

    train_model(model, loss_of_batch, schedule, "関連の判定を学習しています")
    return model.eval()


def export_relevance_model(ensemble: RelevanceEnsemble, term_size: int) -> bytes:
    """Return the ONNX file of the ensemble; its metadata name the features that it reads."""
    random = np.random.default_rng(0)
    sizes = {
        "passages": (3, len(PASSAGE_FEATURES)),
        "units": (7, len(UNIT_FEATURES)),
        "owners": (7,),
        "terms": (4, term_size),
        "matches": (7, 4, 4),
        "headings": (3, 4, 2),
        "runs": (5,),
    }
    example = {name: torch.from_numpy(random.random(sizes[name], np.float32)) for name in INPUTS}
    example |= {"owners": torch.tensor([0, 0, 1, 1, 1, 2, 2]), "runs": torch.arange(5)}
    axes = {"passages": "p", "units": "u", "owners": "u", "terms": "t", "matches": "ut", "headings": "pt", "runs": "r"}
    return export_onnx(ensemble, example, axes | dict(zip(OUTPUTS, ("u", "p", ""), strict=True)), COLUMNS)
