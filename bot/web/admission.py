"""Limits concurrent answers, with a bounded queue and waiting time, so that overload does not slow all answers."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from os import cpu_count
from threading import Condition

from bot.errors import BusyError
from ingest.configuration.settings import Settings

# Answers from the index are CPU-bound: two per core keep it busy, and more only wait for each other (`make load`).
# Answers of a language model mostly wait for its server.
_ANSWERS_PER_CORE = 2
_ANSWERS_WITH_MODEL = 32
# The share of seats and of the queue that one caller may take, so that the others keep theirs.
_SHARE_OF_A_CALLER = 0.25


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
        """Return the limits of the settings."""
        default = _ANSWERS_WITH_MODEL if settings.llm else _ANSWERS_PER_CORE * (cpu_count() or 1)
        return cls(settings.answers_at_once or default, settings.answers_waiting, settings.answer_wait_s)

    @contextmanager
    def seat(self, caller: str = "") -> Iterator[None]:
        """Hold a seat while the block runs; a named caller takes at most a quarter of the seats and of the queue.

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
    return taken.total() < most and not (caller and taken[caller] >= ceil(most * _SHARE_OF_A_CALLER))
