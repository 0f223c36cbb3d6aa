"""A token bucket that limits retries across all questions.

A token bucket, as Finagle's RetryBudget and gRPC's retry throttling (gRFC A6) have it.
"""

import threading

# One retry for five calls; a server that has been quiet may still be asked twice for its first few questions.
_EACH_CALL = 0.2
_AT_FIRST = 2.0
_MOST = 10.0


class RetryBudget:
    """At most one in six of many calls is a retry. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = _AT_FIRST

    def called(self) -> None:
        """Count a call that is no retry."""
        with self._lock:
            self._left = min(_MOST, self._left + _EACH_CALL)

    def take(self) -> bool:
        """Whether there may be a retry now; if so, it is spent."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True
