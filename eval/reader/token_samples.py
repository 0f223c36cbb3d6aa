"""What the token reader learns from: windows of texts, and what of them answers a question.

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

from bot.reader.tokens import HEADING, Token, Window, tokens, windows
from bot.reader.units import units
from eval.reader.examples import Example
from eval.reading.squad import load_squad
from ingest.normalise import nfkc
from ingest.sentences import written_sentences

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
class Sample:
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
class Asked:
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


def asked_of(file: Path) -> list[Asked]:
    """Return the questions of a set in the format of SQuAD whose answer stands in one sentence."""
    found = load_squad(file)
    articles: defaultdict[str, list[Paragraph]] = defaultdict(list)
    placed = []
    for context in found.contexts:
        text = nfkc(context.text)
        cut = [s for line in text.splitlines() for s in written_sentences(line) if s.strip()]
        sentences = tuple(each for sentence in cut if (each := tokens(sentence)))
        members = articles[context.title]
        placed.append((members, len(members)))
        members.append(Paragraph(tokens(nfkc(context.title))[:HEADING], sentences, text))
    asked = [_asked(tokens(nfkc(q.text)), nfkc(q.answers[0]), *placed[q.context]) for q in found.questions]
    return [each for each in asked if each]


def _asked(question: Tokens, answer: str, paragraphs: Sequence[Paragraph], at: int) -> Asked | None:
    wanted, looked = {token.term for token in question if token.term}, [token.runs for token in tokens(answer)]
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
    return Asked(question, answer, paragraphs, at, frozenset(spans), first, spans[first])


def of_asked(asked: Asked, random: np.random.Generator) -> list[Sample]:
    """Return a sample that answers and one that does not, where there are such."""
    right = (_whole, _less_a_sentence, _less_a_clause)[random.choice(3, p=_AS_IT_IS)]
    wrong = (_less_the_answer, _beside, _less_its_clause)[random.choice(3, p=_LACKING)]
    return [made for make in (right, wrong) if (made := make(asked, random))]


def _whole(asked: Asked, random: np.random.Generator) -> Sample | None:
    sentences = asked.paragraphs[asked.at].sentences
    return _answered(asked, dict(enumerate(sentences)), asked.span, random)


def _less_a_sentence(asked: Asked, random: np.random.Generator) -> Sample | None:
    kept = dict(enumerate(asked.paragraphs[asked.at].sentences))
    if others := [number for number in kept if number not in asked.holding]:
        del kept[others[random.integers(len(others))]]
    return _answered(asked, kept, asked.span, random)


def _less_a_clause(asked: Asked, random: np.random.Generator) -> Sample | None:
    kept = dict(enumerate(asked.paragraphs[asked.at].sentences))
    _, others = _clauses(asked)
    if not others:
        return _less_a_sentence(asked, random)
    start, end = others[random.integers(len(others))]
    sentence, (first, last) = kept[asked.first], asked.span
    kept[asked.first] = sentence[:start] + sentence[end:]
    moved = end - start if end <= first else 0
    return _answered(asked, kept, (first - moved, last - moved), random)


def _less_the_answer(asked: Asked, random: np.random.Generator) -> Sample | None:
    kept = {n: s for n, s in enumerate(asked.paragraphs[asked.at].sentences) if n not in asked.holding}
    if not kept:
        return _beside(asked, random)
    nearest = min(kept, key=lambda number: abs(number - asked.first))
    return _unanswered(asked, asked.at, kept, nearest, random)


def _beside(asked: Asked, random: np.random.Generator) -> Sample | None:
    if not asked.beside:
        return None
    number, place = asked.beside[random.integers(len(asked.beside))]
    return _unanswered(asked, number, dict(enumerate(asked.paragraphs[number].sentences)), place, random)


def _less_its_clause(asked: Asked, random: np.random.Generator) -> Sample | None:
    sentence = asked.paragraphs[asked.at].sentences[asked.first]
    mine, others = _clauses(asked)
    left = tuple(token for n, token in enumerate(sentence) if not any(start <= n < end for start, end in mine))
    if not others or len(left) < _LEFT:
        return _less_the_answer(asked, random)
    kept = {n: s for n, s in enumerate(asked.paragraphs[asked.at].sentences) if n not in asked.holding}
    kept[asked.first] = left
    return _unanswered(asked, asked.at, dict(sorted(kept.items())), asked.first, random)


def _clauses(asked: Asked) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return (start, end) of the clauses of the sentence that answers: those of the answer, and others."""
    sentence = asked.paragraphs[asked.at].sentences[asked.first]
    cut = [0, *(n + 1 for n, token in enumerate(sentence[:-1]) if token.runs in _ends_of_clauses()), len(sentence)]
    found = list(pairwise(cut))
    mine = [(start, end) for start, end in found if start <= asked.span[1] and end > asked.span[0]]
    return mine, [each for each in found if each not in mine and each[1] - each[0] >= _CLAUSE]


@cache
def _ends_of_clauses() -> frozenset[tuple[int, ...]]:
    return frozenset(token.runs for mark in _MARKS for token in tokens(mark))


def _answered(
    asked: Asked, sentences: dict[int, Tokens], span: tuple[int, int], random: np.random.Generator
) -> Sample | None:
    chosen = _around(sentences, asked.first, random)
    before = sum(len(sentences[number]) for number in chosen[: chosen.index(asked.first)])
    labels = tuple(float(number in asked.holding) for number in chosen)
    window = _window(asked.paragraphs[asked.at].title, [sentences[number] for number in chosen])
    if before + span[1] >= sum(map(len, window.texts)):
        return None
    return Sample(asked.question, window, labels, 1.0, (before + span[0], before + span[1]))


def _unanswered(asked: Asked, at: int, sentences: dict[int, Tokens], core: int, random: np.random.Generator) -> Sample:
    chosen = _around(sentences, core, random)
    window = _window(asked.paragraphs[at].title, [sentences[number] for number in chosen])
    return Sample(asked.question, window, (0.0,) * len(chosen), 0.0)


def _window(title: Tokens, sentences: Sequence[Tokens]) -> Window:
    return Window(title, tuple(sentence[: _MOST + _LEAST] for sentence in sentences), tuple(range(len(sentences))))


def _around(sentences: dict[int, Tokens], core: int, random: np.random.Generator) -> list[int]:
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


def of_example(example: Example, most: int) -> list[list[Sample]]:
    """Return for each of the first `most` passages of an example its windows, with what of them answers."""
    question = tokens(example.query.text)
    bounds = np.cumsum([0, *(len(units(hit.passage)) for hit in example.hits)])
    made = []
    for number, hit in enumerate(example.hits[:most]):
        labels, grade = example.units[bounds[number] : bounds[number + 1]], float(example.passages[number])
        texts = [hit.passage.text[start:end] for start, end in units(hit.passage)]
        made.append([_labelled(question, window, labels, grade) for window in windows(hit.passage.path, texts)])
    return made


def _labelled(question: Tokens, window: Window, labels: NDArray[np.float32], grade: float) -> Sample:
    mine = tuple(float(labels[number]) for number in window.units)
    if grade == 0:
        return Sample(question, window, mine, 0.0)
    if any(map(isnan, mine)):
        return Sample(question, window, mine, 1.0 if grade == 1 else nan)
    return Sample(question, window, mine, grade if max(mine) > 0 else 0.0)
