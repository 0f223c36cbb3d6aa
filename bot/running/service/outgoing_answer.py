"""Builds the outgoing answer of a finished turn: citations and validity; adds notices to a recorded one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.answering.languages import LANGUAGES, Language
from bot.answering.question.language import detect_language
from bot.answering.rendering.answer_text import render_blocks, render_text
from bot.answering.rendering.help_lines import urgent_help
from bot.answering.rendering.source_line import context_heading, strip_heading_mark
from bot.answering.state import (
    Answer,
    AnswerContent,
    AskedQuestions,
    Citation,
    Paragraph,
    Question,
    QuestionStatus,
    Source,
    Status,
    Turn,
    paragraph,
    service_message,
)
from bot.running.service.document_state import DocumentState
from ingest.documents import Document
from ingest.publications import Publications


def build_answer(
    turn: Turn,
    publications: Publications,
    answer_id: str,
    conversation_id: str,
    timings_ms: dict[str, float],
    *,
    originals: Collection[str] = (),
) -> Answer:
    """Return the answer of a finished turn; `originals` are the ids of the documents whose files are stored."""
    draft = turn.draft
    assert draft is not None, "a finished turn has a draft"
    typed = turn.texts.searched.text
    language = answer_language(turn.question, turn.query.answer_language if turn.query else None, typed)
    day = turn.effective_day

    def cite(sources: Sequence[Source]) -> tuple[Citation, ...]:
        return tuple(_citation(n, source, publications, originals, day) for n, source in enumerate(sources, start=1))

    citations = cite(draft.sources)
    parts = (*turn.urgent, *_states(citations, publications.by_id), *draft.parts)
    return Answer(
        answer_id=answer_id,
        conversation_id=conversation_id,
        status=draft.status,
        answer=render_text(parts, language),
        urgent=tuple(urgent_help(help_lines, language) for help_lines in turn.urgent),
        blocks=render_blocks(parts, language),
        citations=citations,
        nearest=cite(draft.nearest),
        question_understood=(turn.texts.understood or turn.texts.searched).masked,
        questions=tuple(
            QuestionStatus(question=question, status=Status(status))
            for part in draft.parts
            if isinstance(part, AskedQuestions)
            for question, status in zip(part.questions, part.statuses, strict=True)
        ),
        town=turn.town,
        suggestions=draft.suggestions,
        notices=tuple(render_text([notice], language) for notice in draft.notices),
        as_of=day,
        generator=draft.generator,
        timings_ms=timings_ms,
        content=AnswerContent(parts, draft.notices, language),
    )


def with_newer_version_notices(answer: Answer, has_newer_version: Callable[[str, str], bool]) -> Answer:
    """Return an answer with a notice for each cited document of which there is a newer version.

    `has_newer_version` tells for a document id and a version whether the document's file is another one now.
    """
    cited = {(one.doc_id, one.version): one.title for one in (*answer.citations, *answer.nearest) if one.version}
    titles = dict.fromkeys(title for key, title in cited.items() if has_newer_version(*key))
    notices = tuple(paragraph(service_message("newer_version", title=title)) for title in titles)
    if not notices:
        return answer
    content = answer.content
    texts = tuple(render_text([notice], content.language) for notice in notices)
    content = replace(content, notices=(*content.notices, *notices))
    return answer.model_copy(update={"notices": (*answer.notices, *texts), "content": content})


def answer_language(question: Question, parsed: str | None, typed: str) -> Language:
    """Return the language of an answer; that of the query is `parsed`, or that of the text `typed` without a query."""
    if question.style == "easy":
        return "easy"
    chosen = question.language
    found = parsed if parsed is not None else detect_language(typed, chosen)
    return next((language for language in LANGUAGES if language == found and language != "ja"), chosen or "ja")


def _citation(n: int, source: Source, publications: Publications, originals: Collection[str], day: date) -> Citation:
    document = publications.by_id[source.passage.doc_id]
    state = DocumentState.on_day(document, source.as_of or day, publications, originals)
    return Citation(
        n=n,
        passage_id=source.passage.id,
        doc_id=document.id,
        title=document.title,
        section=source.passage.section,
        within=strip_heading_mark(context_heading(document, source.passage.path)),
        page=source.passage.page,
        quote=source.quote,
        version=document.version,
        url=document.url,
        file_url=state.file_url(source.passage.page, document.version),
        page_url=state.page_url(source.passage.page, source.passage.id, document.version),
        read_by_ocr=source.passage.confidence is not None,
        period=(document.period.start, document.period.end) if document.period else None,
        in_force=state.in_force,
        superseded_by=state.superseded_by,
    )


def _states(citations: Sequence[Citation], documents: Mapping[str, Document]) -> tuple[Paragraph, ...]:
    # First, so that nobody reads the details of a cancelled event as valid.
    cited = {citation.doc_id for citation in citations}
    return tuple(
        paragraph(service_message(f"state_{document.state}", title=document.title))
        for document in documents.values()
        if document.state and document.id in cited
    )
