"""The relevance model in PyTorch, for training and export; `bot` runs it with onnxruntime.

Gates over the question's terms weight matches of important terms (Guo et al. 2016, "A deep relevance matching model for
ad-hoc retrieval", arXiv:1711.08611). Units are scored with their passage, passages with their units, and the whole list
decides whether the question is answered.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from bot.relevance.evidence import INPUTS, OUTPUTS, PASSAGE_FEATURES, UNIT_FEATURES, Evidence
from bot.relevance.evidence_features import NGRAM_BUCKETS
from eval.training.examples import ExampleDrawer, ReadingExample, Scores, split_groups
from eval.training.loop import (
    TrainingSchedule,
    binary_loss,
    export_onnx,
    fit_logistic,
    listwise_loss,
    pairwise_loss,
    start_training,
    train_model,
)
from ingest.terms.units import TOKEN_KINDS

Array = NDArray[np.float32]
# Gates over the question's terms, dimension of the letter embedding, width of the layers, and passages whose logits are
# inputs of the last layer.
GATES = 6
LETTERS = 12
WIDTH = 64
TOP = 5
_PADDING_LOGIT = -10.0
# Evidence is clipped to this many standard deviations, because the training data have none beyond.
MOST_DEVIATIONS = 5.0
# Minimum standard deviation, so that nearly constant features are not amplified.
_MIN_SPREAD = 1e-3
# Settings of decision 011, passes over the training data, and drawn examples for each question.
_SCHEDULE = TrainingSchedule(22, 0, 2e-3, warmup_steps=0, weight_decay=1e-3, max_norm=2.0)
EPOCHS = 4.5
_EXAMPLES_PER_QUESTION = 1.4


class ExampleBatch(NamedTuple):
    """Examples in sequence; `of_passages`, `of_units` and `of_runs` are the example of each row.

    `places` are the ranks of the passages in their example; missing terms are padded and not `known`.
    """

    passages: Tensor
    units: Tensor
    owners: Tensor
    of_passages: Tensor
    of_units: Tensor
    places: Tensor
    terms: Tensor
    known: Tensor
    matches: Tensor
    headings: Tensor
    runs: Tensor
    of_runs: Tensor
    n: int


class TrainableRelevanceModel(nn.Module):
    """Logits of units, of passages, and of the question being answered."""

    def __init__(self, passages: int, units: int, terms: int, drop: float = 0.2) -> None:
        super().__init__()
        self.letters = nn.Embedding(NGRAM_BUCKETS, LETTERS)
        nn.init.normal_(self.letters.weight, std=0.05)
        self.drop = nn.Dropout(drop)
        met = 5 * GATES
        of_unit = 7 * GATES
        self.gate = nn.Linear(terms, WIDTH // 2)
        self.gates = nn.Linear(WIDTH // 2, GATES)
        self.kinds = nn.Linear(LETTERS, len(TOKEN_KINDS))
        self.unit = nn.Linear(units + passages + of_unit + met + LETTERS + len(TOKEN_KINDS), WIDTH)
        self.unit_2 = nn.Linear(WIDTH, WIDTH)
        self.unit_out = nn.Linear(WIDTH, 1)
        self.passage = nn.Linear(passages + WIDTH + 2 + LETTERS + met, WIDTH)
        self.passage_2 = nn.Linear(WIDTH, WIDTH // 2)
        self.passage_out = nn.Linear(WIDTH // 2, 1)
        self.whole = nn.Linear(2 * TOP + passages + 3 * GATES + met + WIDTH // 2, WIDTH // 2)
        self.whole_out = nn.Linear(WIDTH // 2, 1)

    def forward(self, batch: ExampleBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits of the units (u,), the passages (p,) and the examples (n,)."""
        raw = self.gates(functional.relu(self.gate(batch.terms))) + torch.log(batch.terms[:, :, -2:-1].clamp_min(1e-3))
        gate = torch.softmax(raw.masked_fill(~batch.known[:, :, None], -30.0), 1)
        count = batch.passages.shape[0]
        letters = self.drop(torch.tanh(_sum_by(self.letters(batch.runs), batch.of_runs, batch.n)))
        best = _max_by(batch.matches[:, :, :2].flatten(1), batch.owners, count).reshape(count, -1, 2)
        whole = torch.maximum(best, batch.headings)
        met = _match_features(
            gate[batch.of_passages], torch.cat([best[:, :, :1], whole, batch.headings[:, :, :1]], 2), whole[:, :, 1]
        )
        both = torch.maximum(batch.matches[:, :, :2], batch.headings[batch.owners])
        of_unit = _match_features(gate[batch.of_units], torch.cat([batch.matches, both], 2), both[:, :, 1])
        asked = letters[batch.of_units]
        kinds = self.kinds(asked) * batch.units[:, -len(TOKEN_KINDS) :]
        unit_layer = torch.cat([batch.units, batch.passages[batch.owners], of_unit, met[batch.owners], asked, kinds], 1)
        unit_layer = functional.relu(self.unit_2(self.drop(functional.relu(self.unit(unit_layer)))))
        units = self.unit_out(unit_layer)[:, 0]
        highest = torch.full((count,), _PADDING_LOGIT).scatter_reduce(0, batch.owners, units, "amax")
        share = torch.exp(units - highest[batch.owners])
        total = _sum_by(share[:, None], batch.owners, count)[:, 0].clamp_min(1e-6)
        pooled = _sum_by(unit_layer * (share / total[batch.owners])[:, None], batch.owners, count)
        sums = torch.stack([highest, highest + torch.log(total)], 1) / 3
        passage_layer = torch.cat([batch.passages, pooled, sums, letters[batch.of_passages], met], 1)
        passage_layer = functional.relu(self.passage_2(self.drop(functional.relu(self.passage(passage_layer)))))
        passages = self.passage_out(passage_layer)[:, 0]
        seen = torch.cat([batch.passages, met, passage_layer], 1)
        return units, passages, self._answerable_logits(batch, gate, whole, torch.stack([passages, highest], 1), seen)

    def _answerable_logits(
        self, batch: ExampleBatch, gate: Tensor, whole: Tensor, logits: Tensor, seen: Tensor
    ) -> Tensor:
        size = batch.passages.shape[0] + TOP
        highest = torch.full((batch.n,), -torch.inf).scatter_reduce(0, batch.of_passages, logits[:, 0], "amax")
        share = torch.exp(logits[:, 0] - highest[batch.of_passages])
        share = share / _sum_by(share[:, None], batch.of_passages, batch.n)[:, 0][batch.of_passages]
        most = _max_by(whole.flatten(1), batch.of_passages, batch.n).reshape(batch.n, -1, 2)
        reached = torch.cat(
            [
                (gate * most[:, :, 1:]).sum(1),
                (gate * most[:, :, :1]).sum(1),
                (gate * (1 - most[:, :, 1:])).amax(1),
            ],
            1,
        )
        # The TOP logits of each example, best first, padded with _PADDING_LOGIT.
        index = (batch.of_passages * size + batch.places)[:, None].expand(-1, 2)
        table = torch.full((batch.n * size, 2), -torch.inf).scatter(0, index, logits).reshape(batch.n, size, 2)
        best = table.topk(TOP, 1)[0]
        top = torch.where(best > -torch.inf, best, _PADDING_LOGIT).transpose(1, 2).flatten(1) / 3
        features = torch.cat([top, reached, _sum_by(share[:, None] * seen, batch.of_passages, batch.n)], 1)
        out: Tensor = self.whole_out(functional.relu(self.whole(self.drop(features))))[:, 0]
        return out


def _max_by(values: Tensor, index: Tensor, count: int) -> Tensor:
    return torch.zeros(count, values.shape[1]).scatter_reduce(0, index[:, None].expand_as(values), values, "amax")


def _sum_by(values: Tensor, index: Tensor, count: int) -> Tensor:
    return torch.zeros(count, values.shape[1]).scatter_reduce(0, index[:, None].expand_as(values), values, "sum")


def _match_features(gate: Tensor, how: Tensor, like: Tensor) -> Tensor:
    return torch.cat([(gate.transpose(1, 2) @ how).flatten(1), (gate * (1 - like)[:, :, None]).amax(1)], 1)


def batch_evidence(evidence: Sequence[Evidence], scales: Sequence[Tensor]) -> ExampleBatch:
    """Return the standardised evidence of several questions as one batch."""
    counts = [len(e.passages) for e in evidence]
    first_rows = np.cumsum([0, *counts])
    terms = [torch.from_numpy(e.terms) for e in evidence]
    longest = max(map(len, terms))

    def owners(lengths: Sequence[int]) -> Tensor:
        return torch.repeat_interleave(torch.arange(len(evidence)), torch.tensor(lengths))

    def concatenated(name: str) -> Tensor:
        return torch.from_numpy(np.concatenate([getattr(e, name) for e in evidence]))

    def padded(name: str) -> Tensor:
        tables = (torch.from_numpy(getattr(e, name)) for e in evidence)
        return torch.cat([functional.pad(table, (0, 0, 0, longest - table.shape[1])) for table in tables])

    return ExampleBatch(
        passages=_standardise(concatenated("passages"), scales[0]),
        units=_standardise(concatenated("units"), scales[1]),
        owners=torch.from_numpy(np.concatenate([e.owners + b for e, b in zip(evidence, first_rows, strict=False)])),
        of_passages=owners(counts),
        of_units=owners([len(e.units) for e in evidence]),
        places=torch.cat([torch.arange(count) for count in counts]),
        terms=pad_sequence(terms, batch_first=True),
        known=torch.arange(longest)[None] < torch.tensor([len(each) for each in terms])[:, None],
        matches=padded("matches"),
        headings=padded("headings"),
        runs=concatenated("runs").long(),
        of_runs=owners([len(e.runs) for e in evidence]),
        n=len(evidence),
    )


def _standardise(values: Tensor, scale: Tensor) -> Tensor:
    return ((values - scale[0]) / scale[1]).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS)


# Dynamic axes of inputs: passages (p), units (u), terms (t), letter runs (r).
_AXES = {
    "passages": {0: "p"},
    "units": {0: "u"},
    "owners": {0: "u"},
    "terms": {0: "t"},
    "matches": {0: "u", 1: "t"},
    "headings": {0: "p", 1: "t"},
    "runs": {0: "r"},
    "of_units": {0: "u"},
    "of_passages": {0: "p"},
}


class RelevanceEnsemble(nn.Module):
    """Models trained with different seeds, for evidence that is not standardised.

    Attributes:
        scales: mean and standard deviation of the columns of the passages' and of the units' features.
        platt: slope and shift of each output (3, 2), by which logits become calibrated.
    """

    def __init__(self, models: Sequence[TrainableRelevanceModel], scales: Sequence[Tensor]) -> None:
        super().__init__()
        self.models = nn.ModuleList(models)
        self.scales = tuple(scales)  # not parameters, which are exported in half precision
        self.platt = torch.tensor([[1.0, 0.0]] * 3)
        self.eval()

    def forward(self, *tables: Tensor) -> tuple[Tensor, ...]:
        """Return the probabilities of the units (u,), the passages (p,), and of an answer (1,)."""
        logits = self.mean_logits(*tables)
        return tuple(torch.sigmoid(slope * x + shift) for x, (slope, shift) in zip(logits, self.platt, strict=True))

    def mean_logits(self, *tables: Tensor) -> tuple[Tensor, ...]:
        """Return the mean logits of the models for one question; `tables` are in the order of INPUTS."""
        passages, units, owners, terms, matches, headings, runs = tables
        batch = ExampleBatch(
            passages=_standardise(passages, self.scales[0]),
            units=_standardise(units, self.scales[1]),
            owners=owners,
            of_passages=torch.zeros_like(passages[:, 0], dtype=torch.long),
            of_units=torch.zeros_like(owners),
            places=torch.arange(passages.shape[0]),
            terms=terms[None],
            known=torch.ones_like(terms[None, :, 0], dtype=torch.bool),
            matches=matches,
            headings=headings,
            runs=runs,
            of_runs=torch.zeros_like(runs),
            n=1,
        )
        logits = [model(batch) for model in self.models]
        return tuple(torch.stack(each).mean(0) for each in zip(*logits, strict=True))


def export_relevance_model(ensemble: RelevanceEnsemble) -> bytes:
    """Return the ONNX file of the ensemble."""
    random = np.random.default_rng(0)

    def draw(*shape: int) -> Array:
        return random.random(shape, np.float32)

    evidence = Evidence(
        passages=draw(3, len(PASSAGE_FEATURES)),
        units=draw(7, len(UNIT_FEATURES)),
        owners=np.array([0, 0, 1, 1, 1, 2, 2]),
        terms=draw(4, ensemble.models[0].gate.in_features),  # type: ignore[union-attr, arg-type]
        matches=draw(7, 4, 4),
        headings=draw(3, 4, 2),
        runs=np.arange(5, dtype=np.int32),
        bounds=(),
    )
    return export_onnx(ensemble, _input_tables(evidence), INPUTS, OUTPUTS, axes=_AXES)


def _input_tables(evidence: Evidence) -> tuple[Tensor, ...]:
    tables = (torch.from_numpy(getattr(evidence, name)) for name in INPUTS)
    return tuple(table if table.is_floating_point() else table.long() for table in tables)


def train_relevance_models(examples: Sequence[ReadingExample], nets: int, epochs: float = EPOCHS) -> RelevanceEnsemble:
    """Return `nets` models with seeds 0, 1, …; their logits are not calibrated yet."""
    torch.set_num_threads(1)
    scales = []
    for name in ("passages", "units"):
        rows = np.concatenate([getattr(example.evidence, name) for example in examples])
        scales.append(torch.from_numpy(np.stack([rows.mean(axis=0), rows.std(axis=0) + _MIN_SPREAD])).float())
    return RelevanceEnsemble([_train_one(examples, scales, seed, epochs) for seed in range(nets)], scales)


def _train_one(
    examples: Sequence[ReadingExample], scales: Sequence[Tensor], seed: int, epochs: float
) -> TrainableRelevanceModel:
    random = start_training(seed)
    drawer = ExampleDrawer(examples, random)
    first = examples[0].evidence
    model = TrainableRelevanceModel(first.passages.shape[1], first.units.shape[1], first.terms.shape[1])
    steps = 1 + int(epochs * len(examples) / (_SCHEDULE.batch_size * _EXAMPLES_PER_QUESTION))
    schedule = replace(_SCHEDULE, steps=steps, warmup_steps=1 + steps // 10)

    def loss_of_batch() -> Tensor:
        drawn, pairs = drawer.draw(_SCHEDULE.batch_size)
        batch = batch_evidence([example.evidence for example in drawn], scales)
        units, passages, answered = model(batch)
        unit_labels, passage_labels = (
            torch.from_numpy(np.concatenate([getattr(example, name) for example in drawn]))
            for name in ("units", "passages")
        )
        return (
            3 * binary_loss(units, unit_labels)
            + listwise_loss(units, unit_labels, batch.of_units, batch.n)
            + 2 * binary_loss(passages, passage_labels)
            + listwise_loss(passages, passage_labels, batch.of_passages, batch.n)
            + binary_loss(answered, torch.tensor([example.answered for example in drawn]))
            + pairwise_loss(answered, pairs)
        )

    train_model(model, loss_of_batch, schedule, "関連の判定を学習しています")
    return model.eval()


def cross_validated_scores(
    examples: Sequence[ReadingExample], folds: int, epochs: float = EPOCHS
) -> tuple[list[Scores], Tensor]:
    """Return out-of-fold probabilities of each example and the Platt scaling used, (3, 2); folds split by group."""
    logits: dict[int, tuple[Array, ...]] = {}
    for training, held_out in split_groups(examples, folds):
        ensemble = train_relevance_models(training, 1, epochs)
        with torch.no_grad():
            for place in held_out:
                read = ensemble.mean_logits(*_input_tables(examples[place].evidence))
                logits[place] = tuple(each.numpy() for each in read)
    complete = [place for place, example in enumerate(examples) if example.complete]
    labels = [(examples[i].units, examples[i].passages, np.array([examples[i].answered])) for i in complete]
    fitted = []
    for k in range(3):
        outputs = np.concatenate([logits[place][k] for place in complete])[:, None]
        fitted.append(fit_logistic(outputs, np.concatenate([of[k] for of in labels])))
    platt = np.stack(fitted)
    scores: list[Scores] = []
    for place in range(len(examples)):
        units, passages, answered = (
            torch.sigmoid(torch.from_numpy(a * x + b)).numpy() for x, (a, b) in zip(logits[place], platt, strict=True)
        )
        scores.append((units, passages, float(answered[0])))
    return scores, torch.from_numpy(platt).float()
