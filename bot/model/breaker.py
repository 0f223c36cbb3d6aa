"""A circuit breaker (Nygard, Release It!, 2007): a server that keeps failing is left alone for a while.

Without it each question would wait out the whole time limit at a model that hangs, and hold a thread as long.
"""

import threading
import time
from collections.abc import Callable

_FAILURES = 3
_REST_S = 30.0


class Breaker:
    """Open after three failures in a row, for 30 s; then one success closes it, one failure opens it again.

    `clock` gives seconds that only grow. Safe to share between threads.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the server is to be left alone now."""
        with self._lock:
            return self._failures >= _FAILURES and self._clock() < self._open_until

    def failed(self) -> None:
        """Count a failure."""
        with self._lock:
            self._failures += 1
            self._open_until = self._clock() + _REST_S

    def succeeded(self) -> None:
        """Forget all failures."""
        with self._lock:
            self._failures = 0
