"""The one run that a server executes at a time, in a process of its own."""

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Lock

from bot.errors import BotError
from eval.errors import EvalError, RunFolderError
from eval.runs.run_execution import RunPlan, execute_run, plan_resumed_run, plan_run
from eval.runs.run_plan import RunOptions
from eval.storage.run_folder import ROWS
from ingest.configuration.settings import Settings
from ingest.errors import IngestError
from ingest.sandbox.parallel import end_with_parent

_SPAWN = get_context("spawn")
# How long a run may take to close what it has opened.
CLOSING_S = 30
STOPPED = "止めました。ここまでの回答は保存してあり、続きから実行できます。"
BROKEN = "評価の途中でエラーが起きました。ここまでの回答は保存してあります。サーバーの記録を確かめてください。"


@dataclass
class _Started:
    plan: RunPlan
    process: SpawnProcess
    problem: Connection
    message: str = ""


class RunProcess:
    """Starts, watches and stops runs; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._run: _Started | None = None

    @property
    def is_running(self) -> bool:
        """Whether a run is going on."""
        return self._run is not None and self._run.process.is_alive()

    @property
    def folder(self) -> Path | None:
        """The folder of the current run, else of the last one since the server started; None before the first."""
        return self._run.plan.recording.folder if self._run else None

    @property
    def total(self) -> int:
        """The number of cases of the current or last run."""
        return len(self._run.plan.order) if self._run else 0

    @property
    def done(self) -> int:
        """The number of answered cases of the current or last run, those from before an interruption included."""
        rows = self.folder / ROWS if self.folder else None
        return rows.read_bytes().count(b"\n") if rows and rows.is_file() else 0

    @property
    def message(self) -> str:
        """The reason for which the last run stopped early; "" if it did not."""
        run = self._run
        if run is None or self.is_running:
            return ""
        if not run.message and run.process.exitcode:
            try:
                run.message = run.problem.recv()
            except EOFError:  # it was killed, or met a bug
                run.message = BROKEN
        return run.message

    def start(self, options: RunOptions) -> None:
        """Start a run. Raises RunFolderError during another run, EvalError for bad options."""
        self._begin(lambda: plan_run(options, self._settings))

    def resume(self, folder: Path) -> None:
        """Resume a run that was cut off. Raises as `start`."""
        self._begin(lambda: plan_resumed_run(folder, self._settings))

    def cancel(self) -> None:
        """Stop the run; its rows are kept. Does nothing if no run is going on."""
        with self._lock:
            if self._run and self.is_running:
                self._run.process.terminate()
                self._run.process.join(CLOSING_S)
                self._run.process.kill()
                self._run.message = STOPPED

    def _begin(self, make_plan: Callable[[], RunPlan]) -> None:
        with self._lock:
            if self.is_running:
                raise RunFolderError("ほかの評価が実行中です。終わるのを待つか、止めてから始めてください。")
            plan = make_plan()
            receiving, sending = _SPAWN.Pipe(duplex=False)
            # Not a daemon: those may not start the processes of several jobs.
            process = _SPAWN.Process(target=_execute, args=(plan, sending), name="eval-run")
            process.start()
            sending.close()
            self._run = _Started(plan, process, receiving)


def _execute(plan: RunPlan, problem: Connection) -> None:
    """Execute a run in this process; SIGTERM ends it in order."""
    end_with_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        execute_run(plan)
    except (EvalError, BotError, IngestError) as error:
        problem.send(str(error))
        sys.exit(1)
