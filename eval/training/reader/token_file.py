"""Exports a trained token model as an ONNX file with its metadata, and loads it for further training.

The metadata are the combination weights of its logits, its parts of speech, and the encoder directions that it uses.
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

from bot.relevance.token_context import RAW_FEATURES, TokenContext
from bot.relevance.token_model import Parts
from bot.relevance.tokens import MAX_QUESTION_TOKENS, MAX_WINDOW_TOKENS, make_windows, tokenise_text
from eval.training.reader.trainable_token_model import (
    WIDTH,
    TokenInputs,
    TokenLogits,
    TrainableTokenModel,
    make_token_inputs,
)

if TYPE_CHECKING:
    from onnx import GraphProto

State = dict[str, Tensor]
Joined = Mapping[str, Sequence[float]]
# Dynamic axes of each table: distinct tokens (k), windows (b), units (n), tokens of question (q) and text (t).
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
# Weights stored outside the graph: token features are projected by them once and cached.
_DIRECTIONS = ("meaning.weight", "nearness.weight")
# Name suffix of a weight in half precision.
_HALF = ".half"


@dataclass(frozen=True, slots=True)
class TrainedTokenReader:
    """The weights of a `TrainableTokenModel`, its parts of speech by number, and the source of contextual features."""

    state: State
    parts: Parts
    context: TokenContext


class _ServedModel(nn.Module):
    """The model without its training outputs, for inputs with projected features."""

    def __init__(self, net: TrainableTokenModel) -> None:
        super().__init__()
        self.net = net

    def forward(self, *tables: Tensor) -> tuple[Tensor, Tensor]:
        read: TokenLogits = self.net.read(TokenInputs(*tables))
        return read.units, read.windows


def export_token_reader(trained: TrainedTokenReader, joined: Joined) -> bytes:
    """Return the bytes of the ONNX file; weights are stored in half precision and computed in single precision."""
    import onnx  # noqa: PLC0415 -- only exporting needs it

    net = TrainableTokenModel(len(trained.parts), 0.0)
    net.load_state_dict(trained.state)
    directions = np.concatenate([trained.state[name].numpy() for name in _DIRECTIONS])
    context = trained.context.encode_directions(directions)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter recommends a newer one, which needs two more packages
        torch.onnx.export(
            _ServedModel(net.eval()),
            tuple(_trace_inputs(trained.parts, TokenContext.decode(context))),
            file := Path(folder) / "net.onnx",
            input_names=list(TokenInputs._fields),
            output_names=["of_units", "of_windows"],
            dynamic_axes=_AXES,
            opset_version=_OPSET,
            do_constant_folding=False,  # weights must keep their names for `load_token_reader`
            dynamo=False,
        )
        model = onnx.load_model(file)
    store_half_precision(model.graph)
    metadata = {"parts": list(trained.parts), "joined": {name: list(map(float, by)) for name, by in joined.items()}}
    for name, value in metadata.items():
        model.metadata_props.add(key=name, value=json.dumps(value, ensure_ascii=False))
    model.metadata_props.add(key="context", value=context)
    data: bytes = model.SerializeToString()
    return data


def _trace_inputs(parts: Parts, context: TokenContext) -> TokenInputs:
    texts = ["市の計画です。", "期間は四年です。" * (MAX_WINDOW_TOKENS // MAX_QUESTION_TOKENS)]
    question = tokenise_text("期間は何年ですか")
    return make_token_inputs(
        [(question, window) for text in texts for window in make_windows((text,), [text])], parts, context
    )


def store_half_precision(graph: "GraphProto") -> None:
    """Store the weights in half precision, each with a cast to single precision."""
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT:
            continue
        name = weight.name
        half = f"{weight.name}{_HALF}"
        weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), half))
        graph.node.insert(0, helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT))


def load_token_reader(path: Path) -> tuple[TrainedTokenReader, Joined]:
    """Return the model in a file, for further training, and the combination weights of its logits."""
    import onnx  # noqa: PLC0415
    from onnx import numpy_helper  # noqa: PLC0415

    model = onnx.load_model(path)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    weights = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer if w.name.endswith(_HALF)}
    table = TokenContext.decode(metadata["context"]).table.astype(np.float32)
    directions = dict(zip(_DIRECTIONS, np.split(table[2:], [WIDTH]), strict=True))
    state = {
        name.removeprefix("net.").removesuffix(_HALF): torch.from_numpy(value.astype(np.float32))
        for name, value in (*weights.items(), *directions.items())
    }
    parts = {tuple(part): number for number, part in enumerate(json.loads(metadata["parts"]))}
    context = TokenContext(np.concatenate([table[:2], np.eye(RAW_FEATURES, dtype=np.float32)]), maxsize)
    return TrainedTokenReader(state, parts, context), json.loads(metadata["joined"])
