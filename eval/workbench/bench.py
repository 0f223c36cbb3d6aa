"""The state shared by all tabs of the workbench, opened once per server: service, runs, cases, verdicts."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from bot.curation.staff_desk import StaffDesk
from bot.errors import BotError, UnknownPassageError
from bot.runtime.document_state import DocumentState
from bot.service import Service
from bot.state import Citation
from eval.dataset.case import Case
from eval.errors import RefusedError
from eval.scoring.score import Score, failed_score, score_answer
from eval.systems.asking import SystemUnderTest, ask_case
from eval.workbench.cases import CaseFiles
from eval.workbench.run_process import RunProcess
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.verdicts import VerdictStore
from ingest.configuration.settings import Settings
from ingest.errors import IngestError


@dataclass(frozen=True, slots=True)
class StatementCheck:
    """A statement of an answer and its problems; none if the sources support it."""

    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerDetails:
    """Sources of an answer, as far as they are known.

    `passages` are whole texts by id: from the run, else from the current index if the passage contains the quote.
    `checks` are the statements as the run verified them against its own index. `found` are the passages retrieved
    for the answer, best first.
    """

    citations: tuple[Citation, ...]
    passages: Mapping[str, str]
    states: Mapping[str, DocumentState]
    checks: tuple[StatementCheck, ...]
    found: tuple[Mapping[str, Any], ...]


def load_answer_details(
    service: Service, answer: Mapping[str, Any], observations: Mapping[str, Any], as_of: date | None = None
) -> AnswerDetails:
    """Return the details of an answer (the API's JSON) from the observations of its run and the current index."""
    citations = tuple(map(Citation.model_validate, answer.get("citations", ())))
    hits = tuple(observations.get("searched", ()))
    checks = tuple(
        StatementCheck(statement["text"], tuple(statement["wrong"])) for statement in observations.get("statements", ())
    )
    texts = {passage["passage_id"]: passage["text"] for passage in hits}
    try:
        states = {state.document.id: state for state in service.documents(as_of)}
        texts = {**_quoted_passages(service, citations), **texts}
    except (BotError, IngestError):
        states = {}
    return AnswerDetails(citations, texts, states, checks, hits)


def _quoted_passages(service: Service, citations: Sequence[Citation]) -> dict[str, str]:
    """Return the passages of the current index that contain the quotes; ids may have changed since the run."""
    texts: dict[str, str] = {}
    for citation in citations:
        with suppress(UnknownPassageError):
            text = service.passage(citation.passage_id).text
            texts |= {citation.passage_id: text} if citation.quote in text else {}
    return texts


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

    def __init__(self, service: Service, settings: Settings) -> None:
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


@dataclass(frozen=True, slots=True)
class Bench:
    """The service under evaluation with its runs, cases and verdicts; safe to share between threads."""

    service: Service
    settings: Settings
    verdicts: VerdictStore
    runs: SavedRuns
    running: RunProcess
    asker: UnrecordedAsker
    cases: CaseFiles

    @property
    def desk(self) -> StaffDesk:
        """The queue and the curated answers of the service."""
        return self.service.desk

    def close(self) -> None:
        """Stop the current run and close the indexes and the database."""
        self.running.cancel()
        self.asker.close()
        self.verdicts.close()


def open_bench(service: Service, settings: Settings) -> Bench:
    """Return the bench of a service. Nothing is read or connected yet."""
    return Bench(
        service=service,
        settings=settings,
        verdicts=VerdictStore(settings),
        runs=SavedRuns(settings),
        running=RunProcess(settings),
        asker=UnrecordedAsker(service, settings),
        cases=CaseFiles(settings),
    )
