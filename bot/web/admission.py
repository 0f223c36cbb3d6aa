"""Limits concurrent answers, with a bounded queue and waiting time, so that overload does not slow all answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import cpu_count
from threading import BoundedSemaphore

from bot.errors import BusyError
from ingest.configuration.settings import Settings

# Answers from the index are CPU-bound: two per core keep it busy, and more only wait for each other (`make load`).
# Answers of a language model mostly wait for its server.
_ANSWERS_PER_CORE = 2
_ANSWERS_WITH_MODEL = 32


class Admission:
    """Admits `at_once` answers and queues `waiting` more; `most` is the sum. Safe to share between threads."""

    def __init__(self, at_once: int, waiting: int, timeout_s: float) -> None:
        self.most = at_once + waiting
        self._seats = BoundedSemaphore(at_once)
        self._places = BoundedSemaphore(self.most)
        self._timeout_s = timeout_s

    @classmethod
    def from_settings(cls, settings: Settings) -> "Admission":
        """Return the limits of the settings."""
        default = _ANSWERS_WITH_MODEL if settings.llm else _ANSWERS_PER_CORE * (cpu_count() or 1)
        return cls(settings.answers_at_once or default, settings.answers_waiting, settings.answer_wait_s)

    @contextmanager
    def seat(self) -> Iterator[None]:
        """Hold a seat while the block runs. Raises BusyError if the queue is full or none becomes free in time."""
        if not self._places.acquire(blocking=False):
            raise BusyError
        try:
            if not self._seats.acquire(timeout=self._timeout_s):
                raise BusyError
            try:
                yield
            finally:
                self._seats.release()
        finally:
            self._places.release()
