"""Admission to what only a few can use at the same time, such as the processor for answers."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock

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


class KeyedLock:
    """Holds one lock per name; safe to share between threads.

    Only one more thread may wait for a name, at most `timeout_s`, because waiting threads are missing elsewhere.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._lock = Lock()
        # The lock of each name in use, with the number of threads that hold it or wait for it.
        self._locks: dict[str, tuple[Lock, int]] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[bool]:
        """Hold the lock of a name while the block runs; yield whether the caller had to wait.

        Raises BusyError if another thread waits already, or after `timeout_s`.
        """
        with self._lock:
            lock, users = self._locks.get(name, (Lock(), 0))
            if users > 1:
                raise BusyError
            self._locks[name] = lock, users + 1
        try:
            if not lock.acquire(timeout=self._timeout_s):
                raise BusyError
            try:
                yield users > 0
            finally:
                lock.release()
        finally:
            with self._lock:
                lock, users_now = self._locks.pop(name)
                if users_now > 1:
                    self._locks[name] = lock, users_now - 1
