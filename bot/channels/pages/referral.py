"""Finds the department to call about a question, by its subject and its town."""

from collections.abc import Collection, Iterable

from bot.answering.question.issuer_names import Issuers, named_towns
from bot.answering.state import Answer
from bot.running.office import Department, choose_department
from bot.running.service.service import Service
from ingest.errors import NoIndexError
from ingest.japanese import nfkc


class Referral:
    """Chooses among the departments at the time of creation; raises StorageError if they cannot be read.

    Documents are only needed if a department belongs to one of several towns.
    """

    def __init__(self, service: Service) -> None:
        self._departments = service.departments.all()
        self._towns = frozenset(department.town for department in self._departments if department.town)
        try:
            self._documents = [state.document for state in service.documents()] if self._towns else []
        except NoIndexError:
            self._documents = []
        self._issuers = Issuers(self._documents)

    def department(self, question: str, headings: Iterable[str] = (), cited: Collection[str] = ()) -> Department | None:
        """Return the department to call; `headings` are related ones, `cited` the ids of the documents that answer."""
        towns = frozenset[str]()
        if self._towns:
            text = nfkc(question)
            towns = self._issuers.find_towns(text)[0] | named_towns(text, self._towns)
            issuers = {document.issuer for document in self._documents if not cited or document.id in cited}
            towns = towns or frozenset(issuers if len(issuers) == 1 else ())
        return choose_department(self._departments, question, headings, towns)

    def department_for(self, answer: Answer) -> Department | None:
        headings = [f"{citation.title} {citation.section}" for citation in (*answer.citations, *answer.nearest)]
        return self.department(answer.question_understood, headings, {citation.doc_id for citation in answer.citations})
