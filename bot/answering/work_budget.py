"""Counts the work that one answer causes, so that nobody's question takes the service from others.

Counts are the same on every machine; time is not. Work is counted where it is done, and an answer does with the part
of it that is granted.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Unit = Literal["terms", "windows", "names"]
LIMITS: Mapping[Unit, int] = {"terms": 96, "windows": 24, "names": 8}
"""The work of one answer: terms searched, windows of text read by the relevance model, and names of a question compared
with passages."""
SEARCH_TERMS = 32
"""What a search counts at least, because short questions take nearly as long as longer ones."""


class WorkBudget:
    """The work that is left for one answer; used by one thread."""

    def __init__(self, limits: Mapping[Unit, int] = LIMITS) -> None:
        self._left = dict(limits)
        self.is_exceeded = False

    def take(self, unit: Unit, count: int) -> int:
        """Return how much of so much work may be done, and count it."""
        granted = min(count, self._left[unit])
        self._left[unit] -= granted
        self.is_exceeded = self.is_exceeded or granted < count
        return granted


_CURRENT: ContextVar[WorkBudget | None] = ContextVar("work_budget", default=None)


@contextmanager
def open_work_budget(limits: Mapping[Unit, int] = LIMITS) -> Iterator[WorkBudget]:
    """Count the work in the body, in this thread and in none that it starts."""
    budget = WorkBudget(limits)
    token = _CURRENT.set(budget)
    try:
        yield budget
    finally:
        _CURRENT.reset(token)


def take_work(unit: Unit, count: int) -> int:
    """Return how much of so much work may be done; all of it outside an answer, as at build."""
    budget = _CURRENT.get()
    return budget.take(unit, count) if budget else count
