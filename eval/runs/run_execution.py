"""Executes a run: asks and scores its cases, also in parallel, and records each row, so that it can be resumed."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from pydantic import ValidationError

from eval.dataset.case import Case
from eval.errors import EvalError, RefusedError, RunFolderError
from eval.metrics.run_metrics import run_figures
from eval.metrics.statistics import SEED
from eval.runs.run_plan import ChosenSet, RunOptions, choose_sets, open_system_under_test, with_language_model
from eval.scoring.run_record import CaseKey, Run, RunRow, row_from_json, row_json, save_run
from eval.scoring.score import failed_score, score_answer
from eval.storage.provenance import prompt_digests, source_revision
from eval.storage.run_folder import (
    CONFIG,
    FIGURES,
    FORMAT,
    ROWS,
    check_format,
    convert_write_errors,
    to_pretty_json,
    unreadable_run_error,
)
from eval.systems.asking import LazySystem, SystemUnderTest, ask_case
from ingest.configuration.settings import Settings
from ingest.configuration.storage import replace_text
from ingest.sandbox import begin_worker

COMMAND = "run"
# Locked while rows are written; the operating system releases it when the process dies.
LOCK = ".lock"
PATIENCE_S = 1


@dataclass
class Recording:
    """An unfinished run on disk: config.json and the rows so far, but no figures.json.

    Call `describe` before the first row, `finish` after the last, and `release` in any case, all in one thread. They
    raise RunFolderError if the folder cannot be written, or if another process or thread is writing to it.
    """

    folder: Path
    config: dict[str, Any]
    rows: list[RunRow] = field(default_factory=list)
    _lock: FileLock | None = None

    def describe(self, **config: Any) -> None:
        """Add to config.json; the first call creates the folder and writes the rows of a resumed run."""
        self.config |= config
        with convert_write_errors(self.folder):
            if self._lock is None:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._lock = FileLock(self.folder / LOCK, timeout=PATIENCE_S)
                try:
                    self._lock.acquire()
                except Timeout as error:
                    raise _in_progress_error(self.folder) from error
                (self.folder / FIGURES).unlink(missing_ok=True)
                replace_text(self.folder / ROWS, "".join(map(_line, self.rows)))
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

    def finish(self, order: Sequence[CaseKey]) -> Run:
        """Write the rows in this order with their figures, and return the run."""
        position = {key: index for index, key in enumerate(order)}
        rows = sorted(self.rows, key=lambda row: position[row.key])
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
    check_format(folder, config)
    # Two processes may have resumed the run at once; the later answer to a case counts.
    return Recording(folder, config, list({row.key: row for row in rows}.values()))


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


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The cases of a run, and the folder for its rows."""

    options: RunOptions
    settings: Settings
    chosen: tuple[ChosenSet, ...]
    recording: Recording

    @property
    def order(self) -> tuple[CaseKey, ...]:
        """The keys of the cases in the order of the finished run."""
        return tuple(CaseKey(chosen.case_set.name, case.id) for chosen in self.chosen for case in chosen.cases)


def plan_run(options: RunOptions, settings: Settings) -> RunPlan:
    """Return the plan of a new run. Raises EvalError."""
    settings = with_language_model(options.llm, settings)
    chosen, absent = choose_sets(options, settings)
    started = datetime.now(UTC).astimezone()
    config = {
        "format": FORMAT,
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


def _set_json(chosen: ChosenSet) -> dict[str, Any]:
    return {"cases": [str(file) for file in chosen.case_set.files], "digest": chosen.digest}


OnProgress = Callable[[str, int], object]
"""Called with a description and the number of answered cases, those from before an interruption included."""


def execute_run(planned: RunPlan, on_progress: OnProgress = lambda _doing, _done: None) -> Run:
    """Ask the cases, write each row as it comes, and return the finished run.

    Raises EvalError, IngestError or BotError. The rows so far are kept.
    """
    recording = planned.recording
    try:
        for corpora, group in groupby(planned.chosen, key=lambda chosen: chosen.case_set.corpora):
            sets = tuple(group)
            done = {row.key for row in recording.rows}
            cases = [(chosen.case_set.name, case) for chosen in sets for case in chosen.cases]
            remaining = [(name, case) for name, case in cases if CaseKey(name, case.id) not in done]
            on_progress(f"文書を用意しています({sets[0].case_set.name})", len(done))
            if not remaining:
                continue
            with open_system_under_test(planned.options, planned.settings, corpora) as subject:
                _record_sets(recording, sets, subject.config)
                for row in ask_cases(remaining, subject, planned.options.jobs):
                    recording.append(row)
                    on_progress(f"評価しています({row.set})", len(recording.rows))
        return recording.finish(planned.order)
    finally:
        recording.release()


def _record_sets(recording: Recording, sets: Sequence[ChosenSet], config: dict[str, Any]) -> None:
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


_AskAndScore = Callable[[str, Case], RunRow]


def ask_cases(cases: Sequence[tuple[str, Case]], subject: SystemUnderTest, jobs: int = 1) -> Iterator[RunRow]:
    """Yield the scored row of each (set name, case); in order of completion if there are several `jobs`.

    Raises UnreachableError, and EvalError if a worker process was killed.
    """
    if min(jobs, len(cases)) <= 1:
        yield from (ask_and_score(name, case, subject) for name, case in cases)
        return
    with _worker_pool(subject, min(jobs, len(cases))) as (pool, ask):
        futures: list[Future[RunRow]] = [pool.submit(ask, name, case) for name, case in cases]
        try:
            yield from (future.result() for future in as_completed(futures))
        except BrokenProcessPool as error:
            raise EvalError(
                "評価のプロセスが途中で終わりました(メモリー不足かもしれません)。"
                "--jobs を減らして、もう一度実行してください。"
            ) from error


@contextmanager
def _worker_pool(subject: SystemUnderTest, jobs: int) -> Iterator[tuple[Executor, _AskAndScore]]:
    if subject.reopen:
        pool: Executor = ProcessPoolExecutor(jobs, get_context("spawn"), _open_worker_system, (subject.reopen,))
        ask: _AskAndScore = _ask_in_worker
    else:
        pool = ThreadPoolExecutor(jobs)

        def ask(name: str, case: Case) -> RunRow:
            return ask_and_score(name, case, subject)

    try:
        yield pool, ask
    finally:
        pool.shutdown(cancel_futures=True)


# The system of this worker process, open until it ends.
_systems: list[LazySystem] = []


def _open_worker_system(reopen: Callable[[], AbstractContextManager[SystemUnderTest]]) -> None:
    begin_worker()
    _systems.append(LazySystem(reopen))


def _ask_in_worker(name: str, case: Case) -> RunRow:
    return ask_and_score(name, case, _systems[0].subject())


def ask_and_score(name: str, case: Case, subject: SystemUnderTest) -> RunRow:
    """Ask and score one case of the set `name`; a refused question fails, without an exception.

    The row's `observations` are those of the system, and `timing`: milliseconds of the last turn (`ms`) and of the
    reference work before the first one (`work_ms`); if the system answers in this process also by the clock of the
    thread (`cpu_ms`, `work_cpu_ms`), which is not affected by other processes.
    """
    started_ms = _clock_ms()
    do_reference_work()
    work_ms, work_cpu_ms = _clock_ms(started_ms)
    last_ms = 0.0, 0.0

    def ask(body: dict[str, Any]) -> dict[str, Any]:
        nonlocal last_ms
        started_ms = _clock_ms()
        answer = subject.ask(body)
        last_ms = _clock_ms(started_ms)
        return answer

    try:
        answer = ask_case(ask, case)
    except RefusedError as error:
        return RunRow(case, None, failed_score(f"回答を受け取れない({error})"), name)
    timing = {"ms": last_ms[0], "work_ms": work_ms}
    if subject.in_process:
        timing |= {"cpu_ms": last_ms[1], "work_cpu_ms": work_cpu_ms}
    return RunRow(case, answer, score_answer(case, answer), name, {"timing": timing} | subject.observations(answer))


def _clock_ms(since: tuple[float, float] = (0.0, 0.0)) -> tuple[float, float]:
    return round(perf_counter() * 1000 - since[0], 3), round(thread_time() * 1000 - since[1], 3)


# Operations like those of answering, about 3 ms on an idle machine. They use no code of the product, so that a slower
# product does not change the unit it is measured in.
_TEXT = "令和8(2026)年度の目標値は1,500人、計画期間は4か年です。" * 40
_CUT = re.compile(r"\d[\d,.]*|[一-龥]+|[ァ-ヶー]+|[ぁ-ん]+")
_VECTORS = np.linspace(-1, 1, 256 * 256, dtype=np.float32).reshape(256, 256)
_ROUNDS = 20


def do_reference_work() -> None:
    """Do the work whose time is the unit of answer times."""
    for _ in range(_ROUNDS):
        counts: dict[str, int] = {}
        for word in _CUT.findall(_TEXT):
            counts[word] = counts.get(word, 0) + len(word)
        sorted(counts, key=lambda word: (counts[word], word))
        (_VECTORS @ _VECTORS[0]).argsort()
