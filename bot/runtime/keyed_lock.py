"""A lock per name with a bounded wait and at most one waiter."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from bot.errors import BusyError


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
