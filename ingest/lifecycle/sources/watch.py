"""Watches a folder: indexes changes and fetches its sources every hour."""

import time
from collections.abc import Callable
from pathlib import Path

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

    It waits until a file stops changing, because one that is being copied cannot be read.
    """
    seen = built = snapshot(folder)
    synced = time.monotonic()
    while True:
        sleep(every_s)
        if time.monotonic() - synced >= _SYNC_INTERVAL_S:
            sync()
            synced = time.monotonic()
        now = snapshot(folder)
        if now != built and now == seen:
            built = now
            on_change()
        seen = now


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
