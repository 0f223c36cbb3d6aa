"""The answering service with metrics, and limits of concurrent answers, so that overload does not slow all of them."""

from collections.abc import Iterable
from datetime import date
from os import cpu_count
from typing import Any

from bot.admission import Admission
from bot.http.limits import RateLimits, current_caller
from bot.monitoring.log import redact_text
from bot.service import AnswerListener, Service
from bot.state import Answer, Hit, Question
from bot.storage.record_store import Rating
from bot.web.metrics import Metrics
from ingest.configuration.settings import Settings

# Answers from the index are CPU-bound: more than one per core only wait for each other (decision 092), but one alone
# would leave the core idle while it waits for the disk. Answers of a language model mostly wait for its server.
_LEAST_ANSWERS = 2
_ANSWERS_WITH_MODEL = 32


def admit_answers(settings: Settings) -> Admission:
    """Return the admission of all answers and searches of a process."""
    default = _ANSWERS_WITH_MODEL if settings.llm else max(_LEAST_ANSWERS, cpu_count() or 1)
    # Who waits for a model to answer another question waits as long as that may take.
    model_s = settings.llm_timeout_s if settings.llm or settings.llm_gguf else 0
    return Admission(settings.answers_at_once or default, settings.answers_waiting, settings.answer_wait_s + model_s)


class InstrumentedService:
    """Counts questions and votes of a service, and limits how many answers and searches run at a time.

    All other members are those of the wrapped service. `ask` and `search` also raise BusyError, and `ask` 429 for a
    person who asks too often.
    """

    def __init__(self, service: Service, metrics: Metrics, admission: Admission, limits: RateLimits) -> None:
        self._service = service
        self._metrics = metrics
        self._admission = admission
        self._limits = limits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def ask(self, question: Question, listener: AnswerListener | None = None) -> Answer:
        """Answer a question; one that is only repeated for its conversation is not counted as an answer."""
        redact_text(question.question)
        self._limits.count_question(question.conversation_id)
        with self._metrics.asking(), self._admission.seat(current_caller(question.conversation_id)):
            answer = self._service.ask(question, listener)
        if question.by_model:
            self._metrics.count_answer(answer, question.audience)
        return answer

    def search(self, q: str, k: int = 10, as_of: date | None = None, doc_id: str | None = None) -> list[Hit]:
        redact_text(q)
        with self._admission.seat(current_caller()):
            return self._service.search(q, k, as_of, doc_id)

    def feedback(
        self, answer_id: str, rating: Rating, reasons: Iterable[str] = (), comment: str = "", *, by_staff: bool = False
    ) -> None:
        self._service.feedback(answer_id, rating, reasons, comment, by_staff=by_staff)
        self._metrics.count_feedback(rating)
