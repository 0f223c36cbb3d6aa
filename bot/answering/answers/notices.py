"""The step that makes the notices of a finished answer: what a reader has to know beside its sentences."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from bot.answering.relevance.catalogue import DocumentCatalogue
from bot.answering.relevance.event_dates import find_past_day
from bot.answering.state import CITED, Draft, Excerpt, Paragraph, Part, Source, Status, Turn, paragraph, service_message
from ingest.documents import Document


class Notices:
    """Makes the notices of an answer, in the order of `_NOTICES`; safe to share between threads."""

    def __init__(self, catalogue: DocumentCatalogue) -> None:
        self._catalogue = catalogue

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn of a whole message with its notices; that of a past day is also in its excerpt."""
        if turn.draft is None:
            return turn
        finished = _Finished(turn, turn.draft, self._catalogue)
        notices = dict.fromkeys(notice for find in _NOTICES for notice in find(finished))
        return turn.with_draft(replace(turn.draft, parts=tuple(finished.parts()), notices=tuple(notices)))


@dataclass
class _Finished:
    turn: Turn
    draft: Draft
    catalogue: DocumentCatalogue

    @cached_property
    def cited(self) -> list[tuple[Source, Document, date]]:
        day, documents = self.turn.effective_day, self.catalogue.documents
        return [(one, documents[one.passage.doc_id], one.as_of or day) for one in self.draft.sources]

    @cached_property
    def past_by_number(self) -> dict[int, Paragraph]:
        if self.draft.status not in CITED or self.draft.is_curated:
            return {}
        return {
            n: paragraph(service_message("past", title=document.title, days=past))
            for n, (source, document, day) in enumerate(self.cited, 1)
            if (past := find_past_day(self.catalogue, source, day))
        }

    def parts(self) -> Iterator[Part]:
        waiting = {notice: n for n, notice in reversed(self.past_by_number.items())}
        for part in self.draft.parts:
            notice = self.past_by_number.get(part.n) if isinstance(part, Excerpt) else None
            is_first = notice is not None and waiting.pop(notice, 0) > 0
            yield replace(part, notice=notice) if isinstance(part, Excerpt) and is_first else part

    def named_days(self) -> Iterator[Paragraph]:
        for one in self.turn.question_turns:
            if one.query and one.query.scope.day:
                named = one.query.scope.day.time.iso_text or one.effective_day.isoformat()
                yield paragraph(service_message("for_day", date=named))

    def searched_names(self) -> Iterator[Paragraph]:
        for one in self.turn.question_turns:
            for name in () if (one.draft or self.draft).is_curated else one.searched_names:
                key = "searched_as" if name.use == "none" else "searched_also_as"
                yield paragraph(service_message(key, name=name.name, officials="」「".join(name.officials)))

    def compared(self) -> Iterator[Paragraph]:
        for one in self.turn.question_turns:
            if not (one.query and one.draft and one.draft.is_extractive and one.draft.status in CITED):
                continue
            scope = one.query.scope
            compared = [self.catalogue.documents[doc_id] for doc_id in sorted(scope.required)]
            newer = next((document for document in compared if scope.required.intersection(document.supersedes)), None)
            if newer and scope.lineages:
                older = "」「".join(document.title for document in compared if document.id in newer.supersedes)
                yield paragraph(service_message("compared_plan", new=newer.title, old=older))
            if newer:
                yield paragraph(service_message("compared"))

    def of_answerer(self) -> Iterator[Paragraph]:
        yield from self.draft.notices

    def past_days(self) -> Iterator[Paragraph]:
        yield from self.past_by_number.values()

    def partly_searched(self) -> Iterator[Paragraph]:
        if self.turn.is_partly_searched and self.draft.status in {*CITED, Status.NO_ANSWER}:
            yield paragraph(service_message("partly_searched"))

    def masked(self) -> Iterator[Paragraph]:
        if self.turn.is_masked:
            yield paragraph(service_message("masked"), service_message("without_names"))

    def model_loading(self) -> Iterator[Paragraph]:
        if self.turn.is_model_loading and self.draft.status in CITED and self.draft.is_extractive:
            yield paragraph(service_message("model_loading"))

    def replaced(self) -> Iterator[Paragraph]:
        for _, document, day in self.cited:
            if successor := self.catalogue.publications.successor(document, day):
                old = service_message("replaced", old=document.title, new=successor.title)
                yield paragraph(old, service_message("of_then"))

    def amended(self) -> Iterator[Paragraph]:
        titles = {document.id: document.title for _, document, _ in self.cited}
        for amending, doc_id in self.catalogue.publications.amendments(titles, self.turn.effective_day):
            dated = amending.published or amending.date_in_text
            amended = service_message("amended", old=titles[doc_id], new=amending.title)
            yield paragraph(amended, *([service_message("amended_date", date=dated)] if dated else []))

    def read_by_ocr(self) -> Iterator[Paragraph]:
        for source, document, _ in self.cited:
            if source.passage.confidence is not None:  # such passages always have a page
                read = service_message("of_picture", title=document.title, page=str(source.passage.page))
                yield paragraph(read, service_message("check_original"))


_NOTICES = (
    _Finished.named_days,
    _Finished.searched_names,
    _Finished.compared,
    _Finished.of_answerer,
    _Finished.past_days,
    _Finished.partly_searched,
    _Finished.masked,
    _Finished.model_loading,
    _Finished.replaced,
    _Finished.amended,
    _Finished.read_by_ocr,
)
