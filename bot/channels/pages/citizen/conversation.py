"""A reader's conversation as the chat shows it: each answer with its sources, whom to turn to and what to ask next."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from bot.answering.languages import catalogue
from bot.answering.state import Answer, Question, Status, Style
from bot.channels.html.answer_parts import message_keys, shown_outcome
from bot.channels.html.display_preferences import DisplayPreferences
from bot.channels.pages.referral import department_for_answer, find_department
from bot.errors import BotError, UnknownConversationError, UnknownPassageError
from bot.running.http.problems import ProblemDetails, to_problem
from bot.running.office.office import NOBODY, Office, PersonalHelp
from bot.running.service.document_state import DocumentState
from bot.running.service.service import AnswerListener, Service
from ingest.errors import IngestError
from ingest.japanese import nfkc
from ingest.japanese.contacts import MAIL_ADDRESS
from ingest.japanese.today import today

Rating = Literal["up", "down"]
# Answers after which the page shows how to reach a person.
REFERRING = frozenset({Status.NO_ANSWER, Status.OUT_OF_SCOPE})


@dataclass(frozen=True, slots=True)
class DisplayedAnswer:
    """An answer with what is shown around it.

    `passages` are the texts of the passages that it cites, `documents` the documents that it names, by their ids.
    `further` are questions to ask next, `help` is whom to call about it.
    """

    question: str
    answer: Answer
    passages: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, DocumentState] = field(default_factory=dict)
    further: tuple[str, ...] = ()
    help: PersonalHelp = NOBODY
    rating: Rating | None = None

    @property
    def read_as(self) -> str | None:
        """The question as it was understood, where that is not the typed one or a part of it; else None."""
        if self.answer.questions:  # each is shown above its answer
            return None
        understood = self.answer.question_understood
        # Punctuation and width do not change the meaning of a question.
        key, typed = (re.sub(r"[\W_]+", "", nfkc(text)).casefold() for text in (understood, self.question))
        return None if key in typed else understood

    @property
    def advises_naming(self) -> bool:
        """Whether typing a name may help: nothing was found, and not because of the name that was typed."""
        is_other = message_keys(self.answer) & {"absent_name", "condolence"}
        return self.answer.status is Status.NO_ANSWER and not is_other


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
        # Gradio sees by it that a conversation has changed.
        return hash((self.preferences, *((displayed.answer.answer_id, displayed.rating) for displayed in self.answers)))

    @property
    def town(self) -> str:
        """The town of the next question if that names no place, "" for none."""
        last = self.answers[-1].answer.town if self.answers else None
        return "" if self.is_town_removed else last or ""

    @property
    def style(self) -> Style:
        return "easy" if self.preferences.language == "easy" else "standard"

    def with_answer(self, displayed: DisplayedAnswer, *, instead: bool = False) -> "Conversation":
        """Add an answer at the end, or replace the last one if its question was asked again (`instead`)."""
        earlier = self.answers
        if instead and earlier:
            displayed = replace(displayed, question=earlier[-1].question)
            earlier = earlier[:-1]
        return replace(self, id=displayed.answer.conversation_id, answers=(*earlier, displayed), is_town_removed=False)

    def with_rating(self, answer_id: str, rating: Rating) -> "Conversation":
        answers = (
            replace(displayed, rating=rating) if displayed.answer.answer_id == answer_id else displayed
            for displayed in self.answers
        )
        return replace(self, answers=tuple(answers))


_MAX_EXAMPLES = 4
_MAX_NEXT_QUESTIONS = 3
# 076-123-4567, 0120-12-3456, (076) 123-4567, and mail addresses.
_CONTACT = re.compile(rf"(?P<tel>\(?0\d{{1,4}}\)?[-‐ー ]?\d{{1,4}}[-‐ー]\d{{3,4}})|(?P<mailto>{MAIL_ADDRESS})")


def ask_in_conversation(service: Service, question: Question, listener: AnswerListener | None = None) -> Answer:
    """Ask within a conversation, or in a new one if its records were deleted. Raises BotError, IngestError."""
    try:
        return service.ask(question, listener)
    except UnknownConversationError:
        return service.ask(question.model_copy(update={"conversation_id": None}), listener)


def cited_passages(service: Service, answer: Answer) -> dict[str, str]:
    """Return the texts of the passages that an answer cites or names as related, by their ids."""
    passages = {}
    for citation in (*answer.citations, *answer.nearest):
        with suppress(UnknownPassageError):
            passages[citation.passage_id] = service.passage(citation.passage_id).text
    return passages


def split_contact(contact: str) -> list[tuple[str, str]]:
    """Split a contact into texts with links, "" for none: its telephone numbers and mail addresses are linked."""
    parts = list[tuple[str, str]]()
    end = 0
    for match in _CONTACT.finditer(contact):
        link = f"mailto:{match[0]}" if match["mailto"] else f"tel:{re.sub(r'[^0-9]', '', match[0])}"
        parts += [(contact[end : match.start()], ""), (match[0], link)]
        end = match.end()
    return [part for part in (*parts, (contact[end:], "")) if part[0]]


def help_for_answer(service: Service, office: Office, answer: Answer | None = None) -> PersonalHelp:
    """Return the department for the subject and town of an answer, by default for any subject; else the office."""
    now = datetime.now(UTC)
    with suppress(IngestError):  # departments that cannot be read: the office is named
        if chosen := department_for_answer(service, answer) if answer else find_department(service, ""):
            return chosen.help_at(now)
    return office.help_at(now)


@dataclass(frozen=True, slots=True)
class Welcome:
    """The documents, those in force first, and questions to begin with; `problem` says why there are none."""

    documents: tuple[DocumentState, ...] = ()
    questions: tuple[str, ...] = ()
    problem: ProblemDetails | None = None


def current_welcome(service: Service) -> Welcome:
    """Return the `Welcome` of the current index and day; without a usable index, one with a problem."""
    try:
        return _read_welcome(service, service.generation, today())
    except Exception as error:  # noqa: BLE001 - the page opens and says what is wrong with the index
        return Welcome(problem=to_problem(error))


@lru_cache(maxsize=1)
def _read_welcome(service: Service, generation: str | None, day: date) -> Welcome:
    del generation, day  # with which the documents and their states change
    states = sorted(
        service.documents(), key=lambda state: (bool(state.in_force), state.document.published), reverse=True
    )
    return Welcome(tuple(states), service.examples(_MAX_EXAMPLES))


class OfferedQuestion(NamedTuple):
    """A question split at the document name, which is Japanese; all of a Japanese question is `name`."""

    prefix: str
    name: str
    suffix: str

    @property
    def whole(self) -> str:
        return f"{self.prefix}{self.name}{self.suffix}"


def translate_offered_question(question: str, preferences: DisplayPreferences) -> OfferedQuestion:
    """Translate an offered question that has one of the catalogue's forms; all others stay Japanese."""
    for key, form in catalogue()["offered"].items():
        if preferences.is_japanese:
            break
        prefix, suffix = form.split("{name}")
        if match := re.fullmatch(f"{re.escape(prefix)}(?P<name>.+){re.escape(suffix)}", question):
            prefix, suffix = preferences.words["offered"][key].split("{name}")
            return OfferedQuestion(prefix, match["name"], suffix)
    return OfferedQuestion("", question, "")


def display_answer(service: Service, office: Office, question: str, answer: Answer) -> DisplayedAnswer:
    """Return an answer with its sources, the questions that may come next, and whom to turn to."""
    further = answer.suggestions
    if shown_outcome(answer) and not (further or answer.citations):
        others = [example for example in current_welcome(service).questions if example != answer.question_understood]
        further = tuple(others[:_MAX_NEXT_QUESTIONS])
    citations = (*answer.citations, *answer.nearest)
    doc_ids = {citation.doc_id for citation in citations} | {citation.superseded_by for citation in citations}
    states = service.documents() if citations else ()
    return DisplayedAnswer(
        question=question,
        answer=answer,
        passages=cited_passages(service, answer),
        documents={state.document.id: state for state in states if state.document.id in doc_ids},
        further=further,
        help=help_for_answer(service, office, answer),
    )


def restore_conversation(
    service: Service, office: Office, conversation_id: str, preferences: DisplayPreferences
) -> Conversation:
    """Return a recorded conversation as it was shown; an empty one if there is none or it cannot be read."""
    conversation = Conversation(preferences=preferences)
    with suppress(BotError, IngestError):
        for turn in service.conversation(conversation_id) if conversation_id else ():
            displayed = replace(display_answer(service, office, turn.question, turn.answer), rating=turn.rating)
            conversation = conversation.with_answer(displayed, instead=turn.repeated)
        return conversation
    return Conversation(preferences=preferences)
