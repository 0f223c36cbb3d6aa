"""Trains the token model, first on SQuAD-style questions, then on the questions of the project.

Hard negatives are made by removing the answering sentence or clause. Positives have another sentence or clause removed,
so that the model cannot learn from the removal itself.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import pairwise
from math import isnan, nan
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from bot.relevance.token_context import TokenContext, Tokens
from bot.relevance.token_model import PADDED_LOGIT, TokenReader, combine_probabilities
from bot.relevance.units import unit_spans
from bot.token_batches import MAX_HEADING_TOKENS, Window, make_windows, tokenise_text
from eval.benchmarks.judged_sets import load_squad
from eval.training.examples import ExampleDrawer, ReadingExample, Scores, split_groups
from eval.training.loop import (
    TrainingSchedule,
    binary_loss,
    fit_logistic,
    listwise_loss,
    pairwise_loss,
    start_training,
    train_model,
)
from eval.training.token_model import (
    TokenLogits,
    TrainableTokenModel,
    TrainedTokenReader,
    export_token_reader,
    make_token_inputs,
    number_parts_of_speech,
)
from ingest.japanese import nfkc
from ingest.japanese.sentences import split_document_sentences

Array = NDArray[np.float32]
# On questions about an encyclopedia, then on the project's own.
PRETRAINING = TrainingSchedule(48, 9600, 2e-3, warmup_steps=200, weight_decay=1e-2)
FINE_TUNING = TrainingSchedule(8, 1260, 6e-4, warmup_steps=66, weight_decay=2e-2)
_DROPOUT = 0.15
# Every 60th question is used to standardise the encoder's features.
_CALIBRATION_STRIDE = 60
# Batches drawn together and sorted by length.
_BATCHES_PER_DRAW = 16
# Passages used of a question, and windows drawn of them that answer, and that do not.
_PASSAGES_PER_QUESTION = 9
_MAX_POSITIVE_WINDOWS = 2
_MAX_NEGATIVE_WINDOWS = 2
# Logit of a question none of whose windows was read.
_NO_WINDOW = -20.0
# Marks that end a clause, and the least tokens of a clause, and of a sentence without its answering clause.
_MARKS = "、,()「」;"
_MIN_CLAUSE_TOKENS = 3
_MIN_REMAINING_TOKENS = 4
# Tokens of a window on an encyclopedia paragraph.
_MIN_WINDOW_TOKENS = 40
_MAX_WINDOW_TOKENS = 110
# Chances of positives: unchanged, without another sentence, without another clause; and of negatives: without the
# answering sentences, from another paragraph of the article, without the answering clause.
_POSITIVE_CHANCES = _NEGATIVE_CHANCES = (0.35, 0.25, 0.4)


@dataclass(frozen=True, slots=True)
class TokenSample:
    """A question and a window. `units` and `answers` are 0-1, nan if unknown; `span` is (first, last) answer token."""

    question: Tokens
    window: Window
    units: tuple[float, ...]
    answers: float
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ArticleParagraph:
    """A paragraph of an article, split into sentences."""

    title: Tokens
    sentences: tuple[Tokens, ...]
    text: str


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question answered by `paragraphs[at]`: in its sentences `answering`, best in `first` at the tokens `span`."""

    question: Tokens
    answer: str
    paragraphs: Sequence[ArticleParagraph]
    at: int
    answering: frozenset[int]
    first: int
    span: tuple[int, int]

    @cached_property
    def distractors(self) -> tuple[tuple[int, int], ...]:
        """The two sentences of other paragraphs, (paragraph, sentence), that share most terms with the question."""
        terms = {token.term for token in self.question if token.term}
        ranked = [
            (-len(terms & {token.term for token in sentence}), number, place)
            for number, paragraph in enumerate(self.paragraphs)
            if number != self.at and self.answer not in paragraph.text
            for place, sentence in enumerate(paragraph.sentences)
        ]
        return tuple((number, place) for _, number, place in sorted(ranked)[:2])


def load_answered_questions(file: Path) -> list[AnsweredQuestion]:
    """Return the questions of a SQuAD-format file whose answer is within one sentence."""
    squad = load_squad(file)
    articles: defaultdict[str, list[ArticleParagraph]] = defaultdict(list)
    placed: dict[str, tuple[list[ArticleParagraph], int]] = {}
    for reading in squad.readings:
        title = reading.document.title
        text = nfkc(reading.passages[0].text)
        cut = [s for line in text.splitlines() for s in split_document_sentences(line) if s.strip()]
        sentences = tuple(each for sentence in cut if (each := tokenise_text(sentence)))
        members = articles[title]
        placed[reading.document.id] = (members, len(members))
        members.append(ArticleParagraph(tokenise_text(nfkc(title))[:MAX_HEADING_TOKENS], sentences, text))
    located = [
        _locate_answer(tokenise_text(nfkc(q.text)), nfkc(q.answers[0]), *placed[context])
        for q in squad.questions
        for context in q.grades
    ]
    return [question for question in located if question]


def _locate_answer(
    question: Tokens, answer: str, paragraphs: Sequence[ArticleParagraph], at: int
) -> AnsweredQuestion | None:
    terms = {token.term for token in question if token.term}
    answer_runs = [token.runs for token in tokenise_text(answer)]
    spans: dict[int, tuple[int, int]] = {}
    for number, sentence in enumerate(paragraphs[at].sentences):
        runs = [token.runs for token in sentence]
        starts = (i for i in range(len(runs) - len(answer_runs) + 1) if runs[i : i + len(answer_runs)] == answer_runs)
        if answer_runs and (start := next(starts, None)) is not None:
            spans[number] = (start, start + len(answer_runs) - 1)
    if not spans:
        return None
    sentences = paragraphs[at].sentences
    first = max(spans, key=lambda number: len(terms & {token.term for token in sentences[number]}))
    return AnsweredQuestion(question, answer, paragraphs, at, frozenset(spans), first, spans[first])


def make_question_samples(asked: AnsweredQuestion, random: np.random.Generator) -> list[TokenSample]:
    """Return up to one positive and one negative sample."""
    sentences = dict(enumerate(asked.paragraphs[asked.at].sentences))
    core = sentences[asked.first]
    first, last = asked.span
    ends = [0, *(n + 1 for n, token in enumerate(core[:-1]) if token.runs in _clause_end_tokens()), len(core)]
    clauses = list(pairwise(ends))
    answering = [(start, end) for start, end in clauses if start <= last and end > first]
    others = [each for each in clauses if each not in answering and each[1] - each[0] >= _MIN_CLAUSE_TOKENS]
    unanswered = {number: sentence for number, sentence in sentences.items() if number not in asked.answering}

    edit = random.choice(3, p=_POSITIVE_CHANCES)
    kept = dict(sentences)
    span = asked.span
    if edit == 2 and others:
        start, end = others[random.integers(len(others))]
        kept[asked.first] = core[:start] + core[end:]
        moved = end - start if end <= first else 0
        span = first - moved, last - moved
    elif edit and unanswered:
        del kept[list(unanswered)[random.integers(len(unanswered))]]
    samples = [_sample_window(random, asked, asked.at, kept, asked.first, span=span)]

    edit = random.choice(3, p=_NEGATIVE_CHANCES)
    left = tuple(t for n, t in enumerate(core) if not any(start <= n < end for start, end in answering))
    if edit == 2 and others and len(left) >= _MIN_REMAINING_TOKENS:
        shortened = dict(sorted({**unanswered, asked.first: left}.items()))
        samples.append(_sample_window(random, asked, asked.at, shortened, asked.first))
    elif edit != 1 and unanswered:
        nearest = min(unanswered, key=lambda number: abs(number - asked.first))
        samples.append(_sample_window(random, asked, asked.at, unanswered, nearest))
    elif asked.distractors:
        at, place = asked.distractors[random.integers(len(asked.distractors))]
        samples.append(_sample_window(random, asked, at, dict(enumerate(asked.paragraphs[at].sentences)), place))
    return [sample for sample in samples if sample]


@cache
def _clause_end_tokens() -> frozenset[tuple[int, ...]]:
    return frozenset(token.runs for mark in _MARKS for token in tokenise_text(mark))


def _sample_window(
    random: np.random.Generator,
    asked: AnsweredQuestion,
    at: int,
    sentences: dict[int, Tokens],
    core: int,
    *,
    span: tuple[int, int] | None = None,
) -> TokenSample | None:
    """Return a sample of `core` and neighbouring sentences up to a random length; `span` is the answer in `core`."""
    numbers = list(sentences)
    budget = int(random.integers(_MIN_WINDOW_TOKENS, _MAX_WINDOW_TOKENS)) - len(sentences[core])
    first = last = numbers.index(core)
    while first > 0 or last < len(numbers) - 1:
        before = last == len(numbers) - 1 or (first > 0 and random.random() < 1 / 2)
        budget -= len(sentences[numbers[first - 1 if before else last + 1]])
        if budget < 0:
            break
        first, last = (first - 1, last) if before else (first, last + 1)
    chosen = numbers[first : last + 1]
    texts = tuple(sentences[number][: _MAX_WINDOW_TOKENS + _MIN_WINDOW_TOKENS] for number in chosen)
    window = Window(asked.paragraphs[at].title, texts, tuple(range(len(chosen))))
    if span is None:
        return TokenSample(asked.question, window, (0.0,) * len(chosen), 0.0)
    before_core = sum(len(sentences[number]) for number in chosen[: chosen.index(core)])
    if before_core + span[1] >= sum(map(len, texts)):
        return None
    labels = tuple(float(number in asked.answering) for number in chosen)
    return TokenSample(asked.question, window, labels, 1.0, (before_core + span[0], before_core + span[1]))


def pretrain(questions: Sequence[AnsweredQuestion], schedule: TrainingSchedule = PRETRAINING) -> TrainedTokenReader:
    """Return a model trained on SQuAD-style questions, with seed 0."""
    paragraphs = [question.paragraphs[question.at].sentences for question in questions]
    context = TokenContext.from_texts(text for texts in paragraphs[::_CALIBRATION_STRIDE] for text in texts)
    texts = [*(question.question for question in questions), *(text for each in paragraphs for text in each)]
    start = TrainedTokenReader({}, number_parts_of_speech(texts), context)
    random = start_training(0)
    model = _open_model(start)
    batches: list[list[TokenSample]] = []
    size = schedule.batch_size

    def loss_of_batch() -> Tensor:
        if not batches:
            drawn = random.integers(len(questions), size=size * _BATCHES_PER_DRAW // 2)
            made = [sample for i in drawn for sample in make_question_samples(questions[i], random)]
            made.sort(key=lambda sample: -len(sample.window.headings) - sum(map(len, sample.window.texts)))
            batches.extend(made[i : i + size] for i in range(0, len(made), size))
            random.shuffle(batches)
        samples = batches.pop()
        read = _predict(model, start, samples)
        none = torch.zeros(len(samples), 1)
        span_losses = [
            functional.cross_entropy(
                torch.cat([none, logits], 1),
                torch.tensor([2 + len(s.window.headings) + s.span[end] if s.span else 0 for s in samples]),
            )
            for end, logits in enumerate((read.starts, read.ends))
        ]
        return 0.5 * (span_losses[0] + span_losses[1]) + _sample_loss(read, samples)

    train_model(model, loss_of_batch, schedule, "百科の問いで学習しています")
    return replace(start, state=model.state_dict())


def fine_tune(
    examples: Sequence[ReadingExample], start: TrainedTokenReader, schedule: TrainingSchedule = FINE_TUNING
) -> TrainedTokenReader:
    """Return the model `start` trained further on `examples`, with seed 0."""
    random = start_training(0)
    drawer = ExampleDrawer(examples, random)
    model = _open_model(start)

    def loss_of_batch() -> Tensor:
        samples: list[TokenSample] = []
        while not samples:
            drawn, pairs = drawer.draw(schedule.batch_size)
            chosen = [_choose_samples(example, random) for example in drawn]
            samples = [sample for each in chosen for sample in each]
        read = _predict(model, start, samples)
        owners = torch.repeat_interleave(torch.arange(len(drawn)), torch.tensor(list(map(len, chosen))))
        best = torch.full((len(drawn),), _NO_WINDOW).scatter_reduce(0, owners, read.windows, "amax")
        grades = torch.tensor([sample.answers for sample in samples])
        return (
            _sample_loss(read, samples)
            + 0.5 * listwise_loss(read.windows, grades, owners, len(drawn))
            + binary_loss(best, torch.tensor([example.answered for example in drawn]))
            + 0.7 * pairwise_loss(best, pairs)
        )

    train_model(model, loss_of_batch, schedule, "自治体の問いで学習しています")
    return replace(start, state=model.state_dict())


def _open_model(start: TrainedTokenReader) -> TrainableTokenModel:
    model = TrainableTokenModel(1 + max(start.parts.values()), _DROPOUT)
    if start.state:
        model.load_state_dict(start.state)
    return model


def _predict(model: TrainableTokenModel, start: TrainedTokenReader, samples: Sequence[TokenSample]) -> TokenLogits:
    pairs = [(sample.question, sample.window) for sample in samples]
    logits: TokenLogits = model(*make_token_inputs(pairs, start.parts, start.context))
    return logits


def _sample_loss(read: TokenLogits, samples: Sequence[TokenSample]) -> Tensor:
    targets = torch.full(read.units.shape, nan)
    for row, sample in enumerate(samples):
        targets[row, : len(sample.units)] = torch.tensor(sample.units)
    unit_loss = binary_loss(read.units, torch.where(read.units > PADDED_LOGIT + 1, targets, nan))
    return 2 * unit_loss + binary_loss(read.windows, torch.tensor([sample.answers for sample in samples]))


def _choose_samples(example: ReadingExample, random: np.random.Generator) -> list[TokenSample]:
    """Return some labelled windows of the first passages that answer and that do not, of higher ranks more often."""
    question = tokenise_text(example.query.text)
    bounds = np.cumsum([0, *(len(unit_spans(hit.passage)) for hit in example.hits)])
    right, wrong = [], []
    for rank, hit in enumerate(example.hits[:_PASSAGES_PER_QUESTION]):
        texts = [hit.passage.text[start:end] for start, end in unit_spans(hit.passage)]
        labels = example.units[bounds[rank] : bounds[rank + 1]]
        grade = float(example.passages[rank])
        for window in make_windows(hit.passage.path, texts):
            units = tuple(float(labels[number]) for number in window.units)
            answers = grade if grade == 0 or max(units) > 0 else 0.0
            if grade and any(map(isnan, units)):
                answers = 1.0 if grade == 1 else nan
            sample = TokenSample(question, window, units, answers)
            if answers > 0:
                right.append(sample)
            elif answers == 0:
                wrong.append((rank, sample))
    chosen = [right[i] for i in random.permutation(len(right))[:_MAX_POSITIVE_WINDOWS]]
    if wrong:
        chances = np.array([1 / (1 + rank) for rank, _ in wrong])
        n = min(_MAX_NEGATIVE_WINDOWS, len(wrong))
        chosen += [wrong[i][1] for i in random.choice(len(wrong), n, replace=False, p=chances / chances.sum())]
    return chosen


def cross_validated_combination(
    examples: Sequence[ReadingExample],
    scores: Sequence[Scores],
    start: TrainedTokenReader,
    folds: int,
    schedule: TrainingSchedule = FINE_TUNING,
) -> tuple[list[Scores], dict[str, list[float]]]:
    """Return out-of-fold scores of each example, and the weights that combine the evidence and the tokens.

    Every fold starts from `start`; `scores` of the evidence model select the passages to read. The weights of `whole`,
    `units` and `passages` are those of evidence, tokens, and the intercept. Groups count equally.
    """
    logits: dict[int, tuple[Array, Array]] = {}
    for training, held_out in split_groups(examples, folds):
        trained = fine_tune(training, start, schedule)
        reader = TokenReader(export_token_reader(trained, dict.fromkeys(("whole", "passages", "units"), (0, 1, 0))))
        for place in held_out:
            if (example := examples[place]).complete:
                passages = [hit.passage for hit in example.hits]
                logits[place] = reader.best_logits(example.query.text, passages, scores[place][1])
    counts = Counter(examples[place].question.group for place in logits)
    weights: dict[str, list[float]] = {}
    for k, name in enumerate(("units", "passages", "whole")):
        features, targets, shares = [], [], []
        for place, read in logits.items():
            example = examples[place]
            of_tokens = (*read, read[1].max(keepdims=True))[k]
            features.append(np.stack([np.atleast_1d(_logit(scores[place][k])), of_tokens], 1))
            targets.append((example.units, example.passages, np.array([example.answered]))[k])
            shares.append(np.full(len(of_tokens), 1 / counts[example.question.group]))
        weights[name] = fit_logistic(*map(np.concatenate, (features, targets, shares))).tolist()
    combined = list(scores)
    for place, (unit_logits, passage_logits) in logits.items():
        units, passage_scores, answered = scores[place]
        combined[place] = (
            combine_probabilities(weights["units"], units, unit_logits),
            combine_probabilities(weights["passages"], passage_scores, passage_logits),
            float(combine_probabilities(weights["whole"], answered, passage_logits.max())),
        )
    return combined, weights


def _logit(probability: Array | float) -> Array:
    clipped = np.clip(np.asarray(probability, np.float32), 1e-6, 1 - 1e-6)
    logits: Array = np.log(clipped / (1 - clipped))
    return logits
