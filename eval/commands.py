"""What each command does; the exit status is what they return."""

import json
import sys
from argparse import Namespace
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from rich.console import Console

from eval.compare import compare, comparison_json
from eval.data import case_files, load_cases
from eval.display import show_comparison, show_run, show_shortfalls
from eval.figures import figures
from eval.gate import baseline_of, load_baseline, save_baseline, shortfalls
from eval.record import Run, load_run, save_run
from eval.run import run_cases
from eval.subject import Subject, server
from ingest.settings import Settings, read_settings

DONE, SHORT, BAD_INPUT = 0, 1, 2


def run(options: Namespace) -> int:
    """Ask, score, save and print; with a baseline, SHORT where the run falls behind it."""
    baseline = load_baseline(options.gate) if options.gate else None
    files = options.cases or case_files()
    cases = load_cases(files)
    settings, started = read_settings(), datetime.now(UTC).astimezone()
    with _subject(options, settings) as subject:
        rows = run_cases(cases, subject.ask)
    about = {"version": version("shirube-rag"), "date": started.isoformat(timespec="seconds")}
    finished = Run(about | {"cases": [str(file) for file in files]} | subject.config, rows, figures(rows))
    out = options.out or settings.data / "eval" / started.strftime("%Y%m%d-%H%M%S")
    save_run(out, finished)
    reasons = shortfalls(finished, baseline) if baseline else ()
    if options.json:
        _emit(finished.figures | {"out": str(out)} | ({"shortfalls": list(reasons)} if baseline else {}))
    else:
        console = Console()
        show_run(console, rows)
        console.print(f"\n保存先: {out}", highlight=False)
        if baseline:
            show_shortfalls(console, reasons)
    return SHORT if reasons else DONE


def compare_runs(options: Namespace) -> int:
    """Print what got better and worse from one saved run to another."""
    comparison = compare(load_run(options.before), load_run(options.after))
    if options.json:
        _emit(comparison_json(comparison))
    else:
        show_comparison(Console(), comparison)
    return DONE


def accept(options: Namespace) -> int:
    """Make a saved run the baseline of the gate."""
    baseline = baseline_of(load_run(options.run))
    save_baseline(options.gate, baseline)
    if options.json:
        _emit({"n": baseline.n, "passed": baseline.passed, "gate": str(options.gate)})
    else:
        Console().print(f"基準にしました: 合格 {baseline.passed}/{baseline.n}({options.gate})", highlight=False)
    return DONE


def _subject(options: Namespace, settings: Settings) -> AbstractContextManager[Subject]:
    if options.url:
        return server(options.url)
    # Imported here: what opens an index costs half a second that the other commands need not pay.
    from eval.local import fresh_index, standing_index  # noqa: PLC0415

    if options.data:
        return standing_index(settings.model_copy(update={"data": options.data}))
    return fresh_index(settings, options.corpus or [settings.corpus])


def _emit(value: dict[str, Any]) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")
