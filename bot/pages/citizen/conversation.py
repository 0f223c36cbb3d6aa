"""State of one reader's conversation as the chat shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Literal

from bot.office import NOBODY, PersonalHelp
from bot.rendering.html.answer_parts import reinterpreted_question
from bot.rendering.html.display_preferences import DisplayPreferences
from bot.runtime.document_state import DocumentState
from bot.state import Answer, Paragraph, ServiceMessage, Status, Style
from bot.suggestions import SuggestionTopic

Rating = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class AnswerSources:
    """The texts of the passages that an answer cites and the documents that it names, by their ids."""

    passages: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, DocumentState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DisplayedAnswer:
    """An answer with what is shown around it.

    `further` are questions to ask next, `help` is whom to call about it, `topics` are subjects to begin with if
    nothing was found.
    """

    question: str
    answer: Answer
    grounds: AnswerSources = field(default_factory=AnswerSources)
    further: tuple[str, ...] = ()
    help: PersonalHelp = NOBODY
    topics: tuple[SuggestionTopic, ...] = ()
    rating: Rating | None = None

    @property
    def read_as(self) -> str | None:
        """The question as it was understood, if that differs from what was typed."""
        return reinterpreted_question(self.question, self.answer)

    @property
    def advises_naming(self) -> bool:
        """Whether typing a name may help: nothing was found, and not because of the name that was typed."""
        paragraphs = [part for part in self.answer.content.parts if isinstance(part, Paragraph)]
        sentences = chain.from_iterable(paragraph.sentences for paragraph in paragraphs)
        names_absent = any(
            isinstance(sentence, ServiceMessage) and sentence.key == "absent_name" for sentence in sentences
        )
        return self.answer.status is Status.NO_ANSWER and not names_absent


@dataclass(frozen=True, slots=True)
class Conversation:
    """All answers so far, oldest first; `id` is None before the first.

    `is_town_removed` until the next question, which is asked without the town of the conversation.
    """

    id: str | None = None
    answers: tuple[DisplayedAnswer, ...] = ()
    preferences: DisplayPreferences = field(default_factory=DisplayPreferences)
    is_town_removed: bool = False

    def __hash__(self) -> int:
        """Differ with every answer and rating, by which Gradio sees that the conversation has changed."""
        return hash((self.preferences, *((displayed.answer.answer_id, displayed.rating) for displayed in self.answers)))

    @property
    def town(self) -> str:
        """The town of the next question if that names no place, "" for none."""
        last = self.answers[-1].answer.town if self.answers else None
        return "" if self.is_town_removed else last or ""

    @property
    def style(self) -> Style:
        """The style in which answers are written."""
        return "easy" if self.preferences.language == "easy" else "standard"

    def with_answer(self, displayed: DisplayedAnswer, *, instead: bool = False) -> "Conversation":
        """Add an answer at the end, or replace the last one if its question was asked again (`instead`)."""
        earlier = self.answers
        if instead and earlier:
            displayed = replace(displayed, question=earlier[-1].question)
            earlier = earlier[:-1]
        return replace(self, id=displayed.answer.conversation_id, answers=(*earlier, displayed), is_town_removed=False)

    def with_rating(self, answer_id: str, rating: Rating) -> "Conversation":
        """Set the reader's rating of an answer."""
        answers = (
            replace(displayed, rating=rating) if displayed.answer.answer_id == answer_id else displayed
            for displayed in self.answers
        )
        return replace(self, answers=tuple(answers))

    def without_last(self) -> "Conversation":
        """Return the conversation without its last answer."""
        return replace(self, answers=self.answers[:-1])
