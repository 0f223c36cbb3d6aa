"""A run of the regression cases from its options to its folder, also beside other work and with a way to stop it."""

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
from eval.metrics.bootstrap import SEED
from eval.regression.models import with_model
from eval.regression.options import RunOptions
from eval.regression.recording import Key, Recording, cut_off, key_of
from eval.regression.run import rows_of
from eval.regression.run_sets import Chosen, choose, door
from eval.runs.prompts import prompt_digests
from eval.runs.revision import revision
from eval.scoring.record import Row, Run
from ingest.settings import Settings

COMMAND = "run"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `done` of `total` cases, those of before it was cut off among them.

    `row` is the one that was asked last; None while documents are being indexed for the set called `doing`.
    """

    done: int
    total: int
    doing: str
    row: Row | None = None


OnProgress = Callable[[Progress], None]


class Running:
    """A run on its way, in a thread of its own; `folder` holds what it has so far."""

    def __init__(self, folder: Path, work: Callable[[Event], Run]) -> None:
        self.folder = folder
        self._stop = Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="eval-run")
        self._ending = self._pool.submit(work, self._stop)
        self._pool.shutdown(wait=False)

    def cancel(self) -> None:
        """End it after the case that is being asked; what was asked is kept, and `resume_run` goes on with it."""
        self._stop.set()

    def result(self, timeout_s: float | None = None) -> Run:
        """Wait for the end and return the run.

        Raises StoppedRunError where it was cancelled, EvalError, IngestError or BotError where it failed, TimeoutError.
        """
        return self._ending.result(timeout_s)


def start_run(options: RunOptions, settings: Settings, on_progress: OnProgress) -> Running:
    """Start a run beside other work; `on_progress` is called in its thread.

    Raises CaseFileError and RunFolderError at once, for what cannot be begun.
    """
    planned = plan(options, settings)
    return Running(planned.recording.folder, lambda stop: carry_out(planned, on_progress, stop))


def resume_run(folder: Path, settings: Settings, on_progress: OnProgress) -> Running:
    """Go on with a run that was cut off, beside other work.

    Raises RunFolderError where there is none, or where the cases are others by now.
    """
    planned = plan_rest(folder, settings)
    return Running(folder, lambda stop: carry_out(planned, on_progress, stop))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is going to ask, and where it is kept."""

    options: RunOptions
    settings: Settings
    chosen: tuple[Chosen, ...]
    recording: Recording

    @property
    def order(self) -> tuple[Key, ...]:
        """The cases in the order in which the run lists them."""
        return tuple((one.of.name, case.id) for one in self.chosen for case in one.cases)


def plan(options: RunOptions, settings: Settings) -> Plan:
    """Return a run that is to begin. Raises CaseFileError, UnknownModelError."""
    settings = with_model(options.llm, settings)
    chosen, absent = choose(options, settings)
    started = datetime.now(UTC).astimezone()
    config = {
        "command": COMMAND,
        "version": version("shirube-rag"),
        "revision": revision(),
        "date": started.isoformat(timespec="seconds"),
        "options": options.as_json(),
        "door": options.door,
        "prompts": prompt_digests(),
        "seeds": {"bootstrap": SEED},
        "sets": {one.of.name: _described(one) for one in chosen},
        "skipped": list(absent),
    }
    folder = options.out or settings.data / "eval" / started.strftime("%Y%m%d-%H%M%S")
    return Plan(options, settings, chosen, Recording(folder, config))


def plan_rest(folder: Path, settings: Settings) -> Plan:
    """Return what is left of the run in `folder`. Raises RunFolderError, CaseFileError."""
    recording = cut_off(folder)
    options = RunOptions.of_json(recording.config["options"], folder)
    settings = with_model(options.llm, settings)
    chosen, _ = choose(options, settings)
    of_before = {name: of.get("digest") for name, of in recording.config.get("sets", {}).items()}
    if of_before != {one.of.name: one.digest for one in chosen}:
        raise RunFolderError(f"{folder}: 質問集がそのあと変わりました。途中から続けず、新しく測ってください。")
    return Plan(options, settings, chosen, recording)


def carry_out(planned: Plan, on_progress: OnProgress, stop: Event | None = None) -> Run:
    """Ask what is to be asked, keep each row as it comes, and return the finished run.

    Raises StoppedRunError once `stop` is set; EvalError, IngestError or BotError where it cannot go on. What was asked
    until then is kept.
    """
    try:
        return _carried_out(planned, on_progress, stop)
    finally:
        planned.recording.release()


def _carried_out(planned: Plan, on_progress: OnProgress, stop: Event | None) -> Run:
    recording, total = planned.recording, len(planned.order)
    for corpora, group in groupby(planned.chosen, key=lambda one: one.of.corpora):
        sets = tuple(group)
        left = _left(sets, recording.rows)
        on_progress(Progress(len(recording.rows), total, sets[0].of.name))
        if not left:
            continue
        if stop and stop.is_set():
            raise StoppedRunError(_stopped(recording.folder))
        with door(planned.options, planned.settings, corpora) as subject:
            _describe(recording, sets, subject.config)
            for row in rows_of(left, subject, planned.options.jobs, planned.options.looks):
                recording.append(row)
                on_progress(Progress(len(recording.rows), total, row.set, row))
                if stop and stop.is_set():
                    raise StoppedRunError(_stopped(recording.folder))
    return recording.finish(planned.order)


def _left(sets: Sequence[Chosen], rows: Iterable[Row]) -> list[tuple[str, Case]]:
    done = set(map(key_of, rows))
    return [(one.of.name, case) for one in sets for case in one.cases if (one.of.name, case.id) not in done]


def _described(one: Chosen) -> dict[str, Any]:
    return {"cases": [str(file) for file in one.of.files], "digest": one.digest}


def _describe(recording: Recording, sets: Sequence[Chosen], config: dict[str, Any]) -> None:
    """Keep what is measured; raises RunFolderError where another index answered the first cases."""
    known = recording.config["sets"]
    for one in sets:
        before = known[one.of.name].get("generation")
        if before and before != config.get("generation") and any(row.set == one.of.name for row in recording.rows):
            raise RunFolderError(
                f"{recording.folder}: 索引がそのあと作り直されました。途中から続けず、新しく測ってください。"
            )
    recording.describe(sets=known | {one.of.name: _described(one) | config for one in sets})


def _stopped(folder: Path) -> str:
    return f"評価を止めました。続きは python -m eval run --resume {folder} でできます。"
