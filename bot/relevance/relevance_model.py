"""The evidence-based relevance model (ONNX): an ensemble with calibrated probabilities.

`eval.training.relevance_model` defines its layers, trains it and exports it.
"""

from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.relevance.evidence import PASSAGE_FEATURES, UNIT_FEATURES, Evidence
from bot.token_batches import open_session

Array = NDArray[np.float32]

SHIPPED = Path(__file__).with_name("reader.onnx")
INPUTS = ("passages", "units", "owners", "terms", "matches", "headings", "runs")
"""The fields of `Evidence` that the model reads."""
OUTPUTS = ("of_units", "of_passages", "of_whole")


class RelevanceModel:
    """An open model, safe to share between threads; raises ValueError or an onnxruntime error for another file."""

    def __init__(self, model: bytes) -> None:
        self._session = open_session(model)
        shapes = {node.name: node.shape for node in self._session.get_inputs()}
        if shapes.keys() != set(INPUTS):
            raise ValueError(f"model has inputs {sorted(shapes)}, expected {sorted(INPUTS)}")
        expected = len(PASSAGE_FEATURES), len(UNIT_FEATURES)
        if (widths := (shapes["passages"][1], shapes["units"][1])) != expected:
            raise ValueError(f"model has {widths} features, expected {expected}")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a model file; raises OSError too."""
        return cls(path.read_bytes())

    def __call__(self, evidence: Evidence) -> tuple[Array, Array, float]:
        """Return the probabilities (0-1) that each unit (u,), each passage (p,), and any passage answers."""
        inputs = {name: getattr(evidence, name) for name in INPUTS}
        inputs["runs"] = evidence.runs.astype(np.int64)
        units, passages, confidence = self._session.run(list(OUTPUTS), inputs)
        return units, passages, float(confidence[0])


@cache
def shipped_relevance_model() -> RelevanceModel:
    """Return the packaged model, loaded once and shared. Raises as `load`."""
    return RelevanceModel.load(SHIPPED)
