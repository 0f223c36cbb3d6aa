"""Renders speeches and decisions of meetings as excerpts that say whose words they are."""

from collections.abc import Sequence

from bot.answers.source_line import build_source_line
from bot.minutes import Topic, select_parts, select_words
from bot.minutes.topic import ON_TOPIC
from bot.question.query import Query
from bot.relevance.adjustments.catalogue import DocumentCatalogue
from bot.state import Draft, Excerpt, Message, Paragraph, Part, Source, Statement, Status, message
from ingest.japanese import nfkc
from ingest.minutes import Decision, Kind, Meeting, Person, Span, Speech

# Speeches and decisions that one answer shows, parts of one speech, and persons that an answer names.
MAX_SPEECHES, MAX_DECISIONS, MAX_PARTS, MAX_NAMES = 3, 3, 2, 5
# Characters of all excerpts of an answer.
_MAX_LENGTH = 420


class MinutesRenderer:
    """Renders parts of meetings; safe to share between threads."""

    def __init__(self, catalogue: DocumentCatalogue) -> None:
        self._catalogue = catalogue
        self._has_several_issuers = len({document.issuer for document in catalogue.documents.values()} - {""}) > 1

    def show(
        self,
        speeches: Sequence[tuple[Meeting, Speech]],
        topic: Topic,
        query: Query,
        *,
        lead: tuple[Message, ...] = (),
        status: Status = Status.ANSWERED,
    ) -> Draft:
        """Return excerpts of speeches, each speaker's under a line that says whose words they are, or under `lead`."""
        parts, sources, length, last = list[Part](), list[Source](), 0, None
        for meeting, speech in speeches:
            for span, best in _parts_to_show(speech, topic):
                if parts and length + span.end - span.start > _MAX_LENGTH:
                    continue
                length += span.end - span.start
                introduction = lead or _introduction(speech, last)
                parts += [Paragraph(introduction)] if introduction else []
                parts.append(self._words(meeting, speech, (span, best), len(sources) + 1, query))
                sources.append(to_source(span))
                last, lead = speech.person, ()
        return Draft(tuple(parts), tuple(sources), status, speeches[0][1].item)

    def show_decisions(self, decisions: Sequence[tuple[Meeting, Decision]], query: Query) -> Draft:
        """Return excerpts of decisions, each with the vote before it."""
        parts, sources = list[Part](), list[Source]()
        for meeting, decision in decisions[:MAX_DECISIONS]:
            first, last = decision.spans[0], decision.spans[-1]
            span = Span(last.passage, first.start, last.end) if first.passage is last.passage else last
            parts.append(self._excerpt(meeting, span, last, len(sources) + 1, query))
            sources.append(to_source(span))
        return Draft(tuple(parts), tuple(sources), Status.ANSWERED, decisions[0][1].item)

    def show_speakers(
        self, meeting: Meeting, speakers: Sequence[tuple[Person, Speech]], verb: str, topic: Topic, query: Query
    ) -> Draft:
        """Return who spoke, named in one sentence (質問したのは、…です), and the words of the first."""
        listed, last = speakers[:MAX_NAMES], len(speakers[:MAX_NAMES])
        names = tuple(
            Statement(
                f"{f'{verb}のは、' if n == 1 else ''}{person.display}{'です' if n == last else ''}",
                (n,),
                "。" if n == last else "、",
                derived="span",
            )
            for n, (person, _) in enumerate(listed, 1)
        )
        chosen = [select_words(speech, topic) for _, speech in listed]
        first = self._words(meeting, listed[0][1], chosen[0], 1, query)
        sources = tuple(to_source(span) for span, _ in chosen)
        return Draft((Paragraph(names), first), sources, Status.ANSWERED, listed[0][1].item)

    def show_meeting(self, meeting: Meeting, speech: Speech, topic: Topic, query: Query) -> Draft:
        """Return the title and date of a meeting, and the words on the topic."""
        span, best = select_words(speech, topic)
        lines = [Statement(f"「{plain_text(meeting.document.title)}」です", (1,), "。", derived="span")]
        sources = [to_source(span)]
        if meeting.date:
            place, words = meeting.date
            lines.append(Statement(plain_text(words).strip(" ・"), (2,), "。", derived="span"))
            sources.append(to_source(place))
        parts = (Paragraph(tuple(lines)), self._words(meeting, speech, (span, best), 1, query))
        return Draft(parts, tuple(sources), Status.ANSWERED, speech.item)

    def _words(self, meeting: Meeting, speech: Speech, words: tuple[Span, Span], n: int, query: Query) -> Part:
        """Return words of a speech, with their best sentence, as an excerpt; those of a heading as a statement."""
        if speech.heading:
            return Paragraph((Statement(f"「{plain_text(speech.heading)}」", (n,), derived="span"),))
        return self._excerpt(meeting, *words, n, query)

    def _excerpt(self, meeting: Meeting, span: Span, best: Span, n: int, query: Query) -> Excerpt:
        is_older = self._catalogue.is_superseded(meeting.document.id, query.scope)
        line = build_source_line(
            meeting.document, span.passage.path, is_older=is_older, with_issuer=self._has_several_issuers
        )
        start, end = max(best.start, span.start) - span.start, min(best.end, span.end) - span.start
        return Excerpt(n, line, span.text, (start, end) if start < end else (0, len(span.text)))


def to_source(span: Span) -> Source:
    """Return the source of a part; of words that only a heading has, with the first line below it as the quote."""
    return Source(span.passage, span.text if span.text.strip() else span.passage.text.split("\n")[0])


def plain_text(text: str) -> str:
    """Return a text in normal form, for use within 「」."""
    return nfkc(text).translate(str.maketrans("「」", "『』")).strip()


def _parts_to_show(speech: Speech, topic: Topic) -> list[tuple[Span, Span]]:
    """Return the best part of a speech, and further ones that are on the topic, each with its best sentence."""
    selected = select_parts(speech, topic)
    if not selected:
        return [(speech.spans[0], speech.spans[0])]
    further = [one for one in selected[1:MAX_PARTS] if one.share >= ON_TOPIC]
    return [(one.span, one.best) for one in (selected[0], *further)]


def _introduction(speech: Speech, last: Person | None) -> tuple[Message, ...]:
    """Return whose words follow, unless the same person's were just shown or nobody is named."""
    person = speech.person
    if person is None or person == last or not person.display:
        return ()
    is_reply = speech.kind is Kind.REPLY
    return (message("minutes_reply_of" if is_reply else "minutes_words_of", person=person.display),)
