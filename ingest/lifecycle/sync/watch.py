"""Watches a folder: indexes changes and fetches its sources every hour."""

import time
from collections.abc import Callable
from pathlib import Path

Snapshot = dict[str, tuple[int, int]]
# Nobody's server is asked more often, however often the folder is looked at.
_SOURCES_EVERY_S = 3600.0


def watch(
    folder: Path,
    every_s: float,
    ask: Callable[[], None],
    changed: Callable[[], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Call `changed` when files of `folder` have changed and have come to rest, and `ask` now and then; for ever.

    A file that still grows is waited for: what is read in the middle of a copy is damaged.
    """
    seen = built = snapshot(folder)
    asked = time.monotonic()
    while True:
        sleep(every_s)
        if time.monotonic() - asked >= _SOURCES_EVERY_S:
            ask()
            asked = time.monotonic()
        now = snapshot(folder)
        if now != built and now == seen:
            built = now
            changed()
        seen = now


def snapshot(folder: Path) -> Snapshot:
    """Return size and time of change of each file that is not hidden, by its name in the folder."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if any(part.startswith(".") for part in name.parts):
            continue
        try:
            stat = path.stat()
        except OSError:  # gone meanwhile
            continue
        if path.is_file():
            found[name.as_posix()] = (stat.st_size, stat.st_mtime_ns)
    return found
