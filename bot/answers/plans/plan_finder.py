"""Finds the document that a question about a whole document means."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.question.plan_request import AspectRequest, OverviewKind, OverviewRequest
from bot.question.query import Scope
from ingest.documents import Document
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.tokenise import morphemes
from ingest.overview import find_previous

# If more documents have the words of a question in their titles, the question means none of them.
_MAX_CANDIDATES = 30


@dataclass(frozen=True, slots=True)
class PlanMatch:
    """The plan that a question means, and the words of the question that name something else in it."""

    plan: Document
    subject: tuple[str, ...]


class PlanFinder:
    """Finds documents by the words of a question and the conversation; safe to share between threads."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = {document.id: document for document in documents}
        self._previous = {document.id: find_previous(document, documents) for document in documents}

    def find_previous(self, document: Document) -> Document | None:
        """Return the document that this one replaces, None if it is not in the corpus."""
        return self._previous[document.id]

    def find_documents(
        self, request: OverviewRequest, scope: Scope, conversation_ids: Collection[str]
    ) -> list[Document]:
        """Return the documents whose overview may be meant, the one in force of several issues.

        The words of the question in titles decide first, then named documents, then the document of the conversation
        (`conversation_ids`), then what the question calls the document (計画).
        """
        allowed = self._select(scope.allowed)
        if request.title_words:
            titled = [document for document in allowed if _has_in_title(document, request.title_words)]
            titled = [document for document in titled if _is_of_type(document, request.type_word)] or titled
            return self._latest(titled, scope) if len(titled) <= _MAX_CANDIDATES else []
        if scope.named:
            return self._latest(self._select(scope.named), scope)
        of_conversation = self._latest([document for document in allowed if document.id in conversation_ids], scope)
        if len(of_conversation) == 1:
            return of_conversation
        if len(allowed) > 1 and not (request.is_deictic or request.type_word):
            return []
        documents = [document for document in allowed if _is_of_type(document, request.type_word)]
        if request.kind is OverviewKind.CHANGES:
            documents = list(filter(self.find_previous, documents)) or documents
        return self._latest(documents, scope)

    def find_plan(self, request: AspectRequest, scope: Scope, conversation_ids: Collection[str]) -> PlanMatch | None:
        """Return the plan that shares most words with the question, None if several plans share as many.

        Of the issues of the plan it is the one whose number the question has, else the one in force, or the one before
        if the question asks for that.
        """
        plans = [document for document in self._select(scope.allowed) if document.kind != "meeting"]
        if scope.named:
            plans = [plan for plan in plans if plan.id in scope.named]
        elif not request.terms:
            plans = [plan for plan in plans if plan.id in conversation_ids] or plans
        counts = {plan.id: sum(_is_named(term, plan) for term in request.terms) for plan in plans}
        highest = max(counts.values(), default=0)
        if not (highest or scope.named):
            plans = [plan for plan in plans if _is_of_type(plan, request.type_word)]
        best = self._latest([plan for plan in plans if counts[plan.id] == highest], scope)
        if len(best) != 1:
            return None
        plan = self._choose_issue(best[0], request)
        issues = self._with_previous(plan)
        subject = (term for term in request.terms if not any(_is_named(term, issue) for issue in issues))
        return PlanMatch(plan, tuple(subject))

    def _choose_issue(self, plan: Document, request: AspectRequest) -> Document:
        if request.change:
            newer = [document for document in self._documents.values() if self.find_previous(document) == plan]
            return newer[0] if len(newer) == 1 and not self.find_previous(plan) else plan
        issues = self._with_previous(plan)
        if request.issue_number:
            numbered = [issue for issue in issues if request.issue_number in normalise_without_spaces(issue.title)]
            if len(numbered) == 1:
                return numbered[0]
        return issues[-1] if request.asks_for_previous else plan

    def _with_previous(self, plan: Document) -> list[Document]:
        previous = self.find_previous(plan)
        return [plan, previous] if previous else [plan]

    def _select(self, ids: Collection[str]) -> list[Document]:
        return [self._documents[doc_id] for doc_id in sorted(ids) if doc_id in self._documents]

    def _latest(self, documents: Iterable[Document], scope: Scope) -> list[Document]:
        documents = list(documents)
        replaced = {previous.id for document in documents if (previous := self.find_previous(document))}
        latest = [document for document in documents if document.id not in replaced]
        return [document for document in latest if document.id in scope.preferred] or latest


def _is_of_type(document: Document, type_word: str) -> bool:
    return not type_word or type_word in normalise_without_spaces(nfkc(document.title))


def _is_named(term: str, document: Document) -> bool:
    return _has_in_title(document, (term,)) or term in nfkc(document.issuer)


def _has_in_title(document: Document, words: Collection[str]) -> bool:
    return any(_has_words(nfkc(name), words) for name in (document.title, *document.aliases))


def _has_words(name: str, words: Collection[str]) -> bool:
    normal_forms = {morpheme.normal for morpheme in morphemes(name)}
    return all(word in name or {morpheme.normal for morpheme in morphemes(word)} <= normal_forms for word in words)
