"""Admission to what only a few can use at the same time, such as the processor for answers."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from bot.errors import BusyError

# Callers of one address who may wait for a seat.
WAITING_OF_ADDRESS = 64


class Admission:
    """Seats `at_once` callers and lets `waiting` others wait, at most `timeout_s` each. Safe to share between threads.

    Who is alone may have all seats; one more is for an address that has none, so that it does not wait for the slow
    answers of another.
    """

    def __init__(self, at_once: int, waiting: int, timeout_s: float) -> None:
        self.most = at_once + 1 + waiting
        self._most_waiting = waiting
        self._timeout_s = timeout_s
        self._changed = Condition()
        self._free = at_once + 1
        self._seated = Counter[str]()
        self._waiting = Counter[str]()

    @contextmanager
    def seat(self, address: str = "") -> Iterator[None]:
        """Hold a seat while the block runs. Raises BusyError if too many wait, or if no seat becomes free in time."""
        with self._changed:
            if self._waiting[address] >= WAITING_OF_ADDRESS or self._waiting.total() >= self._most_waiting:
                raise BusyError
            self._waiting[address] += 1
            is_free = self._changed.wait_for(lambda: self._free > bool(self._seated[address]), self._timeout_s)
            self._waiting -= Counter([address])
            if not is_free:
                raise BusyError
            self._free -= 1
            self._seated[address] += 1
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._seated -= Counter([address])
                self._changed.notify_all()
