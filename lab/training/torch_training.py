"""What the models in PyTorch share: the training loop, losses, layers over tokens, and the export to ONNX.

Targets that are nan are unknown and take no part in a loss.
"""

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional

from eval.errors import EvalError
from lab.benchmarks.search import with_progress_bar

_OPSET = 20
# Lowest share of the learning rate.
_MIN_RATE_SHARE = 0.02
# Heads of an attention layer.
_HEADS = 4


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
    """Seed PyTorch, and return the generator of the training's other random choices."""
    if not find_spec("onnx"):
        raise EvalError("onnx が入っていません。`make setup-dev` で入れてから、もう一度実行してください。")
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # small matrices: threads would wait for each other
    # The moments of rarely drawn rows decay to denormal numbers, which triple the training time.
    torch.set_flush_denormal(True)
    return np.random.default_rng(seed)


def train_model(
    model: nn.Module,
    loss_of_batch: Callable[[], Tensor],
    schedule: TrainingSchedule,
    doing: str,
    after_step: Callable[[int], None] = lambda _step: None,
) -> None:
    """Train `model` in place: each step draws a batch and follows the gradient of its loss."""
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay, betas=(0.9, 0.98)
    )
    warmup, steps = schedule.warmup_steps, schedule.steps
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / warmup) * max(_MIN_RATE_SHARE, 1 - step / steps)
    )
    for step in with_progress_bar(range(steps), doing):
        optimiser.zero_grad()
        loss_of_batch().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), schedule.max_norm)
        optimiser.step()
        rate.step()
        after_step(step)


def binary_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean binary cross entropy over known targets, 0 without any."""
    is_known = ~torch.isnan(targets)
    if not is_known.any():
        return logits.sum() * 0
    return functional.binary_cross_entropy_with_logits(logits[is_known], targets[is_known])


def listwise_loss(logits: Sequence[Tensor], targets: Sequence[Tensor]) -> Tensor:
    """Return the mean of ListNet's loss (Cao et al. 2007) over the questions, each with its candidates."""
    losses = []
    for scores, grades in zip(logits, targets, strict=True):
        is_known = ~torch.isnan(grades)
        total = grades[is_known].sum()
        if total > 0:
            losses.append(-(grades[is_known] / total) @ functional.log_softmax(scores[is_known], 0))
    return torch.stack(losses).sum() / len(logits) if losses else logits[0].sum() * 0


def pairwise_loss(scores: Tensor, pairs: Sequence[tuple[int, int]]) -> Tensor:
    """Return RankNet's loss (Burges et al. 2005) over pairs of places, of which the first must score higher."""
    if not pairs:
        return scores.sum() * 0
    return torch.stack([functional.softplus(scores[less] - scores[more]) for more, less in pairs]).mean()


def fit_logistic(features: NDArray[Any], targets: NDArray[Any], weights: NDArray[Any]) -> list[float]:
    """Return the weights of a logistic regression for `features` (n, m) and targets in 0-1, the intercept last."""
    known = ~np.isnan(targets)
    x, y, share = features[known], targets[known], weights[known] / weights[known].mean()
    labels = np.repeat([1, 0], len(y))
    fitted = LogisticRegression(C=1e6).fit(np.tile(x, (2, 1)), labels, np.concatenate([share * y, share * (1 - y)]))
    return [*map(float, fitted.coef_[0]), float(fitted.intercept_[0])]


class NeighbourLayer(nn.Module):
    """A residual layer over each token and its two neighbours."""

    def __init__(self, drop: float, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.layer = nn.Linear(3 * width, width)
        self.drop = nn.Dropout(drop)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """Return the updated tokens (b, length, width); `known` (b, length) masks padding."""
        y = self.norm(x) * known[:, :, None]
        padding = torch.zeros_like(y[:, :1])
        neighbours = torch.cat([torch.cat([padding, y[:, :-1]], 1), y, torch.cat([y[:, 1:], padding], 1)], 2)
        added: Tensor = self.drop(gelu(self.layer(neighbours)))
        return x + added


class AttentionLayer(nn.Module):
    """A residual self-attention layer."""

    def __init__(self, drop: float, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(drop)
        self.seen = nn.Linear(width, 3 * width)
        self.layer = nn.Linear(width, width)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """Return the updated tokens (b, length, width); `known` (b, length) masks padding."""
        b, length, width = x.shape
        projected = self.seen(self.norm(x)).reshape(b, length, 3, _HEADS, width // _HEADS).permute(2, 0, 3, 1, 4)
        query, key, value = projected.unbind(0)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=known[:, None, None, :])
        added: Tensor = self.drop(self.layer(attended.transpose(1, 2).reshape(b, length, width)))
        return x + added


def gelu(x: Tensor) -> Tensor:
    """Return GELU in the approximation that the exported models use."""
    return functional.gelu(x, approximate="tanh")


def export_onnx(
    model: nn.Module, example: Mapping[str, Tensor], axes: Mapping[str, Sequence[str]], metadata: Mapping[str, Any]
) -> bytes:
    """Return the ONNX file of a model, stored in half and computed in single precision.

    `example` are the inputs for tracing. `axes` names the first dynamic axes of inputs, then of outputs, in order;
    `metadata` are texts, or values stored as JSON.
    """
    import onnx  # noqa: PLC0415 -- only who trains has it
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    buffer = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter recommends a newer one, which needs two more packages
        torch.onnx.export(
            model.eval(),
            tuple(example.values()),
            buffer,  # type: ignore[arg-type]
            input_names=list(example),
            output_names=[name for name in axes if name not in example],
            dynamic_axes={name: dict(enumerate(names)) for name, names in axes.items()},
            opset_version=_OPSET,
            do_constant_folding=False,  # each weight stays one initialiser, stored in half precision
            dynamo=False,
        )
    exported = onnx.load_model_from_string(buffer.getvalue())
    for weight in exported.graph.initializer:
        if weight.data_type == TensorProto.FLOAT:
            name, half = weight.name, f"{weight.name}.half"
            weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), half))
            exported.graph.node.insert(0, helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT))
    texts = {
        n: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for n, value in metadata.items()
    }
    helper.set_model_props(exported, texts)
    data: bytes = exported.SerializeToString()
    return data
