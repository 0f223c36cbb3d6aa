"""The answering service with metrics, and limits of concurrent answers, so that overload does not slow all of them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from math import ceil
from os import cpu_count
from threading import Condition
from typing import Any

from bot.errors import BusyError
from bot.http.limits import current_caller
from bot.monitoring.log import redact_text
from bot.service import AnswerListener, Service
from bot.state import Answer, Hit, Question
from bot.storage.record_store import Rating
from bot.web.metrics import Metrics
from ingest.configuration.settings import Settings

# Answers from the index are CPU-bound: two per core keep it busy, and more only wait for each other (`make load`).
# Answers of a language model mostly wait for its server.
_ANSWERS_PER_CORE = 2
_ANSWERS_WITH_MODEL = 32
# What one caller may take of the seats and of the queue, so that the others keep theirs: a share of them, but at least
# what a person with two tabs takes.
_SHARE_OF_A_CALLER = 0.25
_LEAST_OF_A_CALLER = 2


class Admission:
    """Admits `at_once` answers and queues `waiting` more; `most` is the sum. Safe to share between threads."""

    def __init__(self, at_once: int, waiting: int, timeout_s: float) -> None:
        self.most = at_once + waiting
        self._at_once = at_once
        self._timeout_s = timeout_s
        self._changed = Condition()
        self._present = Counter[str]()
        self._seated = Counter[str]()

    @classmethod
    def from_settings(cls, settings: Settings) -> "Admission":
        default = _ANSWERS_WITH_MODEL if settings.llm else _ANSWERS_PER_CORE * (cpu_count() or 1)
        return cls(settings.answers_at_once or default, settings.answers_waiting, settings.answer_wait_s)

    @contextmanager
    def seat(self, caller: str = "") -> Iterator[None]:
        """Hold a seat while the block runs; a named caller takes at most a quarter of the seats and the queue, or two.

        Raises BusyError if the queue is full or no seat becomes free in time.
        """
        with self._changed:
            if not _has_room(self._present, self.most, caller):
                raise BusyError
            self._present[caller] += 1
        try:
            with self._changed:
                if not self._changed.wait_for(lambda: _has_room(self._seated, self._at_once, caller), self._timeout_s):
                    raise BusyError
                self._seated[caller] += 1
            try:
                yield
            finally:
                self._leave(self._seated, caller)
        finally:
            self._leave(self._present, caller)

    def _leave(self, counter: Counter[str], caller: str) -> None:
        with self._changed:
            counter[caller] -= 1
            counter += Counter()  # drops callers with nothing left
            self._changed.notify_all()


def _has_room(taken: Counter[str], most: int, caller: str) -> bool:
    share = max(ceil(most * _SHARE_OF_A_CALLER), _LEAST_OF_A_CALLER)
    return taken.total() < most and not (caller and taken[caller] >= share)


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
        redact_text(q)
        with self._admission.seat(current_caller()):
            return self._service.search(q, k, as_of, doc_id)

    def feedback(
        self, answer_id: str, rating: Rating, reasons: Iterable[str] = (), comment: str = "", *, by_staff: bool = False
    ) -> None:
        self._service.feedback(answer_id, rating, reasons, comment, by_staff=by_staff)
        self._metrics.count_feedback(rating)
