"""Limits concurrent answers, with a bounded queue and waiting time.

Whoever would wait longer is told at once to come again, and those inside are answered as fast as ever.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from os import cpu_count
from threading import BoundedSemaphore

from bot.errors import BusyError
from ingest.configuration.settings import Settings

# Answers from the index keep a core busy: with two on each there is always one to go on with, and none gets slower by
# more company (`make load`). Those of a model elsewhere wait for it most of the time.
_ON_A_CORE = 2
_WITH_A_MODEL = 32


class Admission:
    """Seats for those who are answered, and places for those who wait; `most` is how many there are of both.

    Safe to share between threads.
    """

    def __init__(self, at_once: int, waiting: int, patience_s: float) -> None:
        self.most = at_once + waiting
        self._seats = BoundedSemaphore(at_once)
        self._places = BoundedSemaphore(self.most)
        self._patience_s = patience_s

    @classmethod
    def of(cls, settings: Settings) -> "Admission":
        """Return what the settings say."""
        by_itself = _WITH_A_MODEL if settings.llm else _ON_A_CORE * (cpu_count() or 1)
        return cls(settings.answers_at_once or by_itself, settings.answers_waiting, settings.answer_wait_s)

    @contextmanager
    def seat(self) -> Iterator[None]:
        """Hold a seat while the block runs. Raises BusyError where none is free in time, or too many wait already."""
        if not self._places.acquire(blocking=False):
            raise BusyError
        try:
            if not self._seats.acquire(timeout=self._patience_s):
                raise BusyError
            try:
                yield
            finally:
                self._seats.release()
        finally:
            self._places.release()
