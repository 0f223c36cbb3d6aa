"""Scores speeches by the topic of a question, and selects the words that are on it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.question.query import AnswerType, Query
from bot.state import Reading
from ingest.japanese import nfkc
from ingest.japanese.figures import figures
from ingest.japanese.tokenise import words
from ingest.minutes import Decision, Kind, Span, Speech
from ingest.minutes.meeting import sentence_spans

# The share of the topic's weight from which words are on the topic.
ON_TOPIC = 0.4
# How much the matter and the question before count, compared with the words themselves.
_CONTEXT = 0.75
# Characters of a speech that is shown whole, and of the part of a longer one.
_WHOLE, _PART = 170, 200
# Where a speaker turns to another subject.
_TURNS = re.compile(
    r"[\s\u3000]*(?:また、|次に|続いて|続きまして|つづいて|さらに|最後に|それから|もう[一1１]点|別件|[一二三四五1-5１-５](?:点目|つ目|番目)|第[一二三四五1-5１-５]に|[(（①-⑤][1-5１-５]?[)）]?)"
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

    def score(self, speech: Speech) -> float:
        """Return how far a speech is on the topic, 0 to 1: by its own words, its matter and the question before."""
        own = self.share(speech.text)
        context = self.share(" ".join((speech.text, speech.item, speech.asked)))
        return own + (context - own) * _CONTEXT

    def probability(self, span: Span) -> float:
        """Return the reader's probability that a part of a passage answers."""
        units = self.units.get(span.passage.id, ())
        return max((p for start, end, p in units if start < span.end and span.start < end), default=0.0)

    def rank(self, speech: Speech) -> tuple[float, float]:
        """Return what speeches are ordered by: their score, then their own words and the reader's probability."""
        own, likely = self.share(speech.text), max(map(self.probability, speech.spans))
        return round(self.score(speech), 1), own + likely


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


def select_words(speech: Speech, topic: Topic) -> tuple[Span, Span]:
    """Return the part of a speech to show, within one passage, and the sentence of it that answers best.

    Of a speech on several subjects it is the part on the topic, of a long one the sentences around the best.
    """
    parts = list(_subjects(sentence_spans(speech)))
    if not parts:
        return speech.spans[0], speech.spans[0]
    part = max(parts, key=lambda spans: topic.share("".join(span.text for span in spans)))
    joined = _join(part) if not topic.is_empty else _join(_in_one_passage([span for one in parts for span in one]))
    best = max(part, key=lambda span: _sentence_score(span, speech, topic))
    if joined.end - joined.start <= _WHOLE and joined.passage is best.passage:
        return joined, best
    return _grow(best, [span for span in part if span.passage is best.passage]), best


def _sentence_score(span: Span, speech: Speech, topic: Topic) -> float:
    share = topic.share(span.text) if not topic.is_empty else 0.0
    decides = 0.35 if speech.kind is not Kind.QUESTION and _DECIDES.search(span.text) else 0.0
    figure = 0.3 if topic.asks_figure and figures(nfkc(span.text)) else 0.0
    return share + decides + figure + topic.probability(span)


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


def _grow(best: Span, spans: Sequence[Span]) -> Span:
    """Return the best sentence with those after and before it, up to the length of a part."""
    first = last = spans.index(best)
    while True:
        following = last + 1 < len(spans) and spans[last + 1].end - spans[first].start <= _PART
        before = first > 0 and spans[last].end - spans[first - 1].start <= _PART
        if following:
            last += 1
        elif before:
            first -= 1
        else:
            return _join(spans[first : last + 1])


def decision_score(decision: Decision, topic: Topic) -> float:
    """Return how far a decision is on the topic, 0 to 1."""
    return topic.share(f"{decision.text} {decision.item}")
