"""The entrance of a server: metrics, and limits of concurrent answers, so that overload does not slow all of them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from os import cpu_count

from bot.admission import Admission
from bot.http.limits import RateLimits, current_caller
from bot.monitoring.log import redact_text
from bot.service import Entrance
from bot.state import Answer, Question
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


class ServerEntrance(Entrance):
    """Counts questions and votes, and limits how many answers and searches run at a time.

    Both raise BusyError, a question also 429 for a person who asks too often.
    """

    def __init__(self, metrics: Metrics, admission: Admission, limits: RateLimits) -> None:
        self._metrics = metrics
        self._admission = admission
        self._limits = limits

    @contextmanager
    def question(self, question: Question) -> Iterator[None]:
        redact_text(question.question)
        self._limits.count_question(question.conversation_id)
        with self._metrics.asking(), self._admission.seat(current_caller(question.conversation_id)):
            yield

    def search(self, text: str) -> AbstractContextManager[None]:
        redact_text(text)
        return self._admission.seat(current_caller())

    def count_answer(self, answer: Answer, question: Question) -> None:
        """Count an answer, but not one that is only repeated for its conversation."""
        if question.by_model:
            self._metrics.count_answer(answer, question.audience)

    def count_vote(self, rating: Rating) -> None:
        self._metrics.count_feedback(rating)
