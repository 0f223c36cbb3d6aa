"""Answers questions about a plan or another document as a whole from what it says about itself."""

from collections.abc import Callable, Iterable, Sequence

from bot.answers.plans.overview_parts import change_parts, point_parts, summary_parts
from bot.answers.plans.plan_comparison import (
    LIST_ASPECTS,
    MAX_SENTENCES,
    PlanComparison,
    PlanContents,
    find_stated_changes,
)
from bot.answers.plans.plan_finder import PlanFinder, PlanMatch
from bot.answers.plans.quoting_writer import QuotingWriter, as_list, document_line
from bot.languages import nest_quotes
from bot.question.plan_request import AspectRequest, OverviewKind, OverviewRequest
from bot.question.query import AnswerType, Query
from bot.state import Draft, Paragraph, Part, ReadTurn, Status, paragraph, service_message
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.overview import DocumentOverview, compare_overviews
from ingest.overview.aspects import Aspect, PlanAspect, PlanItem, strip_number

# Documents offered if the question does not say which one it means.
_MAX_CHOICES = 4
_CHOICE_QUESTIONS = {
    OverviewKind.SUMMARY: "を一言で言うと?",
    OverviewKind.POINTS: "の主なポイントは?",
    OverviewKind.CHANGES: "は前の計画から何が変わった?",
}
# Aspects that are answered if the question names no other; for the rest other answerers find as much or more.
_ANSWERABLE_ALONE = frozenset({Aspect.PRINCIPLES, Aspect.VISION, Aspect.PILLARS, Aspect.STRUCTURE, Aspect.ORGANISATION})
# Questions for a single fact, which other answerers find.
_FACT_TYPES = frozenset({AnswerType.DATE, AnswerType.MONEY, AnswerType.REASON, AnswerType.PLACE, AnswerType.CONTACT})
# どこが変わった asks for no place.
_FACT_TYPES_OF_CHANGES = frozenset({AnswerType.DATE, AnswerType.MONEY})
# Above this length, item names come first so that all are visible in the first 200 characters.
_MAX_LIST_LENGTH = 150
_MAX_ITEMS = 12


class PlanAnswerer:
    """Answers with verbatim quotes of a document's aspects or overview, each cited; safe to share between threads."""

    def __init__(
        self,
        documents: Sequence[Document],
        find_overview: Callable[[str], DocumentOverview | None],
        find_passages: Callable[[str], Sequence[Passage]],
        find_passage: Callable[[str], Passage],
    ) -> None:
        """Take the documents and what returns, by id, an overview, the passages of a document, and a passage."""
        self._finder = PlanFinder(documents)
        self._find_overview = find_overview
        self._find_passages = find_passages
        self._find_passage = find_passage

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the answer about a whole document, or a choice of documents; None for any other question."""
        query = turn.query
        request = query.plan_request
        if request is None:
            return None
        conversation_ids = turn.history[-1].documents if turn.history else frozenset[str]()
        draft = self._answer_aspects(request.aspects, query, conversation_ids) if request.aspects else None
        if draft is None and request.overview:
            return self._answer_overview(request.overview, query, conversation_ids)
        return draft

    def _answer_aspects(self, request: AspectRequest, query: Query, conversation_ids: frozenset[str]) -> Draft | None:
        if _asks_for_fact(query, request):
            return None
        match = self._finder.find_plan(request, query.scope, conversation_ids)
        if match is None:
            return None
        if request.change and (request.compares_issues or request.asks_how_changed or not match.subject):
            return self._compare_with_previous(request, match)
        return None if match.subject or request.change else self._list_aspects(request, self._read(match.plan))

    def _list_aspects(self, request: AspectRequest, plan: PlanContents) -> Draft | None:
        aspects = [aspect for name in request.aspects if (aspect := plan.find_aspect(name, request))]
        if request.counted_noun and not aspects:
            headed = (aspect for aspect in plan.aspects if request.counted_noun in nfkc(aspect.heading))
            aspects = [aspect for aspect in headed if len(aspect.items) == request.item_count][:1]
        else:
            is_complete = len(aspects) == len(request.aspects)
            if not is_complete or (len(aspects) == 1 and aspects[0].name not in _ANSWERABLE_ALONE):
                return None
        if not aspects:
            return None
        writer = QuotingWriter(self._find_passage)
        parts = [part for aspect in aspects for part in _aspect_parts(aspect, writer)]
        return writer.draft([*parts, document_line(plan.document)], plan.document.title)

    def _compare_with_previous(self, request: AspectRequest, match: PlanMatch) -> Draft | None:
        plan = self._read(match.plan)
        previous = self._finder.find_previous(match.plan)
        if previous is None or previous.kind == "meeting":
            return self._without_previous(request, plan, match.subject, is_known=previous is not None)
        writer = QuotingWriter(self._find_passage)
        parts = PlanComparison(request, self._read(previous), plan, match.subject, writer).parts()
        return writer.draft([*parts, document_line(previous, match.plan)], match.plan.title) if parts else None

    def _without_previous(
        self, request: AspectRequest, plan: PlanContents, subject: Sequence[str], *, is_known: bool
    ) -> Draft | None:
        writer = QuotingWriter(self._find_passage)
        if not (subject or request.aspects):
            stated = list(find_stated_changes(request.change, plan, writer))
            if stated:
                return writer.draft([as_list(stated), document_line(plan.document)], plan.document.title)
        if is_known or subject or not request.compares_issues:
            return None
        return _no_previous(plan.document)

    def _read(self, document: Document) -> PlanContents:
        overview = self._find_overview(document.id)
        return PlanContents(document, overview.aspects if overview else (), self._find_passages(document.id))

    def _answer_overview(
        self, request: OverviewRequest, query: Query, conversation_ids: frozenset[str]
    ) -> Draft | None:
        documents = self._finder.find_documents(request, query.scope, conversation_ids)
        if len(documents) > 1:
            return _ask_which(documents, request)
        overview = self._find_overview(documents[0].id) if documents else None
        if overview is None or not (overview.sections or overview.points or overview.purpose):
            return None
        if request.kind is OverviewKind.CHANGES:
            return self._compare_overview_with_previous(documents[0], overview)
        if not (overview.purpose or overview.points):
            return None
        writer = QuotingWriter(self._find_passage)
        if request.kind is OverviewKind.POINTS:
            return writer.draft(point_parts(overview, writer), documents[0].title)
        return writer.draft(summary_parts(documents[0], overview, writer), documents[0].title)

    def _compare_overview_with_previous(self, document: Document, overview: DocumentOverview) -> Draft:
        previous = self._finder.find_previous(document)
        previous_overview = self._find_overview(previous.id) if previous else None
        if previous is None or previous_overview is None:
            return _no_previous(document, f"{document.title}{_CHOICE_QUESTIONS[OverviewKind.POINTS]}")
        writer = QuotingWriter(self._find_passage)
        changes = compare_overviews(previous_overview, overview)
        return writer.draft(change_parts(previous, document, changes, writer), document.title)


def _asks_for_fact(query: Query, request: AspectRequest) -> bool:
    if Aspect.TARGETS in request.aspects:
        return False
    fact_types = _FACT_TYPES_OF_CHANGES if request.change else _FACT_TYPES
    return bool(query.dates) or (query.answer_type in fact_types and len(request.aspects) <= 1)


def _no_previous(document: Document, *suggestions: str) -> Draft:
    refusal = paragraph(service_message("no_previous", title=nest_quotes(document.title)))
    return Draft((refusal,), status=Status.NO_ANSWER, subject=document.title, suggestions=suggestions)


def _ask_which(documents: Sequence[Document], request: OverviewRequest) -> Draft:
    question = _CHOICE_QUESTIONS[request.kind]
    choices = tuple(f"{document.title}{question}" for document in documents[:_MAX_CHOICES])
    return Draft((paragraph(service_message("which_document")),), status=Status.CLARIFY, suggestions=choices)


def _aspect_parts(aspect: PlanAspect, writer: QuotingWriter) -> list[Part]:
    is_list = aspect.name in LIST_ASPECTS
    items = aspect.items if is_list else aspect.items[:MAX_SENTENCES]
    is_long = is_list and sum(len(item.text) for item in items) > _MAX_LIST_LENGTH
    names = [writer.cite(item.passage_id, item.text, item.name if is_long else "") for item in items[:_MAX_ITEMS]]
    key = "plan_items" if is_list and len(items) > 1 else "plan_item"
    heading = service_message(key, heading=nest_quotes(strip_number(aspect.heading)), count=str(len(items)))
    parts: list[Part] = [paragraph(heading), as_list(names) if len(names) > 1 else Paragraph(tuple(names))]
    return [*parts, *_explanations(items, writer)] if is_long else parts


def _explanations(items: Iterable[PlanItem], writer: QuotingWriter) -> list[Part]:
    explained = [writer.cite(item.passage_id, item.text) for item in items if item.text != item.name]
    return [paragraph(service_message("plan_explained")), as_list(explained)] if explained else []
