"""The first view of the chat: documents, example questions and topics, with the questions in the reader's language."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from bot.http.problems import ProblemDetails, to_problem
from bot.languages import catalogue
from bot.rendering.html.display_preferences import DisplayPreferences
from bot.runtime.service_interface import AnswerService, DocumentState
from bot.suggestions import SuggestionTopic
from ingest.japanese.today import today

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

    def __init__(self, service: AnswerService) -> None:
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


def _build_welcome(service: AnswerService) -> Welcome:
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
