"""Renders speeches and decisions of meetings as excerpts that say whose words they are."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.minutes.topic import MeetingSpeech, SpeechPart, select_part
from bot.rendering.source_line import build_source_line
from bot.state import Draft, Excerpt, Paragraph, Part, ServiceMessage, Source, Statement, Status, service_message
from bot.state.length_budget import MAX_EXCERPT_LENGTH
from bot.state.query import Query, Scope
from ingest.documents import Document
from ingest.japanese import nfkc
from ingest.minutes import Decision, Kind, Meeting, PassageSpan, Person, Speech

# Speeches that one answer shows.
MAX_SPEECHES = 3
# Decisions that one answer shows.
_MAX_DECISIONS = 3
# Characters of all excerpts of an answer.
_MAX_EXCERPTS_LENGTH = 420


class MinutesRenderer:
    """Renders parts of meetings; safe to share between threads."""

    def __init__(self, documents: Sequence[Document], is_superseded: Callable[[str, Scope], bool]) -> None:
        self._is_superseded = is_superseded
        self._has_several_issuers = len({document.issuer for document in documents} - {""}) > 1

    def show_speeches(
        self,
        speeches: Sequence[MeetingSpeech],
        query: Query,
        *,
        introduction: tuple[ServiceMessage, ...] = (),
        status: Status = Status.ANSWERED,
    ) -> Draft:
        """Return excerpts of speeches, each speaker's words under a line with the name.

        `introduction` replaces the first of these lines.
        """
        parts = list[Part]()
        sources = list[Source]()
        length = 0
        previous_speaker: Person | None = None
        for item in speeches:
            speech = item.speech
            part = _limit_length(select_part(item))
            length += part.span.end - part.span.start
            if parts and length > _MAX_EXCERPTS_LENGTH:
                break
            if speaker_line := introduction or _speaker_line(speech, previous_speaker):
                parts.append(Paragraph(speaker_line))
            parts.append(self._render_part(item, part, len(sources) + 1, query))
            sources.append(_to_source(part.span))
            previous_speaker = speech.person
            introduction = ()
        return Draft(tuple(parts), tuple(sources), status, speeches[0].speech.item)

    def show_decisions(self, decisions: Sequence[tuple[Meeting, Decision]], query: Query) -> Draft:
        """Return excerpts of decisions, each with the vote before it."""
        parts = list[Part]()
        sources = list[Source]()
        for n, (meeting, decision) in enumerate(decisions[:_MAX_DECISIONS], 1):
            first, last = decision.spans[0], decision.spans[-1]
            span = PassageSpan(last.passage, first.start, last.end) if first.passage is last.passage else last
            part = _limit_length(SpeechPart(span, last))
            parts.append(self._render_excerpt(meeting, part, n, query))
            sources.append(_to_source(part.span))
        return Draft(tuple(parts), tuple(sources), Status.ANSWERED, decisions[0][1].item)

    def _render_part(self, item: MeetingSpeech, part: SpeechPart, n: int, query: Query) -> Part:
        if item.speech.heading:
            return Paragraph((Statement(f"「{_plain_text(item.speech.heading)}」", (n,), derived="span"),))
        return self._render_excerpt(item.meeting, part, n, query)

    def _render_excerpt(self, meeting: Meeting, part: SpeechPart, n: int, query: Query) -> Excerpt:
        span = part.span
        is_older = self._is_superseded(meeting.document.id, query.scope)
        line = build_source_line(
            meeting.document, span.passage.path, is_older=is_older, with_issuer=self._has_several_issuers
        )
        start = max(part.best_sentence.start, span.start) - span.start
        end = min(part.best_sentence.end, span.end) - span.start
        return Excerpt(n, line, span.text, (start, end) if start < end else (0, len(span.text)))


def _to_source(span: PassageSpan) -> Source:
    return Source(span.passage, span.text if span.text.strip() else span.passage.text.split("\n")[0])


def _plain_text(text: str) -> str:
    return nfkc(text).translate(str.maketrans("「」", "『』")).strip()


def _limit_length(part: SpeechPart) -> SpeechPart:
    span = part.span
    if span.end - span.start <= MAX_EXCERPT_LENGTH:
        return part
    start = max(span.start, min(part.best_sentence.start, span.end - MAX_EXCERPT_LENGTH))
    return part._replace(span=replace(span, start=start, end=start + MAX_EXCERPT_LENGTH))


def _speaker_line(speech: Speech, previous_speaker: Person | None) -> tuple[ServiceMessage, ...]:
    person = speech.person
    if person is None or person == previous_speaker or not person.display:
        return ()
    key = "minutes_reply_of" if speech.kind is Kind.REPLY else "minutes_words_of"
    return (service_message(key, person=person.display),)
