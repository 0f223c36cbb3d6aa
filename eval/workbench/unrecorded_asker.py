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
from eval.systems.asking import SystemUnderTest, ask_case
from ingest.configuration.settings import Settings

# The current index and that of one set; each has an encoder of its own.
OPEN = 2


@dataclass(frozen=True, slots=True)
class FreshAnswer:
    """A new answer (None if the question was refused) with its score and observations."""

    answer: dict[str, Any] | None
    score: Score
    observations: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _OpenSystem:
    """An open system; it has to be opened again when `state`, the state of its documents and answers, changes."""

    subject: SystemUnderTest
    state: object
    closing: ExitStack


class UnrecordedAsker:
    """Asks one question at a time; safe to share between threads."""

    def __init__(self, service: AnswerService, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._lock = Lock()
        self._systems: OrderedDict[tuple[Path, ...], _OpenSystem] = OrderedDict()

    def ask(self, case: Case, corpora: tuple[Path, ...] = ()) -> FreshAnswer:
        """Ask the turns of a case and score the last answer, without a record.

        `corpora` are the folders of the documents to ask, none for the current index. The first question opens the
        index, and builds it if there is none. Raises IngestError, BotError.
        """
        with self._lock:
            subject = self._subject(corpora)
            try:
                answer = ask_case(subject.ask, case)
            except RefusedError as error:
                return FreshAnswer(None, failed_score(f"回答を受け取れない({error})"))
            return FreshAnswer(answer, score_answer(case, answer), subject.observations(answer))

    def close(self) -> None:
        """Close all systems after the current question."""
        with self._lock:
            while self._systems:
                self._systems.popitem()[1].closing.close()

    def _subject(self, corpora: tuple[Path, ...]) -> SystemUnderTest:
        state = self._state(corpora)
        system = self._systems.get(corpora)
        if system is None or system.state != state:
            if system:
                self._systems.pop(corpora).closing.close()
            while len(self._systems) >= OPEN:
                self._systems.popitem(last=False)[1].closing.close()
            closing = ExitStack()
            system = _OpenSystem(closing.enter_context(self._opener_for(corpora)()), state, closing)
            self._systems[corpora] = system
        self._systems.move_to_end(corpora)
        return system.subject

    def _state(self, corpora: tuple[Path, ...]) -> object:
        if corpora:
            return [(file, file.stat().st_mtime_ns) for corpus in corpora for file in sorted(corpus.iterdir())]
        curated = [(entry.curated.id, entry.curated.version, entry.state) for entry in self._service.desk.curated()]
        return self._service.generation, curated

    def _opener_for(self, corpora: tuple[Path, ...]) -> Callable[[], AbstractContextManager[SystemUnderTest]]:
        from eval.systems.local import open_run_index, open_service_index  # noqa: PLC0415 -- costs half a second

        if corpora:
            return lambda: open_run_index(self._settings, corpora)
        return lambda: open_service_index(self._settings)
