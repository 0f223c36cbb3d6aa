"""Exports trained relevance models as one ONNX file, which `bot` runs."""

import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from bot.relevance.evidence import PASSAGE_FEATURES, UNIT_FEATURES, Evidence
from bot.relevance.relevance_model import INPUTS, OUTPUTS
from eval.training.reader.token_file import store_half_precision
from eval.training.reader.trainable_relevance_model import MOST_DEVIATIONS, ExampleBatch, TrainableRelevanceModel

Array = NDArray[np.float32]
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
_OPSET = 20


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
    """Return the ONNX file of the ensemble, stored in half and computed in single precision."""
    import onnx  # noqa: PLC0415 -- only to write a model

    buffer: Any = BytesIO()  # the exporter's type hints allow only paths
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it recommends a newer exporter, which needs two more packages
        torch.onnx.export(
            RelevanceEnsemble(weights),
            _input_tables(_example_evidence(weights)),
            buffer,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes=_AXES,
            opset_version=_OPSET,
            do_constant_folding=False,
            dynamo=False,
        )
    model = onnx.load_model_from_string(buffer.getvalue())
    store_half_precision(model.graph)
    data: bytes = model.SerializeToString()
    return data


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
