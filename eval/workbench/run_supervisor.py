"""Starts, watches and cancels the one run that the server executes at a time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread

from bot.errors import BotError
from eval.errors import EvalError, RunFolderError, StoppedRunError
from eval.runs.options import RunOptions
from eval.runs.run_execution import BackgroundRun, OnProgress, Progress, resume_run, start_run
from ingest.configuration.settings import Settings
from ingest.errors import IngestError

_log = logging.getLogger(__name__)
# How long the end of the server waits for the case that is being asked.
LAST_CASE_S = 60


@dataclass(frozen=True, slots=True)
class RunState:
    """How far a run is; `passed` counts the cases asked since it was started or gone on with. Times are UTC.

    `ended` is None while it goes on; `told` says what kept it from its end, if anything did.
    """

    name: str
    by: str
    started: datetime
    progress: Progress | None = None
    asked: int = 0
    passed: int = 0
    cancelled: bool = False
    ended: datetime | None = None
    told: str = ""


class RunSupervisor:
    """Starts, watches and stops runs; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._running: BackgroundRun | None = None
        self._state: RunState | None = None
        self._watching: Thread | None = None

    @property
    def state(self) -> RunState | None:
        """The run that goes on, or the last one that did since the server was started; None before the first."""
        return self._state

    @property
    def goes_on(self) -> bool:
        """Whether a run is under way."""
        return self._state is not None and self._state.ended is None

    def start(self, options: RunOptions, by: str) -> str:
        """Start a run and return its name. Raises RunFolderError while another goes on, EvalError for bad options."""
        return self._begin(by, lambda told: start_run(options, self._settings, told))

    def resume(self, folder: Path, by: str) -> str:
        """Go on with a run that was cut off. Raises as `start`."""
        return self._begin(by, lambda told: resume_run(folder, self._settings, told))

    def cancel(self) -> None:
        """Stop the run after the case that is being asked; its rows are kept. Nothing happens where none goes on."""
        with self._lock:
            if self._running and self.goes_on and self._state:
                self._state = replace(self._state, cancelled=True)
                self._running.cancel()

    def close(self) -> None:
        """Stop the run and wait for the case that is being asked: the process can end, and leaves nothing behind."""
        self.cancel()
        if self._watching:
            self._watching.join(LAST_CASE_S)

    def _begin(self, by: str, begin: Callable[[OnProgress], BackgroundRun]) -> str:
        with self._lock:
            if self.goes_on:
                raise RunFolderError("ほかの評価が実行中です。終わるのを待つか、止めてから始めてください。")
            before, self._state = self._state, RunState("", by, datetime.now(UTC))
            try:
                self._running = begin(self._on_progress)
            except BaseException:
                self._state = before
                raise
            name = self._running.folder.name
            self._state = replace(self._state, name=name)
            self._watching = Thread(target=self._watch, args=(self._running,), daemon=True, name="eval-watch")
            self._watching.start()
        return name

    def _on_progress(self, progress: Progress) -> None:
        state = self._state
        if state:
            asked, passed = int(progress.row is not None), int(bool(progress.row and progress.row.score.passed))
            with self._lock:
                self._state = replace(
                    self._state or state, progress=progress, asked=state.asked + asked, passed=state.passed + passed
                )

    def _watch(self, running: BackgroundRun) -> None:
        told = ""
        try:
            running.result()
        except StoppedRunError:
            told = "止めました。ここまでの回答は保存してあり、続きから実行できます。"
        except (EvalError, BotError, IngestError) as error:
            told = str(error)
        except Exception:  # noqa: BLE001 -- whatever it is, the page tells that the run has ended
            _log.exception("eval run")
            told = (
                "評価の途中でエラーが起きました。ここまでの回答は保存してあります。サーバーの記録を確かめてください。"
            )
        with self._lock:
            if self._state:
                self._state = replace(self._state, ended=datetime.now(UTC), told=told)
