"""Recorded questions and calls, and the interface that reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from bot.state import Audience, Status


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """A question with what became of it; what one person asked again in other words counts once and is left out.

    `question` is as it was understood, personal data masked; `answer` has no citation marks; `day` is the office's.
    `cited` are the ids and titles of
    the documents that the answer cites, or tells as near. `seconds` is how long the answer took. `audience` is None
    where it was not recorded (before 2026-11-20).
    """

    day: date
    question: str
    audience: Audience | None
    status: Status
    answer: str
    generator: str
    cited: tuple[tuple[str, str], ...]
    sections: tuple[str, ...]
    seconds: float
    rating: Literal["up", "down"] | None = None


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call: its questions in order, when the first was asked (UTC), and how many were not answered.

    `cited` are the ids of the documents that its answers cite, or tell as near.
    """

    id: str
    began: datetime
    questions: tuple[str, ...]
    unanswered: int
    cited: frozenset[str] = frozenset()


class Usage(Protocol):
    """The records as they are counted. Safe to share between threads and processes; raises StorageError."""

    def asked(self, start: datetime, end: datetime, /) -> Sequence[RecordedQuestion]:
        """Return what was asked from `start` until before `end`, the oldest first."""
        ...

    def calls(self, start: datetime, end: datetime, /) -> Sequence[RecordedCall]:
        """Return the calls at the console that began from `start` until before `end`, the newest first."""
        ...

    def days(self) -> tuple[date, date] | None:
        """Return the first and the last day on which anything was asked; None before the first question."""
        ...
