"""The relevance model in PyTorch for training; `bot` computes the same with NumPy.

The question's terms are gated by their vectors: what is met of important ones counts more (Guo et al. 2016, "A deep
relevance matching model for ad-hoc retrieval", arXiv:1711.08611). Units are scored with their passage, passages with
their units, and the whole list decides whether anything answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from bot.relevance.relevance_model import GATES, LETTERS, TOP, WIDTH
from bot.relevance.units import KINDS, RUNS
from eval.training.reader.reading_examples import ReadingExample

_NONE = -10.0


@dataclass(frozen=True, slots=True)
class ExampleBatch:
    """Examples one after another; `of_passages` and `of_units` say of which example each passage and unit is."""

    passages: Tensor
    units: Tensor
    owners: Tensor
    of_passages: Tensor
    of_units: Tensor
    terms: Tensor
    known: Tensor
    matches: Tensor
    headings: Tensor
    runs: Tensor
    starts: Tensor
    n: int


class TrainableRelevanceModel(nn.Module):
    """Logits of units, passages and of whether anything answers."""

    def __init__(self, passages: int, units: int, terms: int, drop: float = 0.2) -> None:
        super().__init__()
        self.letters = nn.EmbeddingBag(RUNS, LETTERS, mode="sum")
        nn.init.normal_(self.letters.weight, std=0.05)
        self.drop = nn.Dropout(drop)
        met, of_unit = 5 * GATES, 7 * GATES
        self.gate = nn.Linear(terms, WIDTH // 2)
        self.gates = nn.Linear(WIDTH // 2, GATES)
        self.kinds = nn.Linear(LETTERS, KINDS)
        self.unit = nn.Linear(units + passages + of_unit + met + LETTERS + KINDS, WIDTH)
        self.unit_2 = nn.Linear(WIDTH, WIDTH)
        self.unit_out = nn.Linear(WIDTH, 1)
        self.passage = nn.Linear(passages + WIDTH + 2 + LETTERS + met, WIDTH)
        self.passage_2 = nn.Linear(WIDTH, WIDTH // 2)
        self.passage_out = nn.Linear(WIDTH // 2, 1)
        self.whole = nn.Linear(2 * TOP + passages + 3 * GATES + met + WIDTH // 2, WIDTH // 2)
        self.whole_out = nn.Linear(WIDTH // 2, 1)

    def forward(self, b: ExampleBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits of the units (u,), the passages (p,) and the examples (n,)."""
        raw = self.gates(functional.relu(self.gate(b.terms))) + torch.log(b.terms[:, :, -2:-1].clamp_min(1e-3))
        gate = torch.softmax(raw.masked_fill(~b.known[:, :, None], -30.0), 1)
        letters = self.drop(torch.tanh(self.letters(b.runs, b.starts)))
        best = _max_by_owner(b.matches[:, :, :2].flatten(1), b.owners, len(b.passages)).reshape(len(b.passages), -1, 2)
        whole = torch.maximum(best, b.headings)
        met = _match_features(
            gate[b.of_passages], torch.cat([best[:, :, :1], whole, b.headings[:, :, :1]], 2), whole[:, :, 1]
        )
        both = torch.maximum(b.matches[:, :, :2], b.headings[b.owners])
        of_unit = _match_features(gate[b.of_units], torch.cat([b.matches, both], 2), both[:, :, 1])
        asked = letters[b.of_units]
        kinds = self.kinds(asked) * b.units[:, -KINDS:]
        h = torch.cat([b.units, b.passages[b.owners], of_unit, met[b.owners], asked, kinds], 1)
        h = functional.relu(self.unit_2(self.drop(functional.relu(self.unit(h)))))
        units = self.unit_out(h)[:, 0]
        highest = torch.full((len(b.passages),), _NONE).scatter_reduce(0, b.owners, units, "amax")
        share = torch.exp(units - highest[b.owners])
        total = torch.zeros(len(b.passages)).index_add(0, b.owners, share).clamp_min(1e-6)
        pooled = torch.zeros(len(b.passages), WIDTH).index_add(0, b.owners, h * (share / total[b.owners])[:, None])
        sums = torch.stack([highest, highest + torch.log(total)], 1) / 3
        p = torch.cat([b.passages, pooled, sums, letters[b.of_passages], met], 1)
        p = functional.relu(self.passage_2(self.drop(functional.relu(self.passage(p)))))
        passages = self.passage_out(p)[:, 0]
        seen = torch.cat([b.passages, met, p], 1)
        return units, passages, self._answerable_logits(b, gate, whole, torch.stack([passages, highest], 1), seen)

    def _answerable_logits(self, b: ExampleBatch, gate: Tensor, whole: Tensor, logits: Tensor, seen: Tensor) -> Tensor:
        """Return (n,) of the best passages and units (`logits`), the terms met anywhere, and what is `seen`."""
        size = max(TOP, int(torch.bincount(b.of_passages, minlength=b.n).max()))
        place = torch.arange(len(logits)) - torch.searchsorted(b.of_passages, torch.arange(b.n))[b.of_passages]

        def listed(values: Tensor, fill: float) -> Tensor:
            table = torch.full((b.n, size, *values.shape[1:]), fill)
            table[b.of_passages, place] = values
            return table

        scores = listed(logits, _NONE)
        share = torch.softmax(scores[:, :, 0], 1)[:, :, None]
        most = listed(whole, 0.0).amax(1)
        reached = torch.cat(
            [
                (gate * most[:, :, 1:]).sum(1),
                (gate * most[:, :, :1]).sum(1),
                (gate * (1 - most[:, :, 1:])).amax(1),
            ],
            1,
        )
        top = scores.topk(TOP, 1)[0].transpose(1, 2).flatten(1) / 3
        x = torch.cat([top, reached, (share * listed(seen, 0.0)).sum(1)], 1)
        out: Tensor = self.whole_out(functional.relu(self.whole(self.drop(x))))[:, 0]
        return out


def _max_by_owner(values: Tensor, owners: Tensor, count: int) -> Tensor:
    index = owners[:, None].expand_as(values)
    return torch.zeros(count, values.shape[1]).scatter_reduce(0, index, values, "amax")


def _match_features(gate: Tensor, how: Tensor, like: Tensor) -> Tensor:
    """Return by gate the weighted sums of `how` (rows, t, m) and what is least met, (rows, (m + 1) · gates)."""
    return torch.cat([(gate.transpose(1, 2) @ how).flatten(1), (gate * (1 - like)[:, :, None]).amax(1)], 1)


def batch_examples(examples: Sequence[ReadingExample]) -> ExampleBatch:
    """Put examples together; what a question has fewer terms than others is unknown to all."""
    evidence = [example.evidence for example in examples]
    n, most = len(evidence), max(len(e.terms) for e in evidence)
    counts, units = [len(e.passages) for e in evidence], [len(e.units) for e in evidence]
    before = np.concatenate([[0], np.cumsum(counts)])[:-1]

    def padded(tables: list[NDArray[np.float32]]) -> Tensor:
        return torch.cat([torch.from_numpy(np.pad(t, ((0, 0), (0, most - t.shape[1]), (0, 0)))) for t in tables])

    return ExampleBatch(
        torch.from_numpy(np.concatenate([e.passages for e in evidence])),
        torch.from_numpy(np.concatenate([e.units for e in evidence])),
        torch.from_numpy(np.concatenate([e.owners + b for e, b in zip(evidence, before, strict=True)])),
        torch.repeat_interleave(torch.arange(n), torch.tensor(counts)),
        torch.repeat_interleave(torch.arange(n), torch.tensor(units)),
        padded([e.terms[np.newaxis] for e in evidence]) if n == 1 else _stack_padded([e.terms for e in evidence], most),
        torch.tensor([[place < len(e.terms) for place in range(most)] for e in evidence]),
        padded([e.matches for e in evidence]),
        padded([e.headings for e in evidence]),
        torch.from_numpy(np.concatenate([e.runs for e in evidence]).astype(np.int64)),
        torch.tensor([0, *np.cumsum([len(e.runs) for e in evidence])[:-1]]),
        n,
    )


def _stack_padded(tables: list[NDArray[np.float32]], most: int) -> Tensor:
    return torch.from_numpy(np.stack([np.pad(t, ((0, most - len(t)), (0, 0))) for t in tables]))


def reader_loss(
    net: TrainableRelevanceModel, examples: Sequence[ReadingExample], pairs: Sequence[tuple[int, int]] = ()
) -> Tensor:
    """Return the loss: of each unit and passage by itself, of a question's among each other, and of the whole.

    `pairs` are the places of questions that something answers, and of the same with that taken away: the first is to be
    the likelier answered (Burges et al. 2005, "Learning to rank using gradient descent").
    """
    b = batch_examples(examples)
    units, passages, whole = net(b)
    of_units = torch.from_numpy(np.concatenate([e.units for e in examples]))
    of_passages = torch.from_numpy(np.concatenate([e.passages for e in examples]))
    answered = torch.tensor([e.answered for e in examples])
    return (
        3 * _binary_loss(units, of_units)
        + _listwise_loss(units, of_units, b.of_units, b.n)
        + 2 * _binary_loss(passages, of_passages)
        + _listwise_loss(passages, of_passages, b.of_passages, b.n)
        + _binary_loss(whole, answered)
        + sum(functional.softplus(whole[less] - whole[more]) for more, less in pairs) / max(1, len(pairs))
    )


def _binary_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    known = ~torch.isnan(wanted)
    return (
        functional.binary_cross_entropy_with_logits(logits[known], wanted[known]) if known.any() else logits.sum() * 0
    )


def _listwise_loss(logits: Tensor, wanted: Tensor, of: Tensor, n: int) -> Tensor:
    """ListNet's cross entropy (Cao et al. 2007), over the questions that have anything right."""
    known = ~torch.isnan(wanted)
    grades, scores = torch.where(known, wanted, 0.0), torch.where(known, logits, -30.0)
    highest = torch.full((n,), -40.0).scatter_reduce(0, of, scores, "amax")
    total = torch.zeros(n).index_add(0, of, torch.exp(scores - highest[of]))
    each = torch.zeros(n).index_add(0, of, grades * (highest[of] + torch.log(total)[of] - scores))
    sums = torch.zeros(n).index_add(0, of, grades)
    return (each / sums.clamp_min(1e-6))[sums > 0].sum() / n
