"""Watches a folder: indexes it after changes, and fetches its sources every hour."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ingest.build.build import build
from ingest.build.build_report import BuildReport
from ingest.build.embedding import Progress
from ingest.configuration.audit import record_event
from ingest.configuration.settings import Settings
from ingest.errors import NoIndexError
from ingest.index.generation import load_generation

Snapshot = dict[str, tuple[int, int]]
# Web servers are contacted at most hourly, however often the folder is checked.
_SYNC_INTERVAL_S = 3600.0


def watch(
    folder: Path,
    every_s: float,
    sync: Callable[[], None],
    on_change: Callable[[], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Call `on_change` when files of `folder` have changed, and `sync` every hour; never returns.

    It waits until a file stops changing, because a file that is being copied cannot be read.
    """
    latest = built = snapshot(folder)
    synced = time.monotonic()
    while True:
        sleep(every_s)
        if time.monotonic() - synced >= _SYNC_INTERVAL_S:
            sync()
            synced = time.monotonic()
        now = snapshot(folder)
        if now != built and now == latest:
            built = now
            on_change()
        latest = now


def snapshot(folder: Path) -> Snapshot:
    """Return size and modification time of each file that is not hidden, by its name in the folder."""
    files = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if any(part.startswith(".") for part in name.parts):
            continue
        try:
            stat = path.stat()
        except OSError:  # gone meanwhile
            continue
        if path.is_file():
            files[name.as_posix()] = (stat.st_size, stat.st_mtime_ns)
    return files


def index_folder(settings: Settings, folder: Path, by: str, progress: Progress | None = None) -> BuildReport:
    """Index this folder and those of the current index, and record it in the audit log. Raises IngestError."""
    corpora = [folder]
    with suppress(NoIndexError):
        indexed = [Path(name) for name in load_generation(settings).basis.corpora]
        corpora = indexed if folder.resolve() in indexed else [*indexed, folder]
    report = build(settings, corpora, progress=progress)
    if report.changed:
        record_event(settings, by, "build", (), f"索引 {report.name}、文書 {report.documents}")
    return report
