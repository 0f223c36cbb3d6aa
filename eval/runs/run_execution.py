"""Executes a run: asks and scores its cases, also in parallel, and records each row, so that it can be resumed."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
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
from eval.runs.run_plan import ChosenSet, OpenSystem, RunOptions, choose_sets, prepare_system, with_language_model
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
from eval.systems.asking import SystemUnderTest, ask_case
from ingest.configuration.settings import Settings
from ingest.configuration.storage import replace_text
from ingest.sandbox import begin_worker

COMMAND = "run"
# Locked while rows are written; the operating system releases it when the process dies.
LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The cases of a run, its config.json, and the folder of its rows; `rows` are those of an interrupted run."""

    options: RunOptions
    settings: Settings
    chosen: tuple[ChosenSet, ...]
    folder: Path
    config: dict[str, Any]
    rows: tuple[RunRow, ...] = ()

    @property
    def order(self) -> tuple[CaseKey, ...]:
        """The keys of the cases in the order of the finished run."""
        return tuple(CaseKey(chosen.case_set.name, case.id) for chosen in self.chosen for case in chosen.cases)


def plan_run(options: RunOptions, settings: Settings) -> RunPlan:
    """Return the plan of a new run. Raises EvalError."""
    settings = with_language_model(options.llm, settings)
    chosen, absent = choose_sets(options, settings)
    started = datetime.now(UTC).astimezone()
    sets = {one.case_set.name: {"cases": list(map(str, one.case_set.files)), "digest": one.digest} for one in chosen}
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
        "sets": sets,
        "total": sum(len(one.cases) for one in chosen),
        "skipped": list(absent),
    }
    folder = options.out or settings.data / "eval" / started.strftime("%Y%m%d-%H%M%S")
    return RunPlan(options, settings, chosen, folder, config)


def plan_resumed_run(folder: Path, settings: Settings) -> RunPlan:
    """Return the plan of what is left of the interrupted run in `folder`; an incomplete last line is dropped.

    Raises RunFolderError if there is none, if it is finished or in progress, or if its cases have changed.
    """
    if is_being_written(folder):
        raise _in_progress_error(folder)
    if (folder / FIGURES).exists():
        raise RunFolderError(f"{folder}: この評価は終わっています。--resume は、途中で止まった評価にだけ使えます。")
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        *lines, _incomplete = (folder / ROWS).read_text("utf-8").split("\n")
        rows = {row.key: row for row in map(row_from_json, map(json.loads, lines))}
        check_format(folder, config)
        options = RunOptions.model_validate(config["options"] | {"out": folder})
        recorded = {name: recorded_set["digest"] for name, recorded_set in config["sets"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise unreadable_run_error(folder, error) from error
    settings = with_language_model(options.llm, settings)
    chosen, _ = choose_sets(options, settings)
    if recorded != {chosen_set.case_set.name: chosen_set.digest for chosen_set in chosen}:
        raise RunFolderError(f"{folder}: 質問集がそのあと変わりました。途中から続けず、新しく測ってください。")
    return RunPlan(options, settings, chosen, folder, config, tuple(rows.values()))


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


OnProgress = Callable[[str, int], object]
"""Called with a description and the number of answered cases, those from before an interruption included."""


def execute_run(plan: RunPlan, on_progress: OnProgress = lambda _doing, _done: None) -> Run:
    """Ask the cases, write each row as it comes, and return the finished run.

    Raises EvalError, IngestError or BotError. The rows so far are kept.
    """
    folder, rows = plan.folder, {row.key: row for row in plan.rows}
    with convert_write_errors(folder), ExitStack() as opened:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            opened.enter_context(FileLock(folder / LOCK, timeout=1))
        except Timeout as error:
            raise _in_progress_error(folder) from error
        (folder / FIGURES).unlink(missing_ok=True)
        (folder / CONFIG).write_text(to_pretty_json(plan.config), "utf-8")
        replace_text(folder / ROWS, "".join(map(_line, rows.values())))
        file = opened.enter_context((folder / ROWS).open("a", encoding="utf-8"))
        for (corpora, documents), cases in _remaining_cases(plan, rows).items():
            on_progress(f"文書を用意しています({cases[0][0]})", len(rows))
            config, open_system = prepare_system(plan.options, plan.settings, corpora, documents)
            _record_system(plan, {name for name, _ in cases}, config)
            for row in ask_cases(cases, open_system, plan.options.jobs):
                rows[row.key] = row
                file.write(_line(row))
                file.flush()
                on_progress(f"評価しています({row.set})", len(rows))
        in_order = tuple(rows[key] for key in plan.order)
        run = Run(plan.config, in_order, run_figures(in_order))
        save_run(folder, run)
        return run


def _line(row: RunRow) -> str:
    return json.dumps(row_json(row), ensure_ascii=False) + "\n"


Indexed = tuple[tuple[Path, ...], tuple[str, ...]]


def _remaining_cases(plan: RunPlan, rows: dict[CaseKey, RunRow]) -> dict[Indexed, list[tuple[str, Case]]]:
    """Return the cases without a row, with the names of their sets, by folders and documents that are indexed."""
    remaining: dict[Indexed, list[tuple[str, Case]]] = {}
    for chosen in plan.chosen:
        name, corpora = chosen.case_set.name, chosen.case_set.corpora
        for case in chosen.cases:
            if CaseKey(name, case.id) not in rows:
                remaining.setdefault((corpora, case.documents), []).append((name, case))
    return remaining


def _record_system(plan: RunPlan, names: set[str], config: dict[str, Any]) -> None:
    resumed = {row.set for row in plan.rows}
    for name in names:
        recorded = plan.config["sets"][name]
        if name in resumed and recorded.get("generation") != config.get("generation"):
            raise RunFolderError(
                f"{plan.folder}: 索引がそのあと作り直されました。途中から続けず、新しく測ってください。"
            )
        recorded |= config
    (plan.folder / CONFIG).write_text(to_pretty_json(plan.config), "utf-8")


def ask_cases(cases: Sequence[tuple[str, Case]], open_system: OpenSystem, jobs: int = 1) -> Iterator[RunRow]:
    """Yield the scored row of each (set name, case); in order of completion if there are several `jobs`.

    Concurrent questions are asked in several processes, because threads do not speed up Python. Raises
    UnreachableError, and EvalError if a worker process was killed.
    """
    if min(jobs, len(cases)) <= 1:
        with open_system() as system:
            yield from (ask_and_score(name, case, system) for name, case in cases)
        return
    pool = ProcessPoolExecutor(min(jobs, len(cases)), get_context("spawn"), begin_worker)
    try:
        futures = [pool.submit(_ask_in_worker, open_system, name, case) for name, case in cases]
        yield from (future.result() for future in as_completed(futures))
    except BrokenProcessPool as error:
        raise EvalError(
            "評価のプロセスが途中で終わりました(メモリー不足かもしれません)。"
            "--jobs を減らして、もう一度実行してください。"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


# The system of this worker process, open until it ends.
_systems: list[SystemUnderTest] = []
_opened = ExitStack()


def _ask_in_worker(open_system: OpenSystem, name: str, case: Case) -> RunRow:
    if not _systems:
        _systems.append(_opened.enter_context(open_system()))
    return ask_and_score(name, case, _systems[0])


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
