"""What one reader has asked and been told since the page was opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.answer import Answer

Rating = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer on the page, with the titles of the documents by their ids and the reader's rating."""

    question: str
    answer: Answer
    titles: Mapping[str, str] = field(default_factory=dict)
    rating: Rating | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything shown so far, oldest first; `id` is None before the first answer."""

    id: str | None = None
    shown: tuple[Shown, ...] = ()

    def with_answer(self, shown: Shown) -> "Conversation":
        """Add an answer at the end."""
        return Conversation(shown.answer.conversation_id, (*self.shown, shown))

    def with_rating(self, answer_id: str, rating: Rating) -> "Conversation":
        """Note what the reader thought of an answer."""
        noted = (replace(one, rating=rating) if one.answer.answer_id == answer_id else one for one in self.shown)
        return replace(self, shown=tuple(noted))
