"""What the language models may take for one question, and what they took: its time, its calls.

A question's steps (making it whole, composing, easy Japanese) ask one after another and share the time; whoever opens
the account around them reads from it what they used.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.model.usage import ModelCall


class Account:
    """The calls of one question, in order, and the `limit_s` seconds that they have together from now on."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.calls: list[ModelCall] = []
        self._end = time.monotonic() + limit_s

    @property
    def left_s(self) -> float:
        """The seconds that are left, not below 0."""
        return max(0.0, self._end - time.monotonic())


_open: ContextVar[Account | None] = ContextVar("account", default=None)


@contextmanager
def account(limit_s: float) -> Iterator[Account]:
    """Open an account; what asks a model in this thread until it closes stands in it."""
    opened = Account(limit_s)
    token = _open.set(opened)
    try:
        yield opened
    finally:
        _open.reset(token)


def open_account(limit_s: float) -> Account:
    """Return the account that is open, or one of `limit_s` for a call outside of any."""
    return _open.get() or Account(limit_s)
