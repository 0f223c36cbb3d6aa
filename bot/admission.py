"""Fair queuing for what only a few can use at the same time, such as the processor for answers."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from bot.errors import BusyError


class Caller(NamedTuple):
    """Who asks: an address (or a person who is signed in), and one of the conversations behind it."""

    address: str = ""
    conversation: str = ""


NOBODY = Caller()
# It is done when its caller is seated, or has to give way (BusyError).
_Ticket = tuple[Caller, Future[None]]


class Admission:
    """Seats `at_once` callers and queues `waiting` more, at most `timeout_s` each. Safe to share between threads.

    Who is alone may have all seats; one more is for an address that has none, so that it does not wait for the slow
    answers of another. Where several wait, a seat goes to the address that has the fewest, addresses with equally many
    take turns, and so do the conversations of an address. In a full queue the newest ticket of the conversation with
    the most gives way, at the address with the most.
    """

    def __init__(self, at_once: int, waiting: int, timeout_s: float) -> None:
        self.most = at_once + 1 + waiting
        self._waiting = waiting
        self._timeout_s = timeout_s
        self._lock = Lock()
        self._free = at_once + 1
        self._seated: Counter[str | Caller] = Counter()
        self._queue: list[_Ticket] = []  # who was seated last is at the end

    @contextmanager
    def seat(self, caller: Caller = NOBODY) -> Iterator[None]:
        """Hold a seat while the block runs. Raises BusyError in a full queue, or if no seat becomes free in time."""
        ticket = caller, Future[None]()
        with self._lock:
            self._queue.append(ticket)
            self._fill_seats()
            if len(self._queue) > self._waiting:
                self._send_one_away()
        wait([ticket[1]], self._timeout_s)
        with self._lock:
            if ticket in self._queue:
                self._queue.remove(ticket)
                raise BusyError
        ticket[1].result()
        try:
            yield
        finally:
            with self._lock:
                self._free += 1
                self._seated -= Counter(_keys(caller))
                self._fill_seats()

    def _fill_seats(self) -> None:
        while self._queue:
            ticket = min(self._queue, key=lambda one: [self._seated[key] for key in _keys(one[0])])
            address, caller = keys = _keys(ticket[0])
            if self._free <= bool(self._seated[address]):
                return
            self._free -= 1
            self._seated.update(keys)
            self._queue.remove(ticket)
            self._queue.sort(key=lambda one: (one[0].address == address, one[0] == caller))
            ticket[1].set_result(None)

    def _send_one_away(self) -> None:
        places = Counter(key for caller, _ in self._queue for key in _keys(caller))
        ticket = max(reversed(self._queue), key=lambda one: [places[key] for key in _keys(one[0])])
        self._queue.remove(ticket)
        ticket[1].set_exception(BusyError())


def _keys(caller: Caller) -> tuple[str, Caller]:
    return caller.address, caller


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
