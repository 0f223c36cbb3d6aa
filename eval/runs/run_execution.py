"""The subcommand `run`: asks and scores its cases, also in parallel, and records each row as it comes."""

import json
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from eval.command import WITHOUT, Measurement, command, paths_option, show_figures
from eval.dataset.case import Case
from eval.dataset.sets import CaseSet
from eval.errors import EvalError, RefusedError
from eval.metrics.run_metrics import METRICS, run_figures
from eval.runs.release_gate import GATE_OPTION, find_shortfalls, load_gate
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
from ingest.cli.command_line import integer_between, one_of, option, path_option
from ingest.configuration.environment import read_settings
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
        "door": "url" if options.url else "process",
        "sets": {one.name: {"cases": list(map(str, one.files))} for one in sets},
        "total": len(cases),
        "skipped": [one.name for one in absent],
    }
    folder = options.out or settings.data / "eval" / started.strftime("%Y%m%d-%H%M%S")
    return RunPlan(options, settings, cases, folder, config)


def execute_run(plan: RunPlan, on_progress: Callable[[str, int], object] = lambda _doing, _done: None) -> Run:
    """Ask the cases, write each row as it comes, and return the finished run.

    `on_progress` gets a description and the number of answered cases. Raises EvalError, IngestError or BotError; the
    rows so far are kept.
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
    """Yield the scored row of each (set name, case), as they are completed; raises EvalError.

    Concurrent questions are asked in several processes, because threads do not speed up Python.
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


_TITLES = {
    "n": "問い",
    "passed": "合格",
    "rate": "合格率",
    "by_kind": "種類ごと",
    "by_set": "質問集ごと",
    "p50_ms": "応答時間 p50(ミリ秒)",
    "p95_ms": "応答時間 p95(ミリ秒)",
    "latency_n": "時間を測った問い",
    **{metric.name: metric.title for metric in METRICS},
}


def _show_run(run: Run, out: Path, console: Console) -> None:
    overall = {name: value for name, value in run.figures.items() if name not in ("by_behave", "by_set")}
    by_set = {
        name: {of: figures[of] for of in ("n", "passed", "rate", "rate_se")}
        for name, figures in run.figures["by_set"].items()
    }
    show_figures(console, overall | {"by_set": by_set}, _TITLES)
    for row in run.rows:
        if not row.passed:
            show_rows(console, row, ("回答", row))
    console.print(f"\n保存先: {out}", highlight=False, markup=False)


def show_rows(console: Console, case_of: RunRow, *rows: tuple[str, RunRow]) -> None:
    """Print a question and, under its label, each answer with the reasons why it fails."""
    case, say = case_of.case, partial(console.print, highlight=False, markup=False)
    say(f"\n{case.id} ({case_of.set}, {case.kind})\n  質問: {' → '.join(case.turns)}")
    for label, row in rows:
        say(f"  {label}: " + (f"[{row.answer['status']}] {row.answer['answer']}" if row.answer else "(なし)"))
        for reason in row.reasons:
            say(f"     - {reason}", style="yellow")


@command(
    "run",
    "評価の問いに答えさせ、採点して保存する",
    one_of(
        paths_option("--cases", "FILE", "問いのファイル(*.jsonl)"),
        option(
            "--set",
            dest="sets",
            action="append",
            default=[],
            metavar="NAME",
            help="質問集の名前(既定: すべて。eval/cases/README.ja.md に一覧)",
        ),
    ),
    one_of(
        paths_option(
            "--corpus", "DIR", "この文書の索引を別に作って測る(既定: 質問集ごと。--cases では corpus/)", dest="corpora"
        ),
        path_option("--data", "DIR", "このフォルダーで使用中の索引を測る"),
        option("--url", help="動いているサーバーを測る(例: http://127.0.0.1:8000)"),
    ),
    option("--llm", metavar="NAME[=URL]", help="回答を書く言語モデル(設定にある名前、名前=URL、none はモデルなし)"),
    option(
        "--jobs",
        type=integer_between(1, 64),
        default=1,
        metavar="N",
        help="同時に尋ねる数(既定: 1)。回答は変わらない",
    ),
    WITHOUT,
    path_option("--dictionary", "CSV", "役所の言葉の辞書を加えて測る"),
    option("--called", default="", metavar="TEXT", help="この評価の呼び名(作業台の一覧に出る)"),
    option("--note", default="", metavar="TEXT", help="この評価についての覚え書き"),
    path_option("--out", "DIR", "保存先(既定: var/eval/日時)"),
    GATE_OPTION,
)
def run(options: Namespace) -> Measurement:
    """Ask and score the cases, and hold them against the gate."""
    gate = load_gate(options.gate) if options.gate else None
    if options.url and (options.llm or options.without or options.dictionary):
        raise EvalError(
            "--llm・--without・--dictionary は、この環境で答えさせるときの指定です。--url では外してください。"
        )
    given = {name: value for name, value in vars(options).items() if name in RunOptions.model_fields}
    planned = plan_run(RunOptions.model_validate(given), read_settings())
    out = planned.folder
    try:
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("", total=len(planned.cases))
            finished = execute_run(planned, lambda doing, done: bar.update(task, description=doing, completed=done))
    except KeyboardInterrupt as error:
        raise EvalError(f"中断しました。ここまでの回答は {out} の rows.jsonl にあります。") from error
    reasons = find_shortfalls(finished, gate) if gate else None
    return Measurement(finished.figures | {"out": str(out)}, show=partial(_show_run, finished, out), shortfalls=reasons)
