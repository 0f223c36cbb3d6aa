"""Indexes a corpus folder after its sources changed."""

from contextlib import suppress
from pathlib import Path

from ingest.build.build import build
from ingest.build.embedding import Progress
from ingest.build.report import BuildReport
from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.errors import NoIndexError
from ingest.index.generation import load_generation


def index_folder(settings: Settings, folder: Path, by: str, progress: Progress | None = None) -> BuildReport:
    """Index this folder and those of the current index, and record it in the audit log. Raises IngestError."""
    corpora = [folder]
    with suppress(NoIndexError):
        known = [Path(one) for one in load_generation(settings).basis.corpora]
        corpora = known if folder.resolve() in known else [*known, folder]
    report = build(settings, corpora, progress=progress)
    if report.changed:
        record_event(settings, by, "build", (), f"索引 {report.name}、文書 {report.documents}")
    return report
