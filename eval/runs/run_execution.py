"""Plans and executes a run, also in the background with a way to cancel it."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from threading import Event
from typing import Any

from eval.dataset.case import Case
from eval.errors import RunFolderError, StoppedRunError
from eval.metrics.statistics import SEED
from eval.runs.case_runner import ask_cases
from eval.runs.language_models import with_language_model
from eval.runs.options import RunOptions
from eval.runs.run_recording import Key, Recording, open_unfinished_run, row_key
from eval.runs.run_sets import ChosenSet, choose_sets, open_system_under_test
from eval.scoring.run_record import Run, RunRow
from eval.storage.provenance import prompt_digests, source_revision
from ingest.configuration.settings import Settings

COMMAND = "run"


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Progress of a run: `done` of `total` cases, including those from before an interruption.

    `row` is the last row; None while documents are indexed for the set `doing`.
    """

    done: int
    total: int
    doing: str
    row: RunRow | None = None


OnProgress = Callable[[RunProgress], None]


class BackgroundRun:
    """A run in a background thread; `folder` contains the rows so far."""

    def __init__(self, folder: Path, work: Callable[[Event], Run]) -> None:
        self.folder = folder
        self._stop = Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="eval-run")
        self._ending = self._pool.submit(work, self._stop)
        self._pool.shutdown(wait=False)

    def cancel(self) -> None:
        """Stop after the current case; `resume_run` can continue the run."""
        self._stop.set()

    def result(self, timeout_s: float | None = None) -> Run:
        """Wait for the end and return the run.

        Raises StoppedRunError if it was cancelled, EvalError, IngestError or BotError if it failed, or TimeoutError.
        """
        return self._ending.result(timeout_s)


def start_run(options: RunOptions, settings: Settings, on_progress: OnProgress) -> BackgroundRun:
    """Start a run in the background; `on_progress` is called in its thread.

    Raises SetFileError and RunFolderError if it cannot start.
    """
    planned = plan_run(options, settings)
    return BackgroundRun(planned.recording.folder, lambda stop: execute_run(planned, on_progress, stop))


def resume_run(folder: Path, settings: Settings, on_progress: OnProgress) -> BackgroundRun:
    """Continue an interrupted run in the background.

    Raises RunFolderError if there is none, or if its cases have changed.
    """
    planned = plan_resumed_run(folder, settings)
    return BackgroundRun(folder, lambda stop: execute_run(planned, on_progress, stop))


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The cases of a run, and the folder for its rows."""

    options: RunOptions
    settings: Settings
    chosen: tuple[ChosenSet, ...]
    recording: Recording

    @property
    def order(self) -> tuple[Key, ...]:
        """The keys of the cases in the order of the finished run."""
        return tuple((chosen.case_set.name, case.id) for chosen in self.chosen for case in chosen.cases)


def plan_run(options: RunOptions, settings: Settings) -> RunPlan:
    """Return the plan of a new run. Raises SetFileError, UnknownModelError."""
    settings = with_language_model(options.llm, settings)
    chosen, absent = choose_sets(options, settings)
    started = datetime.now(UTC).astimezone()
    config = {
        "command": COMMAND,
        "version": version("shirube-rag"),
        "revision": source_revision(),
        "date": started.isoformat(timespec="seconds"),
        "options": options.as_json(),
        "door": options.transport,
        "prompts": prompt_digests(),
        "seeds": {"bootstrap": SEED},
        "sets": {chosen_set.case_set.name: _set_json(chosen_set) for chosen_set in chosen},
        "skipped": list(absent),
    }
    folder = options.out or settings.data / "eval" / started.strftime("%Y%m%d-%H%M%S")
    return RunPlan(options, settings, chosen, Recording(folder, config))


def plan_resumed_run(folder: Path, settings: Settings) -> RunPlan:
    """Return the plan of what is left of the run in `folder`. Raises RunFolderError, SetFileError."""
    recording = open_unfinished_run(folder)
    options = RunOptions.from_json(recording.config["options"], folder)
    settings = with_language_model(options.llm, settings)
    chosen, _ = choose_sets(options, settings)
    recorded = {name: recorded_set.get("digest") for name, recorded_set in recording.config.get("sets", {}).items()}
    if recorded != {chosen_set.case_set.name: chosen_set.digest for chosen_set in chosen}:
        raise RunFolderError(f"{folder}: 質問集がそのあと変わりました。途中から続けず、新しく測ってください。")
    return RunPlan(options, settings, chosen, recording)


def execute_run(planned: RunPlan, on_progress: OnProgress, stop: Event | None = None) -> Run:
    """Ask the cases, write each row as it comes, and return the finished run.

    Raises StoppedRunError once `stop` is set, or EvalError, IngestError or BotError. The rows so far are kept.
    """
    try:
        return _execute_sets(planned, on_progress, stop)
    finally:
        planned.recording.release()


def _execute_sets(planned: RunPlan, on_progress: OnProgress, stop: Event | None) -> Run:
    recording = planned.recording
    total = len(planned.order)
    for corpora, group in groupby(planned.chosen, key=lambda chosen: chosen.case_set.corpora):
        sets = tuple(group)
        remaining = _remaining_cases(sets, recording.rows)
        on_progress(RunProgress(len(recording.rows), total, sets[0].case_set.name))
        if not remaining:
            continue
        if stop and stop.is_set():
            raise StoppedRunError(_stopped_message(recording.folder))
        with open_system_under_test(planned.options, planned.settings, corpora) as subject:
            _record_sets(recording, sets, subject.config)
            for row in ask_cases(remaining, subject, planned.options.jobs, planned.options.repetitions):
                recording.append(row)
                on_progress(RunProgress(len(recording.rows), total, row.set, row))
                if stop and stop.is_set():
                    raise StoppedRunError(_stopped_message(recording.folder))
    return recording.finish(planned.order)


def _remaining_cases(sets: Sequence[ChosenSet], rows: Iterable[RunRow]) -> list[tuple[str, Case]]:
    done = set(map(row_key, rows))
    return [
        (chosen.case_set.name, case)
        for chosen in sets
        for case in chosen.cases
        if (chosen.case_set.name, case.id) not in done
    ]


def _set_json(chosen: ChosenSet) -> dict[str, Any]:
    return {"cases": [str(file) for file in chosen.case_set.files], "digest": chosen.digest}


def _record_sets(recording: Recording, sets: Sequence[ChosenSet], config: dict[str, Any]) -> None:
    """Write what is measured; raises RunFolderError if the first rows are from another index."""
    recorded_sets = recording.config["sets"]
    for chosen in sets:
        recorded_generation = recorded_sets[chosen.case_set.name].get("generation")
        if (
            recorded_generation
            and recorded_generation != config.get("generation")
            and any(row.set == chosen.case_set.name for row in recording.rows)
        ):
            raise RunFolderError(
                f"{recording.folder}: 索引がそのあと作り直されました。途中から続けず、新しく測ってください。"
            )
    recording.describe(sets=recorded_sets | {chosen.case_set.name: _set_json(chosen) | config for chosen in sets})


def _stopped_message(folder: Path) -> str:
    return f"評価を止めました。続きは python -m eval run --resume {folder} でできます。"
