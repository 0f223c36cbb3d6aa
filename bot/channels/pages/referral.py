"""Finds the department to call about a question, by its subject and its town."""

from collections.abc import Collection, Iterable
from contextlib import suppress

from bot.answering.question.issuer_names import Issuers, named_towns
from bot.answering.state import Answer
from bot.running.office.departments import Department, choose_department
from bot.running.service.service import Service
from ingest.documents import Document
from ingest.errors import NoIndexError
from ingest.japanese import nfkc


def find_department(
    service: Service, question: str, headings: Iterable[str] = (), cited: Collection[str] = ()
) -> Department | None:
    """Return the department to call; `headings` are related ones, `cited` the ids of the documents that answer.

    Documents are only needed if a department belongs to one of several towns. Raises StorageError.
    """
    departments = service.departments.all()
    towns = frozenset[str]()
    if known_towns := frozenset(department.town for department in departments if department.town):
        documents = list[Document]()
        with suppress(NoIndexError):
            documents = [state.document for state in service.documents()]
        text = nfkc(question)
        issuers = {document.issuer for document in documents if not cited or document.id in cited}
        towns = Issuers(documents).find_towns(text)[0] | named_towns(text, known_towns)
        towns = towns or frozenset(issuers if len(issuers) == 1 else ())
    return choose_department(departments, question, headings, towns)


def department_for_answer(service: Service, answer: Answer) -> Department | None:
    """Return the department to call about the question of an answer. Raises StorageError."""
    headings = [f"{citation.title} {citation.section}" for citation in (*answer.citations, *answer.nearest)]
    cited = {citation.doc_id for citation in answer.citations}
    return find_department(service, answer.question_understood, headings, cited)
