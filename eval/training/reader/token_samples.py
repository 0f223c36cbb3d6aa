"""Training samples of the token model: a question, a text window and its labels.

Near misses decide: the sentence that answers is cut out, or only the clause that does; what is cut elsewhere leaves the
answer, so that a cut tells nothing.
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

from bot.relevance.tokens import HEADING, Token, Window, make_windows, tokenise_text
from bot.relevance.units import unit_spans
from eval.benchmarks.reading.squad import load_squad
from eval.training.reader.reading_examples import ReadingExample
from ingest.japanese import nfkc
from ingest.japanese.sentences import split_document_sentences

Tokens = tuple[Token, ...]
# Clauses end behind these; shorter ones, and what is left of a sentence that is shorter, are no clause.
_MARKS = "、,()「」;"
_CLAUSE, _LEFT = 3, 4
# The least and greatest number of tokens that are read of an encyclopedia's paragraph.
_LEAST, _MOST = 40, 110
# How often a question is asked of its text as it is, less another sentence, less another clause; and of what does not
# answer: less the sentences that answer, of another paragraph of the article, less the clause that answers.
_AS_IT_IS, _LACKING = (0.35, 0.25, 0.4), (0.35, 0.25, 0.4)


@dataclass(frozen=True, slots=True)
class TokenSample:
    """A question and a window; `units` and `answers` 0-1 or nan for unknown; `span` are the answer's tokens."""

    question: Tokens
    window: Window
    units: tuple[float, ...]
    answers: float
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article, as sentences."""

    title: Tokens
    sentences: tuple[Tokens, ...]
    text: str


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question that `paragraphs[at]` answers: by the sentences `holding`, first by `first`, there by `span`."""

    question: Tokens
    answer: str
    paragraphs: Sequence[Paragraph]
    at: int
    holding: frozenset[int]
    first: int
    span: tuple[int, int]

    @cached_property
    def beside(self) -> tuple[tuple[int, int], ...]:
        """The two sentences of other paragraphs, (paragraph, sentence), that meet most of the question."""
        wanted = {token.term for token in self.question if token.term}
        met = [
            (-len(wanted & {token.term for token in sentence}), number, place)
            for number, paragraph in enumerate(self.paragraphs)
            if number != self.at and self.answer not in paragraph.text
            for place, sentence in enumerate(paragraph.sentences)
        ]
        return tuple((number, place) for _, number, place in sorted(met)[:2])


def load_answered_questions(file: Path) -> list[AnsweredQuestion]:
    """Return the questions of a set in the format of SQuAD whose answer stands in one sentence."""
    found = load_squad(file)
    articles: defaultdict[str, list[Paragraph]] = defaultdict(list)
    placed = []
    for context in found.contexts:
        text = nfkc(context.text)
        cut = [s for line in text.splitlines() for s in split_document_sentences(line) if s.strip()]
        sentences = tuple(each for sentence in cut if (each := tokenise_text(sentence)))
        members = articles[context.title]
        placed.append((members, len(members)))
        members.append(Paragraph(tokenise_text(nfkc(context.title))[:HEADING], sentences, text))
    asked = [
        _locate_answer(tokenise_text(nfkc(q.text)), nfkc(q.answers[0]), *placed[q.context]) for q in found.questions
    ]
    return [each for each in asked if each]


def _locate_answer(question: Tokens, answer: str, paragraphs: Sequence[Paragraph], at: int) -> AnsweredQuestion | None:
    wanted, looked = {token.term for token in question if token.term}, [token.runs for token in tokenise_text(answer)]
    spans: dict[int, tuple[int, int]] = {}
    for number, sentence in enumerate(paragraphs[at].sentences):
        runs = [token.runs for token in sentence]
        starts = (i for i in range(len(runs) - len(looked) + 1) if runs[i : i + len(looked)] == looked)
        if looked and (start := next(starts, None)) is not None:
            spans[number] = (start, start + len(looked) - 1)
    if not spans:
        return None
    sentences = paragraphs[at].sentences
    first = max(spans, key=lambda number: len(wanted & {token.term for token in sentences[number]}))
    return AnsweredQuestion(question, answer, paragraphs, at, frozenset(spans), first, spans[first])


def make_question_samples(asked: AnsweredQuestion, random: np.random.Generator) -> list[TokenSample]:
    """Return a sample that answers and one that does not, where there are such."""
    right = (_sample_paragraph, _drop_other_sentence, _drop_other_clause)[random.choice(3, p=_AS_IT_IS)]
    wrong = (_drop_answer_sentences, _sample_distractor, _drop_answer_clause)[random.choice(3, p=_LACKING)]
    return [made for make in (right, wrong) if (made := make(asked, random))]


def _sample_paragraph(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    sentences = asked.paragraphs[asked.at].sentences
    return _answered_sample(asked, dict(enumerate(sentences)), asked.span, random)


def _drop_other_sentence(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    kept = dict(enumerate(asked.paragraphs[asked.at].sentences))
    if others := [number for number in kept if number not in asked.holding]:
        del kept[others[random.integers(len(others))]]
    return _answered_sample(asked, kept, asked.span, random)


def _drop_other_clause(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    kept = dict(enumerate(asked.paragraphs[asked.at].sentences))
    _, others = _split_clauses(asked)
    if not others:
        return _drop_other_sentence(asked, random)
    start, end = others[random.integers(len(others))]
    sentence, (first, last) = kept[asked.first], asked.span
    kept[asked.first] = sentence[:start] + sentence[end:]
    moved = end - start if end <= first else 0
    return _answered_sample(asked, kept, (first - moved, last - moved), random)


def _drop_answer_sentences(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    kept = {n: s for n, s in enumerate(asked.paragraphs[asked.at].sentences) if n not in asked.holding}
    if not kept:
        return _sample_distractor(asked, random)
    nearest = min(kept, key=lambda number: abs(number - asked.first))
    return _unanswered_sample(asked, asked.at, kept, nearest, random)


def _sample_distractor(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    if not asked.beside:
        return None
    number, place = asked.beside[random.integers(len(asked.beside))]
    return _unanswered_sample(asked, number, dict(enumerate(asked.paragraphs[number].sentences)), place, random)


def _drop_answer_clause(asked: AnsweredQuestion, random: np.random.Generator) -> TokenSample | None:
    sentence = asked.paragraphs[asked.at].sentences[asked.first]
    mine, others = _split_clauses(asked)
    left = tuple(token for n, token in enumerate(sentence) if not any(start <= n < end for start, end in mine))
    if not others or len(left) < _LEFT:
        return _drop_answer_sentences(asked, random)
    kept = {n: s for n, s in enumerate(asked.paragraphs[asked.at].sentences) if n not in asked.holding}
    kept[asked.first] = left
    return _unanswered_sample(asked, asked.at, dict(sorted(kept.items())), asked.first, random)


def _split_clauses(asked: AnsweredQuestion) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return (start, end) of the clauses of the sentence that answers: those of the answer, and others."""
    sentence = asked.paragraphs[asked.at].sentences[asked.first]
    cut = [0, *(n + 1 for n, token in enumerate(sentence[:-1]) if token.runs in _clause_end_tokens()), len(sentence)]
    found = list(pairwise(cut))
    mine = [(start, end) for start, end in found if start <= asked.span[1] and end > asked.span[0]]
    return mine, [each for each in found if each not in mine and each[1] - each[0] >= _CLAUSE]


@cache
def _clause_end_tokens() -> frozenset[tuple[int, ...]]:
    return frozenset(token.runs for mark in _MARKS for token in tokenise_text(mark))


def _answered_sample(
    asked: AnsweredQuestion, sentences: dict[int, Tokens], span: tuple[int, int], random: np.random.Generator
) -> TokenSample | None:
    chosen = _choose_context(sentences, asked.first, random)
    before = sum(len(sentences[number]) for number in chosen[: chosen.index(asked.first)])
    labels = tuple(float(number in asked.holding) for number in chosen)
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
    return Window(title, tuple(sentence[: _MOST + _LEAST] for sentence in sentences), tuple(range(len(sentences))))


def _choose_context(sentences: dict[int, Tokens], core: int, random: np.random.Generator) -> list[int]:
    """Return the sentence `core` with others before and behind it, as many as find room by chance, in order."""
    numbers, room = list(sentences), int(random.integers(_LEAST, _MOST)) - len(sentences[core])
    first = last = numbers.index(core)
    while first > 0 or last < len(numbers) - 1:
        before = last == len(numbers) - 1 or (first > 0 and random.random() < 1 / 2)
        number = numbers[first - 1 if before else last + 1]
        room -= len(sentences[number])
        if room < 0:
            break
        first, last = (first - 1, last) if before else (first, last + 1)
    return numbers[first : last + 1]


def make_example_samples(example: ReadingExample, most: int) -> list[list[TokenSample]]:
    """Return for each of the first `most` passages of an example its windows, with what of them answers."""
    question = tokenise_text(example.query.text)
    bounds = np.cumsum([0, *(len(unit_spans(hit.passage)) for hit in example.hits)])
    made = []
    for number, hit in enumerate(example.hits[:most]):
        labels, grade = example.units[bounds[number] : bounds[number + 1]], float(example.passages[number])
        texts = [hit.passage.text[start:end] for start, end in unit_spans(hit.passage)]
        made.append(
            [_label_window(question, window, labels, grade) for window in make_windows(hit.passage.path, texts)]
        )
    return made


def _label_window(question: Tokens, window: Window, labels: NDArray[np.float32], grade: float) -> TokenSample:
    mine = tuple(float(labels[number]) for number in window.units)
    if grade == 0:
        return TokenSample(question, window, mine, 0.0)
    if any(map(isnan, mine)):
        return TokenSample(question, window, mine, 1.0 if grade == 1 else nan)
    return TokenSample(question, window, mine, grade if max(mine) > 0 else 0.0)
