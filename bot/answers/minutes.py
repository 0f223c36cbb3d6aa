"""Answers who said what in a meeting, what the office replied and what was decided (decision 078)."""

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from bot.answers.minutes_renderer import MAX_NAMES, MAX_SPEECHES, MinutesRenderer
from bot.guardrails.prompt_injection import has_injection
from bot.minutes import Mention, MinutesQuestion, Topic, Wanted, parse_minutes_question
from bot.minutes.mentions import family_of
from bot.minutes.question import STANCES, may_be_about_minutes, meeting_numbers, names_decision
from bot.minutes.topic import ON_TOPIC, build_topic, decision_score
from bot.question.query import JAPANESE, AnswerType, Query
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.state import Draft, Paragraph, Status, Turn, message, paragraph
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.minutes import Kind, Meeting, Person, Role, Speech, read_meeting

_CACHED_MEETINGS = 128
# Passages with a name that are looked at for further meetings.
_MAX_SEARCHED = 50
# The share of the best score from which others, or other meetings, are about as much on a topic.
_NEARLY = 0.8
# The difference of scores within which replies are equally good.
_EQUAL = 0.15
# The difference from which others are on the topic, and someone on another one.
_OTHER_TOPIC = 0.24
_Said = tuple[Meeting, Speech]


class MinutesAnswerer:
    """Answers questions about minutes from their speeches and decisions; safe to share between threads.

    `find_containing` returns the passages that contain a text.
    """

    def __init__(self, catalogue: DocumentCatalogue, find_containing: Callable[[str], Iterable[Passage]]) -> None:
        self._catalogue = catalogue
        self._find_containing = find_containing
        self._render = MinutesRenderer(catalogue)
        self._read = lru_cache(maxsize=_CACHED_MEETINGS)(self._read_meeting)

    def answer_about_speakers(self, turn: Turn) -> Draft | None:
        """Return the words of the person asked about, or why there are none; a language model is not asked then.

        Where a name means several persons, all who spoke on the topic are shown; if only one did, it is asked back.
        None where no person's words are asked for.
        """
        asked = self._parse(turn)
        if asked is None or turn.query is None:
            return None
        question, meetings, topic = asked
        is_person = any(mention.by != "office" for mention in question.people)
        if not is_person or question.wanted not in (Wanted.WORDS, Wanted.REPLY, Wanted.MEETING):
            return None
        own = _said_by(meetings, question.people)
        for mention in question.people:
            if mention.is_ambiguous and question.wanted is not Wanted.MEETING:
                each = _first_of_each(own, topic)
                is_each = question.wanted is Wanted.WORDS and not topic.is_empty and len(each) > 1
                return self._render.show(each, topic, turn.query) if is_each else _ask_who(turn.query.text, mention)
        if question.wanted is not Wanted.WORDS and self(turn):
            return None
        if any(topic.score(speech) >= ON_TOPIC for _, speech in own) or (own and not _is_known(meetings, topic)):
            return self._words(question, meetings, topic, turn.query)
        return self._not_spoken(question, meetings, topic, turn.query)

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the answer from minutes; None where the question is not about them, or they do not answer it."""
        asked = self._parse(turn)
        if asked is None or turn.query is None:
            return None
        question, meetings, topic = asked
        if question.wanted is not Wanted.WORDS and not question.people:
            meetings = _most_on_topic(meetings, topic)
        match question.wanted:
            case Wanted.WORDS:
                return self._words(question, meetings, topic, turn.query)
            case Wanted.REPLY:
                return self._reply(question, meetings, topic, turn.query)
            case Wanted.WHO:
                return self._who(question, meetings, topic, turn.query)
            case Wanted.DECISION:
                # Whether something has been decided or has begun is answered by what the documents say of it.
                asks_whether = turn.query.answer_type is AnswerType.BOOLEAN and not names_decision(turn.query.text)
                return None if asks_whether else self._decision(meetings, topic, turn.query)
            case Wanted.MEETING:
                return self._meeting(question, meetings, topic, turn.query)

    def _parse(self, turn: Turn) -> tuple[MinutesQuestion, list[Meeting], Topic] | None:
        """Return the question with the meetings that were found for it and its topic."""
        query = turn.query
        if query is None or query.language != JAPANESE or not may_be_about_minutes(query.text):
            return None
        ids = dict.fromkeys(hit.passage.doc_id for hit in turn.hits)
        read = (meeting for doc_id in ids if (meeting := self._read(doc_id)))
        meetings = [meeting for meeting in read if _has_number(meeting, query)]
        question = parse_minutes_question(query.text, _persons(meetings)) if meetings else None
        if question and (others := self._meetings_of_unknown(question, ids, query)):
            meetings = [*others, *meetings]
            question = parse_minutes_question(query.text, _persons(meetings))
        if question is None:
            return None
        typed = tuple(
            one
            for one in question.people
            if turn.texts.typed_follow_up and one.text in nfkc(turn.texts.typed_follow_up)
        )
        if any(person.role is Role.MEMBER for one in typed for person in one.persons):
            # The member whom a follow-up names is asked about, not whom the question before named.
            question = replace(question, mentions=typed)
        named = [meeting for meeting in meetings if meeting.document.id in query.scope.named]
        return question, named or meetings, build_topic(query, turn.reading, question.topic)

    def _meetings_of_unknown(self, question: MinutesQuestion, ids: Container[str], query: Query) -> list[Meeting]:
        """Return further meetings whose minutes have a name that the question mentions and no meeting found has."""
        names = [family_of(mention.text) for mention in question.people if mention.by == "name" and not mention.persons]
        found = (passage.doc_id for name in names if len(name) > 1 for passage in self._find_containing(name))
        others = dict.fromkeys(i for i in islice(found, _MAX_SEARCHED) if i not in ids and i in query.scope.allowed)
        return [meeting for doc_id in others if (meeting := self._read(doc_id))]

    def _read_meeting(self, doc_id: str) -> Meeting | None:
        passages = [one for one in self._catalogue.passages_of(doc_id) if not has_injection(one)]
        return read_meeting(self._catalogue.documents[doc_id], passages)

    def _words(
        self, question: MinutesQuestion, meetings: Sequence[Meeting], topic: Topic, query: Query
    ) -> Draft | None:
        """Return what the persons asked about said on the topic; for an office, else the reply of another one."""
        own = _ranked(_said_by(meetings, question.people), topic)
        if on_topic := [one for one in own if topic.score(one[1]) >= ON_TOPIC and _has_stance(one[1], question)]:
            status = _status(on_topic[0][1], meetings, topic)
            return self._render.show(on_topic[:MAX_SPEECHES], topic, query, status=status)
        if own and topic.score(own[0][1]) >= ON_TOPIC:
            return self._render.show(own[:1], topic, query, status=Status.PARTIAL)
        is_office = all(mention.by == "office" for mention in question.people)
        replies = _replies(meetings, topic) if is_office and not topic.is_empty else []
        if replies and replies[0][1].person:
            asked = "・".join(mention.text for mention in question.people)
            lead = (message("minutes_other_office", asked=asked, person=replies[0][1].person.display),)
            return self._render.show(replies[:1], topic, query, lead=lead, status=Status.PARTIAL)
        if own and not _is_known(meetings, topic):
            return self._render.show(own[:1], topic, query, status=Status.PARTIAL)
        return None

    def _reply(
        self, question: MinutesQuestion, meetings: Sequence[Meeting], topic: Topic, query: Query
    ) -> Draft | None:
        """Return what the office replied, to the persons that the question mentions."""
        askers = [p for mention in question.people for p in mention.persons if p.role is not Role.OFFICE]
        officers = {p for mention in question.people if mention.by == "office" for p in mention.persons}
        replies = _replies(meetings, topic, askers)
        if officers and askers:
            replies = [one for one in replies if one[1].person in officers] or replies
        status = _status(replies[0][1], meetings, topic) if replies else Status.ANSWERED
        if not (replies or askers):
            topic, status = topic.limit_to("".join(p.text for m in meetings for p in m.passages)), Status.PARTIAL
            replies = [] if topic.is_empty else _replies(meetings, topic)
        if not replies:
            return None
        best = topic.score(replies[0][1])
        shown = [one for one in replies if topic.score(one[1]) >= best - _EQUAL]
        return self._render.show(shown[:MAX_SPEECHES], topic, query, status=status)

    def _who(self, question: MinutesQuestion, meetings: Sequence[Meeting], topic: Topic, query: Query) -> Draft | None:
        """Return who spoke on the topic, or that the minutes do not name the speakers."""
        said = [(m, s) for m in meetings for s in m.speeches if topic.score(s) >= ON_TOPIC]
        found = _ranked([one for one in said if _is_sought(one[1], question)], topic)
        best = max((topic.score(speech) for _, speech in found), default=0.0)
        found = [one for one in found if one[0] is found[0][0] and topic.score(one[1]) >= _NEARLY * best]
        speakers = dict[Person, Speech]()
        for _, speech in found:
            if speech.person and speech.person.is_named:
                speakers.setdefault(speech.person, speech)
        if speakers:
            return self._render.show_speakers(found[0][0], list(speakers.items()), _verb(question), topic, query)
        silent = _ranked([one for one in said if not one[0].names_speakers], topic)
        if not (found or silent) or topic.is_empty:
            return None
        lead = (message("minutes_unnamed"),)
        return self._render.show((found or silent)[:1], topic, query, lead=lead, status=Status.PARTIAL)

    def _decision(self, meetings: Sequence[Meeting], topic: Topic, query: Query) -> Draft | None:
        """Return what was decided on the topic, or everything that was decided where no topic is named."""
        found = [(m, d) for m in meetings for d in m.decisions]
        best = max((decision_score(decision, topic) for _, decision in found), default=0.0)
        chosen = [one for one in found if decision_score(one[1], topic) >= max(ON_TOPIC, best - _EQUAL)]
        chosen = [one for one in chosen if one[0] is chosen[0][0]]
        if topic.asks_figure and (counted := [one for one in chosen if re.search(r"\d", one[1].vote)]):
            chosen = counted
        return self._render.show_decisions(chosen, query) if chosen else None

    def _meeting(
        self, question: MinutesQuestion, meetings: Sequence[Meeting], topic: Topic, query: Query
    ) -> Draft | None:
        """Return in which meeting the topic was spoken about, with its date."""
        said = (
            _said_by(meetings, question.people) if question.people else [(m, s) for m in meetings for s in m.speeches]
        )
        found = _ranked([one for one in said if topic.score(one[1]) >= ON_TOPIC], topic)
        return self._render.show_meeting(*found[0], topic, query) if found and not topic.is_empty else None

    def _not_spoken(self, question: MinutesQuestion, meetings: Sequence[Meeting], topic: Topic, query: Query) -> Draft:
        """Return that someone did not speak on the topic, who did, and what else the person spoke on."""
        name = "・".join(mention.text for mention in question.people)
        refusal = [message("minutes_no_words" if topic.is_empty else "minutes_not_spoken", person=name)]
        if not topic.is_empty and (others := _speakers(meetings, topic)):
            refusal.append(message("minutes_spoke", persons="、".join(others)))
        own = _said_by(meetings, question.people)
        if not own:
            return Draft((Paragraph(tuple(refusal)),), status=Status.NO_ANSWER)
        refusal.append(message("minutes_spoke_on", person=name))
        firsts = {(meeting.document.id, speech.item): (meeting, speech) for meeting, speech in reversed(own)}
        shown = list(reversed(firsts.values()))[:MAX_SPEECHES]
        return self._render.show(shown, Topic({}, {}), query, lead=tuple(refusal), status=Status.PARTIAL)


def _persons(meetings: Sequence[Meeting]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(person for one in meetings for person in (*one.persons, *one.present)))


def _said_by(meetings: Sequence[Meeting], mentions: Sequence[Mention]) -> list[_Said]:
    """Return the speeches of the persons mentioned; several labels may mean one person."""
    keys = {_key(person) for mention in mentions for person in mention.persons}
    return [(m, s) for m in meetings for s in m.speeches if s.person and _key(s.person) in keys]


def _key(person: Person) -> tuple[str, str, str]:
    return person.name, person.seat, "" if person.name else person.office or person.label


def _replies(meetings: Sequence[Meeting], topic: Topic, askers: Sequence[Person] = ()) -> list[_Said]:
    """Return the office's words on the topic, replies first; of these only replies to `askers` if any are given."""
    keys = set(map(_key, askers))
    found = [
        (meeting, speech)
        for meeting in meetings
        for speech in meeting.speeches
        if (speech.kind is Kind.REPLY or (speech.person and speech.person.role is Role.OFFICE))
        and topic.score(speech) >= ON_TOPIC
        and (not keys or keys.intersection(map(_key, speech.askers)))
    ]
    return sorted(_ranked(found, topic), key=lambda one: one[1].kind is not Kind.REPLY)


def _first_of_each(said: Sequence[_Said], topic: Topic) -> list[_Said]:
    """Return what each person said that is most on the topic."""
    firsts = dict[tuple[str, str, str], _Said]()
    for meeting, speech in _ranked(said, topic):
        if speech.person and topic.score(speech) >= ON_TOPIC:
            firsts.setdefault(_key(speech.person), (meeting, speech))
    return list(firsts.values())[:MAX_SPEECHES]


def _is_known(meetings: Sequence[Meeting], topic: Topic) -> bool:
    """Whether anyone spoke on the topic in its words; if not, the minutes may use others."""
    return any(topic.score(s) >= ON_TOPIC for m in meetings for s in m.speeches if s.person)


def _status(speech: Speech, meetings: Sequence[Meeting], topic: Topic) -> Status:
    """Return whether a speech answers surely: not where another one is much more on the topic."""
    best = max(topic.score(other) for meeting in meetings for other in meeting.speeches)
    return Status.PARTIAL if best >= topic.score(speech) + _OTHER_TOPIC else Status.ANSWERED


def _has_stance(speech: Speech, question: MinutesQuestion) -> bool:
    words = STANCES.get(question.stance, ())
    return not words or any(word in speech.text for word in words)


def _is_sought(speech: Speech, question: MinutesQuestion) -> bool:
    """Whether a speech is of the kind that a question about who spoke seeks."""
    person = speech.person
    if person is None:
        return False
    if question.act == "reply":
        return person.role is Role.OFFICE
    if STANCES.get(question.stance):
        return _has_stance(speech, question) and person.role is not Role.CHAIR
    asks = question.act == "ask" or bool(question.stance)
    return person.role is Role.MEMBER and (not asks or speech.kind is Kind.QUESTION)


def _has_number(meeting: Meeting, query: Query) -> bool:
    """Whether a meeting may be the one whose number the question has; without a number in its title it may."""
    asked, own = meeting_numbers(query.text), meeting_numbers(nfkc(meeting.document.title))
    return not (asked and own) or bool(asked & own)


def _verb(question: MinutesQuestion) -> str:
    if question.stance:
        return f"{question.stance}を述べた"
    return {"ask": "質問した", "reply": "答えた"}.get(question.act, "発言した")


def _most_on_topic(meetings: Sequence[Meeting], topic: Topic) -> list[Meeting]:
    """Return the meetings that are about as much on the topic as the one most on it."""
    if topic.is_empty:
        return list(meetings[:1])
    scores = [
        max([*map(topic.score, m.speeches), *(decision_score(d, topic) for d in m.decisions)], default=0.0)
        for m in meetings
    ]
    return [meeting for meeting, score in zip(meetings, scores, strict=True) if score >= _NEARLY * max(scores)]


def _ranked(found: Iterable[_Said], topic: Topic) -> list[_Said]:
    return sorted(found, key=lambda one: topic.rank(one[1]), reverse=True)


def _speakers(meetings: Sequence[Meeting], topic: Topic) -> list[str]:
    """Return who spoke on a topic, in the first meeting with any."""
    for meeting in meetings:
        spoke = (s.person for s in meeting.speeches if s.person and topic.share(s.text) >= ON_TOPIC)
        names = [p.display for p in dict.fromkeys(spoke) if p.is_named and p.role is not Role.CHAIR]
        if names:
            return names[:MAX_NAMES]
    return []


def _ask_who(question: str, mention: Mention) -> Draft:
    """Return the question which of several persons with one name is meant, with their full names as choices."""
    persons = list({(person.name, person.seat): person for person in mention.persons}.values())
    title = mention.text.removeprefix(family_of(mention.text)) or "さん"
    choices = tuple(question.replace(mention.text, f"{person.name}{title}", 1) for person in persons)
    names = "」「".join(person.display for person in persons)
    asked = message("minutes_same_name", person=mention.text, names=names)
    return Draft((paragraph(asked),), status=Status.CLARIFY, suggestions=choices)
