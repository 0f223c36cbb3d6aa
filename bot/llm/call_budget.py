"""Time budget and recorded calls of the language models for one question.

The steps of a question (rewriting, generation, easy Japanese) share one time limit. When the reader who waits for the
answer leaves, no time is left.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.llm.model_calls import ModelCall


class Asker:
    """The reader who waits for an answer and may leave before it is there. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._callbacks: list[Callable[[], None]] = []
        self.has_left = False

    def leave(self) -> None:
        """Stop every running call for this answer; none is started any more."""
        with self._lock:
            self.has_left = True
            callbacks, self._callbacks = self._callbacks, []
        for stop in callbacks:
            stop()

    def add_leave_callback(self, stop: Callable[[], None]) -> None:
        """Have `stop` called when the asker leaves, at once if that has happened."""
        with self._lock:
            if not self.has_left:
                self._callbacks.append(stop)
                return
        stop()


class CallBudget:
    """The calls of one question, in order, and the `limit_s` seconds that they share from now on."""

    def __init__(self, limit_s: float, asker: Asker) -> None:
        self.limit_s = limit_s
        self.asker = asker
        self.calls: list[ModelCall] = []
        self.opened = time.monotonic()
        self._end = self.opened + limit_s

    @property
    def left_s(self) -> float:
        """The remaining seconds; 0 once the asker has left."""
        return 0.0 if self.asker.has_left else max(0.0, self._end - time.monotonic())


_open: ContextVar[CallBudget | None] = ContextVar("budget", default=None)
_asker: ContextVar[Asker | None] = ContextVar("asker", default=None)


@contextmanager
def waiting_for(asker: Asker) -> Iterator[None]:
    """Open the budgets of this thread for `asker`, who may leave from any thread."""
    token = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(token)


@contextmanager
def open_budget(limit_s: float) -> Iterator[CallBudget]:
    """Open a budget that records the calls of this thread until it is closed."""
    budget = CallBudget(limit_s, _asker.get() or Asker())
    token = _open.set(budget)
    try:
        yield budget
    finally:
        _open.reset(token)


def current_budget(limit_s: float) -> CallBudget:
    """Return the open budget, or a new one of `limit_s` for a call outside of any."""
    return _open.get() or CallBudget(limit_s, _asker.get() or Asker())
