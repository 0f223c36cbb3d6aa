"""The state shared by all tabs of the workbench, opened once per server."""

from dataclasses import dataclass

from bot.curation.desk_interface import Desk
from bot.runtime.service_interface import AnswerService
from eval.workbench.case_files import CaseFiles
from eval.workbench.run_supervisor import RunSupervisor
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.unrecorded_asker import UnrecordedAsker
from eval.workbench.verdict_store import VerdictStore
from ingest.configuration.settings import Settings


@dataclass(frozen=True, slots=True)
class Bench:
    """The service under evaluation with its runs, cases and verdicts; safe to share between threads."""

    service: AnswerService
    settings: Settings
    verdicts: VerdictStore
    runs: SavedRuns
    supervisor: RunSupervisor
    asker: UnrecordedAsker
    cases: CaseFiles

    @property
    def desk(self) -> Desk:
        """The queue and the curated answers of the service."""
        return self.service.desk

    def close(self) -> None:
        """Stop the current run and close the indexes and the database."""
        self.supervisor.close()
        self.asker.close()
        self.verdicts.close()


def open_bench(service: AnswerService, settings: Settings) -> Bench:
    """Return the bench of a service. Nothing is read or connected yet."""
    return Bench(
        service=service,
        settings=settings,
        verdicts=VerdictStore(settings),
        runs=SavedRuns(settings),
        supervisor=RunSupervisor(settings),
        asker=UnrecordedAsker(service, settings),
        cases=CaseFiles(settings),
    )
