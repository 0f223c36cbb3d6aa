"""The state shared by all views of the workbench, opened once per server."""

from dataclasses import dataclass

from bot.curation.desk_interface import Desk
from bot.runtime.service_interface import AnswerService
from eval.workbench.case_files import CaseFiles
from eval.workbench.run_supervisor import RunSupervisor
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.unrecorded_asker import UnrecordedAsker
from eval.workbench.verdicts import VerdictStore
from ingest.configuration.settings import Settings


@dataclass(frozen=True, slots=True)
class Bench:
    """The service that answers, and what is kept of measuring it; safe to share between threads."""

    service: AnswerService
    settings: Settings
    verdicts: VerdictStore
    runs: SavedRuns
    under_way: RunSupervisor
    aside: UnrecordedAsker
    cases: CaseFiles

    @property
    def desk(self) -> Desk:
        """The queue and the curated answers of the service."""
        return self.service.desk

    def close(self) -> None:
        """Stop the run that is under way, and close what was opened to ask and to keep verdicts."""
        self.under_way.close()
        self.aside.close()
        self.verdicts.close()


def open_bench(service: AnswerService, settings: Settings) -> Bench:
    """Return the bench over a service; nothing is read or connected yet."""
    return Bench(
        service=service,
        settings=settings,
        verdicts=VerdictStore(settings),
        runs=SavedRuns(settings),
        under_way=RunSupervisor(settings),
        aside=UnrecordedAsker(service, settings),
        cases=CaseFiles(settings),
    )
