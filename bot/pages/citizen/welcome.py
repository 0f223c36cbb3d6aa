"""The welcome part of the page: documents, example questions and topics."""

from dataclasses import dataclass

from bot.http.problems import Problem, to_problem
from bot.runtime.service_interface import AnswerService, DocumentState
from bot.suggestions import Topic
from ingest.japanese.today import today

EXAMPLES = 4
TOPICS = 6
QUESTIONS_OF_A_TOPIC = 3


@dataclass(frozen=True, slots=True)
class Welcome:
    """The documents, those in force first, and what to begin with; `problem` says why there is nothing."""

    documents: tuple[DocumentState, ...] = ()
    questions: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()
    problem: Problem | None = None


class WelcomeCache:
    """Makes what the page begins with; safe to share between threads.

    It is the same for every reader until another index comes into service or the day changes, and is made once.
    """

    def __init__(self, service: AnswerService) -> None:
        self._service = service
        self._made: tuple[object, Welcome] | None = None

    def now(self) -> Welcome:
        """Return what the page begins with; it opens whatever the state of the index."""
        key = (self._service.generation, today())
        made = self._made
        if made is None or made[0] != key:
            made = (key, _build_welcome(self._service))
            self._made = made if made[1].problem is None else None
        return made[1]


def _build_welcome(service: AnswerService) -> Welcome:
    try:
        states = _states(service)
        return Welcome(states, service.examples(EXAMPLES), service.topics(TOPICS, QUESTIONS_OF_A_TOPIC))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the index, the reader is told and the page opens
        return Welcome(problem=to_problem(error))


def _states(service: AnswerService) -> tuple[DocumentState, ...]:
    return tuple(sorted(service.documents(), key=_newest_in_force_first, reverse=True))


def _newest_in_force_first(state: DocumentState) -> tuple[bool, str]:
    return bool(state.in_force), state.document.published
