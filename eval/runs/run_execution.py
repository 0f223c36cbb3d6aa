"""Executes a run: asks and scores its cases, also in parallel, and records each row as it comes."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import numpy as np

from eval.dataset.case import Case
from eval.dataset.sets import CaseSet
from eval.errors import EvalError, RefusedError
from eval.metrics.run_metrics import run_figures
from eval.runs.run_plan import OpenSystem, RunOptions, choose_sets, prepare_system, with_language_model
from eval.scoring.run_record import CaseKey, Run, RunRow, row_json, save_run
from eval.scoring.score import refused, score_answer
from eval.storage.provenance import source_revision
from eval.storage.run_folder import (
    CONFIG,
    FIGURES,
    FORMAT,
    ROWS,
    convert_write_errors,
    to_pretty_json,
)
from eval.systems.asking import SystemUnderTest, ask_case
from ingest.configuration.settings import Settings
from ingest.japanese.today import JAPAN
from ingest.sandbox import begin_worker

COMMAND = "run"


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The cases of a run in their order, its config.json, and the folder of its rows."""

    options: RunOptions
    settings: Settings
    cases: tuple[tuple[CaseSet, Case], ...]
    folder: Path
    config: dict[str, Any]


def plan_run(options: RunOptions, settings: Settings) -> RunPlan:
    """Return the plan of a new run. Raises EvalError."""
    settings = with_language_model(options.llm, settings)
    sets, absent = choose_sets(options, settings)
    cases = tuple((case_set, case) for case_set in sets for case in case_set.read_cases())
    started = datetime.now(JAPAN)
    config = {
        "format": FORMAT,
        "command": COMMAND,
        "version": version("shirube-rag"),
        "revision": source_revision(),
        "date": started.isoformat(timespec="seconds"),
        "options": options.as_json(),
        "door": options.transport,
        "sets": {one.name: {"cases": list(map(str, one.files))} for one in sets},
        "total": len(cases),
        "skipped": [one.name for one in absent],
    }
    folder = options.out or settings.data / "eval" / started.strftime("%Y%m%d-%H%M%S")
    return RunPlan(options, settings, cases, folder, config)


OnProgress = Callable[[str, int], object]
"""Called with a description and the number of answered cases."""


def execute_run(plan: RunPlan, on_progress: OnProgress = lambda _doing, _done: None) -> Run:
    """Ask the cases, write each row as it comes, and return the finished run.

    Raises EvalError, IngestError or BotError. The rows so far are kept.
    """
    folder, rows = plan.folder, dict[CaseKey, RunRow]()
    # Cases by the folders and documents that are indexed for them.
    by_index: dict[tuple[tuple[Path, ...], tuple[str, ...]], list[tuple[str, Case]]] = {}
    for case_set, case in plan.cases:
        by_index.setdefault((case_set.corpora, case.documents), []).append((case_set.name, case))
    with convert_write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FIGURES).unlink(missing_ok=True)
        (folder / CONFIG).write_text(to_pretty_json(plan.config), "utf-8")
        with (folder / ROWS).open("w", encoding="utf-8") as file:
            for (corpora, documents), cases in by_index.items():
                on_progress(f"文書を用意しています({cases[0][0]})", len(rows))
                config, open_system = prepare_system(plan.options, plan.settings, corpora, documents)
                for name in dict.fromkeys(name for name, _ in cases):
                    plan.config["sets"][name] |= config
                for row in ask_cases(cases, open_system, plan.options.jobs):
                    rows[row.key] = row
                    file.write(json.dumps(row_json(row), ensure_ascii=False) + "\n")
                    file.flush()
                    on_progress(f"評価しています({row.set})", len(rows))
        in_order = tuple(rows[CaseKey(case_set.name, case.id)] for case_set, case in plan.cases)
        run = Run(plan.config, in_order, run_figures(in_order))
        save_run(folder, run)
        return run


def ask_cases(cases: Sequence[tuple[str, Case]], open_system: OpenSystem, jobs: int = 1) -> Iterator[RunRow]:
    """Yield the scored row of each (set name, case); in order of completion if there are several `jobs`.

    Concurrent questions are asked in several processes, because threads do not speed up Python. Raises
    EvalError, and EvalError if a worker process was killed.
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
        return RunRow(case, None, refused(error), name)
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
