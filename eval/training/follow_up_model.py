"""The follow-up model in PyTorch for training and export; `bot` runs it with onnxruntime.

The typed text (`asked`) and the previous question (`told`) form one token sequence, each token with its own features
and those of its best match on the other side. The layers over neighbouring tokens and attention are the token reader's.
Names of inputs and layers are part of the model file.
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.question.follow_up_model import FollowUpKind
from bot.token_batches import FORM_FEATURES, Batch, Window, make_batch, tokenise_text
from eval.training.loop import export_onnx
from eval.training.token_model import AttentionLayer, NeighbourLayer

WIDTH = 64
# Rows and dimension of the letter embedding, and the dimension of that of parts of speech.
_LETTER_ROWS = 4096
_LETTER_DIMENSION = 24
_PART_DIMENSION = 12
# Width of the hidden layer, dimension of a word vector, and number of match features.
_HIDDEN_WIDTH = 64
_VECTOR_DIMENSION = 256
_MATCH_FEATURES = 4
# Scale of the summed features: the tokens of a long text.
_SUM_SCALE = 10
# Dynamic axes: distinct tokens (k), samples (b), tokens of the text (q) and of the previous question (t).
_OUTPUTS = {"kinds": {0: "b"}, "of_before": {0: "b", 1: "t"}, "of_text": {0: "b", 1: "q"}}
_AXES = {
    **{name: {0: "k"} for name in ("vectors", "runs", "parts", "forms")},
    "asked": {0: "b", 1: "q"},
    "told": {0: "b", 1: "t"},
    "exact": {0: "b", 1: "t", 2: "q"},
    **_OUTPUTS,
}


class FollowUpInputs(NamedTuple):
    """The model inputs of a `Batch` as tensors: `asked` is the text, `told` the previous question."""

    vectors: Tensor
    runs: Tensor
    parts: Tensor
    forms: Tensor
    asked: Tensor
    told: Tensor
    exact: Tensor


class TrainableFollowUpModel(nn.Module):
    """Logits: kinds (b, 4), carried and replaced previous tokens (b, t, 2), replacement tokens (b, q)."""

    def __init__(self, parts: int, drop: float) -> None:
        super().__init__()
        self.runs = nn.Embedding(_LETTER_ROWS, _LETTER_DIMENSION)
        self.parts = nn.Embedding(parts, _PART_DIMENSION)
        nn.init.normal_(self.runs.weight, std=0.1)
        self.token = nn.Linear(_VECTOR_DIMENSION + _LETTER_DIMENSION + _PART_DIMENSION + FORM_FEATURES, WIDTH)
        self.met = nn.Linear(_MATCH_FEATURES, WIDTH)
        self.before = nn.Parameter(torch.zeros(WIDTH))
        self.layers = nn.ModuleList(
            NeighbourLayer(drop, WIDTH) if n % 2 == 0 else AttentionLayer(drop, WIDTH) for n in range(4)
        )
        self.norm = nn.LayerNorm(WIDTH)
        self.drop = nn.Dropout(drop)
        self.weight = nn.Linear(WIDTH, 1)
        self.kind = nn.Linear(4 * WIDTH, _HIDDEN_WIDTH)
        self.kind_out = nn.Linear(_HIDDEN_WIDTH, len(FollowUpKind))
        self.of_before = nn.Linear(WIDTH, 2)
        self.of_text = nn.Linear(WIDTH, 1)

    def forward(self, *tensors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits; `tensors` are the fields of a `FollowUpInputs`."""
        inputs = FollowUpInputs(*tensors)
        text_mask = inputs.asked > 0
        previous_mask = inputs.told > 0
        letters = (self.runs(inputs.runs % _LETTER_ROWS) * (inputs.runs > 0)[:, :, None]).sum(1)
        tokens = self.drop(self.token(torch.cat([inputs.vectors, letters, self.parts(inputs.parts), inputs.forms], 1)))
        cosine = inputs.vectors[inputs.told] @ inputs.vectors[inputs.asked].transpose(1, 2)
        weight = inputs.forms[:, 0]
        text = tokens[inputs.asked] + self.met(
            _match_features(inputs.exact.transpose(1, 2), cosine.transpose(1, 2), previous_mask, weight[inputs.asked])
        )
        previous = (
            tokens[inputs.told]
            + self.met(_match_features(inputs.exact, cosine, text_mask, weight[inputs.told]))
            + self.before
        )
        both = torch.cat([text, previous], 1)
        is_token = torch.cat([text_mask, previous_mask], 1)
        for layer in self.layers:
            both = layer(both, is_token)
        both = self.norm(both)
        text = both[:, : inputs.asked.shape[1]]
        previous = both[:, inputs.asked.shape[1] :]
        share = torch.softmax(self.weight(text).masked_fill(~text_mask[:, :, None], -1e4), 1)
        highest = text.masked_fill(~text_mask[:, :, None], -1e4).amax(1)
        mean = (previous * previous_mask[:, :, None]).sum(1) / previous_mask.sum(1, keepdim=True)
        summed = (functional.relu(text) * text_mask[:, :, None]).sum(1) / _SUM_SCALE
        pooled = torch.cat([(share * text).sum(1), highest, summed, mean], 1)
        hidden = functional.gelu(self.kind(self.drop(pooled)), approximate="tanh")
        return self.kind_out(hidden), self.of_before(previous), self.of_text(text)[:, :, 0]


def _match_features(exact: Tensor, cosine: Tensor, others: Tensor, weight: Tensor) -> Tensor:
    same = exact.amax(2)
    near = cosine.masked_fill(~others[:, None, :], -1).amax(2)
    return torch.stack([same, near, same * weight, near * weight], 2)


def make_followup_inputs(batch: Batch) -> FollowUpInputs:
    """Return the model inputs of a batch."""
    return FollowUpInputs(*(torch.from_numpy(getattr(batch, name)) for name in FollowUpInputs._fields))


def export_followup_model(state: dict[str, Tensor], parts: Mapping[tuple[str, ...], int]) -> bytes:
    """Return the file that `bot.question.follow_up_model` opens."""
    net = TrainableFollowUpModel(len(parts), 0.0)
    net.load_state_dict(state)
    read = make_batch(
        [(tokenise_text("大人だといくら?"), Window((), (tokenise_text("市民プールの料金は?"),), (0,)))], dict(parts)
    )
    example = make_followup_inputs(read)
    return export_onnx(
        net, example, FollowUpInputs._fields, list(_OUTPUTS), axes=_AXES, metadata={"parts": list(parts)}
    )
