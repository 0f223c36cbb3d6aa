"""Admission to what only a few can use at the same time, such as the processor for answers."""

from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from bot.errors import BusyError

# Callers of one address who may wait for a seat.
WAITING_OF_ADDRESS = 64


class Admission:
    """Seats `at_once` callers and lets `waiting` others wait, at most `timeout_s` each. Safe to share between threads.

    Addresses take turns. Who is alone may have all seats; one more is for an address that has none, so that it does not
    wait for the slow answers of another. Where all places to wait are taken, the last of the address that has most
    makes room for one that would have fewer.
    """

    def __init__(self, at_once: int, waiting: int, timeout_s: float) -> None:
        self.most = at_once + 1 + waiting
        self._most_waiting = waiting
        self._timeout_s = timeout_s
        self._lock = Lock()
        self._count = at_once + 1
        # Who has a seat: the address, and since when.
        self._seated = dict[Future[None], tuple[str, float]]()
        # Addresses in the order of their turns, the callers of each in the order in which they came.
        self._waiting = dict[str, dict[Future[None], None]]()

    @property
    def longest_s(self) -> float:
        """The time for which a caller has held a seat, the longest of all."""
        with self._lock:
            since = [time for _, time in self._seated.values()]
        return monotonic() - min(since) if since else 0

    @contextmanager
    def seat(self, address: str = "") -> Iterator[None]:
        """Hold a seat while the block runs. Raises BusyError if too many wait, or if no seat becomes free in time."""
        caller = Future[None]()
        with self._lock:
            self._make_room(address)
            self._waiting.setdefault(address, {})[caller] = None
            self._seat_next()
        try:
            caller.result(self._timeout_s)
        except (TimeoutError, CancelledError):
            with self._lock:
                if caller.cancel():  # unless it got a seat in the last moment
                    self._waiting.get(address, {}).pop(caller, None)
                    raise BusyError from None
        try:
            yield
        finally:
            with self._lock:
                del self._seated[caller]
                self._seat_next()

    def _make_room(self, address: str) -> None:
        own = len(self._waiting.get(address, ()))
        most = max(self._waiting.values(), key=len, default={})
        is_full = sum(map(len, self._waiting.values())) >= self._most_waiting
        if own >= WAITING_OF_ADDRESS or (is_full and len(most) <= own + 1):
            raise BusyError
        if is_full:
            most.popitem()[0].cancel()

    def _seat_next(self) -> None:
        for address, callers in list(self._waiting.items()):
            has_seat = any(address == other for other, _ in self._seated.values())
            if callers and self._count - len(self._seated) > has_seat:
                caller = next(iter(callers))
                del callers[caller]
                self._seated[caller] = address, monotonic()
                self._waiting[address] = self._waiting.pop(address)  # the turn of others comes before its next
                caller.set_result(None)
            if not callers:
                del self._waiting[address]
