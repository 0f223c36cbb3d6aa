"""What every view of the workbench works on, opened once with the server."""

from dataclasses import dataclass

from bot.answering import Answering
from bot.curated.desk import Desk
from eval.workbench.aside import Aside
from eval.workbench.case_files import CaseFiles
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.under_way import UnderWay
from eval.workbench.verdicts import Verdicts
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Bench:
    """The service that answers, and what is kept of measuring it; safe to share between threads."""

    service: Answering
    settings: Settings
    verdicts: Verdicts
    runs: SavedRuns
    under_way: UnderWay
    aside: Aside
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


def open_bench(service: Answering, settings: Settings) -> Bench:
    """Return the bench over a service; nothing is read or connected yet."""
    return Bench(
        service=service,
        settings=settings,
        verdicts=Verdicts(settings),
        runs=SavedRuns(settings),
        under_way=UnderWay(settings),
        aside=Aside(service, settings),
        cases=CaseFiles(settings),
    )
