"""Asks cases again without recording them, with open indexes kept for the next question."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from bot.runtime.service_interface import AnswerService
from eval.dataset.case import Case
from eval.errors import RefusedError
from eval.scoring.score import Score, failed_score, score_answer
from eval.systems.ask import ask_case
from eval.systems.system_under_test import SystemUnderTest
from ingest.configuration.settings import Settings

# One of the index in service and one of a set; each holds an index and an encoder of its own.
OPEN = 2


@dataclass(frozen=True, slots=True)
class FreshAnswer:
    """The answer of now (None where the question was refused) with its score, and what the door saw beside it."""

    answer: dict[str, Any] | None
    score: Score
    beside: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _OpenSystem:
    """An open door; `state` is what it was opened over: over another state it has to be opened anew."""

    subject: SystemUnderTest
    state: object
    closing: ExitStack


class UnrecordedAsker:
    """Safe to share between threads: one question at a time."""

    def __init__(self, service: AnswerService, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._lock = Lock()
        self._doors: OrderedDict[tuple[Path, ...], _OpenSystem] = OrderedDict()

    def ask(self, case: Case, corpora: tuple[Path, ...] = ()) -> FreshAnswer:
        """Ask the turns of a case and score the last answer; the records know nothing of it.

        `corpora` are the folders of the documents to ask, none for the index in service. The first question of a door
        takes as long as opening an index, and building it where there is none. Raises IngestError, BotError.
        """
        with self._lock:
            subject = self._subject(corpora)
            try:
                answer = ask_case(subject.ask, case)
            except RefusedError as error:
                return FreshAnswer(None, failed_score(f"回答を受け取れない({error})"))
            return FreshAnswer(answer, score_answer(case, answer), subject.observations(answer))

    def close(self) -> None:
        """Close every door, once the question that is being asked has its answer."""
        with self._lock:
            while self._doors:
                self._doors.popitem()[1].closing.close()

    def _subject(self, corpora: tuple[Path, ...]) -> SystemUnderTest:
        state = self._state(corpora)
        door = self._doors.get(corpora)
        if door is None or door.state != state:
            if door:
                self._doors.pop(corpora).closing.close()
            while len(self._doors) >= OPEN:
                self._doors.popitem(last=False)[1].closing.close()
            closing = ExitStack()
            door = _OpenSystem(closing.enter_context(self._opener_for(corpora)()), state, closing)
            self._doors[corpora] = door
        self._doors.move_to_end(corpora)
        return door.subject

    def _state(self, corpora: tuple[Path, ...]) -> object:
        """Return what makes the answers of a door others: the index and staff's answers in service, or the files."""
        if corpora:
            return [(file, file.stat().st_mtime_ns) for corpus in corpora for file in sorted(corpus.iterdir())]
        curated = [(one.curated.id, one.curated.version, one.state) for one in self._service.desk.curated()]
        return self._service.generation, curated

    def _opener_for(self, corpora: tuple[Path, ...]) -> Callable[[], AbstractContextManager[SystemUnderTest]]:
        from eval.systems.local import open_run_index, open_service_index  # noqa: PLC0415 -- costs half a second

        if corpora:
            return lambda: open_run_index(self._settings, corpora)
        return lambda: open_service_index(self._settings)
