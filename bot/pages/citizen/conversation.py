"""State of one reader's conversation as the page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.office import NOBODY, PersonalHelp
from bot.rendering.html.answer_parts import reinterpreted_question
from bot.rendering.html.speech import Speech
from bot.runtime.service_interface import DocumentState
from bot.state import Answer, Style
from bot.suggestions import Topic

Rating = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class AnswerSources:
    """What an answer stands on: the texts of its passages and the documents that it names, by their ids."""

    passages: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, DocumentState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DisplayedAnswer:
    """An answer on the page; `further` are the questions that may come next, `help` whom to call about it.

    `topics` are subjects to begin with, where nothing was found.
    """

    question: str
    answer: Answer
    grounds: AnswerSources = field(default_factory=AnswerSources)
    further: tuple[str, ...] = ()
    help: PersonalHelp = NOBODY
    topics: tuple[Topic, ...] = ()
    rating: Rating | None = None

    @property
    def read_as(self) -> str | None:
        """The question as it was looked up, where that is another than was typed."""
        return reinterpreted_question(self.question, self.answer)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything shown so far, oldest first; `id` is None before the first answer."""

    id: str | None = None
    shown: tuple[DisplayedAnswer, ...] = ()
    speech: Speech = field(default_factory=Speech)

    @property
    def style(self) -> Style:
        """How answers are to be written."""
        return "easy" if self.speech.language == "easy" else "standard"

    def with_answer(self, shown: DisplayedAnswer, *, instead: bool = False) -> "Conversation":
        """Add an answer at the end; `instead` of the last one where the page put its question once more."""
        earlier = self.shown
        if instead and earlier:
            earlier, shown = earlier[:-1], replace(shown, question=earlier[-1].question)
        return replace(self, id=shown.answer.conversation_id, shown=(*earlier, shown))

    def with_rating(self, answer_id: str, rating: Rating) -> "Conversation":
        """Note what the reader thought of an answer."""
        noted = (replace(one, rating=rating) if one.answer.answer_id == answer_id else one for one in self.shown)
        return replace(self, shown=tuple(noted))

    def without_last(self) -> "Conversation":
        """Return it before its last answer."""
        return replace(self, shown=self.shown[:-1])
