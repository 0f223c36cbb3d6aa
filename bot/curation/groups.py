"""Data models of the staff queue: entries and groups of equivalent questions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.state import Answer, Audience, Status

State = Literal["open", "in_work", "answered", "dismissed", "review"]
"""`review`: answered once, but that answer is not served any more: its source changed, was replaced or expired."""

STATE_NAMES: dict[State, str] = {
    "open": "未対応",
    "in_work": "対応中",
    "answered": "回答済み",
    "dismissed": "対応しない",
    "review": "見直しが必要",
}
"""What each state is called where staff read it."""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One question in the queue, personal data masked. Times are UTC.

    `answer` is what was shown for it; `disliked` tells whether a reader voted it down, `reasons` and `comments` why.
    `audience` is who asked, None where it was not recorded (before 2026-11-20).
    """

    answer_id: str
    asked: datetime
    audience: Audience | None
    question: str
    understood: str
    status: Status
    answer: Answer
    disliked: bool = False
    reasons: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that ask the same: `question` is the one nearest to all the others. Times are UTC.

    `size` counts the entries; `staff` those that staff asked, `disliked` those voted down, `unanswered` those without a
    full answer (one entry may count in several). `first` and `last` are None for a curated answer that nobody's
    question led to, as long as no question came in. `note` tells why it was dismissed, or what a `review` is for.
    """

    id: str
    state: State
    question: str
    size: int = 0
    staff: int = 0
    disliked: int = 0
    unanswered: int = 0
    first: datetime | None = None
    last: datetime | None = None
    note: str = ""
    by: str = ""
    curated_id: str | None = None


@dataclass(frozen=True, slots=True)
class GroupWithEntries:
    """A group with its entries, the newest first."""

    group: Group
    entries: tuple[QueueEntry, ...]


@dataclass(frozen=True, slots=True)
class AnsweredShare:
    """What became of the questions that stayed unanswered from `first` to `last`, both included.

    Of `n` questions, asked again today, `by_curated` are answered by staff's answers and `by_documents` by the
    documents; staff `dismissed` some that are not, and the others are still `open`.
    """

    first: date
    last: date
    n: int
    by_curated: int
    by_documents: int
    dismissed: int
    open: int
