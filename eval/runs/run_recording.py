"""Writes a run to disk row by row, so that an interrupted run can be resumed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import ValidationError

from eval.errors import RunFolderError
from eval.runs.run_figures import run_figures
from eval.scoring.run_record import Run, RunRow, row_from_json, row_json, save_run
from eval.storage.run_folder import CONFIG, FIGURES, ROWS, convert_write_errors, to_pretty_json, unreadable_run_error
from ingest.configuration.storage import replace_text

# Locked while rows are written; the operating system releases it when the process dies.
LOCK = ".lock"
PATIENCE_S = 1
Key = tuple[str, str]
"""The set and the id of a case."""


def row_key(row: RunRow) -> Key:
    """Return set and id of a row's case."""
    return row.set, row.case.id


@dataclass
class Recording:
    """An unfinished run on disk: config.json and the rows so far, but no figures.json.

    Call `describe` before the first row, `finish` after the last, and `release` in any case, all in one thread. They
    raise RunFolderError if the folder cannot be written, or if another process or thread is writing to it.
    """

    folder: Path
    config: dict[str, Any]
    rows: list[RunRow] = field(default_factory=list)
    _is_started: bool = False
    _lock: FileLock | None = None

    def describe(self, **config: Any) -> None:
        """Add to config.json; the first call creates the folder and writes the rows of a resumed run."""
        self.config |= config
        with convert_write_errors(self.folder):
            if not self._is_started:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._acquire_lock()
                (self.folder / FIGURES).unlink(missing_ok=True)
                replace_text(self.folder / ROWS, "".join(map(_line, self.rows)))
                self._is_started = True
            (self.folder / CONFIG).write_text(to_pretty_json(self.config), "utf-8")

    def append(self, row: RunRow) -> None:
        """Write one row."""
        self.rows.append(row)
        with convert_write_errors(self.folder), (self.folder / ROWS).open("a", encoding="utf-8") as file:
            file.write(_line(row))

    def release(self) -> None:
        """Release the lock on the folder."""
        if self._lock:
            self._lock.release()

    def _acquire_lock(self) -> None:
        self._lock = FileLock(self.folder / LOCK, timeout=PATIENCE_S)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise _in_progress_error(self.folder) from error

    def finish(self, order: Sequence[Key]) -> Run:
        """Write the rows in this order with their figures, and return the run."""
        position = {key: index for index, key in enumerate(order)}
        rows = sorted(self.rows, key=lambda row: position[row_key(row)])
        run = Run(self.config, tuple(rows), run_figures(rows))
        save_run(self.folder, run)
        return run


def open_unfinished_run(folder: Path) -> Recording:
    """Return the interrupted run in `folder`; an incomplete last line is dropped.

    Raises RunFolderError if there is none, or if it is finished or in progress.
    """
    if is_being_written(folder):
        raise _in_progress_error(folder)
    if (folder / FIGURES).exists():
        raise RunFolderError(f"{folder}: この評価は終わっています。--resume は、途中で止まった評価にだけ使えます。")
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        *lines, _incomplete = (folder / ROWS).read_text("utf-8").split("\n")
        rows = [row_from_json(json.loads(line)) for line in lines]
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise unreadable_run_error(folder, error) from error
    if not isinstance(config, dict) or not isinstance(config.get("options"), dict):
        raise unreadable_run_error(folder, "config.json に options がありません")
    # Two processes may have resumed the run at once; the later answer to a case counts.
    return Recording(folder, config, list({row_key(row): row for row in rows}.values()))


def is_being_written(folder: Path) -> bool:
    """Whether a run in `folder` is in progress."""
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


def _line(row: RunRow) -> str:
    return json.dumps(row_json(row), ensure_ascii=False) + "\n"
