"""What the records tell of a conversation: its turns, and what was deleted."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.state import Answer, RejectedSentence


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """One question of a conversation as it was asked, what was answered, and the reader's last vote on that.

    `repeated` where the question before it was put once more, in other words. `rejected` is what a language model wrote
    for it that failed verification. `as_of` is the day that was asked for, None for the one on which it was asked.
    """

    question: str
    answer: Answer
    rating: Literal["up", "down"] | None = None
    repeated: bool = False
    rejected: tuple[RejectedSentence, ...] = ()
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class DeletedCounts:
    """How much was deleted."""

    conversations: int
    answers: int
    votes: int
