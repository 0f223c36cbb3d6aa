"""Data models of recorded conversations."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.state import Answer, RejectedSentence


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
