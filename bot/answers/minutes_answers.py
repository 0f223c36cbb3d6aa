"""Answers who said what in a meeting, what the office replied and what was decided (decision 078)."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from bot.answers.minutes_renderer import MAX_NAMES, MAX_SPEECHES, MeetingSpeech, MinutesRenderer
from bot.guardrails.prompt_injection import has_injection
from bot.minutes import Mention, MinutesQuestion, Topic, Wanted, build_topic, parse_minutes_question
from bot.minutes.mentions import MentionKind, without_title
from bot.minutes.question import STANCES, Act, may_be_about_minutes, meeting_numbers, names_decision
from bot.minutes.topic import MIN_TOPIC_SHARE
from bot.question.language import JAPANESE
from bot.question.query import AnswerType, Query
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.state import Draft, Paragraph, ReadTurn, Status, paragraph, service_message
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.minutes import Kind, Meeting, Person, SpeakerRole, Speech, read_meeting

_CACHED_MEETINGS = 128
# Passages with an unknown name that are searched for further meetings.
_MAX_NAME_HITS = 50
# Speakers, or meetings, with this share of the best score are about as much on the topic.
_NEARLY_BEST_SHARE = 0.8
# Replies and decisions whose scores differ by at most this are equally good.
_EQUAL_SCORE_DIFFERENCE = 0.15
# If another speech is better by this difference, a speech is likely on another topic.
_OTHER_TOPIC_DIFFERENCE = 0.24


@dataclass(frozen=True, slots=True)
class _Request:
    """A question about minutes with the meetings that were found for it, and its topic."""

    question: MinutesQuestion
    meetings: Sequence[Meeting]
    topic: Topic
    query: Query

    @property
    def speeches(self) -> list[MeetingSpeech]:
        return [MeetingSpeech(meeting, speech) for meeting in self.meetings for speech in meeting.speeches]

    @property
    def mentioned_names(self) -> str:
        return "・".join(mention.text for mention in self.question.people)

    def is_topic_known(self) -> bool:
        return any(self.topic.is_on_topic(speech) for _, speech in self.speeches if speech.person)

    def on_topic(self, speeches: Iterable[MeetingSpeech]) -> list[MeetingSpeech]:
        return [item for item in speeches if self.topic.is_on_topic(item.speech)]

    def ranked(self, speeches: Iterable[MeetingSpeech]) -> list[MeetingSpeech]:
        return sorted(speeches, key=lambda item: self.topic.sort_key(item.speech), reverse=True)

    def speeches_of_mentioned(self) -> list[MeetingSpeech]:
        identities = {person.identity for mention in self.question.people for person in mention.persons}
        return [item for item in self.speeches if item.speech.person and item.speech.person.identity in identities]

    def replies(self, askers: Sequence[Person] = ()) -> list[MeetingSpeech]:
        identities = {asker.identity for asker in askers}
        replies = [
            item
            for item in self.on_topic(self.speeches)
            if _is_of_office(item.speech)
            and (not identities or any(asker.identity in identities for asker in item.speech.askers))
        ]
        return sorted(self.ranked(replies), key=lambda item: item.speech.kind is not Kind.REPLY)

    def status_of(self, speech: Speech) -> Status:
        best = max(self.topic.score_speech(other) for _, other in self.speeches)
        is_other_topic = best >= self.topic.score_speech(speech) + _OTHER_TOPIC_DIFFERENCE
        return Status.PARTIAL if is_other_topic else Status.ANSWERED


class MinutesAnswerer:
    """Answers questions about minutes from their speeches and decisions; safe to share between threads.

    `find_containing` returns the passages that contain a text.
    """

    def __init__(self, catalogue: DocumentCatalogue, find_containing: Callable[[str], Iterable[Passage]]) -> None:
        self._catalogue = catalogue
        self._find_containing = find_containing
        self._renderer = MinutesRenderer(catalogue)
        self._read_meeting = lru_cache(maxsize=_CACHED_MEETINGS)(self._read_uncached)

    def answer_about_speakers(self, turn: ReadTurn) -> Draft | None:
        """Return the words of the person asked about, or why there are none; None for another question.

        It answers before a language model is asked. If a name means several persons, all who spoke on the topic are
        shown; if only one did, the person is asked which one is meant.
        """
        request = self._parse(turn)
        if request is None:
            return None
        question = request.question
        is_about_person = any(mention.kind is not MentionKind.OFFICE for mention in question.people)
        if not is_about_person or question.wanted not in (Wanted.WORDS, Wanted.REPLY, Wanted.MEETING):
            return None
        speeches = request.speeches_of_mentioned()
        ambiguous = next((mention for mention in question.people if mention.is_ambiguous), None)
        if ambiguous and question.wanted is not Wanted.MEETING:
            return self._answer_ambiguous(request, ambiguous)
        if question.wanted is not Wanted.WORDS and self(turn):
            return None
        if request.on_topic(speeches) or (speeches and not request.is_topic_known()):
            return self._answer_words(request)
        return self._say_not_spoken(request)

    def _answer_ambiguous(self, request: _Request, mention: Mention) -> Draft:
        firsts = _first_of_each_person(request.speeches_of_mentioned(), request)
        if request.question.wanted is Wanted.WORDS and not request.topic.is_empty and len(firsts) > 1:
            return self._renderer.show_speeches(firsts, request.topic, request.query)
        return _ask_which_person(request.query.text, mention)

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the answer from minutes; None if the question is not about them, or they do not answer it."""
        request = self._parse(turn)
        if request is None:
            return None
        question = request.question
        if question.wanted is not Wanted.WORDS and not question.people:
            request = replace(request, meetings=_meetings_on_topic(request))
        match question.wanted:
            case Wanted.WORDS:
                return self._answer_words(request)
            case Wanted.REPLY:
                return self._answer_reply(request)
            case Wanted.WHO:
                return self._answer_who(request)
            case Wanted.DECISION:
                return self._answer_decision(request)
            case Wanted.MEETING:
                return self._answer_meeting(request)

    def _parse(self, turn: ReadTurn) -> _Request | None:
        query = turn.query
        if query.language != JAPANESE or not may_be_about_minutes(query.text):
            return None
        doc_ids = dict.fromkeys(hit.passage.doc_id for hit in turn.hits)
        meetings = [meeting for meeting in self._read_meetings(doc_ids) if _may_have_number(meeting, query)]
        question = parse_minutes_question(query.text, _persons(meetings)) if meetings else None
        if question and (further := self._find_meetings_of_unknown(question, doc_ids, query)):
            meetings = [*further, *meetings]
            question = parse_minutes_question(query.text, _persons(meetings))
        if question is None:
            return None
        typed_text = nfkc(turn.texts.typed_follow_up)
        typed = tuple(mention for mention in question.people if mention.text in typed_text)
        if any(mention.has_member for mention in typed):
            # The member whom a follow-up names is asked about, not the one whom the question before named.
            question = replace(question, mentions=typed)
        named = [meeting for meeting in meetings if meeting.document.id in query.scope.named]
        topic = build_topic(query, turn.reading, question.topic)
        return _Request(question, named or meetings, topic, query)

    def _find_meetings_of_unknown(
        self, question: MinutesQuestion, doc_ids: Container[str], query: Query
    ) -> list[Meeting]:
        unknown = (mention for mention in question.people if mention.kind is MentionKind.NAME and not mention.persons)
        names = (without_title(mention.text) for mention in unknown)
        passages = (passage for name in names if len(name) > 1 for passage in self._find_containing(name))
        further = dict.fromkeys(passage.doc_id for passage in islice(passages, _MAX_NAME_HITS))
        return self._read_meetings(i for i in further if i not in doc_ids and i in query.scope.allowed)

    def _read_meetings(self, doc_ids: Iterable[str]) -> list[Meeting]:
        return [meeting for doc_id in doc_ids if (meeting := self._read_meeting(doc_id))]

    def _read_uncached(self, doc_id: str) -> Meeting | None:
        passages = [passage for passage in self._catalogue.find_passages(doc_id) if not has_injection(passage)]
        return read_meeting(self._catalogue.documents[doc_id], passages)

    def _answer_words(self, request: _Request) -> Draft | None:
        topic, query = request.topic, request.query
        speeches = request.ranked(request.speeches_of_mentioned())
        on_topic = request.on_topic(speeches)
        if with_stance := [item for item in on_topic if _has_stance(item.speech, request.question)]:
            status = request.status_of(with_stance[0].speech)
            return self._renderer.show_speeches(with_stance[:MAX_SPEECHES], topic, query, status=status)
        if speeches and topic.is_on_topic(speeches[0].speech):
            return self._renderer.show_speeches(speeches[:1], topic, query, status=Status.PARTIAL)
        is_about_office = all(mention.kind is MentionKind.OFFICE for mention in request.question.people)
        replies = request.replies() if is_about_office and not topic.is_empty else []
        if replies and (replier := replies[0].speech.person):
            introduction = service_message(
                "minutes_other_office", asked=request.mentioned_names, person=replier.display
            )
            return self._renderer.show_speeches(
                replies[:1], topic, query, introduction=(introduction,), status=Status.PARTIAL
            )
        if speeches and not request.is_topic_known():
            return self._renderer.show_speeches(speeches[:1], topic, query, status=Status.PARTIAL)
        return None

    def _answer_reply(self, request: _Request) -> Draft | None:
        people = request.question.people
        askers = [person for mention in people for person in mention.persons if person.role is not SpeakerRole.OFFICE]
        officers = {person for mention in people if mention.kind is MentionKind.OFFICE for person in mention.persons}
        replies = request.replies(askers)
        if officers and askers:
            replies = [item for item in replies if item.speech.person in officers] or replies
        status = request.status_of(replies[0].speech) if replies else Status.PARTIAL
        if not replies and not askers:
            # Without the words that the minutes lack, the topic may be found.
            all_text = "".join(passage.text for meeting in request.meetings for passage in meeting.passages)
            request = replace(request, topic=request.topic.limit_to(all_text))
            replies = [] if request.topic.is_empty else request.replies()
        if not replies:
            return None
        score = request.topic.score_speech
        min_score = score(replies[0].speech) - _EQUAL_SCORE_DIFFERENCE
        equally_good = [item for item in replies if score(item.speech) >= min_score]
        return self._renderer.show_speeches(equally_good[:MAX_SPEECHES], request.topic, request.query, status=status)

    def _answer_who(self, request: _Request) -> Draft | None:
        topic, query = request.topic, request.query
        on_topic = request.on_topic(request.speeches)
        sought = request.ranked(item for item in on_topic if _is_sought(item.speech, request.question))
        if sought:
            min_score = _NEARLY_BEST_SHARE * max(topic.score_speech(item.speech) for item in sought)
            meeting = sought[0].meeting
            sought = [
                item for item in sought if item.meeting is meeting and topic.score_speech(item.speech) >= min_score
            ]
        speakers = dict[Person, Speech]()
        for _, speech in sought:
            if speech.person and speech.person.is_named:
                speakers.setdefault(speech.person, speech)
        if speakers:
            verb = _verb(request.question)
            return self._renderer.show_speakers(sought[0].meeting, list(speakers.items()), verb, topic, query)
        unnamed = request.ranked(item for item in on_topic if not item.meeting.names_speakers)
        if not (sought or unnamed) or topic.is_empty:
            return None
        return self._renderer.show_speeches(
            (sought or unnamed)[:1],
            topic,
            query,
            introduction=(service_message("minutes_unnamed"),),
            status=Status.PARTIAL,
        )

    def _answer_decision(self, request: _Request) -> Draft | None:
        """Return the decisions on the topic, or all decisions if the question names no topic.

        Whether something has been decided or has begun is left to what the documents say about it.
        """
        topic, query = request.topic, request.query
        if query.answer_type is AnswerType.BOOLEAN and not names_decision(query.text):
            return None
        decisions = [(meeting, decision) for meeting in request.meetings for decision in meeting.decisions]
        best = max((topic.score_decision(decision) for _, decision in decisions), default=0.0)
        min_score = max(MIN_TOPIC_SHARE, best - _EQUAL_SCORE_DIFFERENCE)
        chosen = [item for item in decisions if topic.score_decision(item[1]) >= min_score]
        chosen = [item for item in chosen if item[0] is chosen[0][0]]
        if topic.asks_figure:
            chosen = [item for item in chosen if any(map(str.isdecimal, item[1].vote))] or chosen
        return self._renderer.show_decisions(chosen, query) if chosen else None

    def _answer_meeting(self, request: _Request) -> Draft | None:
        speeches = request.speeches_of_mentioned() if request.question.people else request.speeches
        on_topic = request.ranked(request.on_topic(speeches))
        if not on_topic or request.topic.is_empty:
            return None
        return self._renderer.show_meeting(*on_topic[0], request.topic, request.query)

    def _say_not_spoken(self, request: _Request) -> Draft:
        name = request.mentioned_names
        has_topic = not request.topic.is_empty
        refusal = [service_message("minutes_not_spoken" if has_topic else "minutes_no_words", person=name)]
        if has_topic and (others := _speakers_on_topic(request)):
            refusal.append(service_message("minutes_spoke", persons="、".join(others)))
        speeches = request.speeches_of_mentioned()
        if not speeches:
            return Draft((Paragraph(tuple(refusal)),), status=Status.NO_ANSWER)
        refusal.append(service_message("minutes_spoke_on", person=name))
        first_of_each_matter = dict[tuple[str, str], MeetingSpeech]()
        for item in speeches:
            first_of_each_matter.setdefault((item.meeting.document.id, item.speech.item), item)
        firsts = list(first_of_each_matter.values())[:MAX_SPEECHES]
        no_topic = Topic({}, {})
        return self._renderer.show_speeches(
            firsts, no_topic, request.query, introduction=tuple(refusal), status=Status.PARTIAL
        )


def _persons(meetings: Sequence[Meeting]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(person for meeting in meetings for person in (*meeting.persons, *meeting.present)))


def _is_of_office(speech: Speech) -> bool:
    return speech.kind is Kind.REPLY or (speech.person is not None and speech.person.role is SpeakerRole.OFFICE)


def _first_of_each_person(speeches: Iterable[MeetingSpeech], request: _Request) -> list[MeetingSpeech]:
    firsts = dict[tuple[str, str, str], MeetingSpeech]()
    for item in request.ranked(request.on_topic(speeches)):
        if item.speech.person:
            firsts.setdefault(item.speech.person.identity, item)
    return list(firsts.values())[:MAX_SPEECHES]


def _has_stance(speech: Speech, question: MinutesQuestion) -> bool:
    stance_words = STANCES.get(question.stance, ())
    return not stance_words or any(word in speech.text for word in stance_words)


def _is_sought(speech: Speech, question: MinutesQuestion) -> bool:
    person = speech.person
    if person is None:
        return False
    if question.act is Act.REPLY:
        return person.role is SpeakerRole.OFFICE
    if STANCES.get(question.stance):
        return _has_stance(speech, question) and person.role is not SpeakerRole.CHAIR
    seeks_asker = question.act is Act.ASK or bool(question.stance)
    return person.role is SpeakerRole.MEMBER and (not seeks_asker or speech.kind is Kind.QUESTION)


def _may_have_number(meeting: Meeting, query: Query) -> bool:
    wanted_numbers = meeting_numbers(query.text)
    title_numbers = meeting_numbers(nfkc(meeting.document.title))
    return not (wanted_numbers and title_numbers) or bool(wanted_numbers & title_numbers)


def _verb(question: MinutesQuestion) -> str:
    if question.stance:
        return f"{question.stance}を述べた"
    return {Act.ASK: "質問した", Act.REPLY: "答えた", Act.STATE: "発言した"}[question.act]


def _meetings_on_topic(request: _Request) -> list[Meeting]:
    topic, meetings = request.topic, request.meetings
    if topic.is_empty:
        return list(meetings[:1])
    scores = []
    for meeting in meetings:
        speech_scores = map(topic.score_speech, meeting.speeches)
        decision_scores = map(topic.score_decision, meeting.decisions)
        scores.append(max([*speech_scores, *decision_scores], default=0.0))
    min_score = _NEARLY_BEST_SHARE * max(scores)
    return [meeting for meeting, score in zip(meetings, scores, strict=True) if score >= min_score]


def _speakers_on_topic(request: _Request) -> list[str]:
    for meeting in request.meetings:
        speakers = dict.fromkeys(
            speech.person
            for speech in meeting.speeches
            if speech.person and request.topic.covered_share(speech.text) >= MIN_TOPIC_SHARE
        )
        names = [person.display for person in speakers if person.is_named and person.role is not SpeakerRole.CHAIR]
        if names:
            return names[:MAX_NAMES]
    return []


def _ask_which_person(question: str, mention: Mention) -> Draft:
    persons = list({(person.name, person.seat): person for person in mention.persons}.values())
    title = mention.text.removeprefix(without_title(mention.text)) or "さん"
    choices = tuple(question.replace(mention.text, f"{person.name}{title}", 1) for person in persons)
    names = "」「".join(person.display for person in persons)
    clarification = service_message("minutes_same_name", person=mention.text, names=names)
    return Draft((paragraph(clarification),), status=Status.CLARIFY, suggestions=choices)
