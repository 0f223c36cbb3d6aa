"""The saved runs in the data folder, and the one that the server executes as `python -m eval run`."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from eval.errors import RunFolderError
from eval.scoring.run_record import CaseKey, Run, RunRow, load_run
from eval.storage.run_folder import CONFIG, FIGURES, FORMAT, ROWS
from ingest.configuration.settings import Settings
from ingest.japanese.today import JAPAN

_CLOSING_S = 30


class RunProcess:
    """Starts, watches and stops one run at a time; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopped = False
        self._errors = settings.data / "eval" / "last-run.log"
        self.folder: Path | None = None

    @property
    def is_running(self) -> bool:
        """Whether a run is going on."""
        return self._process is not None and self._process.poll() is None

    @property
    def total(self) -> int:
        """The number of cases of the current or last run; 0 until it has read them."""
        return int(_read_config(self.folder).get("total", 0)) if self.folder else 0

    @property
    def done(self) -> int:
        """The number of answered cases of the current or last run."""
        rows = self.folder / ROWS if self.folder else None
        return rows.read_bytes().count(b"\n") if rows and rows.is_file() else 0

    @property
    def message(self) -> str:
        """The reason for which the last run stopped early; "" if it did not."""
        if self._process is None or not self._process.poll():
            return ""
        if self._is_stopped:
            return "止めました。"
        lines = self._errors.read_text("utf-8").splitlines()
        broken = "評価の途中でエラーが起きました。サーバーの記録を確かめてください。"
        return next((line.removeprefix("エラー: ") for line in lines if line.startswith("エラー: ")), broken)

    def start(self, *options: str) -> None:
        """Start a run with these options of the command. Raises RunFolderError during another run."""
        folder = self._settings.data / "eval" / f"{datetime.now(JAPAN):%Y%m%d-%H%M%S}"
        with self._lock:
            if self.is_running:
                raise RunFolderError("ほかの評価が実行中です。終わるのを待つか、止めてから始めてください。")
            data, corpus = self._settings.data.resolve(), self._settings.corpus.resolve()
            environment = os.environ | {"SHIRUBE_DATA": str(data), "SHIRUBE_CORPUS": str(corpus)}
            command = [sys.executable, "-m", "eval", "run", "--json", "--out", str(folder), *options]
            self._errors.parent.mkdir(parents=True, exist_ok=True)
            with self._errors.open("wb") as errors:
                # S603: the options are names of sets and models, and each is one argument.
                self._process = subprocess.Popen(  # noqa: S603
                    command, env=environment, stdout=subprocess.DEVNULL, stderr=errors
                )
            self.folder, self._is_stopped = folder, False

    def cancel(self) -> None:
        """Stop the run. Does nothing if no run is going on."""
        with self._lock:
            if self._process and self.is_running:
                self._is_stopped = True
                self._process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_CLOSING_S)
                self._process.kill()
                self._process.wait()


class RunSummary(NamedTuple):
    """A saved run without its rows: name of its folder, time ("" if unknown), config.json and figures.json."""

    name: str
    date: str
    config: dict[str, Any]
    figures: dict[str, Any]

    @property
    def title(self) -> str:
        """The name that people gave, else the time, else that of the folder."""
        time = f"{datetime.fromisoformat(self.date).astimezone(JAPAN):%m/%d %H:%M}" if self.date else self.name
        return str(self.config.get("options", {}).get("called") or time)


class SavedRuns:
    """The folders in `data/eval` that hold a run of the regression cases."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.data / "eval"

    def all(self) -> list[RunSummary]:
        """Return the complete runs, the newest first; broken ones are left out."""
        summaries = filter(None, map(_read_summary, self.folder.glob("*")))
        return sorted(summaries, key=lambda run: (run.date, run.name), reverse=True)

    def choices(self) -> list[tuple[str, str]]:
        """Return the complete runs as choices: title with passed cases, and name."""
        return [(f"{run.title}（{run.figures['passed']}/{run.figures['n']}）", run.name) for run in self.all()]

    def load(self, name: str) -> Run:
        """Return a run by name with its rows. Raises RunFolderError."""
        if not name or name not in {entry.name for entry in self.folder.glob("*")}:
            raise RunFolderError(f"評価「{name}」はありません。「実行」の一覧から選んでください。")
        rows = self.folder / name / ROWS
        return _load_cached(rows.parent, rows.stat().st_mtime_ns if rows.is_file() else 0)

    def rows(self, name: str) -> dict[CaseKey, RunRow]:
        """Return the rows of a run by case. Raises RunFolderError."""
        return {row.key: row for row in self.load(name).rows}


# A run of a thousand cases takes 30 MB in memory: two to compare, and one for somebody else.
@lru_cache(maxsize=4)
def _load_cached(folder: Path, _changed_ns: int) -> Run:
    return load_run(folder)


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) and config.get("format") == FORMAT else {}


def _read_summary(folder: Path) -> RunSummary | None:
    config = _read_config(folder)
    try:
        figures = json.loads((folder / FIGURES).read_text("utf-8"))
        date = config.get("date", "")
        is_whole = config["command"] == "run" and figures.keys() >= {"n", "passed", "rate", "rate_se"}
        return (
            RunSummary(folder.name, date and str(datetime.fromisoformat(date)), config, figures) if is_whole else None
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
