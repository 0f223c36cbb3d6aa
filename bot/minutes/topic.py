"""Scores speeches and decisions by the topic of a question, and selects the sentences that are on it."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from bot.state import Reading
from bot.state.query import Query
from bot.work_budget import take_work
from ingest.japanese.tokenise import words
from ingest.minutes.compiled import CompiledMeeting
from ingest.minutes.model import Sentence, Speech

# Words that have at least this share of the topic's weight are on the topic.
MIN_TOPIC_SHARE = 0.4
# The weight of the matter and the preceding question, compared with the words of a speech themselves.
_CONTEXT_WEIGHT = 0.75
# The smallest weight of a term of the topic; a term of weight 0 still tells topics apart.
_MIN_TERM_WEIGHT = 0.01
# Characters of the sentences that are shown of a passage of a speech.
_MAX_LENGTH = 200
# The weight of the reader's probability in the score of a sentence.
_PROBABILITY_WEIGHT = 1.5


@dataclass(frozen=True)
class Topic:
    """What a question about minutes is about.

    Attributes:
        weights: the terms of the topic with their shares of its weight.
        units: start, end and the reader's probability of each unit, by passage id.
    """

    weights: Mapping[str, float]
    units: Mapping[str, Sequence[tuple[int, int, float]]]

    def terms_in(self, text: str) -> frozenset[str]:
        """Return the terms that a text has, as words of one character or anywhere."""
        return frozenset(term for term in self.weights if (term if len(term) > 1 else f" {term} ") in text)

    def share(self, terms: Container[str]) -> float:
        """Return the share of the topic's weight that terms have; 1 without a topic."""
        return sum(weight for term, weight in self.weights.items() if term in terms) if self.weights else 1.0


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
    total = sum(weights.values())
    return Topic({term: weight / total for term, weight in weights.items()}, units)


class ScoredMeeting:
    """A meeting with the relevance of its speeches and decisions to a topic, 0-1.

    Attributes:
        shares: the share of the topic's weight that the words of each speech have.
        scores: the relevance of each speech, by its words, its matter and the questions that it replies to.
        decision_scores: that of each decision, by its words, its matter and the discussion before it.
    """

    def __init__(self, compiled: CompiledMeeting, topic: Topic) -> None:
        self.compiled = compiled
        self.topic = topic
        units = ((n, topic.units.get(passage.id)) for n, passage in enumerate(compiled.passages))
        self._units = {n: units_of_passage for n, units_of_passage in units if units_of_passage}
        meeting = compiled.meeting
        matters = {item: topic.terms_in(text) for item, text in compiled.matters.items()}
        own = list(map(topic.terms_in, compiled.texts))
        for n, decision in enumerate(meeting.decisions, len(meeting.speeches)):
            own[n] |= matters[decision.item]
        self.shares = list(map(topic.share, own))
        scores = list[float]()
        for share, terms, part in zip(self.shares, own, meeting.parts, strict=True):
            in_context = topic.share(terms.union(matters[part.item], *(own[n] for n in part.context)))
            scores.append(share + (in_context - share) * _CONTEXT_WEIGHT)
        self.scores, self.decision_scores = scores[: len(meeting.speeches)], scores[len(meeting.speeches) :]

    def speeches(self) -> Iterator["MeetingSpeech"]:
        """Yield the speeches of the meeting in order."""
        speeches = zip(self.compiled.meeting.speeches, self.scores, strict=True)
        return (MeetingSpeech(self, n, self.compiled, *speech) for n, speech in enumerate(speeches))

    def probability(self, sentence: Sentence) -> float:
        """Return the reader's highest probability that a part of a sentence answers."""
        units = self._units.get(sentence.passage, ())
        overlapping = (part for part in units if part[0] < sentence.end and sentence.start < part[1])
        return max((probability for _, _, probability in overlapping), default=0.0)


class SpeechPart(NamedTuple):
    """Consecutive sentences of one passage to show, and the one of them that answers best."""

    sentences: Sequence[Sentence]
    best: Sentence


@dataclass(frozen=True)
class MeetingSpeech:
    """The speech `n` of a meeting, with its relevance to the topic (`score`, 0-1)."""

    scored: ScoredMeeting
    n: int
    compiled: CompiledMeeting
    speech: Speech
    score: float

    @property
    def is_on_topic(self) -> bool:
        """Whether the speech is on the topic."""
        return self.score >= MIN_TOPIC_SHARE

    @cached_property
    def sort_key(self) -> tuple[float, float]:
        """The score, then the share of its words and the reader's probability."""
        probability = max(map(self.scored.probability, self.speech.sentences))
        return round(self.score, 1), self.scored.shares[self.n] + probability

    def select_part(self) -> SpeechPart:
        """Return the sentence of the speech that answers best with those around it."""

        def score(sentence: Sentence) -> float:
            share = self.scored.topic.share(self.scored.topic.terms_in(sentence.search_text))
            return share + _PROBABILITY_WEIGHT * self.scored.probability(sentence)

        return _with_neighbours(self.speech.sentences, max(self.speech.sentences, key=score))


def _with_neighbours(sentences: Sequence[Sentence], best: Sentence) -> SpeechPart:
    of_passage = [sentence for sentence in sentences if sentence.passage == best.passage]
    first = last = of_passage.index(best)
    # What follows a sentence explains it more often than what precedes it.
    while last + 1 < len(of_passage) and of_passage[last + 1].end - of_passage[first].start <= _MAX_LENGTH:
        last += 1
    while first and of_passage[last].end - of_passage[first - 1].start <= _MAX_LENGTH:
        first -= 1
    return SpeechPart(of_passage[first : last + 1], best)
