"""Renders speeches and decisions of meetings as excerpts that say whose words they are."""

from collections.abc import Callable, Sequence

from bot.minutes.topic import MeetingSpeech, SpeechPart
from bot.rendering.source_line import build_source_line
from bot.state import Draft, Excerpt, Paragraph, Part, Source, Statement, Status, service_message
from bot.state.length_budget import MAX_EXCERPT_LENGTH
from bot.state.query import Query, Scope
from ingest.documents import Document
from ingest.japanese import nfkc
from ingest.minutes.compiled import CompiledMeeting
from ingest.minutes.model import Decision
from ingest.spoken_words import Kind, Person

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
        self, speeches: Sequence[MeetingSpeech], query: Query, *, status: Status = Status.ANSWERED
    ) -> Draft:
        """Return excerpts of speeches, each speaker's words under a line with the name."""
        parts = list[Part]()
        sources = list[Source]()
        length = 0
        previous: Person | None = None
        for item in speeches[:MAX_SPEECHES]:
            person = item.speech.person
            part = item.select_part()
            length += min(part.sentences[-1].end - part.sentences[0].start, MAX_EXCERPT_LENGTH)
            if parts and length > _MAX_EXCERPTS_LENGTH:
                break
            if person and person != previous and person.display:
                key = "minutes_reply_of" if item.speech.kind is Kind.REPLY else "minutes_words_of"
                parts.append(Paragraph((service_message(key, person=person.display),)))
            excerpt, source = self._show(item.compiled, part, len(sources) + 1, query)
            parts.append(excerpt)
            sources.append(source)
            previous = person
        return Draft(tuple(parts), tuple(sources), status, speeches[0].speech.item)

    def show_decisions(self, decisions: Sequence[tuple[CompiledMeeting, Decision]], query: Query) -> Draft:
        """Return excerpts of decisions, each with the vote before it."""
        shown = list[tuple[Part, Source]]()
        for n, (meeting, decision) in enumerate(decisions[:_MAX_DECISIONS], 1):
            last = decision.sentences[-1]
            sentences = [sentence for sentence in decision.sentences if sentence.passage == last.passage]
            shown.append(self._show(meeting, SpeechPart(sentences, last), n, query))
        parts, sources = zip(*shown, strict=True)
        return Draft(parts, sources, Status.ANSWERED, decisions[0][1].item)

    def _show(self, meeting: CompiledMeeting, part: SpeechPart, n: int, query: Query) -> tuple[Part, Source]:
        best, passage = part.best, meeting.passages[part.best.passage]
        if not best.end:
            quoted = nfkc(best.text).translate(str.maketrans("「」", "『』"))
            statement = Statement(f"「{quoted}」", (n,), derived="span")
            return Paragraph((statement,)), Source(passage, passage.text.split("\n")[0])
        start, end = part.sentences[0].start, part.sentences[-1].end
        if end - start > MAX_EXCERPT_LENGTH:
            start = max(start, min(best.start, end - MAX_EXCERPT_LENGTH))
            end = start + MAX_EXCERPT_LENGTH
        is_older = self._is_superseded(meeting.document.id, query.scope)
        several = self._has_several_issuers
        line = build_source_line(meeting.document, passage.path, is_older=is_older, with_issuer=several)
        highlight = max(best.start, start) - start, min(best.end, end) - start
        text = passage.text[start:end]
        return Excerpt(n, line, text, highlight if highlight[0] < highlight[1] else (0, len(text))), Source(
            passage, text
        )
