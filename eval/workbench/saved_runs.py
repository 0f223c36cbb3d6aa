"""Saved regression runs in the data folder, newest first."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from eval.errors import RunFolderError
from eval.runs.run_execution import is_being_written
from eval.scoring.run_record import CaseKey, Run, RunRow, load_run
from eval.storage.run_folder import CONFIG, FIGURES, FORMAT, ROWS
from ingest.configuration.settings import Settings

# A run of a thousand cases takes 30 MB in memory: two to compare, and one for somebody else.
CACHED_RUNS = 4


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A saved run without its rows, from config.json and figures.json; `rate` and `se` are 0-1.

    `called` and `note` are the name and note that people gave; `subject` is the system that was asked, `model` its
    language model ("" if none was chosen).
    """

    name: str
    date: str
    sets: tuple[str, ...]
    n: int
    passed: int
    rate: float
    se: float
    called: str
    note: str
    subject: str
    model: str

    @property
    def title(self) -> str:
        """The name that people gave, else the name of the folder."""
        return self.called or self.name


class SavedRuns:
    """The folders in `data/eval` that hold a run of the regression cases."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.data / "eval"

    def all(self) -> list[RunSummary]:
        """Return the complete runs, the newest first; broken ones are left out."""
        summaries = filter(None, map(_read_summary, self.folder.glob("*")))
        return sorted(summaries, key=lambda summary: (summary.date, summary.name), reverse=True)

    def titles(self) -> dict[str, str]:
        """Return the titles of the complete runs by name, the newest first."""
        return {run.name: run.title for run in self.all()}

    def interrupted(self) -> list[str]:
        """Return the names of the runs that can be resumed, the newest first."""
        return sorted((folder.name for folder in self.folder.glob("*") if _is_interrupted(folder)), reverse=True)

    def path(self, name: str) -> Path:
        """Return the folder of a run by name. Raises RunFolderError if there is none of that name."""
        if not name or name not in {entry.name for entry in self.folder.glob("*")}:
            raise RunFolderError(f"評価「{name}」はありません。「実行」の一覧から選んでください。")
        return self.folder / name

    def load(self, name: str) -> Run:
        """Return a run with its rows. Raises RunFolderError."""
        folder = self.path(name)
        rows = folder / ROWS
        return _load_cached(folder, rows.stat().st_mtime_ns if rows.is_file() else 0)

    def rows(self, name: str) -> dict[CaseKey, RunRow]:
        """Return the rows of a run by case. Raises RunFolderError."""
        return {row.key: row for row in self.load(name).rows}


@lru_cache(maxsize=CACHED_RUNS)
def _load_cached(folder: Path, _changed_ns: int) -> Run:
    return load_run(folder)


def _read_summary(folder: Path) -> RunSummary | None:
    try:
        config, figures = (json.loads((folder / name).read_text("utf-8")) for name in (CONFIG, FIGURES))
        if config["command"] != "run" or config["format"] != FORMAT:
            return None
        date, options = config.get("date", ""), config.get("options", {})
        if date:
            datetime.fromisoformat(date)  # a date that is none is that of a broken run
        subjects = {
            "data": "使っている索引",
            "url": f"サーバー {options.get('url')}",
            "corpora": "指定した文書",
        }
        return RunSummary(
            name=folder.name,
            date=date,
            sets=tuple(config.get("sets", ())),
            n=figures["n"],
            passed=figures["passed"],
            rate=figures["rate"],
            se=figures["rate_se"],
            called=options.get("called", ""),
            note=options.get("note", ""),
            subject=next((label for name, label in subjects.items() if options.get(name)), "質問集ごとの文書"),
            model=str(options.get("llm", "")).partition("=")[0],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_interrupted(folder: Path) -> bool:
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    is_run = isinstance(config, dict) and config.get("format") == FORMAT and "options" in config
    return is_run and not (folder / FIGURES).exists() and not is_being_written(folder)
