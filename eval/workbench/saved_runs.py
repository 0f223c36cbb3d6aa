"""Saved regression runs in the data folder, newest first."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from eval.errors import RunFolderError
from eval.runs.run_execution import is_being_written
from eval.scoring.run_record import Run, load_run
from eval.storage.run_folder import CONFIG, FIGURES, FORMAT, ROWS, convert_write_errors, to_pretty_json
from ingest.configuration.settings import Settings
from ingest.configuration.storage import replace_text

# A run of a thousand cases takes 30 MB in memory: two to compare, and one for somebody else.
CACHED_RUNS = 4
LONGEST_NAME = 60
LONGEST_NOTE = 500


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
    called: str = ""
    note: str = ""
    subject: str = ""
    model: str = ""

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
        folders = self.folder.iterdir() if self.folder.is_dir() else ()
        summaries = filter(None, map(_read_summary, folders))
        return sorted(summaries, key=lambda summary: (summary.date, summary.name), reverse=True)

    def interrupted(self) -> list[str]:
        """Return the names of the runs that can be resumed, the newest first."""
        folders = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted((folder.name for folder in folders if _is_interrupted(folder)), reverse=True)

    def path(self, name: str) -> Path:
        """Return the folder of a run by name. Raises RunFolderError if there is none of that name."""
        if not name or name not in {entry.name for entry in self.folder.glob("*")}:
            raise RunFolderError(f"評価「{name}」はありません。「実行」の一覧から選んでください。")
        return self.folder / name

    def describe(self, name: str, called: str, note: str) -> None:
        """Save the name and the note of a run. Raises RunFolderError."""
        if len(called) > LONGEST_NAME or len(note) > LONGEST_NOTE:
            raise RunFolderError(f"呼び名は{LONGEST_NAME}文字、覚え書きは{LONGEST_NOTE}文字までにしてください。")
        file = self.path(name) / CONFIG
        try:
            config = json.loads(file.read_text("utf-8"))
            config["options"] = {**config.get("options", {}), "called": called, "note": note}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise RunFolderError(f"評価「{name}」の {CONFIG} を読めません（{error}）。") from error
        with convert_write_errors(file.parent):
            replace_text(file, to_pretty_json(config))

    def load(self, name: str) -> Run:
        """Return a run with its rows. Raises RunFolderError."""
        folder = self.path(name)
        rows = folder / ROWS
        return _load_cached(folder, rows.stat().st_mtime_ns if rows.is_file() else 0)


@lru_cache(maxsize=CACHED_RUNS)
def _load_cached(folder: Path, _changed_ns: int) -> Run:
    return load_run(folder)


def _read_summary(folder: Path) -> RunSummary | None:
    try:
        config, figures = (json.loads((folder / name).read_text("utf-8")) for name in (CONFIG, FIGURES))
        is_run = config["command"] == "run" and config["format"] == FORMAT
        return _make_summary(folder.name, config, figures) if is_run else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _is_interrupted(folder: Path) -> bool:
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    is_run = isinstance(config, dict) and config.get("format") == FORMAT and "options" in config
    is_started = is_run and not (folder / FIGURES).exists()
    return is_started and not is_being_written(folder)


def _make_summary(name: str, config: dict[str, Any], figures: dict[str, Any]) -> RunSummary:
    date = str(config.get("date", ""))
    if date:
        datetime.fromisoformat(date)  # a date that is none is that of a broken run
    return RunSummary(
        name=name,
        date=date,
        sets=tuple(config.get("sets", ())),
        n=figures["n"],
        passed=figures["passed"],
        rate=figures["rate"],
        se=figures.get("rate_se", 0.0),
        **_describe_options(config.get("options", {})),
    )


def _describe_options(options: dict[str, Any]) -> dict[str, str]:
    subjects = (
        (options.get("data"), "使っている索引"),
        (options.get("url"), f"サーバー {options.get('url')}"),
        (options.get("corpora"), "指定した文書"),
    )
    subject = next((label for value, label in subjects if value), "質問集ごとの文書")
    model = str(options.get("llm", "")).partition("=")[0]
    return {"called": options.get("called", ""), "note": options.get("note", ""), "subject": subject, "model": model}
