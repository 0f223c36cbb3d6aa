"""The token model in PyTorch for training and export; `bot` runs it with onnxruntime.

Question and text are read side by side, each token with what it is, its features among its neighbours
(`bot.relevance.token_context`), and how the other side meets it; co-attention puts
them together (Seo et al. 2017, "BiDAF", arXiv:1611.01603), and layers over three neighbouring tokens and one of
attention read on (Yu et al. 2018, "QANet", arXiv:1804.09541). What of the question is not found in the text is
weighed on the question's side.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.relevance.token_context import RAW, TokenContext, Tokens
from bot.relevance.token_model import LOWEST, UNKNOWN, Parts
from bot.relevance.tokens import FORMS, HEADINGS, RUNS, TEXT, Window, make_batch

# Width of a layer, heads of attention, layers before and after question and text have met; which of these attends
# within the text, the others seeing three tokens side by side.
WIDTH, HEADS, BEFORE, AFTER, ATTENDS = 96, 4, 2, 4, 1
_FAR = -1e4
# Numbers that stand for a token's letters and for its part of speech; of a head's hidden layer; of a word's vector.
_LETTERS, _PARTS, _HIDDEN, _VECTOR = 48, 16, 64, 256
_MET, _NEAR = 4, 64


class TokenInputs(NamedTuple):
    """A `Batch` as tensors, and the features of the tokens asked and told."""

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
    """Logits: of the units (b, n), that a window answers (b,), and of the answer's first and last token (b, t)."""

    units: Tensor
    windows: Tensor
    starts: Tensor
    ends: Tensor


class NeighbourLayer(nn.Module):
    """What a token, the one before and the one behind say."""

    def __init__(self, drop: float, width: int = WIDTH) -> None:
        super().__init__()
        self.norm, self.layer, self.drop = nn.LayerNorm(width), nn.Linear(3 * width, width), nn.Dropout(drop)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """Return the tokens (b, length, width) with what is said beside those that are `known`, (b, length)."""
        y = self.norm(x) * known[:, :, None]
        none = torch.zeros_like(y[:, :1])
        wide = torch.cat([torch.cat([none, y[:, :-1]], 1), y, torch.cat([y[:, 1:], none], 1)], 2)
        added: Tensor = self.drop(_gelu(self.layer(wide)))
        return x + added


class AttentionLayer(nn.Module):
    """What the tokens say that a token attends to."""

    def __init__(self, drop: float, width: int = WIDTH) -> None:
        super().__init__()
        self.norm, self.drop = nn.LayerNorm(width), nn.Dropout(drop)
        self.seen, self.layer = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """Return the tokens (b, length, width) with what is said by those `known`, (b, length)."""
        b, length, width = x.shape
        seen = self.seen(self.norm(x)).reshape(b, length, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        query, key, value = seen.unbind(0)
        heard = functional.scaled_dot_product_attention(query, key, value, attn_mask=known[:, None, None, :])
        added: Tensor = self.drop(self.layer(heard.transpose(1, 2).reshape(b, length, width)))
        return x + added


class TrainableTokenModel(nn.Module):
    """Question and window in, `Read` out; `parts` is how many parts of speech are told apart.

    Of the encoder's features `meaning` tells what a token is, and by `nearness` tokens of question and text are
    compared.
    """

    def __init__(self, parts: int, drop: float) -> None:
        super().__init__()
        self.meaning, self.nearness = (nn.Linear(RAW, width, bias=False) for width in (WIDTH, _NEAR))
        self.near, self.near_alike = nn.Linear(2, WIDTH), nn.Parameter(torch.tensor(1.0))
        self.runs = nn.Embedding(RUNS, _LETTERS, padding_idx=0)
        self.parts, self.segments = nn.Embedding(parts, _PARTS), nn.Embedding(3, WIDTH)
        nn.init.normal_(self.runs.weight, std=0.1)
        with torch.no_grad():
            self.runs.weight[0] = 0
        self.token, self.met = nn.Linear(_VECTOR + _LETTERS + _PARTS + FORMS, WIDTH), nn.Linear(_MET, WIDTH)
        self.before = nn.ModuleList(NeighbourLayer(drop) for _ in range(BEFORE))
        self.asked, self.told = nn.Linear(WIDTH, 1), nn.Linear(WIDTH, 1)
        self.product = nn.Parameter(torch.ones(WIDTH) / WIDTH**0.5)
        self.alike = nn.Parameter(torch.tensor([3.0, 2.0]))
        self.fuse = nn.Linear(4 * WIDTH + 3, WIDTH)
        self.after = nn.ModuleList(AttentionLayer(drop) if n == ATTENDS else NeighbourLayer(drop) for n in range(AFTER))
        self.norm = nn.LayerNorm(WIDTH)
        self.found, self.found_beside = nn.Linear(3 * WIDTH + 3, WIDTH), NeighbourLayer(drop)
        self.found_weight, self.unit_weight = nn.Linear(WIDTH, 1), nn.Linear(WIDTH, 1)
        self.ends = nn.Linear(WIDTH, 2)
        self.unit, self.unit_out = nn.Linear(4 * WIDTH, _HIDDEN), nn.Linear(_HIDDEN, 1)
        self.passage, self.passage_out = nn.Linear(4 * WIDTH + 3, _HIDDEN), nn.Linear(_HIDDEN, 1)
        self.drop = nn.Dropout(drop)

    def forward(self, *given: Tensor) -> TokenLogits:
        """Return the logits of what is asked and told side by side; `given` are the tensors of a `Given`."""
        g = TokenInputs(*given)
        asked, told = (
            torch.cat([self.meaning(self.drop(features)), self.nearness(features)], 2)
            for features in (g.asked_context, g.told_context)
        )
        return self.read(g._replace(asked_context=asked, told_context=told))

    def read(self, g: TokenInputs) -> TokenLogits:
        """Return the logits where the features given are those of the directions alone."""
        is_asked, is_told = g.asked > 0, g.told > 0
        each = self.drop(self._encode_tokens(g))
        cosine = g.vectors[g.told] @ g.vectors[g.asked].transpose(1, 2)
        of_told, of_asked = _match_features(g, cosine, is_asked, is_told)
        near = _unit_vectors(g.told_context[:, :, WIDTH:]) @ _unit_vectors(g.asked_context[:, :, WIDTH:]).transpose(
            1, 2
        )
        near_told, near_asked = _max_cosine(near, is_asked, is_told)
        weight = g.forms[:, 0]
        x = each[g.asked] + self.met(of_asked) + g.asked_context[:, :, :WIDTH]
        x = x + self.near(torch.stack([near_asked, near_asked * weight[g.asked]], 2))
        y = each[g.told] + self.met(of_told) + self.segments(g.segments) + g.told_context[:, :, :WIDTH]
        y = y + self.near(torch.stack([near_told, near_told * weight[g.told]], 2))
        for layer in self.before:
            x, y = layer(x, is_asked), layer(y, is_told)
        alike = self.told(y) + self.asked(x).transpose(1, 2) + (y * self.product) @ x.transpose(1, 2)
        alike = alike + self.alike[0] * g.exact + self.alike[1] * cosine + self.near_alike * near
        to_asked = torch.softmax(alike.masked_fill(~is_asked[:, None, :], _FAR), 2)
        in_told = torch.softmax(alike.masked_fill(~is_told[:, :, None], _FAR), 1).transpose(1, 2) @ y
        a, same = to_asked @ x, (to_asked * g.exact).sum(2, keepdim=True)
        fused = torch.cat([y, a, y * a, y * (to_asked @ in_told), of_told[:, :, :2], same], 2)
        m = self.drop(_gelu(self.fuse(fused)))
        for layer in self.after:
            m = layer(m, is_told)
        sought = self._question_summary(torch.cat([x, in_told, x * in_told, of_asked[:, :, :3]], 2), is_asked)
        return self._output_heads(g, self.norm(m), is_told, sought)

    def _encode_tokens(self, g: TokenInputs) -> Tensor:
        of_tokens: Tensor = self.token(
            torch.cat([g.vectors, self.runs(g.runs).sum(1), self.parts(g.parts), g.forms], 1)
        )
        return of_tokens

    def _question_summary(self, met: Tensor, is_asked: Tensor) -> Tensor:
        """Return what the question's tokens find in the text, by weight and at most, (b, 2 · width)."""
        asks = self.found_beside(_gelu(self.found(met)), is_asked)
        unknown = ~is_asked[:, :, None]
        share = torch.softmax(self.found_weight(asks).masked_fill(unknown, _FAR), 1)
        return torch.cat([(share * asks).sum(1), asks.masked_fill(unknown, _FAR).amax(1)], 1)

    def _output_heads(self, g: TokenInputs, m: Tensor, is_told: Tensor, sought: Tensor) -> TokenLogits:
        is_text = g.segments == TEXT
        starts, ends = self.ends(m).masked_fill(~is_text[:, :, None], _FAR).unbind(2)
        weight = torch.exp(self.unit_weight(m)[:, :, 0].clamp(-8, 8)) * is_text
        mine = g.units[:, None, :] == g.places[None, :, None]
        shares = weight[:, None, :] * mine
        total = shares.sum(2)
        pooled = (shares @ m) / total.clamp_min(1e-6)[:, :, None]
        best = starts[:, None, :].masked_fill(~mine, _FAR).amax(2)
        wanted, most = (part[:, None].expand_as(pooled) for part in sought.chunk(2, 1))
        h = _gelu(self.unit(self.drop(torch.cat([pooled, wanted, pooled * wanted, most], 2))))
        units = self.unit_out(h)[:, :, 0] + 0.3 * best.clamp_min(LOWEST)
        units = units.masked_fill(total <= 1e-5, UNKNOWN)  # noqa: PLR2004 -- no token at all
        near = (torch.softmax(starts, 1)[:, :, None] * m).sum(1)
        mean = (m * is_told[:, :, None]).sum(1) / is_told.sum(1, keepdim=True)
        best_start, summed = starts.amax(1, keepdim=True), torch.logsumexp(starts, 1, keepdim=True)
        highest = [best_start.clamp_min(LOWEST) / 3, units.amax(1, keepdim=True) / 3, summed.clamp_min(LOWEST) / 3]
        h = _gelu(self.passage(self.drop(torch.cat([near, mean, sought, *highest], 1))))
        return TokenLogits(units, self.passage_out(h)[:, 0], starts, ends)


def _match_features(g: TokenInputs, cosine: Tensor, is_asked: Tensor, is_told: Tensor) -> tuple[Tensor, Tensor]:
    """Return how each token of the text, and of the question, is met by the other side, (b, length, 4)."""
    weight = g.forms[:, 0]
    near_told, near_asked = _max_cosine(cosine, is_asked, is_told)
    above = (g.exact * (g.segments == HEADINGS)[:, :, None]).amax(1)
    same_told, same_asked = g.exact.amax(2), g.exact.amax(1)
    of_told = torch.stack([same_told, near_told, same_told * weight[g.told], near_told * weight[g.told]], 2)
    return of_told, torch.stack([same_asked, near_asked, above, near_asked * weight[g.asked]], 2)


def _max_cosine(cosine: Tensor, is_asked: Tensor, is_told: Tensor) -> tuple[Tensor, Tensor]:
    """Return how near the nearest of the other side is to each token of the text (b, t), and of the question (b, q)."""
    of_told = cosine.masked_fill(~is_asked[:, None, :], -1).amax(2)
    return of_told, cosine.masked_fill(~is_told[:, :, None], -1).amax(1)


def make_token_inputs(pairs: Sequence[tuple[Tokens, Window]], parts: Parts, context: TokenContext) -> TokenInputs:
    """Return questions with a window each, at least one, as the net takes them."""
    each = make_batch(pairs, parts)
    tables = [getattr(each, field.name) for field in fields(each)]
    return TokenInputs(*map(torch.from_numpy, (*tables, *context.beside(pairs))))


def _unit_vectors(x: Tensor) -> Tensor:
    return functional.normalize(x, dim=2, eps=1e-3)


def _gelu(x: Tensor) -> Tensor:
    return functional.gelu(x, approximate="tanh")
