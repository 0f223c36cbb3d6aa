"""The file of a token reader: its net for onnxruntime, how its logits are joined, the parts of speech that it knows."""

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from bot.reader.tokens import QUESTION, WINDOW, batch, tokens, windows
from eval.reader.token_net import Given, TokenReaderNet, given

if TYPE_CHECKING:
    from onnx import GraphProto

State = dict[str, Tensor]
Parts = Mapping[tuple[str, ...], int]
# What the axes of each table count: any number of distinct tokens, windows, units, tokens asked and told.
_AXES = {
    **{name: {0: "k"} for name in ("vectors", "runs", "parts", "forms")},
    "asked": {0: "b", 1: "q"},
    **{name: {0: "b", 1: "t"} for name in ("told", "segments", "units")},
    "exact": {0: "b", 1: "t", 2: "q"},
    "places": {0: "n"},
    "of_units": {0: "b", 1: "n"},
    "of_windows": {0: "b"},
}
_OPSET = 20
# What a weight in half precision is called.
_HALF = ".half"


class _Served(nn.Module):
    """The net without what only training looks at."""

    def __init__(self, net: TokenReaderNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, *tables: Tensor) -> tuple[Tensor, Tensor]:
        read = self.net(*tables)
        return read.units, read.windows


def written(state: State, parts: Parts, joined: Mapping[str, Sequence[float]]) -> bytes:
    """Return the file's bytes; weights are in half precision, and computed with in single."""
    import onnx  # noqa: PLC0415 -- only where a net is written

    net = TokenReaderNet(len(parts), 0.0)
    net.load_state_dict(state)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter tells that there is another one, which wants two packages more
        torch.onnx.export(
            _Served(net.eval()),
            tuple(_sample(parts)),
            file := Path(folder) / "net.onnx",
            input_names=list(Given._fields),
            output_names=["of_units", "of_windows"],
            dynamic_axes=_AXES,
            opset_version=_OPSET,
            do_constant_folding=False,  # weights keep their names, and are found again
            dynamo=False,
        )
        model = onnx.load_model(file)
    halved(model.graph)
    told = {"parts": list(parts), "joined": {name: list(map(float, by)) for name, by in joined.items()}}
    for name, value in told.items():
        model.metadata_props.add(key=name, value=json.dumps(value, ensure_ascii=False))
    data: bytes = model.SerializeToString()
    return data


def _sample(parts: Parts) -> Given:
    """Return a batch of two windows, by which the net is traced."""
    texts = ["市の計画です。", "期間は四年です。" * (WINDOW // QUESTION)]
    return given(
        batch(
            [(tokens("期間は何年ですか"), window) for text in texts for window in windows((text,), [text])], dict(parts)
        )
    )


def halved(graph: "GraphProto") -> None:
    """Keep the weights in half precision, each made single again where it is used."""
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT:
            continue
        name, kept = weight.name, f"{weight.name}{_HALF}"
        weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), kept))
        graph.node.insert(0, helper.make_node("Cast", [kept], [name], to=TensorProto.FLOAT))


def state_of(path: Path) -> tuple[State, dict[tuple[str, ...], int], dict[str, list[float]]]:
    """Return of a file the weights, to go on from, the parts of speech that it knows, and how its logits are joined."""
    import onnx  # noqa: PLC0415
    from onnx import numpy_helper  # noqa: PLC0415

    model = onnx.load_model(path)
    told = {one.key: one.value for one in model.metadata_props}
    kept = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer if w.name.endswith(_HALF)}
    state = {
        name.removeprefix("net.").removesuffix(_HALF): torch.from_numpy(value.astype(np.float32))
        for name, value in kept.items()
    }
    parts = {tuple(part): number for number, part in enumerate(json.loads(told["parts"]))}
    return state, parts, json.loads(told["joined"])
