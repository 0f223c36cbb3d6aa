"""Time budget and recorded calls of the language models for one question.

A question's steps (making it whole, composing, easy Japanese) ask one after another and share the time; whoever opens
the account around them reads from it what they used. Who waits for the answer may leave: no time is left then.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.llm.calls import ModelCall


class Asker:
    """Who waits for an answer, and may leave before it is there. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ends: list[Callable[[], None]] = []
        self.has_left = False

    def leave(self) -> None:
        """End every call that is under way for this answer; none is begun any more."""
        with self._lock:
            self.has_left = True
            ends, self._ends = self._ends, []
        for end in ends:
            end()

    def add_leave_callback(self, end: Callable[[], None]) -> None:
        """Have `end` called when the asker leaves, at once where that has been."""
        with self._lock:
            if not self.has_left:
                self._ends.append(end)
                return
        end()


class CallBudget:
    """The calls of one question, in order, and the `limit_s` seconds that they have together from now on.

    Once the `asker` has left there is no time left.
    """

    def __init__(self, limit_s: float, asker: Asker) -> None:
        self.limit_s = limit_s
        self.asker = asker
        self.calls: list[ModelCall] = []
        self.opened = time.monotonic()
        self._end = self.opened + limit_s

    @property
    def left_s(self) -> float:
        """The seconds that are left, not below 0."""
        return 0.0 if self.asker.has_left else max(0.0, self._end - time.monotonic())


_open: ContextVar[CallBudget | None] = ContextVar("account", default=None)
_asker: ContextVar[Asker | None] = ContextVar("asker", default=None)


@contextmanager
def waiting_for(asker: Asker) -> Iterator[None]:
    """Open the accounts of this thread for `asker`, who may leave from any thread."""
    token = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(token)


@contextmanager
def open_budget(limit_s: float) -> Iterator[CallBudget]:
    """Open an account; what asks a model in this thread until it closes stands in it."""
    opened = CallBudget(limit_s, _asker.get() or Asker())
    token = _open.set(opened)
    try:
        yield opened
    finally:
        _open.reset(token)


def current_budget(limit_s: float) -> CallBudget:
    """Return the account that is open, or one of `limit_s` for a call outside of any."""
    return _open.get() or CallBudget(limit_s, _asker.get() or Asker())
