"""The token model in PyTorch for training and export; `bot` runs it with onnxruntime.

The inputs are question and text. Each token has its own features, contextual features
(`bot.relevance.token_context`) and features of its best match on the other side. Co-attention combines the two sides
(Seo et al. 2017, "BiDAF", arXiv:1611.01603), followed by layers over three neighbouring tokens and one attention layer
(Yu et al. 2018, "QANet", arXiv:1804.09541). Question tokens without a match in the text are weighted separately.

`asked` and `told` are the question's and the text's tokens. Their names, and those of the layers, are part of the
model file. Its metadata are the combination weights of its logits, its parts of speech, and the encoder directions that
it uses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.relevance.token_context import RAW_FEATURES, TokenContext, Tokens
from bot.relevance.token_model import LOWEST_LOGIT, PADDED_LOGIT, Parts
from bot.token_batches import (
    FORM_FEATURES,
    MAX_QUESTION_TOKENS,
    MAX_WINDOW_TOKENS,
    NGRAM_BUCKETS,
    Segment,
    Window,
    make_batch,
    make_windows,
    tokenise_text,
)
from eval.training.loop import export_onnx

# Width of the layers and of the projection in which words are compared; attention heads.
WIDTH = 96
_COMPARISON_WIDTH = 64
HEADS = 4
# Layers before co-attention, and after it; those see three neighbouring tokens, except the one that attends.
TOKENS_BEFORE = 2
TOKENS_AFTER = 4
ATTENDS = 1
_MASKED_LOGIT = -1e4
# Dimensions of the embeddings of letters and of parts of speech, of a word vector, and of the output heads.
_LETTER_DIMENSION = 48
_PART_DIMENSION = 16
_VECTOR_DIMENSION = 256
_HIDDEN_WIDTH = 64
# Number of match features.
_MATCH_FEATURES = 4


class TokenInputs(NamedTuple):
    """A `Batch` as tensors, with the contextual features of question (`asked`) and text (`told`)."""

    vectors: Tensor
    runs: Tensor
    parts: Tensor
    forms: Tensor
    asked: Tensor
    told: Tensor
    segments: Tensor
    units: Tensor
    exact: Tensor
    places: Tensor
    asked_context: Tensor
    told_context: Tensor


class TokenLogits(NamedTuple):
    """Logits: units (b, n), windows (b,)."""

    units: Tensor
    windows: Tensor


class NeighbourLayer(nn.Module):
    """A residual layer over each token and its two neighbours."""

    def __init__(self, drop: float, width: int = WIDTH) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.layer = nn.Linear(3 * width, width)
        self.drop = nn.Dropout(drop)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """Return the updated tokens (b, length, width); `known` (b, length) masks padding."""
        y = self.norm(x) * known[:, :, None]
        padding = torch.zeros_like(y[:, :1])
        neighbours = torch.cat([torch.cat([padding, y[:, :-1]], 1), y, torch.cat([y[:, 1:], padding], 1)], 2)
        added: Tensor = self.drop(_gelu(self.layer(neighbours)))
        return x + added


class AttentionLayer(nn.Module):
    """A residual self-attention layer."""

    def __init__(self, drop: float, width: int = WIDTH) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(drop)
        self.seen = nn.Linear(width, 3 * width)
        self.layer = nn.Linear(width, width)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """Return the updated tokens (b, length, width); `known` (b, length) masks padding."""
        b, length, width = x.shape
        projected = self.seen(self.norm(x)).reshape(b, length, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        query, key, value = projected.unbind(0)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=known[:, None, None, :])
        added: Tensor = self.drop(self.layer(attended.transpose(1, 2).reshape(b, length, width)))
        return x + added


class TrainableTokenModel(nn.Module):
    """Scores a window of text for a question; `parts` is the number of parts of speech.

    `meaning` projects the encoder's features to a token representation; `nearness` projects them for comparing
    question and text tokens.
    """

    def __init__(self, parts: int, drop: float) -> None:
        super().__init__()
        self.meaning, self.nearness = (
            nn.Linear(RAW_FEATURES, width, bias=False) for width in (WIDTH, _COMPARISON_WIDTH)
        )
        self.near = nn.Linear(2, WIDTH)
        self.near_alike = nn.Parameter(torch.tensor(1.0))
        self.runs = nn.Embedding(NGRAM_BUCKETS, _LETTER_DIMENSION, padding_idx=0)
        self.parts = nn.Embedding(parts, _PART_DIMENSION)
        self.segments = nn.Embedding(3, WIDTH)
        nn.init.normal_(self.runs.weight, std=0.1)
        with torch.no_grad():
            self.runs.weight[0] = 0
        self.token = nn.Linear(_VECTOR_DIMENSION + _LETTER_DIMENSION + _PART_DIMENSION + FORM_FEATURES, WIDTH)
        self.met = nn.Linear(_MATCH_FEATURES, WIDTH)
        self.before = nn.ModuleList(NeighbourLayer(drop) for _ in range(TOKENS_BEFORE))
        self.asked = nn.Linear(WIDTH, 1)
        self.told = nn.Linear(WIDTH, 1)
        self.product = nn.Parameter(torch.ones(WIDTH) / WIDTH**0.5)
        self.alike = nn.Parameter(torch.tensor([3.0, 2.0]))
        self.fuse = nn.Linear(4 * WIDTH + 3, WIDTH)
        self.after = nn.ModuleList(
            AttentionLayer(drop) if n == ATTENDS else NeighbourLayer(drop) for n in range(TOKENS_AFTER)
        )
        self.norm = nn.LayerNorm(WIDTH)
        self.found = nn.Linear(3 * WIDTH + 3, WIDTH)
        self.found_beside = NeighbourLayer(drop)
        self.found_weight = nn.Linear(WIDTH, 1)
        self.unit_weight = nn.Linear(WIDTH, 1)
        self.start = nn.Linear(WIDTH, 1)
        self.unit = nn.Linear(4 * WIDTH, _HIDDEN_WIDTH)
        self.unit_out = nn.Linear(_HIDDEN_WIDTH, 1)
        self.passage = nn.Linear(4 * WIDTH + 3, _HIDDEN_WIDTH)
        self.passage_out = nn.Linear(_HIDDEN_WIDTH, 1)
        self.drop = nn.Dropout(drop)

    def forward(self, *tensors: Tensor) -> TokenLogits:
        """Return the logits; `tensors` are the fields of a `TokenInputs`."""
        inputs = TokenInputs(*tensors)
        asked, told = (
            torch.cat([self.meaning(self.drop(features)), self.nearness(features)], 2)
            for features in (inputs.asked_context, inputs.told_context)
        )
        return self.read(inputs._replace(asked_context=asked, told_context=told))

    def read(self, inputs: TokenInputs) -> TokenLogits:
        """Return the logits for inputs whose contextual features are already projected."""
        question_mask = inputs.asked > 0
        text_mask = inputs.told > 0
        letters = self.runs(inputs.runs).sum(1)
        tokens = self.drop(self.token(torch.cat([inputs.vectors, letters, self.parts(inputs.parts), inputs.forms], 1)))
        cosine = inputs.vectors[inputs.told] @ inputs.vectors[inputs.asked].transpose(1, 2)
        text_match, question_match = _match_features(inputs, cosine, question_mask, text_mask)
        near = _unit_vectors(inputs.told_context[:, :, WIDTH:]) @ _unit_vectors(
            inputs.asked_context[:, :, WIDTH:]
        ).transpose(1, 2)
        text_cosine, question_cosine = _max_cosine(near, question_mask, text_mask)
        weight = inputs.forms[:, 0]
        question = tokens[inputs.asked] + self.met(question_match) + inputs.asked_context[:, :, :WIDTH]
        question = question + self.near(torch.stack([question_cosine, question_cosine * weight[inputs.asked]], 2))
        text = (
            tokens[inputs.told]
            + self.met(text_match)
            + self.segments(inputs.segments)
            + inputs.told_context[:, :, :WIDTH]
        )
        text = text + self.near(torch.stack([text_cosine, text_cosine * weight[inputs.told]], 2))
        for layer in self.before:
            question = layer(question, question_mask)
            text = layer(text, text_mask)
        similarity = self.told(text) + self.asked(question).transpose(1, 2)
        similarity = similarity + (text * self.product) @ question.transpose(1, 2) + self.near_alike * near
        similarity = similarity + self.alike[0] * inputs.exact + self.alike[1] * cosine
        text_to_question = torch.softmax(similarity.masked_fill(~question_mask[:, None, :], _MASKED_LOGIT), 2)
        question_to_text = torch.softmax(similarity.masked_fill(~text_mask[:, :, None], _MASKED_LOGIT), 1)
        text_for_question = question_to_text.transpose(1, 2) @ text
        attended = text_to_question @ question
        same = (text_to_question * inputs.exact).sum(2, keepdim=True)
        context = text_to_question @ text_for_question
        fused = torch.cat([text, attended, text * attended, text * context, text_match[:, :, :2], same], 2)
        matched_text = self.drop(_gelu(self.fuse(fused)))
        for layer in self.after:
            matched_text = layer(matched_text, text_mask)
        met = torch.cat([question, text_for_question, question * text_for_question, question_match[:, :, :3]], 2)
        summary = self._question_summary(met, question_mask)
        return self._output_heads(inputs, self.norm(matched_text), text_mask, summary)

    def _question_summary(self, met: Tensor, question_mask: Tensor) -> Tensor:
        matched = self.found_beside(_gelu(self.found(met)), question_mask)
        unknown = ~question_mask[:, :, None]
        share = torch.softmax(self.found_weight(matched).masked_fill(unknown, _MASKED_LOGIT), 1)
        return torch.cat([(share * matched).sum(1), matched.masked_fill(unknown, _MASKED_LOGIT).amax(1)], 1)

    def _output_heads(
        self, inputs: TokenInputs, matched_text: Tensor, text_mask: Tensor, summary: Tensor
    ) -> TokenLogits:
        is_text = inputs.segments == Segment.TEXT
        starts = self.start(matched_text)[:, :, 0].masked_fill(~is_text, _MASKED_LOGIT)
        weight = torch.exp(self.unit_weight(matched_text)[:, :, 0].clamp(-8, 8)) * is_text
        in_unit = inputs.units[:, None, :] == inputs.places[None, :, None]
        shares = weight[:, None, :] * in_unit
        total = shares.sum(2)
        pooled = (shares @ matched_text) / total.clamp_min(1e-6)[:, :, None]
        best = starts[:, None, :].masked_fill(~in_unit, _MASKED_LOGIT).amax(2)
        mean_match, highest_match = (part[:, None].expand_as(pooled) for part in summary.chunk(2, 1))
        hidden = _gelu(self.unit(self.drop(torch.cat([pooled, mean_match, pooled * mean_match, highest_match], 2))))
        units = self.unit_out(hidden)[:, :, 0] + 0.3 * best.clamp_min(LOWEST_LOGIT)
        units = units.masked_fill(total <= 1e-5, PADDED_LOGIT)
        near = (torch.softmax(starts, 1)[:, :, None] * matched_text).sum(1)
        mean = (matched_text * text_mask[:, :, None]).sum(1) / text_mask.sum(1, keepdim=True)
        best_start = starts.amax(1, keepdim=True)
        summed = torch.logsumexp(starts, 1, keepdim=True)
        highest = [
            best_start.clamp_min(LOWEST_LOGIT) / 3,
            units.amax(1, keepdim=True) / 3,
            summed.clamp_min(LOWEST_LOGIT) / 3,
        ]
        hidden = _gelu(self.passage(self.drop(torch.cat([near, mean, summary, *highest], 1))))
        return TokenLogits(units, self.passage_out(hidden)[:, 0])


def _match_features(
    inputs: TokenInputs, cosine: Tensor, question_mask: Tensor, text_mask: Tensor
) -> tuple[Tensor, Tensor]:
    weight = inputs.forms[:, 0]
    text_cosine, question_cosine = _max_cosine(cosine, question_mask, text_mask)
    in_heading = (inputs.exact * (inputs.segments == Segment.HEADING)[:, :, None]).amax(1)
    text_exact = inputs.exact.amax(2)
    question_exact = inputs.exact.amax(1)
    text_match = torch.stack(
        [text_exact, text_cosine, text_exact * weight[inputs.told], text_cosine * weight[inputs.told]], 2
    )
    return text_match, torch.stack(
        [question_exact, question_cosine, in_heading, question_cosine * weight[inputs.asked]], 2
    )


def _max_cosine(cosine: Tensor, question_mask: Tensor, text_mask: Tensor) -> tuple[Tensor, Tensor]:
    text_match = cosine.masked_fill(~question_mask[:, None, :], -1).amax(2)
    return text_match, cosine.masked_fill(~text_mask[:, :, None], -1).amax(1)


def number_parts_of_speech(texts: Iterable[Tokens]) -> Parts:
    """Return a number for each part of speech in the texts."""
    parts = {token.part for text in texts for token in text}
    return {part: number for number, part in enumerate([("PAD",) * 3, ("SEP",) * 3, *sorted(parts)])}


def make_token_inputs(pairs: Sequence[tuple[Tokens, Window]], parts: Parts, context: TokenContext) -> TokenInputs:
    """Return the model inputs for pairs of question and window, at least one."""
    batch = make_batch(pairs, parts)
    tables = [getattr(batch, field.name) for field in fields(batch)]
    return TokenInputs(*map(torch.from_numpy, (*tables, *context.batch_features(pairs))))


def _unit_vectors(x: Tensor) -> Tensor:
    return functional.normalize(x, dim=2, eps=1e-3)


def _gelu(x: Tensor) -> Tensor:
    return functional.gelu(x, approximate="tanh")


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
# Weights stored outside the graph: token features are projected by them once and cached.
_DIRECTIONS = ("meaning.weight", "nearness.weight")


@dataclass(frozen=True, slots=True)
class TrainedTokenReader:
    """The weights of a `TrainableTokenModel`, its parts of speech by number, and the source of contextual features."""

    state: State
    parts: Parts
    context: TokenContext


class _ServedModel(nn.Module):
    def __init__(self, net: TrainableTokenModel) -> None:
        super().__init__()
        self.net = net

    def forward(self, *tables: Tensor) -> TokenLogits:
        return self.net.read(TokenInputs(*tables))


def export_token_reader(trained: TrainedTokenReader, joined: Joined) -> bytes:
    """Return the ONNX file."""
    net = TrainableTokenModel(len(trained.parts), 0.0)
    net.load_state_dict(trained.state)
    directions = np.concatenate([trained.state[name].numpy() for name in _DIRECTIONS])
    context = trained.context.encode_directions(directions)
    question = tokenise_text("期間は何年ですか")
    texts = ["市の計画です。", "期間は四年です。" * (MAX_WINDOW_TOKENS // MAX_QUESTION_TOKENS)]
    pairs = [(question, window) for text in texts for window in make_windows((text,), [text])]
    return export_onnx(
        _ServedModel(net),
        make_token_inputs(pairs, trained.parts, TokenContext.decode(context)),
        TokenInputs._fields,
        ["of_units", "of_windows"],
        axes=_AXES,
        metadata={
            "parts": list(trained.parts),
            "joined": {name: list(map(float, by)) for name, by in joined.items()},
            "context": context,
        },
    )
