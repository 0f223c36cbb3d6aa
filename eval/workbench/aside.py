"""Asking without a record: the documents of a set, or the index in service, behind doors that stay open."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from bot.answering import Answering
from eval.asking.ask import converse
from eval.asking.subject import Subject
from eval.dataset.case import Case
from eval.errors import RefusedError
from eval.scoring.score import Score, failed, score
from ingest.settings import Settings

# One of the index in service and one of a set; each holds an index and an encoder of its own.
OPEN = 2


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """The answer of now (None where the question was refused) with its score, and what the door saw beside it."""

    answer: dict[str, Any] | None
    score: Score
    beside: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Door:
    """An open door; `state` is what it was opened over: over another state it has to be opened anew."""

    subject: Subject
    state: object
    closing: ExitStack


class Aside:
    """Safe to share between threads: one question at a time."""

    def __init__(self, service: Answering, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._lock = Lock()
        self._doors: OrderedDict[tuple[Path, ...], _Door] = OrderedDict()

    def ask(self, case: Case, corpora: tuple[Path, ...] = ()) -> AskedAgain:
        """Ask the turns of a case and score the last answer; the records know nothing of it.

        `corpora` are the folders of the documents to ask, none for the index in service. The first question of a door
        takes as long as opening an index, and building it where there is none. Raises IngestError, BotError.
        """
        with self._lock:
            subject = self._subject(corpora)
            try:
                answer = converse(subject.ask, case)
            except RefusedError as error:
                return AskedAgain(None, failed(f"回答を受け取れない({error})"))
            return AskedAgain(answer, score(case, answer), subject.beside(answer))

    def close(self) -> None:
        """Close every door, once the question that is being asked has its answer."""
        with self._lock:
            while self._doors:
                self._doors.popitem()[1].closing.close()

    def _subject(self, corpora: tuple[Path, ...]) -> Subject:
        state = self._state(corpora)
        door = self._doors.get(corpora)
        if door is None or door.state != state:
            if door:
                self._doors.pop(corpora).closing.close()
            while len(self._doors) >= OPEN:
                self._doors.popitem(last=False)[1].closing.close()
            closing = ExitStack()
            door = _Door(closing.enter_context(self._opening(corpora)()), state, closing)
            self._doors[corpora] = door
        self._doors.move_to_end(corpora)
        return door.subject

    def _state(self, corpora: tuple[Path, ...]) -> object:
        """Return what makes the answers of a door others: the index and staff's answers in service, or the files."""
        if corpora:
            return [(file, file.stat().st_mtime_ns) for corpus in corpora for file in sorted(corpus.iterdir())]
        curated = [(one.curated.id, one.curated.version, one.state) for one in self._service.desk.curated()]
        return self._service.generation, curated

    def _opening(self, corpora: tuple[Path, ...]) -> Callable[[], AbstractContextManager[Subject]]:
        from eval.asking.local import kept_index, standing_index  # noqa: PLC0415 -- costs half a second

        if corpora:
            return lambda: kept_index(self._settings, corpora)
        return lambda: standing_index(self._settings)
