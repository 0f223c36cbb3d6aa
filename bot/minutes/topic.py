"""Scores speeches by the topic of a question, and selects the words that are on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.question.query import AnswerType, Query
from bot.state import Reading
from ingest.japanese import nfkc
from ingest.japanese.figures import figures
from ingest.japanese.tokenise import words
from ingest.minutes import Decision, PassageSpan, Speech, sentence_spans

# Words that have at least this share of the topic's weight are on the topic.
MIN_TOPIC_SHARE = 0.4
# If the minutes have less of the topic's weight than this share, its terms say too little about the topic.
_MIN_KNOWN_SHARE = 1 / 3
# The weight of the matter and the preceding question, compared with the words of a speech themselves.
_CONTEXT_WEIGHT = 0.75
# The smallest weight of a term of the topic; a term of weight 0 still tells topics apart.
_MIN_TERM_WEIGHT = 0.01
# Characters up to which a part of a speech is shown complete.
_MAX_COMPLETE_LENGTH = 170
# Characters of the sentences that are shown of a longer part.
_MAX_SHORTENED_LENGTH = 230
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

    def covered_share(self, text: str) -> float:
        """Return the share of the topic's weight that a text contains, 0 to 1; 1 without a topic."""
        if not self.weights:
            return 1.0
        text = nfkc(text)
        text_terms = set(words(text))
        covered = [
            weight for term, weight in self.weights.items() if term in text_terms or (len(term) > 1 and term in text)
        ]
        return sum(covered) / sum(self.weights.values())

    def limit_to(self, text: str) -> "Topic":
        """Return the topic without the terms that a text lacks; an empty topic if these are most of its weight."""
        text = nfkc(text)
        weights = {term: weight for term, weight in self.weights.items() if term in text}
        is_enough = sum(weights.values()) >= _MIN_KNOWN_SHARE * sum(self.weights.values())
        return replace(self, weights=weights if is_enough else {})

    def score_speech(self, speech: Speech) -> float:
        """Return the relevance of a speech to the topic, 0-1, by its words, matter and the question it replies to."""
        return self._score(speech.text, f"{speech.item} {speech.asked}")

    def score_decision(self, decision: Decision) -> float:
        """Return the relevance of a decision to the topic, 0-1, by its words, matter and the discussion before it."""
        return self._score(f"{decision.text} {decision.item}", decision.discussion)

    def _score(self, text: str, context: str) -> float:
        text_share = self.covered_share(text)
        share_with_context = self.covered_share(f"{text} {context}")
        return text_share + (share_with_context - text_share) * _CONTEXT_WEIGHT

    def is_on_topic(self, speech: Speech) -> bool:
        """Whether a speech is on the topic."""
        return self.score_speech(speech) >= MIN_TOPIC_SHARE

    def probability(self, span: PassageSpan) -> float:
        """Return the reader's probability that a part of a passage answers."""
        units = self.units.get(span.passage.id, ())
        overlapping = (probability for start, end, probability in units if start < span.end and span.start < end)
        return max(overlapping, default=0.0)

    def sort_key(self, speech: Speech) -> tuple[float, float]:
        """Return the key by which speeches are sorted: score, then their words and the reader's probability."""
        probability = max(map(self.probability, speech.spans))
        return round(self.score_speech(speech), 1), self.covered_share(speech.text) + probability


def build_topic(query: Query, reading: Reading | None, topic_text: str) -> Topic:
    """Return the topic of a question: the terms of the question that are in `topic_text`."""
    topic_terms = set(words(topic_text))
    weights = {
        term.text: max(term.weight, _MIN_TERM_WEIGHT)
        for term in query.terms
        if term.text in topic_terms and not term.is_interrogative
    }
    units = {
        scored.hit.passage.id: [(unit.start, unit.end, unit.probability) for unit in scored.units]
        for scored in (reading.passages if reading else ())
    }
    asks_figure = query.answer_type in (AnswerType.QUANTITY, AnswerType.MONEY, AnswerType.DATE)
    return Topic(weights, units, asks_figure)


@dataclass(frozen=True, slots=True)
class SpeechPart:
    """The part of a speech in one passage.

    Attributes:
        span: the words to show, in one passage.
        best_sentence: the sentence of `span` that answers best.
        score: how well the part answers; only parts of one speech can be compared.
        topic_share: the share of the topic that the complete part has.
    """

    span: PassageSpan
    best_sentence: PassageSpan
    score: float = 0.0
    topic_share: float = 0.0


def select_parts(speech: Speech, topic: Topic) -> list[SpeechPart]:
    """Return the parts of a speech, one for each of its passages, best first; without a topic only its beginning.

    Of a long part, only the sentences around the best one are shown.
    """
    by_passage: dict[str, list[PassageSpan]] = {}
    for sentence in sentence_spans(speech):
        by_passage.setdefault(sentence.passage.id, []).append(sentence)
    if not by_passage:
        return [SpeechPart(speech.spans[0], speech.spans[0])]
    parts = [_build_part(sentences, topic) for sentences in by_passage.values()]
    return parts[:1] if topic.is_empty else sorted(parts, key=lambda part: -part.score)


def _build_part(sentences: Sequence[PassageSpan], topic: Topic) -> SpeechPart:
    scores = [_score_sentence(sentence, topic) for sentence in sentences]
    topic_share = topic.covered_share("".join(sentence.text for sentence in sentences))
    best = scores.index(max(scores))
    span = _join(sentences)
    if span.end - span.start > _MAX_COMPLETE_LENGTH:
        span = _grow(best, sentences, scores)
    return SpeechPart(span, sentences[best], topic_share + scores[best], topic_share)


def _score_sentence(sentence: PassageSpan, topic: Topic) -> float:
    score = 0.0 if topic.is_empty else topic.covered_share(sentence.text)
    if topic.asks_figure and figures(nfkc(sentence.text)):
        score += _FIGURE_BONUS
    return score + _PROBABILITY_WEIGHT * topic.probability(sentence)


def _join(sentences: Sequence[PassageSpan]) -> PassageSpan:
    return PassageSpan(sentences[0].passage, sentences[0].start, sentences[-1].end)


def _grow(best: int, sentences: Sequence[PassageSpan], scores: Sequence[float]) -> PassageSpan:
    first = last = best
    while True:
        neighbours = [i for i in (last + 1, first - 1) if 0 <= i < len(sentences)]
        fitting = [
            i
            for i in neighbours
            if sentences[max(i, last)].end - sentences[min(i, first)].start <= _MAX_SHORTENED_LENGTH
        ]
        if not fitting:
            return _join(sentences[first : last + 1])
        added = max(fitting, key=lambda i: (scores[i], i))
        first = min(first, added)
        last = max(last, added)
