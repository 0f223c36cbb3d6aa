"""The step that makes the notices of a finished answer: what a reader has to know beside its sentences."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.relevance.event_dates import find_past_day
from bot.answering.state import CITED, Draft, Excerpt, Paragraph, Part, Status, Turn, paragraph, service_message


def add_notices(catalogue: DocumentCatalogue, turn: Turn) -> Turn:
    """Return the turn of a whole message with its notices; that of a past day is also in its excerpt."""
    draft = turn.draft
    if draft is None:
        return turn
    past_by_number = _past_by_number(turn, draft, catalogue)
    notices = chain(
        _of_question(turn, draft, catalogue),
        draft.notices,
        past_by_number.values(),
        _of_service(turn, draft),
        _of_documents(turn, draft, catalogue),
    )
    waiting = {notice: n for n, notice in reversed(past_by_number.items())}
    parts = list[Part]()
    for part in draft.parts:
        past = past_by_number.get(part.n) if isinstance(part, Excerpt) else None
        is_first = past is not None and waiting.pop(past, 0) > 0
        parts.append(replace(part, notice=past) if isinstance(part, Excerpt) and is_first else part)
    return turn.with_draft(replace(draft, parts=tuple(parts), notices=tuple(dict.fromkeys(notices))))


def _past_by_number(turn: Turn, draft: Draft, catalogue: DocumentCatalogue) -> dict[int, Paragraph]:
    if draft.status not in CITED or draft.is_curated:
        return {}
    return {
        n: paragraph(service_message("past", title=catalogue.documents[source.passage.doc_id].title, days=past))
        for n, source in enumerate(draft.sources, 1)
        if (past := find_past_day(catalogue, source, source.as_of or turn.effective_day))
    }


def _of_question(turn: Turn, draft: Draft, catalogue: DocumentCatalogue) -> Iterator[Paragraph]:
    for one in turn.question_turns:
        if one.query and one.query.scope.day:
            named = one.query.scope.day.time.iso_text or one.effective_day.isoformat()
            yield paragraph(service_message("for_day", date=named))
    for one in turn.question_turns:
        for name in () if (one.draft or draft).is_curated else one.searched_names:
            key = "searched_as" if name.use == "none" else "searched_also_as"
            yield paragraph(service_message(key, name=name.name, officials="」「".join(name.officials)))
    for one in turn.question_turns:
        if not (one.query and one.draft and one.draft.is_extractive and one.draft.status in CITED):
            continue
        scope = one.query.scope
        compared = [catalogue.documents[doc_id] for doc_id in sorted(scope.required)]
        newer = next((document for document in compared if scope.required.intersection(document.supersedes)), None)
        if newer and scope.lineages:
            older = "」「".join(document.title for document in compared if document.id in newer.supersedes)
            yield paragraph(service_message("compared_plan", new=newer.title, old=older))
        if newer:
            yield paragraph(service_message("compared"))


def _of_service(turn: Turn, draft: Draft) -> Iterator[Paragraph]:
    if turn.is_partly_searched and draft.status in {*CITED, Status.NO_ANSWER}:
        yield paragraph(service_message("partly_searched"))
    if turn.is_masked:
        yield paragraph(service_message("masked"), service_message("without_names"))
    if turn.is_model_loading and draft.status in CITED and draft.is_extractive:
        yield paragraph(service_message("model_loading"))


def _of_documents(turn: Turn, draft: Draft, catalogue: DocumentCatalogue) -> Iterator[Paragraph]:
    cited = [(source, catalogue.documents[source.passage.doc_id]) for source in draft.sources]
    for source, document in cited:
        if successor := catalogue.publications.successor(document, source.as_of or turn.effective_day):
            old = service_message("replaced", old=document.title, new=successor.title)
            yield paragraph(old, service_message("of_then"))
    titles = {document.id: document.title for _, document in cited}
    for amending, doc_id in catalogue.publications.amendments(titles, turn.effective_day):
        dated = amending.published or amending.date_in_text
        amended = service_message("amended", old=titles[doc_id], new=amending.title)
        yield paragraph(amended, *([service_message("amended_date", date=dated)] if dated else []))
    for source, document in cited:
        if source.passage.confidence is not None:  # such passages always have a page
            read = service_message("of_picture", title=document.title, page=str(source.passage.page))
            yield paragraph(read, service_message("check_original"))
