"""The follow-up model in PyTorch for training and export; `bot` runs it with onnxruntime.

The text typed and the question before it are read as one line of tokens, each with what it is and how the other side
meets it: layers over three neighbouring tokens and layers of attention, which are those of the token reader.
"""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.conversation.follow_up_model import FollowUpKind
from bot.relevance.tokens import FORMS, Batch, Window, make_batch, tokenise_text
from eval.training.reader.token_file import store_half_precision
from eval.training.reader.token_model import AttentionLayer, NeighbourLayer

WIDTH = 64
# Rows that stand for runs of letters, numbers of each, and of a part of speech; of a head's hidden layer; of a vector.
_RUNS, _LETTERS, _PARTS, _HIDDEN, _VECTOR, _MET = 4096, 24, 12, 64, 256, 4
# Tokens of a text that is long.
_LONG = 10
# What the axes of each table count: any number of distinct tokens, samples, tokens of the text and of what is before.
_OUTPUTS = {"kinds": {0: "b"}, "of_before": {0: "b", 1: "t"}, "of_text": {0: "b", 1: "q"}}
_AXES = {
    **{name: {0: "k"} for name in ("vectors", "runs", "parts", "forms")},
    "asked": {0: "b", 1: "q"},
    "told": {0: "b", 1: "t"},
    "exact": {0: "b", 1: "t", 2: "q"},
    **_OUTPUTS,
}


class FollowUpInputs(NamedTuple):
    """What of a `Batch` the net looks at, as tensors: `asked` is the text, `told` the question before."""

    vectors: Tensor
    runs: Tensor
    parts: Tensor
    forms: Tensor
    asked: Tensor
    told: Tensor
    exact: Tensor


class TrainableFollowUpModel(nn.Module):
    """Logits of the kinds (b, 4), of the tokens before being carried over or replaced (b, t, 2), of the text (b, q)."""

    def __init__(self, parts: int, drop: float) -> None:
        super().__init__()
        self.runs, self.parts = nn.Embedding(_RUNS, _LETTERS), nn.Embedding(parts, _PARTS)
        nn.init.normal_(self.runs.weight, std=0.1)
        self.token, self.met = nn.Linear(_VECTOR + _LETTERS + _PARTS + FORMS, WIDTH), nn.Linear(_MET, WIDTH)
        self.before = nn.Parameter(torch.zeros(WIDTH))
        self.layers = nn.ModuleList(
            NeighbourLayer(drop, WIDTH) if n % 2 == 0 else AttentionLayer(drop, WIDTH) for n in range(4)
        )
        self.norm, self.drop = nn.LayerNorm(WIDTH), nn.Dropout(drop)
        self.weight = nn.Linear(WIDTH, 1)
        self.kind, self.kind_out = nn.Linear(4 * WIDTH, _HIDDEN), nn.Linear(_HIDDEN, len(FollowUpKind))
        self.of_before, self.of_text = nn.Linear(WIDTH, 2), nn.Linear(WIDTH, 1)

    def forward(self, *given: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits; `given` are the tensors of a `Given`."""
        g = FollowUpInputs(*given)
        is_asked, is_told = g.asked > 0, g.told > 0
        letters = (self.runs(g.runs % _RUNS) * (g.runs > 0)[:, :, None]).sum(1)
        each = self.drop(self.token(torch.cat([g.vectors, letters, self.parts(g.parts), g.forms], 1)))
        cosine = g.vectors[g.told] @ g.vectors[g.asked].transpose(1, 2)
        weight = g.forms[:, 0]
        x = each[g.asked] + self.met(
            _match_features(g.exact.transpose(1, 2), cosine.transpose(1, 2), is_told, weight[g.asked])
        )
        y = each[g.told] + self.met(_match_features(g.exact, cosine, is_asked, weight[g.told])) + self.before
        z, known = torch.cat([x, y], 1), torch.cat([is_asked, is_told], 1)
        for layer in self.layers:
            z = layer(z, known)
        z = self.norm(z)
        x, y = z[:, : g.asked.shape[1]], z[:, g.asked.shape[1] :]
        share = torch.softmax(self.weight(x).masked_fill(~is_asked[:, :, None], -1e4), 1)
        most = x.masked_fill(~is_asked[:, :, None], -1e4).amax(1)
        mean = (y * is_told[:, :, None]).sum(1) / is_told.sum(1, keepdim=True)
        summed = (functional.relu(x) * is_asked[:, :, None]).sum(1) / _LONG
        pooled = torch.cat([(share * x).sum(1), most, summed, mean], 1)
        h = functional.gelu(self.kind(self.drop(pooled)), approximate="tanh")
        return self.kind_out(h), self.of_before(y), self.of_text(x)[:, :, 0]


def _match_features(exact: Tensor, cosine: Tensor, others: Tensor, weight: Tensor) -> Tensor:
    """Return how each token of one side is met by the `others`, (b, length, 4)."""
    same, near = exact.amax(2), cosine.masked_fill(~others[:, None, :], -1).amax(2)
    return torch.stack([same, near, same * weight, near * weight], 2)


def make_followup_inputs(batch: Batch) -> FollowUpInputs:
    """Return a batch as the net takes it."""
    return FollowUpInputs(*(torch.from_numpy(getattr(batch, name)) for name in FollowUpInputs._fields))


def export_followup_model(state: dict[str, Tensor], parts: Mapping[tuple[str, ...], int]) -> bytes:
    """Return the bytes of the file that `bot.conversation.follow_up_model` opens; weights are in half precision."""
    import onnx  # noqa: PLC0415 -- only where a net is written

    net = TrainableFollowUpModel(len(parts), 0.0)
    net.load_state_dict(state)
    read = make_batch(
        [(tokenise_text("大人だといくら?"), Window((), (tokenise_text("市民プールの料金は?"),), (0,)))], dict(parts)
    )
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter tells that there is another one, which wants two packages more
        torch.onnx.export(
            net.eval(),
            tuple(make_followup_inputs(read)),
            file := Path(folder) / "net.onnx",
            input_names=list(FollowUpInputs._fields),
            output_names=list(_OUTPUTS),
            dynamic_axes=_AXES,
            opset_version=20,
            do_constant_folding=False,  # weights keep their names, and are found by them
            dynamo=False,
        )
        model = onnx.load_model(file)
    store_half_precision(model.graph)
    model.metadata_props.add(key="parts", value=json.dumps(list(parts), ensure_ascii=False))
    data: bytes = model.SerializeToString()
    return data
