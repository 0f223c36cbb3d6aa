"""Starts, watches and cancels the one run that the server executes at a time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread

from bot.errors import BotError
from eval.errors import EvalError, RunFolderError, StoppedRunError
from eval.runs.run_execution import BackgroundRun, OnProgress, RunProgress, resume_run, start_run
from eval.runs.run_plan import RunOptions
from ingest.configuration.settings import Settings
from ingest.errors import IngestError

_log = logging.getLogger(__name__)
# How long a stopping server waits for the current case.
LAST_CASE_S = 60


@dataclass(frozen=True, slots=True)
class RunState:
    """Progress of a run; `asked` and `passed` count the cases since it was started or resumed. Times are UTC.

    `ended` is None while it runs; `message` is the reason for which it stopped early, "" for none.
    """

    name: str
    by: str
    started: datetime
    progress: RunProgress | None = None
    asked: int = 0
    passed: int = 0
    cancelled: bool = False
    ended: datetime | None = None
    message: str = ""


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
        """The current run, else the last one since the server started; None before the first."""
        return self._state

    @property
    def is_running(self) -> bool:
        """Whether a run is going on."""
        return self._state is not None and self._state.ended is None

    def start(self, options: RunOptions, by: str) -> str:
        """Start a run and return its name. Raises RunFolderError during another run, EvalError for bad options."""
        return self._begin(by, lambda on_progress: start_run(options, self._settings, on_progress))

    def resume(self, folder: Path, by: str) -> str:
        """Resume a run that was cut off. Raises as `start`."""
        return self._begin(by, lambda on_progress: resume_run(folder, self._settings, on_progress))

    def cancel(self) -> None:
        """Stop the run after the current case; its rows are kept. Does nothing if no run is going on."""
        with self._lock:
            if self._running and self.is_running and self._state:
                self._state = replace(self._state, cancelled=True)
                self._running.cancel()

    def close(self) -> None:
        """Stop the run and wait for the current case, so that the process can end."""
        self.cancel()
        if self._watching:
            self._watching.join(LAST_CASE_S)

    def _begin(self, by: str, begin: Callable[[OnProgress], BackgroundRun]) -> str:
        with self._lock:
            if self.is_running:
                raise RunFolderError("ほかの評価が実行中です。終わるのを待つか、止めてから始めてください。")
            previous_state = self._state
            self._state = RunState("", by, datetime.now(UTC))
            try:
                self._running = begin(self._on_progress)
            except BaseException:
                self._state = previous_state
                raise
            name = self._running.folder.name
            self._state = replace(self._state, name=name)
            self._watching = Thread(target=self._watch, args=(self._running,), daemon=True, name="eval-watch")
            self._watching.start()
        return name

    def _on_progress(self, progress: RunProgress) -> None:
        with self._lock:
            state = self._state
            if state is None:
                return
            is_passed = progress.row is not None and progress.row.score.passed
            self._state = replace(
                state,
                progress=progress,
                asked=state.asked + (progress.row is not None),
                passed=state.passed + is_passed,
            )

    def _watch(self, running: BackgroundRun) -> None:
        message = ""
        try:
            running.result()
        except StoppedRunError:
            message = "止めました。ここまでの回答は保存してあり、続きから実行できます。"
        except (EvalError, BotError, IngestError) as error:
            message = str(error)
        except Exception:  # noqa: BLE001 -- a run that fails in any way must not look as if it were running
            _log.exception("eval run")
            message = (
                "評価の途中でエラーが起きました。ここまでの回答は保存してあります。サーバーの記録を確かめてください。"
            )
        with self._lock:
            if self._state:
                self._state = replace(self._state, ended=datetime.now(UTC), message=message)
