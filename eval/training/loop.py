"""The training loop and the export that all models share, and the losses; targets that are nan are ignored."""

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from eval.storage.progress import with_progress_bar

if TYPE_CHECKING:
    from onnx import GraphProto

_OPSET = 20
HALF = ".half"
"""The ending of a weight's name in half precision."""
# Lowest share of the learning rate.
_MIN_RATE_SHARE = 0.02


def start_training(seed: int) -> np.random.Generator:
    """Seed PyTorch, and return the generator of the training's random choices."""
    torch.manual_seed(seed)
    # The moments of rarely drawn rows decay to denormal numbers, which triple the training time.
    torch.set_flush_denormal(True)
    return np.random.default_rng(seed)


def train_model(
    model: nn.Module,
    loss_of_batch: Callable[[], Tensor | None],
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    steps: int,
    *,
    max_norm: float,
    doing: str,
    after_step: Callable[[int], None] = lambda _step: None,
) -> None:
    """Train `model` in place: each step draws a batch and follows the gradient of its loss, None for an empty batch."""
    for step in with_progress_bar(range(steps), doing):
        loss = loss_of_batch()
        if loss is not None:
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
            optimiser.step()
        schedule.step()
        after_step(step)


def adamw_with_warm_up(
    model: nn.Module, learning_rate: float, steps: int, *, warmup_steps: int, weight_decay: float
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return AdamW with a learning rate that rises over `warmup_steps`, then falls linearly."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=weight_decay, betas=(0.9, 0.98))
    share = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / warmup_steps) * max(_MIN_RATE_SHARE, 1 - step / steps)
    )
    return optimiser, share


def binary_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the binary cross entropy over known targets, 0 without any."""
    is_known = ~torch.isnan(targets)
    if not is_known.any():
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits[is_known], targets[is_known])


def listwise_loss(logits: Tensor, targets: Tensor, owners: Tensor, count: int) -> Tensor:
    """Return ListNet's loss (Cao et al. 2007) over `count` questions; `owners` has the question of each row."""
    is_known = ~torch.isnan(targets)
    grades = torch.where(is_known, targets, 0.0)
    scores = torch.where(is_known, logits, -30.0)
    highest = torch.full((count,), -40.0).scatter_reduce(0, owners, scores, "amax")
    total = torch.zeros(count).index_add(0, owners, torch.exp(scores - highest[owners]))
    losses = torch.zeros(count).index_add(0, owners, grades * (highest[owners] + torch.log(total)[owners] - scores))
    sums = torch.zeros(count).index_add(0, owners, grades)
    return (losses / sums.clamp_min(1e-6))[sums > 0].sum() / count


def export_onnx(
    model: nn.Module,
    example: Sequence[Tensor],
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    axes: Mapping[str, Mapping[int, str]],
    metadata: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the ONNX file of a model: stored in half and computed in single precision.

    `example` is a batch for tracing, `axes` the dynamic axes; `metadata` are texts, or values stored as JSON.
    """
    import onnx  # noqa: PLC0415 -- only exporting needs it

    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter recommends a newer one, which needs two more packages
        torch.onnx.export(
            model.eval(),
            tuple(example),
            file := Path(folder) / "model.onnx",
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: dict(of) for name, of in axes.items()},
            opset_version=_OPSET,
            do_constant_folding=False,  # the weights are looked up by name
            dynamo=False,
        )
        exported = onnx.load_model(file)
    _store_half_precision(exported.graph)
    for name, value in (metadata or {}).items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        exported.metadata_props.add(key=name, value=text)
    data: bytes = exported.SerializeToString()
    return data


def _store_half_precision(graph: "GraphProto") -> None:
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT:
            continue
        name = weight.name
        half = f"{name}{HALF}"
        weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), half))
        graph.node.insert(0, helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT))
