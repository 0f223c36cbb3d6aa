"""From a finished turn to the Answer that goes out: citations are made by code from the passages, never by a model."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.answer import Answer, Citation, Status
from bot.find.refusal import NOT_FOUND, OTHERWISE
from bot.plain.phrases import say_fixed
from bot.turn import Draft, Source, Turn
from bot.validity import in_force, superseded_by
from ingest.documents import Document

_NOTHING = Draft(NOT_FOUND + OTHERWISE, status=Status.NO_ANSWER)


def cite(
    turn: Turn, documents: Sequence[Document], answer_id: str, conversation_id: str, timings_ms: dict[str, float]
) -> Answer:
    """Return the answer of a turn; a turn without a draft has found nothing."""
    say = say_fixed if turn.question.style == "easy" else str
    draft = turn.draft or replace(_NOTHING, text=say(_NOTHING.text))
    day = turn.scope.as_of if turn.scope else turn.as_of
    citations = tuple(_citation(n, source, documents, day) for n, source in enumerate(draft.sources, start=1))
    return Answer(
        answer_id=answer_id,
        conversation_id=conversation_id,
        status=draft.status,
        answer=draft.text,
        citations=citations,
        question_understood=turn.text,
        suggestions=draft.suggestions,
        notices=tuple(map(say, (*draft.notices, *_notices(citations, documents)))),
        generator=draft.generator,
        timings_ms=timings_ms,
    )


def _citation(n: int, source: Source, documents: Sequence[Document], day: date) -> Citation:
    document = next(d for d in documents if d.id == source.passage.doc_id)
    successor = superseded_by(document, day, documents)
    return Citation(
        n=n,
        passage_id=source.passage.id,
        doc_id=document.id,
        title=document.title,
        section=source.passage.section,
        page=source.passage.page,
        quote=source.quote,
        url=document.url,
        period=(document.period.start, document.period.end) if document.period else None,
        in_force=in_force(document, day, documents) if document.period else None,
        superseded_by=successor.id if successor else None,
    )


def _notices(citations: Sequence[Citation], documents: Sequence[Document]) -> tuple[str, ...]:
    """Tell of each cited document that has been replaced, and by which."""
    titles = {d.id: d.title for d in documents}
    return tuple(
        dict.fromkeys(
            f"「{c.title}」は「{titles[c.superseded_by]}」に引き継がれた以前の文書です。当時の内容としてご覧ください。"
            for c in citations
            if c.superseded_by
        )
    )
