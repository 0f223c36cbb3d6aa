"""What the chat shows beside an answer: whom to turn to, the first view, sources and restored conversations."""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from bot.errors import BotError, UnknownPassageError
from bot.http.problems import ProblemDetails, to_problem
from bot.languages import catalogue
from bot.office import Office, PersonalHelp
from bot.pages.citizen.answer_layout import REFERRING
from bot.pages.citizen.conversation import AnswerSources, Conversation, DisplayedAnswer
from bot.pages.referral import Referral
from bot.rendering.html.display_preferences import DisplayPreferences
from bot.runtime.document_state import DocumentState
from bot.service import Service
from bot.state import Answer
from bot.suggestions import SuggestionTopic
from ingest.errors import IngestError
from ingest.japanese.today import today

# 076-123-4567, 0120-12-3456, (076) 123-4567, and mail addresses.
_CONTACT = re.compile(r"(?P<tel>\(?0\d{1,4}\)?[-‐ー ]?\d{1,4}[-‐ー]\d{3,4})|(?P<mailto>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


class ContactPart(NamedTuple):
    """A part of a contact; `link` is empty for plain text."""

    text: str
    link: str = ""


def split_contact(contact: str) -> tuple[ContactPart, ...]:
    """Split a contact at its telephone numbers and mail addresses; the parts add up to the contact."""
    parts = []
    end = 0
    for match in _CONTACT.finditer(contact):
        parts += [ContactPart(contact[end : match.start()]), ContactPart(match[0], _link(match))]
        end = match.end()
    return tuple(part for part in (*parts, ContactPart(contact[end:])) if part.text)


def help_for_answer(service: Service, office: Office, answer: Answer | None = None) -> PersonalHelp:
    """Return the department for the subject and town of an answer, by default for any subject; else the office."""
    now = datetime.now(UTC)
    with suppress(IngestError):  # departments that cannot be read: the office is named
        referral = Referral(service)
        if chosen := referral.department_for(answer) if answer else referral.department(""):
            return chosen.help_at(now)
    return office.help_at(now)


def _link(match: re.Match[str]) -> str:
    return f"mailto:{match[0]}" if match["mailto"] else f"tel:{re.sub(r'[^0-9]', '', match[0])}"


_MAX_EXAMPLES = 4
_MAX_TOPICS = 6
_MAX_QUESTIONS_PER_TOPIC = 3


@dataclass(frozen=True, slots=True)
class Welcome:
    """The documents, those in force first, and questions to begin with; `problem` says why there are none."""

    documents: tuple[DocumentState, ...] = ()
    questions: tuple[str, ...] = ()
    topics: tuple[SuggestionTopic, ...] = ()
    problem: ProblemDetails | None = None


class WelcomeCache:
    """Builds a `Welcome` once per index generation and day; safe to share between threads."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._cached: tuple[object, Welcome] | None = None

    def now(self) -> Welcome:
        """Return the current `Welcome`; without a usable index, one with a problem."""
        key = (self._service.generation, today())
        cached = self._cached
        if cached is None or cached[0] != key:
            cached = (key, _build_welcome(self._service))
            self._cached = cached if cached[1].problem is None else None
        return cached[1]


def _build_welcome(service: Service) -> Welcome:
    try:
        states = sorted(service.documents(), key=_newest_in_force_first, reverse=True)
        return Welcome(
            tuple(states), service.examples(_MAX_EXAMPLES), service.topics(_MAX_TOPICS, _MAX_QUESTIONS_PER_TOPIC)
        )
    except Exception as error:  # noqa: BLE001 - the page opens and says what is wrong with the index
        return Welcome(problem=to_problem(error))


def _newest_in_force_first(state: DocumentState) -> tuple[bool, str]:
    return bool(state.in_force), state.document.published


class OfferedQuestion(NamedTuple):
    """A question split at the document name, which is Japanese; all of a Japanese question is `name`."""

    prefix: str
    name: str
    suffix: str

    @property
    def whole(self) -> str:
        """The question as one text."""
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


_MAX_NEXT_QUESTIONS = 3


class AnswerDisplay:
    """Makes `DisplayedAnswer`s from the answers of a service."""

    def __init__(self, service: Service, office: Office, welcome: WelcomeCache) -> None:
        self._service = service
        self._office = office
        self._welcome = welcome

    def display(self, question: str, answer: Answer) -> DisplayedAnswer:
        """Return an answer with its sources, the questions that may come next, and whom to turn to."""
        return DisplayedAnswer(
            question=question,
            answer=answer,
            grounds=self._load_sources(answer),
            further=self._next_questions(answer),
            help=help_for_answer(self._service, self._office, answer),
            topics=self._welcome.now().topics if answer.status in REFERRING else (),
        )

    def restore(self, conversation_id: str, preferences: DisplayPreferences) -> Conversation:
        """Return a recorded conversation as it was shown; an empty one if there is none or it cannot be read."""
        conversation = Conversation(preferences=preferences)
        if not conversation_id:
            return conversation
        try:
            for turn in self._service.conversation(conversation_id):
                displayed = replace(self.display(turn.question, turn.answer), rating=turn.rating)
                conversation = conversation.with_answer(displayed, instead=turn.repeated)
        except (BotError, IngestError):
            return Conversation(preferences=preferences)
        return conversation

    def _load_sources(self, answer: Answer) -> AnswerSources:
        citations = (*answer.citations, *answer.nearest)
        if not citations:
            return AnswerSources()
        passages = {}
        for passage_id in {citation.passage_id for citation in citations}:
            with suppress(UnknownPassageError):
                passages[passage_id] = self._service.passage(passage_id).text
        doc_ids = {citation.doc_id for citation in citations} | {citation.superseded_by for citation in citations}
        documents = {state.document.id: state for state in self._service.documents() if state.document.id in doc_ids}
        return AnswerSources(passages, documents)

    def _next_questions(self, answer: Answer) -> tuple[str, ...]:
        if answer.suggestions or answer.citations:
            return answer.suggestions
        examples = self._welcome.now().questions
        return tuple(example for example in examples if example != answer.question_understood)[:_MAX_NEXT_QUESTIONS]
