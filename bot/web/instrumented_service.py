"""The answering service with metrics and admission control."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from bot.http.limits import current_caller
from bot.monitoring.log import redact_text
from bot.service import AnswerListener, Service
from bot.state import Answer, Hit, Question
from bot.storage.record_store import Rating
from bot.web.admission import Admission
from bot.web.metrics import Metrics


class InstrumentedService:
    """Counts questions and votes of a service, and limits how many answers and searches run at a time.

    All other members are those of the wrapped service. `ask` and `search` also raise BusyError.
    """

    def __init__(self, service: Service, metrics: Metrics, admission: Admission) -> None:
        self._service = service
        self._metrics = metrics
        self._admission = admission

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def ask(self, question: Question, listener: AnswerListener | None = None) -> Answer:
        """Answer a question; one that is only repeated for its conversation is not counted as an answer."""
        redact_text(question.question)
        with self._metrics.asking(), self._admission.seat(current_caller()):
            answer = self._service.ask(question, listener)
        if question.by_model:
            self._metrics.count_answer(answer, question.audience)
        return answer

    def search(self, q: str, k: int = 10, as_of: date | None = None, doc_id: str | None = None) -> list[Hit]:
        """Return the best `k` passages, best first."""
        redact_text(q)
        with self._admission.seat(current_caller()):
            return self._service.search(q, k, as_of, doc_id)

    def feedback(
        self, answer_id: str, rating: Rating, reasons: Iterable[str] = (), comment: str = "", *, by_staff: bool = False
    ) -> None:
        """Record and count a vote."""
        self._service.feedback(answer_id, rating, reasons, comment, by_staff=by_staff)
        self._metrics.count_feedback(rating)
