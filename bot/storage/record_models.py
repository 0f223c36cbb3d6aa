"""Data models of recorded conversations, questions and telephone calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from bot.state import Answer, Audience, RejectedSentence, Status


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """One question of a conversation with its answer and the reader's last vote.

    `repeated` is true if the question before it was asked again in other words. `rejected` are the sentences of a
    language model that failed verification. `as_of` is None if the question was asked for the current day.
    """

    question: str
    answer: Answer
    rating: Literal["up", "down"] | None = None
    repeated: bool = False
    rejected: tuple[RejectedSentence, ...] = ()
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class DeletedCounts:
    """The numbers of deleted records."""

    conversations: int
    answers: int
    votes: int


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """A question with its outcome.

    `question` is the question as understood, with personal data masked; `answer` has no citation marks; `day` is in
    Japan's time zone. `cited` are ids and titles of the documents of citations and related passages. `seconds` is the
    time of answering. `audience` is None for questions before 2026-11-20, when it was not recorded.
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
    """A telephone call: its questions in order, the time of the first (UTC), and the number of unanswered ones.

    `cited` are the ids of the documents of citations and related passages.
    """

    id: str
    began: datetime
    questions: tuple[str, ...]
    unanswered: int
    cited: frozenset[str] = frozenset()


class Usage(Protocol):
    """The recorded questions; safe to share between threads and processes. Raises StorageError."""

    def questions(self, start: datetime, end: datetime, /) -> Sequence[RecordedQuestion]:
        """Return the questions from `start` until before `end` without repetitions, the oldest first."""
        ...

    def calls(self, start: datetime, end: datetime, /) -> Sequence[RecordedCall]:
        """Return the calls that staff answered from `start` until before `end`, the newest first."""
        ...

    def days(self) -> tuple[date, date] | None:
        """Return the days of the first and the last question, or None without questions."""
        ...
