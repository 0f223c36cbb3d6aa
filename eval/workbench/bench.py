"""The state shared by all tabs of the workbench, opened once per server: service, runs, cases, verdicts."""

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from bot.errors import BotError, UnknownPassageError
from bot.runtime.document_state import DocumentState
from bot.service import Service
from bot.state import Citation
from eval.dataset.case import Case
from eval.errors import RefusedError
from eval.scoring.score import Score, failed_score, score_answer
from eval.systems.asking import SystemUnderTest, ask_case
from eval.workbench.cases import CaseFiles
from eval.workbench.saved_runs import RunProcess, SavedRuns
from eval.workbench.verdicts import VerdictStore
from ingest.configuration.settings import Settings
from ingest.errors import IngestError


@dataclass(frozen=True, slots=True)
class AnswerSources:
    """The citations of an answer with what is known of them.

    `passages` are whole texts by id: from the run, else from the current index if the passage contains the quote.
    """

    citations: tuple[Citation, ...]
    passages: Mapping[str, str]
    states: Mapping[str, DocumentState]


def load_answer_sources(
    service: Service, answer: Mapping[str, Any], observations: Mapping[str, Any], as_of: date | None = None
) -> AnswerSources:
    """Return the sources of an answer (the API's JSON) from the observations of its run and the current index."""
    citations = tuple(map(Citation.model_validate, answer.get("citations", ())))
    states: dict[str, DocumentState] = {}
    texts: dict[str, str] = {}
    with suppress(BotError, IngestError):
        states = {state.document.id: state for state in service.documents(as_of)}
        for citation in citations:
            # Ids may have changed since the run.
            with suppress(UnknownPassageError):
                text = service.passage(citation.passage_id).text
                texts |= {citation.passage_id: text} if citation.quote in text else {}
    texts |= {passage["passage_id"]: passage["text"] for passage in observations.get("searched", ())}
    return AnswerSources(citations, texts, states)


@dataclass(frozen=True, slots=True)
class FreshAnswer:
    """A new answer (None if the question was refused) with its score and observations."""

    answer: dict[str, Any] | None
    score: Score
    observations: Mapping[str, Any] = field(default_factory=dict)


class UnrecordedAsker:
    """Asks one question at a time without a record, and keeps the last index open; safe to share between threads."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._lock = Lock()
        self._opened = ExitStack()
        self._subject: SystemUnderTest | None = None
        self._state: object = None

    def ask(self, case: Case, corpora: tuple[Path, ...] = ()) -> FreshAnswer:
        """Ask the turns of a case and score the last answer.

        `corpora` are the folders of the documents to ask, none for the current index. The first question opens the
        index, and builds it if there is none. Raises IngestError, BotError.
        """
        with self._lock:
            subject = self._open(corpora)
            try:
                answer = ask_case(subject.ask, case)
            except RefusedError as error:
                return FreshAnswer(None, failed_score(f"回答を受け取れない({error})"))
            return FreshAnswer(answer, score_answer(case, answer), subject.observations(answer))

    def close(self) -> None:
        """Close the index after the current question."""
        with self._lock:
            self._opened.close()
            self._subject = None

    def _open(self, corpora: tuple[Path, ...]) -> SystemUnderTest:
        from eval.systems.local import build_run_index, open_service_index  # noqa: PLC0415 -- costs half a second

        if corpora:
            state: object = [(file, file.stat().st_mtime_ns) for folder in corpora for file in sorted(folder.iterdir())]
        else:
            state = self._service.generation
        if self._subject is None or self._state != state:
            self._opened.close()
            system = open_service_index(build_run_index(self._settings, corpora) if corpora else self._settings)
            self._subject = None
            self._subject, self._state = self._opened.enter_context(system), state
        return self._subject


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
