"""The relevance model in PyTorch, for training and export; `bot` runs it with onnxruntime.

Gates over the question's terms weight matches of important terms (Guo et al. 2016, "A deep relevance matching model for
ad-hoc retrieval", arXiv:1711.08611). Units are scored with their passage, passages with their units, and the whole list
decides whether the question is answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from bot.relevance.evidence import PASSAGE_FEATURES, UNIT_FEATURES, Evidence
from bot.relevance.relevance_model import INPUTS, OUTPUTS
from bot.relevance.units import NGRAM_BUCKETS, TOKEN_KINDS
from eval.training.examples import ReadingExample
from eval.training.loop import export_onnx

Array = NDArray[np.float32]

# Gates over the question's terms.
GATES = 6
# Dimension of the letter embedding.
LETTERS = 12
# Width of the layers.
WIDTH = 64
# Passages whose logits are inputs of the last layer.
TOP = 5
_PADDING_LOGIT = -10.0
# Evidence is clipped to this many standard deviations, because the training data have none beyond.
MOST_DEVIATIONS = 5.0


@dataclass(frozen=True, slots=True)
class ExampleBatch:
    """Examples in sequence; `of_passages`, `of_units` and `of_runs` are the example of each row.

    `places` are the ranks of the passages in their example.
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


def batch_examples(examples: Sequence[ReadingExample]) -> ExampleBatch:
    """Concatenate examples; missing terms are padded and masked."""
    evidence = [example.evidence for example in examples]
    n = len(evidence)
    max_terms = max(len(e.terms) for e in evidence)
    counts = [len(e.passages) for e in evidence]
    units = [len(e.units) for e in evidence]
    first_rows = np.concatenate([[0], np.cumsum(counts)])[:-1]
    runs = [len(e.runs) for e in evidence]

    def padded(tables: list[NDArray[np.float32]]) -> Tensor:
        return torch.cat([torch.from_numpy(np.pad(t, ((0, 0), (0, max_terms - t.shape[1]), (0, 0)))) for t in tables])

    return ExampleBatch(
        torch.from_numpy(np.concatenate([e.passages for e in evidence])),
        torch.from_numpy(np.concatenate([e.units for e in evidence])),
        torch.from_numpy(np.concatenate([e.owners + b for e, b in zip(evidence, first_rows, strict=True)])),
        torch.repeat_interleave(torch.arange(n), torch.tensor(counts)),
        torch.repeat_interleave(torch.arange(n), torch.tensor(units)),
        torch.cat([torch.arange(count) for count in counts]),
        padded([e.terms[np.newaxis] for e in evidence])
        if n == 1
        else _stack_padded([e.terms for e in evidence], max_terms),
        torch.tensor([[place < len(e.terms) for place in range(max_terms)] for e in evidence]),
        padded([e.matches for e in evidence]),
        padded([e.headings for e in evidence]),
        torch.from_numpy(np.concatenate([e.runs for e in evidence]).astype(np.int64)),
        torch.repeat_interleave(torch.arange(n), torch.tensor(runs)),
        n,
    )


def _stack_padded(tables: list[NDArray[np.float32]], most: int) -> Tensor:
    return torch.from_numpy(np.stack([np.pad(t, ((0, most - len(t)), (0, 0))) for t in tables]))


def standardise(values: Array, scale: Array) -> Array:
    """Return evidence minus its mean `scale[0]`, divided by its deviation `scale[1]`, clipped."""
    standardised: Array = np.clip((values - scale[0]) / scale[1], -MOST_DEVIATIONS, MOST_DEVIATIONS)
    return standardised


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
    """Models trained with different seeds, for evidence that is not standardised."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        super().__init__()
        seeds = sorted({name.partition("/")[0] for name in weights if "/" in name})
        self.models = nn.ModuleList(_load_model(weights, f"{seed}/") for seed in seeds)
        # Not parameters, which are exported in half precision.
        self.scales = torch.from_numpy(weights["passages"]), torch.from_numpy(weights["units"])
        self.platt = torch.from_numpy(weights["platt"])
        self.eval()

    def forward(self, *tables: Tensor) -> tuple[Tensor, ...]:
        """Return the probabilities of the units (u,), the passages (p,), and of an answer (1,)."""
        logits = self.mean_logits(*tables)
        return tuple(torch.sigmoid(slope * x + shift) for x, (slope, shift) in zip(logits, self.platt, strict=True))

    def mean_logits(self, *tables: Tensor) -> tuple[Tensor, ...]:
        """Return the mean logits of the models; `tables` are in the order of INPUTS."""
        passages, units, owners, terms, matches, headings, runs = tables
        standard = [
            ((values - mean) / spread).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS)
            for values, (mean, spread) in zip((passages, units), self.scales, strict=True)
        ]
        of_passages = torch.zeros_like(passages[:, 0], dtype=torch.long)
        batch = ExampleBatch(
            standard[0],
            standard[1],
            owners,
            of_passages,
            torch.zeros_like(owners),
            torch.arange(passages.shape[0]),
            terms[None],
            torch.ones_like(terms[None, :, 0], dtype=torch.bool),
            matches,
            headings,
            runs,
            torch.zeros_like(runs),
            1,
        )
        logits = [model(batch) for model in self.models]
        return tuple(torch.stack(each).mean(0) for each in zip(*logits, strict=True))

    def logits(self, evidence: Evidence) -> tuple[Array, Array, Array]:
        """Return the mean logits for the hits of one question, as NumPy arrays."""
        with torch.no_grad():
            units, passages, whole = self.mean_logits(*_input_tables(evidence))
        return units.numpy(), passages.numpy(), whole[0].numpy()


def export_relevance_model(weights: Mapping[str, Array]) -> bytes:
    """Return the ONNX file of the ensemble."""
    example = _input_tables(_example_evidence(weights))
    return export_onnx(RelevanceEnsemble(weights), example, INPUTS, OUTPUTS, axes=_AXES)


def _load_model(weights: Mapping[str, Array], prefix: str) -> TrainableRelevanceModel:
    state = {
        name.removeprefix(prefix): torch.from_numpy(value.astype(np.float32))
        for name, value in weights.items()
        if name.startswith(prefix)
    }
    model = TrainableRelevanceModel(
        weights["passages"].shape[1], weights["units"].shape[1], state["gate.weight"].shape[1]
    )
    model.load_state_dict(state)
    return model


def _input_tables(evidence: Evidence) -> tuple[Tensor, ...]:
    tables = (torch.from_numpy(getattr(evidence, name)) for name in INPUTS)
    return tuple(table.long() if not table.is_floating_point() else table for table in tables)


def _example_evidence(weights: Mapping[str, Array]) -> Evidence:
    random = np.random.default_rng(0)
    terms = weights["0/gate.weight"].shape[1]

    def draw(*shape: int) -> Array:
        return random.random(shape, np.float32)

    return Evidence(
        passages=draw(3, len(PASSAGE_FEATURES)),
        units=draw(7, len(UNIT_FEATURES)),
        owners=np.array([0, 0, 1, 1, 1, 2, 2]),
        terms=draw(4, terms),
        matches=draw(7, 4, 4),
        headings=draw(3, 4, 2),
        runs=np.arange(5, dtype=np.int32),
        bounds=(),
    )
