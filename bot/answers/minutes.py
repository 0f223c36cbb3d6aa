"""Answers who said what in a meeting, what the office replied and what was decided."""

import re
from collections.abc import Callable, Container, Iterable, Sequence
from functools import lru_cache
from itertools import islice

from bot.answers.source_line import build_source_line
from bot.guardrails.prompt_injection import has_injection
from bot.minutes import MinutesQuestion, Topic, Wanted, parse_minutes_question, select_parts, select_words
from bot.minutes.mentions import Mention, family_of
from bot.minutes.question import STANCES, may_be_about_minutes
from bot.minutes.topic import ON_TOPIC, build_topic, decision_score
from bot.question.query import JAPANESE, Query
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.state import Draft, Excerpt, Message, Paragraph, Part, Source, Statement, Status, Turn, message, paragraph
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.minutes import Decision, Kind, Meeting, Person, Role, Span, Speech, read_meeting
from ingest.minutes.meeting import meeting_date

# Speeches and decisions that one answer shows, and persons that it names.
_MAX_SPEECHES, _MAX_DECISIONS, _MAX_NAMES = 3, 3, 5
_CACHED_MEETINGS = 128
# Passages with a name that are looked at for further meetings.
_MAX_SEARCHED = 50
# The share of the best score from which others spoke on a topic, too.
_NEARLY = 0.75
# Parts of one speech on the topic that are shown.
_MAX_PARTS = 2
# Characters of all excerpts of an answer.
_MAX_LENGTH = 420


class MinutesAnswerer:
    """Answers questions about minutes from their speeches and decisions; safe to share between threads."""

    def __init__(self, catalogue: DocumentCatalogue, find_containing: Callable[[str], Iterable[Passage]]) -> None:
        self._catalogue = catalogue
        self._find_containing = find_containing
        self._read = lru_cache(maxsize=_CACHED_MEETINGS)(self._read_meeting)

    def ask_back(self, turn: Turn) -> Draft | None:
        """Return which person is meant is to be said, or that the person did not speak; None where neither holds."""
        asked = self._parse(turn)
        if asked is None:
            return None
        question, meetings, topic = asked
        for mention in question.people:
            if mention.is_ambiguous and question.wanted in (Wanted.WORDS, Wanted.REPLY):
                return _ask_who(turn, mention)
        if question.wanted is Wanted.WORDS:
            named = [one for one in question.people if one.by != "office"]
            speeches = [s for m in meetings for s in _speeches_of(m, question.people)]
            if named and not _on_topic(speeches, topic) and not _is_unknown_topic(meetings, topic, speeches):
                return self._not_spoken(question, meetings, topic, turn)
        return None

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the answer from minutes; None where the question is not about them, or they do not answer it."""
        asked = self._parse(turn)
        if asked is None or turn.query is None:
            return None
        question, meetings, topic = asked
        if question.wanted is not Wanted.WORDS and not question.people:
            meetings = _most_on_topic(meetings, topic)
        answer = {
            Wanted.WORDS: self._words,
            Wanted.REPLY: self._reply,
            Wanted.WHO: self._who,
            Wanted.DECISION: self._decision,
            Wanted.MEETING: self._meeting,
        }[question.wanted]
        return answer(question, meetings, topic, turn.query)

    def _parse(self, turn: Turn) -> tuple[MinutesQuestion, list[Meeting], Topic] | None:
        """Return the question with the meetings that were found for it and its topic."""
        query = turn.query
        if query is None or query.language != JAPANESE or not may_be_about_minutes(query.text):
            return None
        ids = dict.fromkeys(hit.passage.doc_id for hit in turn.hits)
        meetings = [meeting for doc_id in ids if (meeting := self._read(doc_id))]
        if not meetings:
            return None
        persons = tuple(
            dict.fromkeys(person for meeting in meetings for person in (*meeting.persons, *meeting.present))
        )
        question = parse_minutes_question(query.text, persons)
        if question is None:
            return None
        named = [meeting for meeting in meetings if meeting.document.id in query.scope.named]
        return question, named or meetings, build_topic(query, turn.reading, nfkc(_within(query, question.topic)))

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
        """Return what the persons asked about said on the topic."""
        own = [(m, s) for m in meetings for s in _speeches_of(m, question.people)]
        on_topic = _ranked([(m, s) for m, s in own if topic.score(s) >= ON_TOPIC and _has_stance(s, question)], topic)
        if on_topic:
            return self._show(on_topic[:_MAX_SPEECHES], topic, query)
        is_office = all(mention.by == "office" for mention in question.people)
        if is_office and not topic.is_empty and (other := self._replies(meetings, topic)):
            asked = "・".join(mention.text for mention in question.people)
            person = other[0][1].person
            lead = (message("minutes_other_office", asked=asked, person=person.display if person else ""),)
            return self._show(other[:1], topic, query, lead=lead, status=Status.PARTIAL)
        if own and _is_unknown_topic(meetings, topic, [speech for _, speech in own]):
            return self._show(_ranked(own, topic)[:1], topic, query, status=Status.PARTIAL)
        return None

    def _reply(
        self, question: MinutesQuestion, meetings: Sequence[Meeting], topic: Topic, query: Query
    ) -> Draft | None:
        """Return what the office replied, to the persons that the question mentions."""
        askers = {p for mention in question.people for p in mention.persons if p.role is not Role.OFFICE}
        officers = [mention for mention in question.people if mention.by == "office"]
        replies = self._replies(meetings, topic, askers)
        if officers and askers:
            own = {p for mention in officers for p in mention.persons}
            replies = [one for one in replies if one[1].person in own] or replies
        if not replies:
            return None
        best = topic.score(replies[0][1])
        shown = [one for one in replies if topic.score(one[1]) >= best - 0.15]
        return self._show(shown[:_MAX_SPEECHES], topic, query)

    def _replies(
        self, meetings: Sequence[Meeting], topic: Topic, askers: Iterable[Person] = ()
    ) -> list[tuple[Meeting, Speech]]:
        """Return the office's words on the topic, best first; of these, replies to `askers` if any are given."""
        asked_by = set(askers)
        found = [
            (meeting, speech)
            for meeting in meetings
            for speech in meeting.speeches
            if speech.person
            and (speech.person.role is Role.OFFICE or speech.kind is Kind.REPLY)
            and topic.score(speech) >= ON_TOPIC
            and (not asked_by or asked_by.intersection(speech.askers))
        ]
        return sorted(_ranked(found, topic), key=lambda one: one[1].kind is not Kind.REPLY)

    def _who(self, question: MinutesQuestion, meetings: Sequence[Meeting], topic: Topic, query: Query) -> Draft | None:
        """Return who spoke on the topic, with their words as evidence."""
        found = _ranked([(m, s) for m in meetings for s in m.speeches if _is_sought(s, question, topic)], topic)
        if not found:
            return self._who_unnamed(meetings, topic, query)
        meeting, first = found[0]
        best = max(topic.score(speech) for _, speech in found)
        found = [one for one in found if one[0] is meeting and topic.score(one[1]) >= _NEARLY * best]
        named = [one for one in found if one[1].person and one[1].person.is_named]
        if not named:
            lead = (message("minutes_unnamed"),)
            return self._show(found[:1], topic, query, lead=lead, status=Status.PARTIAL)
        persons = dict[Person, Speech]()
        for _, speech in named:
            persons.setdefault(speech.person or Person("", Role.MEMBER), speech)
        listed = list(persons.items())[:_MAX_NAMES]
        sources = tuple(_source(select_words(speech, topic)[0]) for _, speech in listed)
        verb = {"ask": "質問した", "reply": "答えた"}.get(
            question.act, f"{question.stance}を述べた" if question.stance else "発言した"
        )
        names = tuple(
            Statement(
                f"{verb}のは、{person.display}" if n == 1 else person.display,
                (n,),
                "" if n == len(listed) else "、",
                derived="span",
            )
            for n, (person, _) in enumerate(listed, 1)
        )
        names = (*names[:-1], _with_end(names[-1]))
        excerpt = self._excerpt(meeting, first if first in persons.values() else listed[0][1], topic, 1, query)
        return _draft((Paragraph(names), excerpt), sources, Status.ANSWERED, first.item)

    def _who_unnamed(self, meetings: Sequence[Meeting], topic: Topic, query: Query) -> Draft | None:
        """Return what minutes without speakers have on the topic, and that they do not name the speakers."""
        silent = [m for m in meetings if not m.names_speakers]
        found = _ranked([(m, s) for m in silent for s in m.speeches if topic.score(s) >= ON_TOPIC], topic)
        if not found or topic.is_empty:
            return None
        return self._show(found[:1], topic, query, lead=(message("minutes_unnamed"),), status=Status.PARTIAL)

    def _decision(
        self, question: MinutesQuestion, meetings: Sequence[Meeting], topic: Topic, query: Query
    ) -> Draft | None:
        """Return what was decided on the topic, or everything that was decided where no topic is named."""
        found = [(m, d) for m in meetings for d in m.decisions]
        if topic.is_empty:
            chosen = [one for one in found if one[0] is meetings[0]]
        else:
            best = max((decision_score(decision, topic) for _, decision in found), default=0.0)
            chosen = [one for one in found if decision_score(one[1], topic) >= max(ON_TOPIC, best - 0.1)]
            chosen = [one for one in chosen if one[0] is chosen[0][0]]
        if not chosen:
            return None
        parts, sources = list[Part](), list[Source]()
        for meeting, decision in chosen[:_MAX_DECISIONS]:
            span = _join_decision(decision)
            parts.append(self._cut_excerpt(meeting, span, decision.spans[-1], len(sources) + 1, query))
            sources.append(_source(span))
        return _draft(tuple(parts), tuple(sources), Status.ANSWERED, chosen[0][1].item)

    def _meeting(
        self, question: MinutesQuestion, meetings: Sequence[Meeting], topic: Topic, query: Query
    ) -> Draft | None:
        """Return in which meeting the topic was spoken about, with its date."""
        people = {p for mention in question.people for p in mention.persons}
        found = _ranked(
            [
                (m, s)
                for m in meetings
                for s in m.speeches
                if topic.score(s) >= ON_TOPIC and (not people or s.person in people)
            ],
            topic,
        )
        if not found or topic.is_empty:
            return None
        meeting, speech = found[0]
        span = select_words(speech, topic)[0]
        lines = [Statement(f"「{_plain(meeting.document.title)}」です", (1,), "。", derived="span")]
        sources = [_source(span)]
        if day := meeting_date(meeting):
            lines.append(Statement(_plain(nfkc(day[1]).strip(" ・")), (2,), "。", derived="span"))
            sources.append(_source(day[0]))
        return _draft(
            (Paragraph(tuple(lines)), self._excerpt(meeting, speech, topic, 1, query)),
            tuple(sources),
            Status.ANSWERED,
            speech.item,
        )

    def _not_spoken(
        self, question: MinutesQuestion, meetings: Sequence[Meeting], topic: Topic, turn: Turn
    ) -> Draft | None:
        """Return that someone did not speak on the topic, who did, and what else the person spoke on."""
        name = "・".join(mention.text for mention in question.people)
        others = _speakers(meetings, topic)
        refusal = [message("minutes_no_words" if topic.is_empty else "minutes_not_spoken", person=name)]
        if others and not topic.is_empty:
            refusal.append(message("minutes_spoke", persons="、".join(others)))
        own = [(m, s) for m in meetings for s in _speeches_of(m, question.people)]
        if not own or turn.query is None:
            return Draft((Paragraph(tuple(refusal)),), status=Status.NO_ANSWER)
        refusal.append(message("minutes_spoke_on", person=name))
        firsts = {(m.document.id, s.item): (m, s) for m, s in reversed(own)}
        return self._show(
            list(reversed(firsts.values()))[:_MAX_SPEECHES],
            Topic({}, {}),
            turn.query,
            lead=tuple(refusal),
            status=Status.PARTIAL,
        )

    def _show(
        self,
        speeches: Sequence[tuple[Meeting, Speech]],
        topic: Topic,
        query: Query,
        *,
        lead: tuple[Message, ...] = (),
        status: Status = Status.ANSWERED,
    ) -> Draft:
        """Return excerpts of speeches, each group under a line that says whose words they are."""
        parts, sources, length, last = list[Part](), list[Source](), 0, None
        for meeting, speech in speeches:
            if speech.heading:
                told = f"「{_plain(speech.heading)}」"
                parts.append(
                    Paragraph(
                        (*_of_person(speech, last, lead), Statement(told, (len(sources) + 1,), "", derived="span"))
                    )
                )
                sources.append(_source(speech.spans[0]))
                last, lead = speech.person, ()
                continue
            selected = select_parts(speech, topic)
            further = [one for one in selected[1:_MAX_PARTS] if one.share >= ON_TOPIC and not topic.is_empty]
            for one in (*selected[:1], *further):
                if parts and length + one.span.end - one.span.start > _MAX_LENGTH:
                    continue
                length += one.span.end - one.span.start
                if introduction := _of_person(speech, last, lead):
                    parts.append(Paragraph(introduction))
                parts.append(self._cut_excerpt(meeting, one.span, one.best, len(sources) + 1, query))
                sources.append(_source(one.span))
                last, lead = speech.person, ()
        return _draft(tuple(parts), tuple(sources), status, speeches[0][1].item)

    def _excerpt(self, meeting: Meeting, speech: Speech, topic: Topic, n: int, query: Query) -> Part:
        if speech.heading:
            return Paragraph((Statement(f"「{_plain(speech.heading)}」", (n,), "", derived="span"),))
        span, best = select_words(speech, topic)
        return self._cut_excerpt(meeting, span, best, n, query)

    def _cut_excerpt(self, meeting: Meeting, span: Span, best: Span, n: int, query: Query) -> Excerpt:
        line = build_source_line(
            meeting.document,
            span.passage.path,
            is_older=self._catalogue.is_superseded(meeting.document.id, query.scope),
            with_issuer=self._has_several_issuers(),
        )
        start, end = max(best.start, span.start) - span.start, min(best.end, span.end) - span.start
        return Excerpt(n, line, span.text, (start, end) if start < end else (0, len(span.text)))

    def _has_several_issuers(self) -> bool:
        return len({document.issuer for document in self._catalogue.documents.values()} - {""}) > 1


def _most_on_topic(meetings: Sequence[Meeting], topic: Topic) -> list[Meeting]:
    """Return the meetings that are about as much on the topic as the one most on it."""
    if topic.is_empty:
        return list(meetings)
    scores = [
        max((*map(topic.score, m.speeches), *(decision_score(d, topic) for d in m.decisions)), default=0.0)
        for m in meetings
    ]
    return [meeting for meeting, score in zip(meetings, scores, strict=True) if score >= _NEARLY * max(scores)]


def _persons(meetings: Sequence[Meeting]) -> tuple[Person, ...]:
    return tuple(dict.fromkeys(person for one in meetings for person in (*one.persons, *one.present)))


def _within(query: Query, topic: str) -> str:
    """Return the words of a topic that the query's own topic has, without names of documents and towns."""
    return " ".join(word for word in topic.split() if word) if query.topic == query.text else topic


def _speeches_of(meeting: Meeting, mentions: Sequence[Mention]) -> list[Speech]:
    persons = {person for mention in mentions for person in mention.persons}
    names = {(p.name, p.seat, p.office if not p.name else "") for p in persons}
    return [
        speech
        for speech in meeting.speeches
        if (p := speech.person) and (p in persons or (p.name, p.seat, p.office if not p.name else "") in names)
    ]


def _on_topic(speeches: Sequence[Speech], topic: Topic) -> list[Speech]:
    return [speech for speech in speeches if topic.score(speech) >= ON_TOPIC]


def _is_unknown_topic(meetings: Sequence[Meeting], topic: Topic, own: Sequence[Speech]) -> bool:
    """Whether no speech of the meetings has the words of the topic, so that they may use others; `own` are a person's."""
    known = any(topic.score(s) >= ON_TOPIC for m in meetings for s in m.speeches if s.person)
    return bool(own) and not known


def _has_stance(speech: Speech, question: MinutesQuestion) -> bool:
    words = STANCES.get(question.stance, ())
    return not words or any(word in speech.text for word in words)


def _is_sought(speech: Speech, question: MinutesQuestion, topic: Topic) -> bool:
    """Whether a speech is of the kind that a question about who spoke seeks, and on its topic."""
    person = speech.person
    if person is None or topic.score(speech) < ON_TOPIC:
        return False
    if question.act == "reply":
        return person.role is Role.OFFICE
    if words := STANCES.get(question.stance, ()):
        return any(word in speech.text for word in words) and person.role is not Role.CHAIR
    asks = question.act == "ask" or bool(question.stance)
    return person.role is Role.MEMBER and (not asks or speech.kind is Kind.QUESTION)


def _ranked(found: Iterable[tuple[Meeting, Speech]], topic: Topic) -> list[tuple[Meeting, Speech]]:
    return sorted(found, key=lambda one: topic.rank(one[1]), reverse=True)


def _speakers(meetings: Sequence[Meeting], topic: Topic) -> list[str]:
    """Return who spoke on a topic, in the meeting that is most on it."""
    for meeting in meetings:
        spoke = [s.person for s in meeting.speeches if s.person and topic.share(s.text) >= ON_TOPIC]
        names = [p.display for p in dict.fromkeys(spoke) if p.is_named and p.role is not Role.CHAIR]
        if names:
            return names[:_MAX_NAMES]
    return []


def _of_person(speech: Speech, last: Person | None, lead: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return whose words follow, unless the same person's were just shown."""
    person = speech.person
    if lead:
        return lead
    if person is None or person == last or not person.display:
        return ()
    return (message("minutes_reply_of" if speech.kind is Kind.REPLY else "minutes_words_of", person=person.display),)


def _ask_who(turn: Turn, mention: Mention) -> Draft:
    persons = list({(person.name, person.seat): person for person in mention.persons}.values())
    names = [person.display for person in persons]
    text = turn.text
    choices = tuple(text.replace(mention.text, _unambiguous(person, mention.text), 1) for person in persons)
    asked = message("minutes_same_name", person=mention.text, names="」「".join(names))
    return Draft((paragraph(asked),), status=Status.CLARIFY, suggestions=choices)


def _unambiguous(person: Person, text: str) -> str:
    title = re.search(r"(?:議員|委員|さん|氏|君|様)$", text)
    return f"{person.name}{title[0] if title else 'さん'}"


def _join_decision(decision: Decision) -> Span:
    """Return the span from the vote to the decision, or the decision alone where they are apart."""
    first, last = decision.spans[0], decision.spans[-1]
    return Span(last.passage, first.start, last.end) if first.passage is last.passage else last


def _with_end(statement: Statement) -> Statement:
    return Statement(f"{statement.text}です", statement.cited, "。", statement.derived)


def _source(span: Span) -> Source:
    """Return the source of a part; for words that only a heading has, the first line below it."""
    return Source(span.passage, span.text if span.text.strip() else span.passage.text.split("\n")[0])


def _plain(text: str) -> str:
    return nfkc(text).replace("「", "『").replace("」", "』").strip()


def _draft(parts: tuple[Part, ...], sources: tuple[Source, ...], status: Status, subject: str) -> Draft:
    return Draft(parts, sources, status, subject)
