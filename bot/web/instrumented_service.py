"""The service with metrics of answers and failures, and with admission control."""

from collections.abc import Sequence
from datetime import date

from bot.curation.desk_interface import Desk
from bot.monitoring.log import redact_text
from bot.office import Departments
from bot.runtime.service_interface import AnswerService, DocumentState, Feedback, OnStage, OnText, OriginalFile
from bot.state import Answer, Hit, Question
from bot.storage.recorded_turns import DeletedCounts, RecordedTurn
from bot.suggestions import Topic
from bot.usage import Usage
from bot.web.admission import Admission
from bot.web.metrics import Metrics
from ingest.documents import Passage


class InstrumentedService:
    """A service whose answers, failures and feedback are counted; the rest goes through as it is.

    What costs processor time, answers and searches, is admitted first: `ask` and `search` raise BusyError.
    """

    def __init__(self, service: AnswerService, metrics: Metrics, admission: Admission) -> None:
        self._service = service
        self._metrics = metrics
        self._admission = admission

    @property
    def generation(self) -> str | None:
        """The index in service."""
        return self._service.generation

    @property
    def desk(self) -> Desk:
        """The staff's desk."""
        return self._service.desk

    @property
    def departments(self) -> Departments:
        """Whom to call about what."""
        return self._service.departments

    @property
    def usage(self) -> Usage:
        """What was asked, to be counted."""
        return self._service.usage

    def ask(self, question: Question, on_stage: OnStage | None = None, on_text: OnText | None = None) -> Answer:
        """Answer and count what somebody reads: not what is asked again to understand a conversation."""
        redact_text(question.question)
        with self._metrics.asking(), self._admission.seat():
            answer = self._service.ask(question, on_stage, on_text)
        if question.by_model:
            self._metrics.count_answer(answer, question.audience)
        return answer

    def feedback(self, feedback: Feedback, *, by_staff: bool = False) -> None:
        """Record and count."""
        self._service.feedback(feedback, by_staff=by_staff)
        self._metrics.count_feedback(feedback.rating)

    def forget(self, conversation_id: str, by: str) -> DeletedCounts:
        """Delete a conversation."""
        return self._service.forget(conversation_id, by)

    def search(self, q: str, k: int = 10, as_of: date | None = None, doc_id: str | None = None) -> list[Hit]:
        """Return ranked passages."""
        redact_text(q)
        with self._admission.seat():
            return self._service.search(q, k, as_of, doc_id)

    def passage(self, passage_id: str) -> Passage:
        """Return one passage."""
        return self._service.passage(passage_id)

    def original(self, doc_id: str) -> OriginalFile:
        """Return a document's file."""
        return self._service.original(doc_id)

    def page_picture(self, doc_id: str, page: int, passage_id: str | None = None) -> bytes:
        """Return a page as a picture."""
        return self._service.page_picture(doc_id, page, passage_id)

    def passages(self, doc_id: str) -> Sequence[Passage]:
        """Return the passages of a document."""
        return self._service.passages(doc_id)

    def conversation(self, conversation_id: str) -> tuple[RecordedTurn, ...]:
        """Return what was asked and told."""
        return self._service.conversation(conversation_id)

    def examples(self, limit: int) -> tuple[str, ...]:
        """Return questions to begin with."""
        return self._service.examples(limit)

    def topics(self, limit: int, each: int) -> tuple[Topic, ...]:
        """Return subjects to begin with."""
        return self._service.topics(limit, each)

    def documents(self, as_of: date | None = None) -> list[DocumentState]:
        """Return the documents of the index."""
        return self._service.documents(as_of)

    def follow(self) -> None:
        """Wait for the index that was put in service."""
        self._service.follow()

    def ready(self) -> bool:
        """Tell whether index and records can be used."""
        return self._service.ready()

    def keeps_records(self) -> bool:
        """Tell whether answers are recorded."""
        return self._service.keeps_records()
