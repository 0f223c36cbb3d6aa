"""Builds the outgoing Answer from a finished turn: citations, validity and notices."""

from collections.abc import Collection, Sequence
from datetime import date

from bot.answers.source_line import context_heading, strip_heading_mark
from bot.languages import LANGUAGES, Language
from bot.privacy.personal import mask_personal_data
from bot.question.query import detect_language
from bot.relevance.event_dates import is_past
from bot.rendering.blocks import render_blocks
from bot.runtime.service_interface import DocumentState
from bot.state import Answer, AnswerContent, Citation, Paragraph, Source, Turn, message, paragraph
from bot.verification import render_text
from ingest.documents import Document
from ingest.metadata.validity import is_in_force, superseded_by


def build_answer(
    turn: Turn,
    documents: Sequence[Document],
    answer_id: str,
    conversation_id: str,
    timings_ms: dict[str, float],
    *,
    originals: Collection[str] = (),
) -> Answer:
    """Return the answer of a turn that has come to its end; `timings_ms` are milliseconds a step.

    `originals` are the ids of the documents whose files are kept.
    """
    draft = turn.draft
    assert draft is not None, "every way of a question ends with a draft"
    language = _language(turn)
    day = turn.query.scope.as_of if turn.query else turn.as_of

    def cited(sources: Sequence[Source]) -> tuple[Citation, ...]:
        return tuple(_citation(n, source, documents, originals, day) for n, source in enumerate(sources, start=1))

    citations = cited(draft.sources)
    notices = (*draft.notices, *_notices(citations, documents, day))
    return Answer(
        answer_id=answer_id,
        conversation_id=conversation_id,
        status=draft.status,
        answer=render_text(draft.parts, language),
        blocks=render_blocks(draft.parts, language),
        citations=citations,
        nearest=cited(draft.nearest),
        question_understood=mask_personal_data(turn.text),
        suggestions=draft.suggestions,
        notices=tuple(render_text([notice], language) for notice in notices),
        generator=draft.generator,
        timings_ms=timings_ms,
        content=AnswerContent(draft.parts, notices, language),
    )


def _language(turn: Turn) -> Language:
    """Return the language in which what the service says itself is told."""
    if turn.question.style == "easy":
        return "easy"
    reader = turn.question.language
    told_in = turn.query.answer_language if turn.query else detect_language(turn.text, reader)
    return next((one for one in LANGUAGES if one == told_in and one != "ja"), reader or "ja")


def _citation(n: int, source: Source, documents: Sequence[Document], originals: Collection[str], day: date) -> Citation:
    document = next(d for d in documents if d.id == source.passage.doc_id)
    day = source.as_of or day
    successor = superseded_by(document, day, documents)
    kept = DocumentState(document, has_file=document.id in originals)
    return Citation(
        n=n,
        passage_id=source.passage.id,
        doc_id=document.id,
        title=document.title,
        section=source.passage.section,
        within=strip_heading_mark(context_heading(document, source.passage.path)),
        page=source.passage.page,
        quote=source.quote,
        url=document.url,
        file_url=kept.file_url(source.passage.page),
        page_url=kept.page_url(source.passage.page, source.passage.id),
        read_by_ocr=source.passage.confidence is not None,
        period=(document.period.start, document.period.end) if document.period else None,
        in_force=is_in_force(document, day, documents) if document.period else None,
        superseded_by=successor.id if successor else None,
    )


def _notices(citations: Sequence[Citation], documents: Sequence[Document], day: date) -> tuple[Paragraph, ...]:
    """Return which documents have been replaced, which dates have passed, and which pages were read by OCR."""
    known = {document.id: document for document in documents}
    replaced = (
        paragraph(message("replaced", old=c.title, new=known[c.superseded_by].title), message("of_then"))
        for c in citations
        if c.superseded_by
    )
    past = [
        document.title
        for document in {c.doc_id: known[c.doc_id] for c in citations}.values()
        if is_past(document, [c.quote for c in citations if c.doc_id == document.id], day)
    ]
    passed = [paragraph(message("past", title="・".join(past)))] if past else []
    read = (
        paragraph(message("of_picture", title=c.title, page=str(c.page)), message("check_original"))
        for c in citations
        if c.read_by_ocr  # every picture is a page
    )
    return tuple(dict.fromkeys((*replaced, *passed, *read)))
