"""Answers what a speaker said in a meeting, what the office replied, and who spoke on a topic (decision 078)."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.kinds.minutes.compile import Meeting
from bot.kinds.minutes.question import Mention, MinutesQuestion, meeting_numbers, read_question
from bot.rendering.snippet import PassageToShow, select_snippet
from bot.rendering.source_line import build_source_line
from bot.state import Draft, Excerpt, Paragraph, Part, ReadTurn, Source, Status, Unit, paragraph, service_message
from bot.state.length_budget import MAX_EXCERPT_LENGTH, TARGET_EXCERPT_LENGTH, LengthBudget
from bot.state.query import JAPANESE, Query
from bot.work_budget import take_work
from ingest.documents import Document, Passage, Person, Speech
from ingest.japanese import nfkc
from ingest.japanese.sentences import sentence_spans
from ingest.japanese.tokenise import words
from ingest.metadata.validity import superseded_by, superseding_documents

# Words that have at least this share of the topic's weight are on the topic, or near it.
_MIN_TOPIC_SHARE = 0.4
_MIN_NEAR_SHARE = 0.2
# The weight of headings and the question replied to, compared with the words of a speech themselves.
_CONTEXT_WEIGHT = 0.75
# The smallest weight of a term of the topic; a term of weight 0 still tells topics apart.
_MIN_TERM_WEIGHT = 0.01
# Speeches whose scores differ by at most this are about as much on the topic.
_EQUAL_SCORE_DIFFERENCE = 0.2
# The weight of the reader's probability in the score of a sentence.
_PROBABILITY_WEIGHT = 1.5
# Speeches that one answer shows, and characters of all of them.
_MAX_SPEECHES = 3
_MAX_LENGTH = 420
_EXCERPT_BUDGET = LengthBudget(TARGET_EXCERPT_LENGTH, MAX_EXCERPT_LENGTH)


@dataclass(frozen=True)
class _Topic:
    """The terms of the topic of a question with their shares of its weight, and the units that the reader has read."""

    weights: Mapping[str, float]
    units: Mapping[str, Sequence[Unit]]

    def terms_in(self, text: str) -> frozenset[str]:
        # Words of one character only as words of their own.
        return frozenset(term for term in self.weights if (term if len(term) > 1 else f" {term} ") in text)

    def share(self, terms: Container[str]) -> float:
        return sum(weight for term, weight in self.weights.items() if term in terms) if self.weights else 1.0


@dataclass(frozen=True)
class _ScoredSpeech:
    """A speech with its relevance to a topic, 0-1, by its words, its headings and the question that it replies to.

    Attributes:
        asker: who asked that question.
        share: the relevance of its words alone.
    """

    document: Document
    passage: Passage
    speech: Speech
    asker: Person | None
    topic: _Topic
    share: float
    score: float

    @property
    def is_on_topic(self) -> bool:
        return self.score >= _MIN_TOPIC_SHARE

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The sentences of the speech, by how well they answer."""
        text, first, read = self.passage.text, self.speech.start, self.topic.units.get(self.passage.id, ())

        def score(start: int, end: int) -> float:
            overlapping = (unit.probability for unit in read if unit.start < end and start < unit.end)
            share = self.topic.share(self.topic.terms_in(nfkc(text[start:end])))
            return share + _PROBABILITY_WEIGHT * max(overlapping, default=0.0)

        spans = [(first + start, first + end) for start, end in sentence_spans(text[first : self.speech.end])]
        return tuple(Unit(*span, score(*span)) for span in spans)

    @cached_property
    def sort_key(self) -> tuple[float, float]:
        return round(self.score, 1), self.share + max(unit.probability for unit in self.units)


class MinutesAnswerer:
    """Answers questions about minutes from meetings by document id; safe to share between threads."""

    def __init__(self, meetings: Mapping[str, Meeting], documents: Sequence[Document]) -> None:
        self._meetings = meetings
        speeches = (speech for meeting in meetings.values() for speech in meeting.speeches)
        self._persons = tuple(dict.fromkeys(one.speech.person for one in speeches if one.speech.person.display))
        self._successors = superseding_documents(documents)
        self._has_several_issuers = len({document.issuer for document in documents} - {""}) > 1

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the answer from minutes; None if the question is not about them, or they do not answer it.

        Nobody else's words are shown in place of a person's: if theirs are only near the topic, or nobody speaks on
        it, they are shown as unsure, else nothing was found.
        """
        query = turn.query
        question = read_question(query.text, self._persons) if query.language == JAPANESE and self._meetings else None
        if question is None:
            return None
        topic = _read_topic(turn, question.topic)
        scored = [speech for meeting in self._find_meetings(turn, question) for speech in _score(meeting, topic)]
        wanted = [one for one in scored if _is_wanted(one, question)]
        on_topic = sorted((one for one in wanted if one.is_on_topic), key=lambda one: one.sort_key, reverse=True)
        if not on_topic:
            if not scored or not any(mention.may_be_member for mention in question.asked):
                return None
            nearest = max(wanted, key=lambda one: one.sort_key, default=None)
            if nearest and (nearest.score >= _MIN_NEAR_SHARE or not any(one.is_on_topic for one in scored)):
                return self._show([nearest], query, Status.PARTIAL)
            nothing = paragraph(service_message("nothing"), service_message("otherwise"))
            return Draft((nothing,), status=Status.NO_ANSWER)
        best = max(one.score for one in scored)
        is_sure = best <= on_topic[0].score + _EQUAL_SCORE_DIFFERENCE and question.wanted != "speaker"
        if question.wanted != "words":
            on_topic = [one for one in on_topic if one.score >= on_topic[0].score - _EQUAL_SCORE_DIFFERENCE]
        return self._show(on_topic, query, Status.ANSWERED if is_sure else Status.PARTIAL)

    def _find_meetings(self, turn: ReadTurn, question: MinutesQuestion) -> list[Meeting]:
        """Return the meetings that were found, else those in which the speakers asked for spoke."""
        found = dict.fromkeys(hit.passage.doc_id for hit in turn.hits)
        meetings = [self._meetings[doc_id] for doc_id in found if doc_id in self._meetings]
        asked = _persons(question.asked)
        if asked and not any(one.speech.person in asked for meeting in meetings for one in meeting.speeches):
            meetings = [self._meetings[doc_id] for doc_id in self._meetings if doc_id in turn.query.scope.allowed]
        if numbers := meeting_numbers(turn.query.text):
            titled = [(meeting, meeting_numbers(nfkc(meeting.document.title))) for meeting in meetings]
            meetings = [meeting for meeting, own in titled if not own or own & numbers]
        return [meeting for meeting in meetings if meeting.document.id in turn.query.scope.named] or meetings

    def _show(self, speeches: Sequence[_ScoredSpeech], query: Query, status: Status) -> Draft:
        """Return excerpts of speeches, each speaker's words under a line with the name."""
        parts = list[Part]()
        sources = list[Source]()
        previous: Person | None = None
        for one in speeches[:_MAX_SPEECHES]:
            document, passage, person = one.document, one.passage, one.speech.person
            snippet = select_snippet(PassageToShow(passage, one.units), None, _EXCERPT_BUDGET)
            text = passage.text[snippet.start : snippet.end]
            if sources and sum(len(source.quote) for source in sources) + len(text) > _MAX_LENGTH:
                break
            if person.display and person != previous:
                key = "minutes_reply_of" if one.speech.kind == "reply" else "minutes_words_of"
                parts.append(Paragraph((service_message(key, person=person.display),)))
            is_older = superseded_by(document, query.scope.as_of, self._successors) is not None
            line = build_source_line(document, passage.path, is_older=is_older, with_issuer=self._has_several_issuers)
            highlight = snippet.highlight[0] - snippet.start, snippet.highlight[1] - snippet.start
            ellipses = "…" * snippet.lacks_start, "…" * snippet.lacks_end
            sources.append(Source(passage, text))
            parts.append(Excerpt(len(sources), line, text, highlight, ellipses))
            previous = person
        return Draft(tuple(parts), tuple(sources), status, sources[0].passage.section)


def _persons(mentions: Iterable[Mention]) -> frozenset[Person]:
    return frozenset(person for mention in mentions for person in mention.persons)


def _is_wanted(one: _ScoredSpeech, question: MinutesQuestion) -> bool:
    person = one.speech.person
    if question.wanted == "words":
        return person in _persons(question.asked)
    if question.wanted == "speaker":
        return bool(person.display) and person.role != "chair"
    repliers = [mention for mention in question.mentions if mention.is_subject]
    askers = [mention for mention in question.mentions if not mention.is_subject and mention.may_be_member]
    is_by_replier = not repliers or person in _persons(repliers)
    is_to_asker = not askers or one.asker in _persons(askers)
    return one.speech.kind == "reply" and is_by_replier and is_to_asker


def _read_topic(turn: ReadTurn, text: str) -> _Topic:
    in_text = set(words(text))
    terms = [term for term in turn.query.terms if term.text in in_text and not term.is_interrogative]
    weights = {term.text: max(term.weight, _MIN_TERM_WEIGHT) for term in terms}
    total = sum(weights.values())
    units = {scored.hit.passage.id: scored.units for scored in turn.reading.passages}
    return _Topic({term: weight / total for term, weight in weights.items()}, units)


def _score(meeting: Meeting, topic: _Topic) -> Iterator[_ScoredSpeech]:
    speeches = meeting.speeches
    if take_work("speeches", len(speeches)) < len(speeches):
        return
    own = [topic.terms_in(one.terms) for one in speeches]
    for terms, one in zip(own, speeches, strict=True):
        share = topic.share(terms)
        asked = frozenset[str]() if one.asked is None else own[one.asked]
        asker = None if one.asked is None else speeches[one.asked].speech.person
        in_context = topic.share(terms | asked | topic.terms_in(one.headings))
        score = share + (in_context - share) * _CONTEXT_WEIGHT
        passage = meeting.passages[one.passage]
        yield _ScoredSpeech(meeting.document, passage, one.speech, asker, topic, share, score)
