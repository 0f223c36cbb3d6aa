"""Exports a trained token model as an ONNX file with its metadata, and loads it again.

How its logits are joined, the parts of speech that it knows, and the directions of the encoder that it looks at.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import maxsize
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from bot.relevance.token_context import RAW, TokenContext
from bot.relevance.token_model import Parts
from bot.relevance.tokens import QUESTION, WINDOW, make_windows, tokenise_text
from eval.training.reader.token_model import WIDTH, TokenInputs, TokenLogits, TrainableTokenModel, make_token_inputs

if TYPE_CHECKING:
    from onnx import GraphProto

State = dict[str, Tensor]
Joined = Mapping[str, Sequence[float]]
# What the axes of each table count: any number of distinct tokens, windows, units, tokens asked and told.
_AXES = {
    **{name: {0: "k"} for name in ("vectors", "runs", "parts", "forms")},
    "asked": {0: "b", 1: "q"},
    **{name: {0: "b", 1: "t"} for name in ("told", "segments", "units")},
    "exact": {0: "b", 1: "t", 2: "q"},
    "places": {0: "n"},
    "asked_context": {0: "b", 1: "q"},
    "told_context": {0: "b", 1: "t"},
    "of_units": {0: "b", 1: "n"},
    "of_windows": {0: "b"},
}
_OPSET = 20
# The weights that stand beside the net: tokens' features are brought to them before they are remembered.
_DIRECTIONS = ("meaning.weight", "nearness.weight")
# What a weight in half precision is called.
_HALF = ".half"


@dataclass(frozen=True, slots=True)
class TrainedTokenReader:
    """The weights of a `TokenReaderNet`, the parts of speech that it knows by number, what gives tokens' features."""

    state: State
    parts: Parts
    context: TokenContext


class _ServedModel(nn.Module):
    """The net without what only training looks at, given the directions that it looks at alone."""

    def __init__(self, net: TrainableTokenModel) -> None:
        super().__init__()
        self.net = net

    def forward(self, *tables: Tensor) -> tuple[Tensor, Tensor]:
        read: TokenLogits = self.net.read(TokenInputs(*tables))
        return read.units, read.windows


def export_token_reader(trained: TrainedTokenReader, joined: Joined) -> bytes:
    """Return the file's bytes; weights are in half precision, and computed with in single."""
    import onnx  # noqa: PLC0415 -- only where a net is written

    net = TrainableTokenModel(len(trained.parts), 0.0)
    net.load_state_dict(trained.state)
    directions = np.concatenate([trained.state[name].numpy() for name in _DIRECTIONS])
    context = trained.context.encode_directions(directions)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter tells that there is another one, which wants two packages more
        torch.onnx.export(
            _ServedModel(net.eval()),
            tuple(_trace_inputs(trained.parts, TokenContext.read(context))),
            file := Path(folder) / "net.onnx",
            input_names=list(TokenInputs._fields),
            output_names=["of_units", "of_windows"],
            dynamic_axes=_AXES,
            opset_version=_OPSET,
            do_constant_folding=False,  # weights keep their names, and are found again
            dynamo=False,
        )
        model = onnx.load_model(file)
    store_half_precision(model.graph)
    told = {"parts": list(trained.parts), "joined": {name: list(map(float, by)) for name, by in joined.items()}}
    for name, value in told.items():
        model.metadata_props.add(key=name, value=json.dumps(value, ensure_ascii=False))
    model.metadata_props.add(key="context", value=context)
    data: bytes = model.SerializeToString()
    return data


def _trace_inputs(parts: Parts, context: TokenContext) -> TokenInputs:
    """Return a batch of two windows, by which the net is traced."""
    texts = ["市の計画です。", "期間は四年です。" * (WINDOW // QUESTION)]
    asked = tokenise_text("期間は何年ですか")
    return make_token_inputs(
        [(asked, window) for text in texts for window in make_windows((text,), [text])], parts, context
    )


def store_half_precision(graph: "GraphProto") -> None:
    """Keep the weights in half precision, each made single again where it is used."""
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT:
            continue
        name, kept = weight.name, f"{weight.name}{_HALF}"
        weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), kept))
        graph.node.insert(0, helper.make_node("Cast", [kept], [name], to=TensorProto.FLOAT))


def load_token_reader(path: Path) -> tuple[TrainedTokenReader, Joined]:
    """Return what a file holds, to go on from, and how its logits are joined."""
    import onnx  # noqa: PLC0415
    from onnx import numpy_helper  # noqa: PLC0415

    model = onnx.load_model(path)
    told = {one.key: one.value for one in model.metadata_props}
    kept = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer if w.name.endswith(_HALF)}
    table = TokenContext.read(told["context"]).table.astype(np.float32)
    directions = dict(zip(_DIRECTIONS, np.split(table[2:], [WIDTH]), strict=True))
    state = {
        name.removeprefix("net.").removesuffix(_HALF): torch.from_numpy(value.astype(np.float32))
        for name, value in (*kept.items(), *directions.items())
    }
    parts = {tuple(part): number for number, part in enumerate(json.loads(told["parts"]))}
    context = TokenContext(np.concatenate([table[:2], np.eye(RAW, dtype=np.float32)]), maxsize)
    return TrainedTokenReader(state, parts, context), json.loads(told["joined"])
