"""Training samples of the token model: a question, a text window and its labels.

Hard negatives are made by removing the answering sentence or clause. Positives have another sentence or clause removed,
so that the model cannot learn from the removal itself.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from math import isnan, nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.relevance.tokens import MAX_HEADING_TOKENS, Token, Window, make_windows, tokenise_text
from bot.relevance.units import unit_spans
from eval.benchmarks.reading import load_squad
from eval.training.examples import ReadingExample
from ingest.japanese import nfkc
from ingest.japanese.sentences import split_document_sentences

Tokens = tuple[Token, ...]
# Marks that end a clause.
_MARKS = "、,()「」;"
# Minimum tokens of a clause.
_MIN_CLAUSE_TOKENS = 3
# Minimum tokens of a sentence after its answering clause is removed.
_MIN_REMAINING_TOKENS = 4
# Minimum tokens of a window on an encyclopedia paragraph.
_MIN_WINDOW_TOKENS = 40
# Maximum tokens of such a window.
_MAX_WINDOW_TOKENS = 110
# Sampling probabilities of positives: unchanged, without another sentence, without another clause.
_POSITIVE_CHANCES = (0.35, 0.25, 0.4)
# Sampling probabilities of negatives: without the answering sentences, from another paragraph of the article, without
# the answering clause.
_NEGATIVE_CHANCES = (0.35, 0.25, 0.4)


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
    placed = []
    for context in squad.contexts:
        text = nfkc(context.text)
        cut = [s for line in text.splitlines() for s in split_document_sentences(line) if s.strip()]
        sentences = tuple(each for sentence in cut if (each := tokenise_text(sentence)))
        members = articles[context.title]
        placed.append((members, len(members)))
        members.append(ArticleParagraph(tokenise_text(nfkc(context.title))[:MAX_HEADING_TOKENS], sentences, text))
    located = [
        _locate_answer(tokenise_text(nfkc(q.text)), nfkc(q.answers[0]), *placed[q.context]) for q in squad.questions
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
    right = (_sample_paragraph, _drop_other_sentence, _drop_other_clause)[random.choice(3, p=_POSITIVE_CHANCES)]
    wrong = (_drop_answer_sentences, _sample_distractor, _drop_answer_clause)[random.choice(3, p=_NEGATIVE_CHANCES)]
    return [made for make in (right, wrong) if (made := make(asked, random))]


def _sample_paragraph(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    sentences = asked.paragraphs[asked.at].sentences
    return _answered_sample(asked, dict(enumerate(sentences)), asked.span, random)


def _drop_other_sentence(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    remaining = dict(enumerate(asked.paragraphs[asked.at].sentences))
    if others := [number for number in remaining if number not in asked.answering]:
        del remaining[others[random.integers(len(others))]]
    return _answered_sample(asked, remaining, asked.span, random)


def _drop_other_clause(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    remaining = dict(enumerate(asked.paragraphs[asked.at].sentences))
    _, others = _split_clauses(asked)
    if not others:
        return _drop_other_sentence(asked, random)
    start, end = others[random.integers(len(others))]
    sentence = remaining[asked.first]
    first, last = asked.span
    remaining[asked.first] = sentence[:start] + sentence[end:]
    moved = end - start if end <= first else 0
    return _answered_sample(asked, remaining, (first - moved, last - moved), random)


def _drop_answer_sentences(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    remaining = {n: s for n, s in enumerate(asked.paragraphs[asked.at].sentences) if n not in asked.answering}
    if not remaining:
        return _sample_distractor(asked, random)
    nearest = min(remaining, key=lambda number: abs(number - asked.first))
    return _unanswered_sample(asked, asked.at, remaining, nearest, random)


def _sample_distractor(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    if not asked.distractors:
        return None
    number, place = asked.distractors[random.integers(len(asked.distractors))]
    return _unanswered_sample(asked, number, dict(enumerate(asked.paragraphs[number].sentences)), place, random)


def _drop_answer_clause(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    sentence = asked.paragraphs[asked.at].sentences[asked.first]
    answer_clauses, others = _split_clauses(asked)
    left = tuple(
        token for n, token in enumerate(sentence) if not any(start <= n < end for start, end in answer_clauses)
    )
    if not others or len(left) < _MIN_REMAINING_TOKENS:
        return _drop_answer_sentences(asked, random)
    remaining = {n: s for n, s in enumerate(asked.paragraphs[asked.at].sentences) if n not in asked.answering}
    remaining[asked.first] = left
    return _unanswered_sample(asked, asked.at, dict(sorted(remaining.items())), asked.first, random)


def _split_clauses(asked: AnsweredQuestion) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    sentence = asked.paragraphs[asked.at].sentences[asked.first]
    cut = [0, *(n + 1 for n, token in enumerate(sentence[:-1]) if token.runs in _clause_end_tokens()), len(sentence)]
    found = list(pairwise(cut))
    answer_clauses = [(start, end) for start, end in found if start <= asked.span[1] and end > asked.span[0]]
    return answer_clauses, [
        each for each in found if each not in answer_clauses and each[1] - each[0] >= _MIN_CLAUSE_TOKENS
    ]


@cache
def _clause_end_tokens() -> frozenset[tuple[int, ...]]:
    return frozenset(token.runs for mark in _MARKS for token in tokenise_text(mark))


def _answered_sample(
    asked: AnsweredQuestion, sentences: dict[int, Tokens], span: tuple[int, int], random: np.random.Generator
) -> TokenSample | None:
    chosen = _choose_context(sentences, asked.first, random)
    before = sum(len(sentences[number]) for number in chosen[: chosen.index(asked.first)])
    labels = tuple(float(number in asked.answering) for number in chosen)
    window = _make_window(asked.paragraphs[asked.at].title, [sentences[number] for number in chosen])
    if before + span[1] >= sum(map(len, window.texts)):
        return None
    return TokenSample(asked.question, window, labels, 1.0, (before + span[0], before + span[1]))


def _unanswered_sample(
    asked: AnsweredQuestion, at: int, sentences: dict[int, Tokens], core: int, random: np.random.Generator
) -> TokenSample:
    chosen = _choose_context(sentences, core, random)
    window = _make_window(asked.paragraphs[at].title, [sentences[number] for number in chosen])
    return TokenSample(asked.question, window, (0.0,) * len(chosen), 0.0)


def _make_window(title: Tokens, sentences: Sequence[Tokens]) -> Window:
    return Window(
        title,
        tuple(sentence[: _MAX_WINDOW_TOKENS + _MIN_WINDOW_TOKENS] for sentence in sentences),
        tuple(range(len(sentences))),
    )


def _choose_context(sentences: dict[int, Tokens], core: int, random: np.random.Generator) -> list[int]:
    """Return `core` and neighbouring sentences in order, up to a random token limit."""
    numbers = list(sentences)
    budget = int(random.integers(_MIN_WINDOW_TOKENS, _MAX_WINDOW_TOKENS)) - len(sentences[core])
    first = last = numbers.index(core)
    while first > 0 or last < len(numbers) - 1:
        before = last == len(numbers) - 1 or (first > 0 and random.random() < 1 / 2)
        number = numbers[first - 1 if before else last + 1]
        budget -= len(sentences[number])
        if budget < 0:
            break
        first, last = (first - 1, last) if before else (first, last + 1)
    return numbers[first : last + 1]


def make_example_samples(example: ReadingExample, limit: int) -> list[list[TokenSample]]:
    """Return labelled windows for each of the first `limit` passages of an example."""
    question = tokenise_text(example.query.text)
    bounds = np.cumsum([0, *(len(unit_spans(hit.passage)) for hit in example.hits)])
    made = []
    for number, hit in enumerate(example.hits[:limit]):
        labels = example.units[bounds[number] : bounds[number + 1]]
        grade = float(example.passages[number])
        texts = [hit.passage.text[start:end] for start, end in unit_spans(hit.passage)]
        made.append(
            [_label_window(question, window, labels, grade) for window in make_windows(hit.passage.path, texts)]
        )
    return made


def _label_window(question: Tokens, window: Window, labels: NDArray[np.float32], grade: float) -> TokenSample:
    unit_labels = tuple(float(labels[number]) for number in window.units)
    if grade == 0:
        return TokenSample(question, window, unit_labels, 0.0)
    if any(map(isnan, unit_labels)):
        return TokenSample(question, window, unit_labels, 1.0 if grade == 1 else nan)
    return TokenSample(question, window, unit_labels, grade if max(unit_labels) > 0 else 0.0)
