"""The training loop, the losses and the export of a model; targets that are nan are ignored."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from eval.storage.progress import with_progress_bar

if TYPE_CHECKING:
    from onnx import GraphProto

_OPSET = 20
# Lowest share of the learning rate.
_MIN_RATE_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class TrainingSchedule:
    """Batch size, number of steps and settings of AdamW; the rate rises over `warmup_steps`, then falls linearly."""

    batch_size: int
    steps: int
    learning_rate: float
    warmup_steps: int
    weight_decay: float
    max_norm: float = 1.0


def start_training(seed: int) -> np.random.Generator:
    """Seed PyTorch, and return the generator of the training's random choices."""
    torch.manual_seed(seed)
    # The moments of rarely drawn rows decay to denormal numbers, which triple the training time.
    torch.set_flush_denormal(True)
    return np.random.default_rng(seed)


def train_model(model: nn.Module, loss_of_batch: Callable[[], Tensor], schedule: TrainingSchedule, doing: str) -> None:
    """Train `model` in place: each step draws a batch and follows the gradient of its loss."""
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay, betas=(0.9, 0.98)
    )
    warmup, steps = schedule.warmup_steps, schedule.steps
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / warmup) * max(_MIN_RATE_SHARE, 1 - step / steps)
    )
    for _ in with_progress_bar(range(steps), doing):
        optimiser.zero_grad()
        loss_of_batch().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), schedule.max_norm)
        optimiser.step()
        rate.step()


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


def pairwise_loss(scores: Tensor, pairs: Sequence[tuple[int, int]]) -> Tensor:
    """Return RankNet's loss (Burges et al. 2005) over pairs of places, of which the first must score higher."""
    if not pairs:
        return scores.sum() * 0
    return torch.stack([functional.softplus(scores[less] - scores[more]) for more, less in pairs]).mean()


def fit_logistic(features: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.float64]:
    """Return the weights of a logistic regression, the intercept last, for `features` (n, m)."""
    from scipy.optimize import minimize  # noqa: PLC0415 -- costs half a second

    known = ~np.isnan(targets)
    x = features[known].astype(np.float64)
    y = targets[known].astype(np.float64)

    def loss(w: NDArray[np.float64]) -> float:
        z = x @ w[:-1] + w[-1]
        return float((np.logaddexp(0, z) - y * z).mean())

    fitted: NDArray[np.float64] = minimize(loss, np.eye(features.shape[1] + 1)[0]).x
    return fitted


def export_onnx(
    model: nn.Module,
    example: Sequence[Tensor],
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    axes: Mapping[str, Mapping[int, str]],
) -> bytes:
    """Return the ONNX file of a model: stored in half and computed in single precision.

    `example` is a batch for tracing, `axes` the dynamic axes.
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
            do_constant_folding=False,  # each weight stays one initialiser, stored in half precision
            dynamo=False,
        )
        exported = onnx.load_model(file)
    _drop_branches(exported.graph)
    _store_half_precision(exported.graph)
    data: bytes = exported.SerializeToString()
    return data


def _drop_branches(graph: "GraphProto") -> None:
    # The exporter asks at each `scatter` whether its index is a single number, which takes a fifth of the model's time.
    sources: dict[str, str] = {}
    for node in [node for node in graph.node if node.op_type == "If"]:
        branch = next(attribute.g for attribute in node.attribute if attribute.name == "else_branch")
        copied = {copy.output[0]: copy.input[0] for copy in branch.node}
        sources |= {name: copied[value.name] for name, value in zip(node.output, branch.output, strict=True)}
        graph.node.remove(node)
    for node in graph.node:
        for i, name in enumerate(node.input):
            while name in sources:
                name = sources[name]  # noqa: PLW2901 -- one branch may copy the output of another
            node.input[i] = name


def _store_half_precision(graph: "GraphProto") -> None:
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    for weight in graph.initializer:
        if weight.data_type != TensorProto.FLOAT:
            continue
        name = weight.name
        half = f"{name}.half"
        weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), half))
        graph.node.insert(0, helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT))
