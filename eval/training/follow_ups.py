"""The follow-up model in PyTorch: its network, its training on conversations and standalone questions, its export.

`bot` runs it with onnxruntime. The typed text (`asked`) and the previous question (`told`) form one token sequence,
each token with its own features and those of its best match on the other side. The layers over neighbouring tokens and
attention are the token reader's. Names of inputs and layers are part of the model file.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import nan
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.question.follow_up_model import MAX_PREVIOUS_TOKENS, FollowUpKind, model_tokens
from bot.question.follow_ups import strip_connectives
from bot.relevance.token_context import Tokens
from bot.token_batches import FORM_FEATURES, Batch, Window, make_batch, tokenise_text
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_json_lines
from eval.training.loop import TrainingSchedule, binary_loss, export_onnx, start_training, train_model
from eval.training.questions import read_written_questions, single_turn_cases
from eval.training.token_model import AttentionLayer, NeighbourLayer, number_parts_of_speech
from ingest.japanese import nfkc

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


WRITTEN = tuple(sorted(Path(__file__).with_name("conversations").glob("*.jsonl")))
"""The project's own conversations."""
SCHEDULE = TrainingSchedule(32, 1200, 2e-3, warmup_steps=100, weight_decay=2e-2)
_DROPOUT = 0.2
_LABEL_SMOOTHING = 0.1
# Decay of the moving average of the weights, which is what is shipped.
_AVERAGE_DECAY = 0.99
# Question sets of the reader over bulletins and council sittings.
_QUESTION_SERIES = ("bulletins", "everyday", "pairs")
# Label of a kind that takes no part in the loss.
_IGNORED = -100
T = TypeVar("T")
Parts = dict[tuple[str, ...], int]
State = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class FollowUpSample:
    """A text after a question, its kind, and per token whether it is carried over, replaced, or a replacement.

    A kind of None and empty labels are unknown.
    """

    text: Tokens
    before: Tokens
    kind: FollowUpKind | None
    carried: tuple[float, ...] = ()
    replaced: tuple[float, ...] = ()
    by: tuple[float, ...] = ()


def about_sample(text: str, previous: str, standalone: str, carried: Iterable[str]) -> FollowUpSample:
    """Return a follow-up about the same subject; `carried` are the parts of `previous` that `standalone` takes over."""
    text = strip_connectives(text)
    starts = (text[:length] for length in (4, 3, 2))
    is_joined = any(s in standalone[1:] and standalone.partition(s)[0].endswith("の") for s in starts)
    kind = FollowUpKind.OF if is_joined else FollowUpKind.ABOUT
    return FollowUpSample(tokenise_text(text), tokenise_text(previous), kind, carried=_token_labels(previous, carried))


def swap_sample(text: str, previous: str, replaced: str, replacement: str) -> FollowUpSample:
    """Return a follow-up that asks the previous question about something else."""
    text = strip_connectives(text)
    return FollowUpSample(
        tokenise_text(text),
        tokenise_text(previous),
        FollowUpKind.SWAP,
        replaced=_token_labels(previous, (replaced,)),
        by=_token_labels(text, (replacement,)),
    )


def alone_sample(text: str, previous: str) -> FollowUpSample:
    """Return a self-contained question."""
    return FollowUpSample(tokenise_text(strip_connectives(text)), tokenise_text(previous), FollowUpKind.ALONE)


def _token_labels(text: str, runs: Iterable[str]) -> tuple[float, ...]:
    places = [(start, start + len(run)) for run in runs if run and (start := text.find(run)) >= 0]
    return tuple(
        float(any(start < token.end and token.start < end for start, end in places)) for token in model_tokens(text)
    )


def load_conversations(files: Iterable[Path]) -> list[FollowUpSample]:
    """Return the questions of `files` after the first of each conversation; raises SetFileError for an invalid one."""
    samples = []
    for file in files:
        for conversation in read_json_lines(file):
            try:
                for previous, turn in pairwise(conversation["turns"]):
                    samples.append(_turn_sample(nfkc(previous["whole"]).strip(), turn))
            except (KeyError, TypeError, AttributeError) as error:
                raise SetFileError(f"{file}: 会話の形式が違います（{error}）。") from error
    return samples


def _turn_sample(previous: str, turn: Mapping[str, Any]) -> FollowUpSample:
    text = nfkc(turn["text"]).strip()
    match turn["kind"]:
        case "about":
            return about_sample(text, previous, nfkc(turn["whole"]).strip(), map(nfkc, turn.get("carried", ())))
        case "swap":
            return swap_sample(text, previous, nfkc(turn.get("replaced", "")), nfkc(turn.get("by", "")))
        case "alone":
            return alone_sample(text, previous)
    raise SetFileError(f"会話の kind は about、swap、alone のどれかです（{turn['kind']}）。")


def load_standalone_questions() -> list[tuple[str, str]]:
    """Return standalone questions as (article, question), from the training questions of the relevance models."""
    lines = (line for series in _QUESTION_SERIES for line in read_written_questions(series))
    return [((line["support"] or line.get("near") or [""])[0], nfkc(line["question"]).strip()) for line in lines]


def load_single_samples() -> list[FollowUpSample]:
    """Return the questions of the project's sets, each after one about other documents."""
    by_corpus = {
        corpus: dict.fromkeys(nfkc(case.turns[0]).strip() for case in cases)
        for corpus, cases in single_turn_cases().items()
    }
    random = Random(0)  # noqa: S311 -- reproducible
    samples = []
    for corpus, questions in by_corpus.items():
        others = [question for other, of_other in by_corpus.items() if other != corpus for question in of_other]
        samples += [alone_sample(text, random.choice(others)) for text in questions]
    return samples


class _SampleDrawer:
    def __init__(
        self,
        turns: Sequence[FollowUpSample],
        singles: Sequence[FollowUpSample],
        standalone: Sequence[tuple[str, str]],
        random: np.random.Generator,
    ) -> None:
        self._random = random
        about = [sample for sample in turns if sample.kind in {FollowUpKind.OF, FollowUpKind.ABOUT}]
        questions = [tokenise_text(question) for _, question in standalone]
        by_article: defaultdict[str, list[Tokens]] = defaultdict(list)
        for (article, _), question in zip(standalone, questions, strict=True):
            by_article[article].append(question)
        articles = [members for members in by_article.values() if len(members) > 1]
        previous = [sample.before for sample in turns]
        alone = [*(sample.text for sample in turns if sample.kind is FollowUpKind.ALONE), *previous]
        befores = (previous, questions, [sample.before for sample in singles] or previous)
        self.texts = [*alone, *questions, *(sample.text for sample in (*turns, *singles))]

        def draw_recombined() -> FollowUpSample:
            """Draw a follow-up text after another question; whether it is a follow-up there is unknown."""
            return replace(self._draw(about), text=self._draw(about).text, kind=None)

        def draw_unrelated() -> FollowUpSample:
            text = self._draw(self._draw((alone, questions)))
            return FollowUpSample(text, self._draw(self._draw(befores)), FollowUpKind.ALONE)

        def draw_of_one_article() -> FollowUpSample:
            members = self._draw(articles)
            text, before = random.choice(len(members), 2, replace=False)
            return FollowUpSample(members[text], members[before], FollowUpKind.ALONE)

        self._sources: tuple[tuple[float, Callable[[], FollowUpSample]], ...] = (
            (0.56, lambda: self._draw(turns)),
            (0.08, draw_recombined),
            (0.16, draw_unrelated),
            (0.1, draw_of_one_article),
            (0.1, lambda: self._draw(singles or turns)),
        )

    def __call__(self) -> FollowUpSample:
        chances = [chance for chance, _ in self._sources]
        return self._sources[self._random.choice(len(chances), p=chances)][1]()

    def _draw(self, items: Sequence[T]) -> T:
        return items[int(self._random.integers(len(items)))]


def train_followup_model(
    conversations: Sequence[FollowUpSample],
    singles: Sequence[FollowUpSample],
    standalone: Sequence[tuple[str, str]],
    schedule: TrainingSchedule,
) -> tuple[State, Parts]:
    """Return the trained state and the numbers of its parts of speech (0: any other); the seed is 0."""
    random = start_training(0)
    draw = _SampleDrawer(conversations, singles, standalone, random)
    parts = number_parts_of_speech(draw.texts)
    model = TrainableFollowUpModel(len(parts), _DROPOUT)
    mean = {name: weight.clone() for name, weight in model.state_dict().items()}

    def average(step: int) -> None:
        for name, weight in model.state_dict().items():
            mean[name].lerp_(weight, 1 - min(_AVERAGE_DECAY, step / (step + 10)))

    def loss_of_batch() -> Tensor:
        samples = [draw() for _ in range(schedule.batch_size)]
        kinds, of_before, of_text = model(*make_followup_inputs(pack_samples(samples, parts)))
        targets = torch.tensor([_IGNORED if sample.kind is None else int(sample.kind) for sample in samples])
        return (
            functional.cross_entropy(kinds, targets, label_smoothing=_LABEL_SMOOTHING, ignore_index=_IGNORED)
            + _token_loss(of_before[:, 1:, 0], [sample.carried for sample in samples])
            + _token_loss(of_before[:, 1:, 1], [sample.replaced for sample in samples])
            + _token_loss(of_text, [sample.by for sample in samples])
        )

    train_model(model, loss_of_batch, schedule, "会話で学習しています", average)
    return mean, parts


def pack_samples(samples: Sequence[FollowUpSample], parts: Parts) -> Batch:
    """Return samples as one batch."""
    return make_batch(
        [(sample.text, Window((), (sample.before[:MAX_PREVIOUS_TOKENS],), (0,))) for sample in samples], parts
    )


def _token_loss(logits: Tensor, marks: Sequence[tuple[float, ...]]) -> Tensor:
    targets = torch.full(logits.shape, nan)
    for row, labels in enumerate(marks):
        targets[row, : min(len(labels), logits.shape[1])] = torch.tensor(labels[: logits.shape[1]])
    return binary_loss(logits, targets)
