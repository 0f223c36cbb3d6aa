"""Whom to call about a question: the department of its subject, in the town that it is about."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

from bot.office import Department, choose_department
from bot.question.scope import Issuers, named_towns
from bot.runtime.service_interface import AnswerService, DocumentState
from bot.state import Answer
from ingest.errors import NoIndexError
from ingest.japanese import nfkc


class Referral:
    """Chooses over the departments and documents as they are when this is made; raises StorageError where it cannot.

    Documents are only looked at where a department is of a town.
    """

    def __init__(self, service: AnswerService) -> None:
        self._departments = service.departments.all()
        self._towns = frozenset(one.town for one in self._departments if one.town)
        states: Sequence[DocumentState] = ()
        if self._towns:
            with suppress(NoIndexError):
                states = service.documents()
        self._documents = [state.document for state in states]
        self._issuers = Issuers(self._documents)

    def department(self, question: str, headings: Iterable[str] = (), cited: Collection[str] = ()) -> Department | None:
        """Return whom to call; `headings` lie near to the question, `cited` are ids of documents that answer it."""
        return choose_department(
            self._departments, question, headings, self._about(nfkc(question), cited) if self._towns else ()
        )

    def department_for(self, answer: Answer) -> Department | None:
        """Return whom to call about a question that was answered so."""
        headings = [f"{one.title} {one.section}" for one in (*answer.citations, *answer.nearest)]
        return self.department(answer.question_understood, headings, {one.doc_id for one in answer.citations})

    def _about(self, question: str, cited: Collection[str]) -> frozenset[str]:
        """Return the towns that the question names, else the one whose documents answer, else the only one there is."""
        if named := self._issuers.find_towns(question)[0] | named_towns(question, self._towns):
            return named
        of = {document.issuer for document in self._documents if not cited or document.id in cited}
        return frozenset(of) if len(of) == 1 else frozenset()
