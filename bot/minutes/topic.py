"""Scores speeches by the topic of a question, and selects the words that are on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.state import Reading
from bot.state.query import AnswerType, Query
from bot.work_budget import take_work
from ingest.japanese import nfkc
from ingest.japanese.figures import figures
from ingest.japanese.tokenise import words
from ingest.minutes import PassageSpan, Speech, sentence_spans
from ingest.minutes.compiled import CompiledMeeting, Segments

# Words that have at least this share of the topic's weight are on the topic.
MIN_TOPIC_SHARE = 0.4
# The weight of the matter and the preceding question, compared with the words of a speech themselves.
_CONTEXT_WEIGHT = 0.75
# The smallest weight of a term of the topic; a term of weight 0 still tells topics apart.
_MIN_TERM_WEIGHT = 0.01
# Characters of the sentences that are shown of a speech.
_MAX_LENGTH = 200
# Added to the score of a sentence with a figure if the question asks for one.
_FIGURE_BONUS = 0.3
# The weight of the reader's probability in the score of a sentence.
_PROBABILITY_WEIGHT = 1.5


@dataclass(frozen=True)
class Topic:
    """What a question about minutes is about.

    Attributes:
        weights: the terms of the topic with their weights.
        units: start, end and the reader's probability of each unit, by passage id.
        asks_figure: whether a figure or date is asked for.
    """

    weights: Mapping[str, float]
    units: Mapping[str, Sequence[tuple[int, int, float]]]
    asks_figure: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the question names no topic."""
        return not self.weights

    def probability(self, span: PassageSpan) -> float:
        """Return the reader's probability that a part of a passage answers."""
        units = self.units.get(span.passage.id, ())
        overlapping = (probability for start, end, probability in units if start < span.end and span.start < end)
        return max(overlapping, default=0.0)


class ScoredMeeting:
    """A meeting with the relevance of its speeches and decisions to a topic.

    Attributes:
        meeting: the meeting.
        topic: the topic.
        shares: the share of the topic's weight that the words of each speech have, 0-1; 1 without a topic.
        scores: the relevance of each speech, 0-1, by its words, its matter and the question it replies to.
        decision_scores: that of each decision, by its words, its matter and the discussion before it.
    """

    def __init__(self, meeting: CompiledMeeting, topic: Topic) -> None:
        self.meeting = meeting
        self.topic = topic
        self._weights = np.array([*topic.weights.values()]) / sum(topic.weights.values() or [1.0])
        holds = [meeting.sentences_with(term) for term in topic.weights]
        self._holds = np.array(holds, bool).reshape(len(holds), len(meeting.sentence_starts))
        self.shares = self._shares_of(meeting.own)
        self.scores = self._scores(self.shares, meeting.with_context)
        self.decision_scores = self._scores(self._shares_of(meeting.decided), meeting.discussed)

    def share_of(self, rows: Sequence[int]) -> float:
        """Return the share of the topic's weight that sentences have together; 1 without a topic."""
        return float(self._weights @ self._holds[:, list(rows)].any(axis=1)) if len(self._weights) else 1.0

    def _shares_of(self, texts: Segments) -> NDArray[np.float64]:
        if not len(self._weights):
            return np.ones(len(texts.starts))
        shares: NDArray[np.float64] = self._weights @ texts.any_sentence(self._holds)
        return shares

    def _scores(self, shares: NDArray[np.float64], with_context: Segments) -> NDArray[np.float64]:
        return shares + (self._shares_of(with_context) - shares) * _CONTEXT_WEIGHT


class MeetingSpeech(NamedTuple):
    """A speech of a meeting by its number, with its share of the topic and its score."""

    scored: ScoredMeeting
    n: int
    speech: Speech
    share: float
    score: float

    @property
    def meeting(self) -> CompiledMeeting:
        """The meeting."""
        return self.scored.meeting

    @property
    def is_on_topic(self) -> bool:
        """Whether the speech is on the topic."""
        return self.score >= MIN_TOPIC_SHARE

    @property
    def sort_key(self) -> tuple[float, float]:
        """The score, then the share of its words and the reader's probability."""
        probability = max(map(self.scored.topic.probability, self.speech.spans))
        return round(self.score, 1), self.share + probability


def list_speeches(scored: ScoredMeeting) -> Iterator[MeetingSpeech]:
    """Yield the speeches of a meeting with their scores."""
    shares, scores = scored.shares.tolist(), scored.scores.tolist()
    for n, speech in enumerate(scored.meeting.speeches):
        yield MeetingSpeech(scored, n, speech, shares[n], scores[n])


def build_topic(query: Query, reading: Reading | None, topic_text: str) -> Topic:
    """Return the topic of a question: the terms of the question that are in `topic_text`."""
    topic_terms = set(words(topic_text))
    terms = [term for term in query.terms if term.text in topic_terms and not term.is_interrogative]
    weightiest = sorted(terms, key=lambda term: -term.weight)[: take_work("terms", len(terms))]
    weights = {term.text: max(term.weight, _MIN_TERM_WEIGHT) for term in weightiest}
    units = {
        scored.hit.passage.id: [(unit.start, unit.end, unit.probability) for unit in scored.units]
        for scored in (reading.passages if reading else ())
    }
    asks_figure = query.answer_type in (AnswerType.QUANTITY, AnswerType.MONEY, AnswerType.DATE)
    return Topic(weights, units, asks_figure)


class SpeechPart(NamedTuple):
    """The words of a speech to show, in one passage, and the sentence of them that answers best."""

    span: PassageSpan
    best_sentence: PassageSpan


def select_part(item: MeetingSpeech) -> SpeechPart:
    """Return the sentence of a speech that answers best with the sentences around it in its passage."""
    topic = item.scored.topic
    sentences = sentence_spans(item.speech)
    if not sentences:
        return SpeechPart(item.speech.spans[0], item.speech.spans[0])
    scores = list[float]()
    for sentence, row in zip(sentences, item.meeting.own.rows_of(item.n), strict=False):
        has_figure = topic.asks_figure and bool(figures(nfkc(sentence.text)))
        share = 0.0 if topic.is_empty else item.scored.share_of([int(row)])
        scores.append(share + _FIGURE_BONUS * has_figure + _PROBABILITY_WEIGHT * topic.probability(sentence))
    best = sentences[scores.index(max(scores))]
    of_passage = [sentence for sentence in sentences if sentence.passage is best.passage]
    position = of_passage.index(best)
    start, end = best.start, best.end
    # What follows a sentence explains it more often than what precedes it.
    for sentence in of_passage[position + 1 :]:
        end = sentence.end if sentence.end - start <= _MAX_LENGTH else end
    for sentence in reversed(of_passage[:position]):
        start = sentence.start if end - sentence.start <= _MAX_LENGTH else start
    return SpeechPart(PassageSpan(best.passage, start, end), best)
