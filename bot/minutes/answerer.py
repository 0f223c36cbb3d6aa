"""Answers what a speaker said in a meeting, what the office replied and what was decided (decision 078)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.minutes.question import meeting_numbers
from bot.minutes.rendering import MinutesRenderer
from bot.minutes.topic import MIN_TOPIC_SHARE, MeetingSpeech, ScoredMeeting, Topic, build_topic
from bot.state import Draft, ReadTurn, Status, paragraph, service_message
from bot.state.minutes_question import Mention, MentionKind, MinutesQuestion, Wanted
from bot.state.query import AnswerType, Query, Scope
from bot.work_budget import take_work
from ingest.documents import Document
from ingest.japanese import nfkc
from ingest.minutes.compiled import CompiledMeeting
from ingest.spoken_words import Kind, Person, SpeakerRole

# Speeches and decisions whose scores differ by at most this are about as much on the topic.
_EQUAL_SCORE_DIFFERENCE = 0.2


@dataclass(frozen=True)
class _Request:
    question: MinutesQuestion
    meetings: Sequence[CompiledMeeting]
    topic: Topic
    query: Query

    @cached_property
    def scored(self) -> list[ScoredMeeting]:
        sizes = ((meeting, len(meeting.meeting.speeches)) for meeting in self.meetings)
        return [ScoredMeeting(meeting, self.topic) for meeting, size in sizes if take_work("speeches", size) == size]

    @cached_property
    def speeches(self) -> list[MeetingSpeech]:
        """The speeches, best first."""
        speeches = (speech for scored in self.scored for speech in scored.speeches())
        return sorted(speeches, key=lambda item: item.sort_key, reverse=True)

    @cached_property
    def on_topic(self) -> list[MeetingSpeech]:
        """The speeches on the topic, best first."""
        return [item for item in self.speeches if item.is_on_topic]

    def speeches_of_asked(self) -> list[MeetingSpeech]:
        return [item for item in self.speeches if _is_by(item, self.question.asked)]

    def status_of(self, item: MeetingSpeech) -> Status:
        best = max(max(scored.scores, default=0.0) for scored in self.scored)
        return Status.PARTIAL if best > item.score + _EQUAL_SCORE_DIFFERENCE else Status.ANSWERED


class MinutesAnswerer:
    """Answers questions about minutes from their speeches and decisions; safe to share between threads.

    `meetings` are those of the index by document id, and `is_superseded` tells whether a document is for a scope.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        is_superseded: Callable[[str, Scope], bool],
        meetings: Mapping[str, CompiledMeeting],
    ) -> None:
        self._meetings = meetings
        self._renderer = MinutesRenderer(documents, is_superseded)

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the answer from minutes; None if the question is not about them, or they do not answer it.

        Asked for the words of a person who has none in the minutes that were found, it says so.
        """
        request = self._find_request(turn)
        if request is None or request.question.wanted is None:
            return None
        if request.question.wanted is Wanted.DECISION:
            return self._answer_decision(request)
        asked = request.question.asked
        draft = self._answer_reply(request) if request.question.wanted is Wanted.REPLY else None
        if request.question.wanted is Wanted.WORDS or asked is request.question.mentions:
            draft = draft or self._answer_words(request)
        if draft or all(mention.kind is MentionKind.OFFICE for mention in asked):
            return draft
        key = "minutes_not_spoken" if request.topic.weights else "minutes_no_words"
        names = "・".join(mention.text for mention in asked)
        return Draft((paragraph(service_message(key, person=names)),), status=Status.NO_ANSWER)

    def _find_request(self, turn: ReadTurn) -> _Request | None:
        query, question = turn.query, turn.query.minutes
        doc_ids = dict.fromkeys(hit.passage.doc_id for hit in turn.hits)
        meetings = [self._meetings[doc_id] for doc_id in doc_ids if doc_id in self._meetings]
        if question and question.meeting_numbers:
            numbered = ((meeting, meeting_numbers(nfkc(meeting.document.title))) for meeting in meetings)
            meetings = [one for one, numbers in numbered if not numbers or numbers & question.meeting_numbers]
        if question is None or not meetings:
            return None
        asked = {person for mention in question.asked for person in mention.persons}
        if asked and asked.isdisjoint(_persons(meetings)):
            others = (self._meetings[doc_id] for doc_id in self._meetings if doc_id in query.scope.allowed)
            meetings += [meeting for meeting in others if meeting not in meetings and asked & set(meeting.persons)]
        question = question.among(_persons(meetings))
        named = [meeting for meeting in meetings if meeting.document.id in query.scope.named]
        topic = build_topic(query, turn.reading, question.topic)
        return _Request(question, named or meetings, topic, query)

    def _answer_words(self, request: _Request) -> Draft | None:
        speeches = request.speeches_of_asked()
        if on_topic := [item for item in speeches if item.is_on_topic]:
            return self._renderer.show_speeches(on_topic, request.query, status=request.status_of(on_topic[0]))
        if not speeches or any(item.speech.person for item in request.on_topic):
            return None
        return self._renderer.show_speeches(speeches[:1], request.query, status=Status.PARTIAL)

    def _answer_reply(self, request: _Request) -> Draft | None:
        question = request.question
        repliers = [mention for mention in question.mentions if mention.is_subject]
        others = [mention for mention in question.mentions if not mention.is_subject]
        persons = [person for mention in others for person in mention.persons]
        askers = {person.identity for person in persons if person.role is not SpeakerRole.OFFICE}
        if not all(mention.persons for mention in question.mentions):
            return None
        replies = [
            item
            for item in request.on_topic
            if (item.speech.kind is Kind.REPLY or _role(item) is SpeakerRole.OFFICE)
            and (not repliers or _is_by(item, repliers))
            and (not askers or askers & {asker.identity for asker in item.compiled.meeting.askers(item.speech)})
        ]
        if not replies:
            return None
        replies.sort(key=lambda item: item.speech.kind is not Kind.REPLY)
        equally_good = [item for item in replies if item.score >= replies[0].score - _EQUAL_SCORE_DIFFERENCE]
        return self._renderer.show_speeches(equally_good, request.query, status=request.status_of(replies[0]))

    def _answer_decision(self, request: _Request) -> Draft | None:
        # Whether something has begun is left to what the documents say about it.
        if request.query.answer_type is AnswerType.BOOLEAN and not request.question.names_decision:
            return None
        decisions = [
            (scored.compiled, decision, score)
            for scored in request.scored
            for decision, score in zip(scored.compiled.meeting.decisions, scored.decision_scores, strict=True)
        ]
        best = max((score for _, _, score in decisions), default=0.0)
        min_score = max(MIN_TOPIC_SHARE, best - _EQUAL_SCORE_DIFFERENCE)
        chosen = [(meeting, decision) for meeting, decision, score in decisions if score >= min_score]
        chosen = [item for item in chosen if item[0] is chosen[0][0]]
        return self._renderer.show_decisions(chosen, request.query) if chosen else None


def _persons(meetings: Iterable[CompiledMeeting]) -> frozenset[Person]:
    return frozenset(person for meeting in meetings for person in meeting.persons)


def _is_by(item: MeetingSpeech, mentions: Iterable[Mention]) -> bool:
    identities = {person.identity for mention in mentions for person in mention.persons}
    return item.speech.person is not None and item.speech.person.identity in identities


def _role(item: MeetingSpeech) -> SpeakerRole | None:
    return item.speech.person.role if item.speech.person else None
