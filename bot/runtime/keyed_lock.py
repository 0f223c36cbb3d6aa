"""A lock per name with a bounded wait and at most one waiter."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from bot.errors import BusyError


class KeyedLock:
    """Lets in one at a time of those with the same name, and tells who had to wait. Safe to share between threads.

    One more waits, for `patience_s` at most: whoever waits keeps a thread and a seat from everybody else.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._lock = Lock()
        self._doors: dict[str, tuple[Lock, int]] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[bool]:
        """Go in when nobody of this name is inside; yield whether one had to wait.

        Raises BusyError where somebody waits already, or the patience is over.
        """
        with self._lock:
            door, before = self._doors.get(name, (Lock(), 0))
            if before > 1:
                raise BusyError
            self._doors[name] = door, before + 1
        try:
            if not door.acquire(timeout=self._patience_s):
                raise BusyError
            try:
                yield before > 0
            finally:
                door.release()
        finally:
            with self._lock:
                door, here = self._doors.pop(name)
                if here > 1:
                    self._doors[name] = door, here - 1
