"""Data models of the staff queue: entries and groups of equivalent questions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.state import Answer, Audience, Status

State = Literal["open", "in_work", "answered", "dismissed", "review"]
"""`review`: answered, but the answer is no longer served because a source changed, was superseded or expired."""

STATE_NAMES: dict[State, str] = {
    "open": "未対応",
    "in_work": "対応中",
    "answered": "回答済み",
    "dismissed": "対応しない",
    "review": "見直しが必要",
}
"""The names of the states for staff."""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A question of the queue with personal data masked and the answer that was shown. Times are UTC.

    `disliked` is true if a reader voted it down, with `reasons` and `comments`.
    """

    answer_id: str
    asked: datetime
    audience: Audience
    question: str
    understood: str
    status: Status
    answer: Answer
    disliked: bool = False
    reasons: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Equivalent questions; `question` is the one most similar to all others. Times are UTC.

    `size` counts the entries, `staff` those asked by staff, `disliked` those voted down, `unanswered` those without a
    full answer; an entry may count in several. `first` and `last` are None without entries, as for a curated answer
    written in advance. `note` is the reason of a dismissal or review.
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
    """How the unanswered questions of the days from `first` to `last` are answered today.

    Of `n` questions, `by_curated` get curated answers and `by_documents` answers from the documents. Of the others,
    staff `dismissed` some and the rest is `open`.
    """

    first: date
    last: date
    n: int
    by_curated: int
    by_documents: int
    dismissed: int
    open: int
