"""Scores speeches by the topic of a question, and selects the words that are on it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.question.query import AnswerType, Query
from bot.state import Reading
from ingest.japanese import nfkc
from ingest.japanese.figures import figures
from ingest.japanese.tokenise import words
from ingest.minutes import Decision, Kind, Span, Speech, sentence_spans

# The share of the topic's weight from which words are on the topic.
ON_TOPIC = 0.4
# The share of the weight below which the terms that minutes have do not stand for the topic.
_MIN_KNOWN = 1 / 3
# How much the matter and the question before count, compared with the words themselves.
_CONTEXT = 0.75
# Characters of a speech that is shown whole, and of the part of a longer one.
_WHOLE, _PART = 170, 230
# What a sentence that decides, or one with the figure asked for, is worth; and the weight of the reader's probability.
_BONUS, _PROBABILITY = 0.3, 1.5
# Where a speaker turns to another subject; また only where it names one.
_TURNS = re.compile(
    r"[\s\u3000]*(?:次に|続いて|続きまして|つづいて|最後に|もう[一1１]点|別件|[一二三四五1-5１-５](?:点目|つ目|番目)|第[一二三四五1-5１-５]に|[(（①-⑤][1-5１-５]?[)）]?"
    r"|(?:また|さらに|それから|あわせて)、?[^。]{2,40}(?:について|に関して|の件|も(?:お?伺|お?尋ね|お?聞|質問)))"
)
# How an office ends a reply that decides.
_DECIDES = re.compile(
    r"(?:考えて(?:い|お)|予定|検討|努め|進めて|ありません|いたします|困難|難し|実施|行います|行う|できない|できません|します。|しません|ません。|こととし|方針|目指し|見込|見送|対応)"
)


@dataclass(frozen=True)
class Topic:
    """The terms of the topic with their weights, and the reader's probability of each unit by passage."""

    weights: Mapping[str, float]
    units: Mapping[str, Sequence[tuple[int, int, float]]]
    asks_figure: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the question names no topic."""
        return not self.weights

    def share(self, text: str) -> float:
        """Return the share of the topic's weight that a text has, 0 to 1; 1 without a topic."""
        if not self.weights:
            return 1.0
        normal = nfkc(text)
        own = set(words(normal))
        held = sum(weight for term, weight in self.weights.items() if term in own or (len(term) > 1 and term in normal))
        return held / sum(self.weights.values())

    def limit_to(self, text: str) -> "Topic":
        """Return the topic without the terms that a text lacks; an empty one where these are most of its weight."""
        normal = nfkc(text)
        kept = {term: weight for term, weight in self.weights.items() if term in normal}
        is_enough = sum(kept.values()) >= _MIN_KNOWN * sum(self.weights.values())
        return replace(self, weights=kept if is_enough else {})

    def score(self, speech: Speech) -> float:
        """Return how far a speech is on the topic, 0 to 1: by its own words, its matter and the question before."""
        own = self.share(speech.text)
        context = self.share(f"{speech.text} {speech.item} {speech.asked}")
        return own + (context - own) * _CONTEXT

    def probability(self, span: Span) -> float:
        """Return the reader's probability that a part of a passage answers."""
        units = self.units.get(span.passage.id, ())
        return max((p for start, end, p in units if start < span.end and span.start < end), default=0.0)

    def rank(self, speech: Speech) -> tuple[float, float]:
        """Return what speeches are ordered by: their score, then their own words and the reader's probability."""
        return round(self.score(speech), 1), self.share(speech.text) + max(map(self.probability, speech.spans))


def build_topic(query: Query, reading: Reading | None, topic: str) -> Topic:
    """Return the topic of a question: those of its terms that `topic` has."""
    own = set(words(topic))
    weights = {term.text: term.weight for term in query.terms if term.text in own and not term.is_interrogative}
    units = {
        scored.hit.passage.id: [(unit.start, unit.end, unit.probability) for unit in scored.units]
        for scored in (reading.passages if reading else ())
    }
    asks_figure = query.answer_type in (AnswerType.QUANTITY, AnswerType.MONEY, AnswerType.DATE)
    return Topic({term: max(weight, 0.01) for term, weight in weights.items()}, units, asks_figure)


@dataclass(frozen=True, slots=True)
class Selected:
    """A part of a speech to show, within one passage, the sentence of it that answers best, and how well it answers."""

    span: Span
    best: Span
    score: float
    share: float


def select_words(speech: Speech, topic: Topic) -> tuple[Span, Span]:
    """Return the part of a speech to show and its best sentence, as `select_parts` orders them."""
    parts = select_parts(speech, topic)
    return (parts[0].span, parts[0].best) if parts else (speech.spans[0], speech.spans[0])


def select_parts(speech: Speech, topic: Topic) -> list[Selected]:
    """Return the parts of a speech, one for each of its subjects, best first; without a topic only its beginning.

    Of a long part they are the sentences around the best.
    """
    parts = list(_subjects(sentence_spans(speech)))
    if parts and topic.is_empty:
        parts = [_in_one_passage([span for one in parts for span in one])]
    return sorted((_select(part, speech, topic) for part in parts), key=lambda one: -one.score)


def _select(part: Sequence[Span], speech: Speech, topic: Topic) -> Selected:
    scores = [_sentence_score(span, speech, topic) for span in part]
    share = topic.share("".join(span.text for span in part))
    best = max(range(len(part)), key=lambda n: scores[n])
    joined = _join(part)
    if joined.end - joined.start > _WHOLE:
        joined = _grow(best, part, scores)
    return Selected(joined, part[best], share + scores[best], share)


def _sentence_score(span: Span, speech: Speech, topic: Topic) -> float:
    share = topic.share(span.text) if not topic.is_empty else 0.0
    decides = _BONUS if speech.kind is not Kind.QUESTION and _DECIDES.search(span.text) else 0.0
    figure = _BONUS if topic.asks_figure and figures(nfkc(span.text)) else 0.0
    return share + decides + figure + _PROBABILITY * topic.probability(span)


def _subjects(sentences: Sequence[Span]) -> Iterator[list[Span]]:
    """Yield the sentences of a speech by subject, each within one passage."""
    part = list[Span]()
    for span in sentences:
        if part and (_TURNS.match(span.text) or span.passage is not part[-1].passage):
            yield part
            part = []
        part.append(span)
    if part:
        yield part


def _in_one_passage(spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if span.passage is spans[0].passage]


def _join(spans: Sequence[Span]) -> Span:
    return Span(spans[0].passage, spans[0].start, spans[-1].end)


def _grow(best: int, spans: Sequence[Span], scores: Sequence[float]) -> Span:
    """Return the best sentence, extended by the better neighbour up to the length of a part."""
    first = last = best
    while True:
        neighbours = [n for n in (last + 1, first - 1) if 0 <= n < len(spans)]
        fitting = [n for n in neighbours if spans[max(n, last)].end - spans[min(n, first)].start <= _PART]
        if not fitting:
            return _join(spans[first : last + 1])
        added = max(fitting, key=lambda n: (scores[n], n))
        first, last = min(first, added), max(last, added)


def decision_score(decision: Decision, topic: Topic) -> float:
    """Return how far a decision is on the topic, 0 to 1: by its words and matter, and the discussion before it."""
    own = topic.share(f"{decision.text} {decision.item}")
    return own + _CONTEXT * (topic.share(f"{decision.text} {decision.item} {decision.discussion}") - own)
