"""A circuit breaker: a server that keeps failing is not called for a while.

Without it each question would wait out the whole time limit at a model that hangs, and hold a thread as long.
"""

import threading
import time
from collections.abc import Callable

_FAILURES = 3
REST_S = 30.0
# A server may ask for more rest than this (Retry-After), and is tried again all the same: clocks are wrong at times.
_LONGEST_REST_S = 300.0

Clock = Callable[[], float]


class CircuitBreaker:
    """Open after three failures in a row, for 30 s; then one caller tries, whose success closes it for all.

    `clock` gives seconds that only grow. Safe to share between threads.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0

    @property
    def wait_s(self) -> float:
        """The seconds for which the server is still to be left alone, 0 when it may be asked."""
        with self._lock:
            return max(0.0, self._open_until - self._clock())

    def allows_call(self) -> bool:
        """Whether the caller may ask the server now; who may must tell how it went."""
        with self._lock:
            now = self._clock()
            if now < self._open_until:
                return False
            if self._failures >= _FAILURES:  # the others wait for what this one finds
                self._open_until = now + REST_S
            return True

    def failed(self, rest_s: float = 0.0) -> None:
        """Count a failure; `rest_s` is how long the server asked to be left alone, at most five minutes."""
        with self._lock:
            self._failures += 1
            rest_s = min(rest_s, _LONGEST_REST_S)
            if self._failures >= _FAILURES:
                rest_s = max(rest_s, REST_S)
            if rest_s:
                self._open_until = max(self._open_until, self._clock() + rest_s)

    def record_success(self) -> None:
        """Forget all failures."""
        with self._lock:
            self._failures = 0
            self._open_until = 0.0
