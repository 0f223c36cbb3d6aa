"""Answers who said what in a meeting, what the office replied and what was decided (decision 078)."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.minutes.mentions import MentionKind, without_title
from bot.minutes.question import (
    Act,
    MinutesQuestion,
    Wanted,
    may_be_about_minutes,
    meeting_numbers,
    names_decision,
    parse_minutes_question,
)
from bot.minutes.rendering import MAX_SPEECHES, MinutesRenderer
from bot.minutes.topic import MIN_TOPIC_SHARE, MeetingSpeech, ScoredMeeting, Topic, build_topic, list_speeches
from bot.state import Draft, ReadTurn, Status, paragraph, service_message
from bot.state.query import JAPANESE, AnswerType, Query, Scope
from bot.work_budget import take_work
from ingest.documents import Document
from ingest.japanese import nfkc
from ingest.minutes import Kind, Person, SpeakerRole, Speech
from ingest.minutes.compiled import CompiledMeeting

# Speakers, or meetings, with this share of the best score are about as much on the topic.
_NEARLY_BEST_SHARE = 0.8
# Replies and decisions whose scores differ by at most this are equally good.
_EQUAL_SCORE_DIFFERENCE = 0.15
# If another speech is better by this difference, a speech is likely on another topic.
_OTHER_TOPIC_DIFFERENCE = 0.24


@dataclass(frozen=True)
class _Request:
    question: MinutesQuestion
    meetings: Sequence[CompiledMeeting]
    topic: Topic
    query: Query

    @cached_property
    def scored(self) -> list[ScoredMeeting]:
        sizes = ((meeting, len(meeting.speeches)) for meeting in self.meetings)
        return [ScoredMeeting(meeting, self.topic) for meeting, size in sizes if take_work("speeches", size) == size]

    @cached_property
    def speeches(self) -> list[MeetingSpeech]:
        return [item for scored in self.scored for item in list_speeches(scored)]

    def is_topic_known(self) -> bool:
        return any(item.is_on_topic for item in self.speeches if item.speech.person)

    def on_topic(self) -> list[MeetingSpeech]:
        return [item for item in self.speeches if item.is_on_topic]

    def speeches_of_mentioned(self) -> list[MeetingSpeech]:
        identities = {person.identity for mention in self.question.people for person in mention.persons}
        return [item for item in self.speeches if item.speech.person and item.speech.person.identity in identities]

    def replies(self, askers: Sequence[Person] = ()) -> list[MeetingSpeech]:
        identities = {asker.identity for asker in askers}
        replies = [
            item
            for item in self.on_topic()
            if _is_of_office(item.speech)
            and (not identities or any(asker.identity in identities for asker in item.speech.askers))
        ]
        return sorted(_rank(replies), key=lambda item: item.speech.kind is not Kind.REPLY)

    def status_of(self, item: MeetingSpeech) -> Status:
        best = max(scored.scores.max(initial=0.0) for scored in self.scored)
        return Status.PARTIAL if best >= item.score + _OTHER_TOPIC_DIFFERENCE else Status.ANSWERED

    def on_topic_meetings(self) -> "_Request":
        if self.topic.is_empty:
            return replace(self, meetings=self.meetings[:1])
        min_score = _NEARLY_BEST_SHARE * max((scored.best_score for scored in self.scored), default=0.0)
        return replace(self, meetings=[scored.meeting for scored in self.scored if scored.best_score >= min_score])


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
        request = self._parse(turn)
        if request is None:
            return None
        question = request.question
        is_about_person = question.wanted in (Wanted.WORDS, Wanted.REPLY) and any(
            mention.kind is not MentionKind.OFFICE for mention in question.people
        )
        draft = self._answer_wanted(request)
        if draft or not is_about_person:
            return draft
        speeches = request.speeches_of_mentioned()
        if any(item.is_on_topic for item in speeches) or (speeches and not request.is_topic_known()):
            return self._answer_words(request)
        key = "minutes_no_words" if request.topic.is_empty else "minutes_not_spoken"
        names = "・".join(mention.text for mention in question.people)
        return Draft((paragraph(service_message(key, person=names)),), status=Status.NO_ANSWER)

    def _answer_wanted(self, request: _Request) -> Draft | None:
        question = request.question
        if question.wanted is not Wanted.WORDS and not question.people:
            request = request.on_topic_meetings()
        match question.wanted:
            case Wanted.WORDS:
                return self._answer_words(request)
            case Wanted.REPLY:
                return self._answer_reply(request)
            case Wanted.WHO:
                return self._answer_who(request)
            case Wanted.DECISION:
                return self._answer_decision(request)

    def _parse(self, turn: ReadTurn) -> _Request | None:
        query = turn.query
        if query.language != JAPANESE or not may_be_about_minutes(query.text):
            return None
        doc_ids = dict.fromkeys(hit.passage.doc_id for hit in turn.hits)
        found = [self._meetings[doc_id] for doc_id in doc_ids if doc_id in self._meetings]
        numbers = meeting_numbers(query.text)
        meetings = []
        for meeting in found:
            title_numbers = meeting_numbers(nfkc(meeting.document.title))
            if not (numbers and title_numbers) or numbers & title_numbers:
                meetings.append(meeting)
        question = parse_minutes_question(query.text, _persons(meetings)) if meetings else None
        if question and (further := self._find_meetings_of_unknown(question, doc_ids, query)):
            meetings = [*further, *meetings]
            question = parse_minutes_question(query.text, _persons(meetings))
        if question is None:
            return None
        typed_text = nfkc(turn.texts.typed_follow_up.text)
        typed = tuple(mention for mention in question.people if mention.text in typed_text)
        if any(mention.has_member for mention in typed):
            # The member whom a follow-up names is asked about, not the one whom the question before named.
            question = replace(question, mentions=typed)
        named = [meeting for meeting in meetings if meeting.document.id in query.scope.named]
        topic = build_topic(query, turn.reading, question.topic)
        return _Request(question, named or meetings, topic, query)

    def _find_meetings_of_unknown(
        self, question: MinutesQuestion, doc_ids: Container[str], query: Query
    ) -> list[CompiledMeeting]:
        unknown = (mention for mention in question.people if mention.kind is MentionKind.NAME and not mention.persons)
        names = [name for name in (without_title(mention.text) for mention in unknown) if len(name) > 1]
        names = names[: take_work("names", len(names))]
        return [
            meeting
            for doc_id, meeting in self._meetings.items()
            if doc_id not in doc_ids and doc_id in query.scope.allowed and any(name in meeting.text for name in names)
        ]

    def _answer_words(self, request: _Request) -> Draft | None:
        query = request.query
        speeches = _rank(request.speeches_of_mentioned())
        on_topic = [item for item in speeches if item.is_on_topic]
        if on_topic:
            status = request.status_of(on_topic[0])
            return self._renderer.show_speeches(on_topic[:MAX_SPEECHES], query, status=status)
        may_be_meant = speeches and not request.is_topic_known()
        return self._renderer.show_speeches(speeches[:1], query, status=Status.PARTIAL) if may_be_meant else None

    def _answer_reply(self, request: _Request) -> Draft | None:
        people = request.question.people
        askers = [person for mention in people for person in mention.persons if person.role is not SpeakerRole.OFFICE]
        replies = request.replies(askers)
        status = request.status_of(replies[0]) if replies else Status.PARTIAL
        if not replies and not askers:
            # Without the words that the minutes lack, the topic may be found.
            request = replace(request, topic=request.topic.limit_to(request.meetings))
            replies = [] if request.topic.is_empty else request.replies()
        if not replies:
            return None
        min_score = replies[0].score - _EQUAL_SCORE_DIFFERENCE
        equally_good = [item for item in replies if item.score >= min_score]
        return self._renderer.show_speeches(equally_good[:MAX_SPEECHES], request.query, status=status)

    def _answer_who(self, request: _Request) -> Draft | None:
        query = request.query
        on_topic = request.on_topic()
        sought = _rank(item for item in on_topic if _is_sought(item.speech, request.question))
        if sought:
            min_score = _NEARLY_BEST_SHARE * max(item.score for item in sought)
            meeting = sought[0].meeting
            sought = [item for item in sought if item.meeting is meeting and item.score >= min_score]
        speakers = dict[Person, MeetingSpeech]()
        for item in sought:
            if item.speech.person and item.speech.person.is_named:
                speakers.setdefault(item.speech.person, item)
        if speakers:
            return self._renderer.show_speeches([*speakers.values()][:MAX_SPEECHES], query)
        unnamed = _rank(item for item in on_topic if not item.meeting.names_speakers)
        if not (sought or unnamed) or request.topic.is_empty:
            return None
        return self._renderer.show_speeches(
            (sought or unnamed)[:1], query, introduction=(service_message("minutes_unnamed"),), status=Status.PARTIAL
        )

    def _answer_decision(self, request: _Request) -> Draft | None:
        topic, query = request.topic, request.query
        # Whether something has begun is left to what the documents say about it.
        if query.answer_type is AnswerType.BOOLEAN and not names_decision(query.text):
            return None
        best = max((scored.decision_scores.max(initial=0.0) for scored in request.scored), default=0.0)
        min_score = max(MIN_TOPIC_SHARE, best - _EQUAL_SCORE_DIFFERENCE)
        chosen = [
            (scored.meeting, decision)
            for scored in request.scored
            for decision, score in zip(scored.meeting.decisions, scored.decision_scores, strict=True)
            if score >= min_score
        ]
        chosen = [item for item in chosen if item[0] is chosen[0][0]]
        if topic.asks_figure:
            chosen = [item for item in chosen if any(map(str.isdecimal, item[1].vote))] or chosen
        return self._renderer.show_decisions(chosen, query) if chosen else None


def _rank(speeches: Iterable[MeetingSpeech]) -> list[MeetingSpeech]:
    return sorted(speeches, key=lambda item: item.sort_key, reverse=True)


def _persons(meetings: Sequence[CompiledMeeting]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(person for meeting in meetings for person in (*meeting.persons, *meeting.present)))


def _is_of_office(speech: Speech) -> bool:
    return speech.kind is Kind.REPLY or (speech.person is not None and speech.person.role is SpeakerRole.OFFICE)


def _is_sought(speech: Speech, question: MinutesQuestion) -> bool:
    person = speech.person
    if person is None:
        return False
    if question.act is Act.REPLY:
        return person.role is SpeakerRole.OFFICE
    return person.role is SpeakerRole.MEMBER and (question.act is not Act.ASK or speech.kind is Kind.QUESTION)
