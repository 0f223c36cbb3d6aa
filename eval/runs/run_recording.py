"""Writes a run to disk row by row, so that an interrupted run can be resumed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import ValidationError

from eval.errors import RunFolderError
from eval.runs.figures import run_figures
from eval.scoring.run_record import Row, Run, row_from_json, row_json, save_run
from eval.storage.run_folder import CONFIG, FIGURES, ROWS, convert_write_errors, to_pretty_json, unreadable_run_error
from ingest.configuration.storage import replace_text

# Held in the folder while rows are written; the operating system lets go of it when the process dies.
LOCK = ".lock"
PATIENCE_S = 1
Key = tuple[str, str]
"""The set and the id of a case."""


def row_key(row: Row) -> Key:
    """Return what a row is known by in its run."""
    return row.set, row.case.id


@dataclass
class Recording:
    """The folder of a run that is not finished: config.json and the rows so far, but no figures.json.

    `describe` before the first row, `finish` after the last, and `release` whatever happens, in the same thread. Raise
    RunFolderError where the folder cannot be written, or where another process or thread is writing it.
    """

    folder: Path
    config: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    _begun: bool = False
    _lock: FileLock | None = None

    def describe(self, **config: Any) -> None:
        """Keep what more describes the run; the first time the folder is made, with the rows from before a cut."""
        self.config |= config
        with convert_write_errors(self.folder):
            if not self._begun:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._acquire_lock()
                (self.folder / FIGURES).unlink(missing_ok=True)
                replace_text(self.folder / ROWS, "".join(map(_line, self.rows)))
                self._begun = True
            (self.folder / CONFIG).write_text(to_pretty_json(self.config), "utf-8")

    def append(self, row: Row) -> None:
        """Keep one row."""
        self.rows.append(row)
        with convert_write_errors(self.folder), (self.folder / ROWS).open("a", encoding="utf-8") as file:
            file.write(_line(row))

    def release(self) -> None:
        """Let others write into the folder."""
        if self._lock:
            self._lock.release()

    def _acquire_lock(self) -> None:
        self._lock = FileLock(self.folder / LOCK, timeout=PATIENCE_S)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise _in_progress_error(self.folder) from error

    def finish(self, order: Sequence[Key]) -> Run:
        """Keep the rows in this order, with their figures, and return the run."""
        place = {key: at for at, key in enumerate(order)}
        rows = sorted(self.rows, key=lambda row: place[row_key(row)])
        run = Run(self.config, tuple(rows), run_figures(rows))
        save_run(self.folder, run)
        return run


def open_unfinished_run(folder: Path) -> Recording:
    """Return the run in `folder` that was cut off; a last line that is not whole counts as nothing.

    Raises RunFolderError where there is none, where it is finished, or where it goes on.
    """
    if is_being_written(folder):
        raise _in_progress_error(folder)
    if (folder / FIGURES).exists():
        raise RunFolderError(f"{folder}: この評価は終わっています。--resume は、途中で止まった評価にだけ使えます。")
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        *lines, _cut = (folder / ROWS).read_text("utf-8").split("\n")
        rows = [row_from_json(json.loads(line)) for line in lines]
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise unreadable_run_error(folder, error) from error
    if not isinstance(config, dict) or not isinstance(config.get("options"), dict):
        raise unreadable_run_error(folder, "config.json に options がありません")
    # Of a case that was asked twice, by two who went on with the run at once, the later answer counts.
    return Recording(folder, config, list({row_key(row): row for row in rows}.values()))


def is_being_written(folder: Path) -> bool:
    """Whether somebody is writing the run in `folder` now."""
    if not (folder / LOCK).exists():
        return False
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except (Timeout, OSError):
        return True


def _in_progress_error(folder: Path) -> RunFolderError:
    return RunFolderError(
        f"{folder}: この評価は、ほかの画面かコマンドで実行中です。終わるのを待つか、そちらを止めてください。"
    )


def _line(row: Row) -> str:
    return json.dumps(row_json(row), ensure_ascii=False) + "\n"
