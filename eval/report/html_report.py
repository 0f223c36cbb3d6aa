"""A saved run as one HTML file with its style inlined."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment
from rich.console import Console

from bot.rendering.html.markup import join_assets, make_environment, render_template
from bot.verification.statement_check import CITED
from eval.command import DONE, command, emit
from eval.dataset.case_labels import KIND_DESCRIPTIONS
from eval.errors import RunFolderError
from eval.metrics.agreement import Calibration, calibration
from eval.metrics.run_metrics import METRICS, group_rows, latency_in_work, pass_rate
from eval.metrics.statistics import percentiles
from eval.runs.release_gate import unsupported_statements
from eval.runs.run_execution import COMMAND
from eval.scoring.run_record import Run, RunRow, load_run
from eval.storage.run_folder import CONFIG, convert_write_errors, read_folder, saved_command
from ingest.cli.command_line import option, path_option

_TEMPLATES = Path(__file__).parent / "templates"
# Edges of the bins of the histogram of answer times.
_EDGES_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


def load_history(folder: Path, run: Run) -> tuple[Run, ...]:
    """Return the finished runs below `folder` of the same sets, including `run`, oldest first and without rows.

    Raises RunFolderError if `folder` does not exist.
    """
    if not folder.is_dir():
        raise RunFolderError(
            f"{folder}: フォルダーがありません。--history に、評価の保存先が並ぶフォルダーを指定してください。"
        )
    past_runs = filter(None, (_read_past_run(file.parent, run) for file in folder.glob(f"*/{CONFIG}")))
    by_date = {past.config.get("date", ""): past for past in [*past_runs, run]}
    return tuple(by_date[date] for date in sorted(by_date))


def _read_past_run(folder: Path, run: Run) -> Run | None:
    try:
        config, _, figures = read_folder(folder)
    except RunFolderError:
        return None
    is_same = set(figures.get("by_set", ())) == set(run.figures.get("by_set", ()))
    is_whole = {"n", "passed", "rate", "rate_se"} <= figures.keys() and "date" in config
    return Run(config, (), figures) if config.get("command") == COMMAND and is_same and is_whole else None


def _calibrate_groups(rows: Sequence[RunRow]) -> Iterator[tuple[str, Calibration]]:
    """Yield the calibration of the answers shown, of all (named "") and by the kind of answer that is expected.

    The prediction is the confidence, the outcome whether the answer is right. Of a question that is declined nobody
    knows whether its answer would be right.
    """
    answered = [
        row
        for row in rows
        if row.answer
        and row.answer["status"] in CITED
        and row.case.behave != "clarify"
        and row.observations.get("confidence") is not None
    ]
    kinds = [str(row.observations.get("answer_type", "")) for row in answered]
    for kind, group in {"": answered, **group_rows(answered, kinds)}.items():
        outcomes = [(row.observations["confidence"], row.case.behave == "answer" and row.score.passed) for row in group]
        if result := calibration(outcomes):
            yield kind, result


def time_bins(times_ms: Sequence[float]) -> list[tuple[str, int]]:
    """Return the answers within each step of 1, 2 and 5 per power of ten, in the range of the times."""
    if not times_ms:
        return []
    first = max((edge for edge in _EDGES_MS if edge <= min(times_ms)), default=0)
    last = min((edge for edge in _EDGES_MS if edge > max(times_ms)), default=_EDGES_MS[-1] * 10)
    edges = [first, *(edge for edge in _EDGES_MS if first < edge < last), last]
    names = [f"{edge:g} ms" if edge < 1_000 else f"{edge / 1_000:g} s" for edge in edges]
    counts = np.histogram(times_ms, edges)[0]
    return [(f"{low}–{high}", int(n)) for low, high, n in zip(names, names[1:], counts, strict=False)]


def render_report(run: Run, history: Sequence[Run]) -> str:
    """Return the report of a run as HTML, with earlier runs; all text of cases, answers and settings is escaped."""
    rows = run.rows
    times_ms = [row.observations["timing"]["ms"] for row in rows if "timing" in row.observations]
    means = ((metric, metric.mean_over(rows)) for metric in METRICS)
    return render_template(
        _environment(),
        "report.html",
        run=run,
        about=run.config,
        metrics=[(metric, mean) for metric, mean in means if mean.n],
        kinds={kind: pass_rate(group) for kind, group in group_rows(rows, [row.case.kind for row in rows]).items()},
        sets={name: pass_rate(group) for name, group in group_rows(rows, [row.set for row in rows]).items()},
        means_of=KIND_DESCRIPTIONS,
        calibrations=list(_calibrate_groups(rows)),
        times=time_bins(times_ms),
        percentiles=percentiles(times_ms, 50, 95),
        in_work=latency_in_work(rows),
        history=history,
        failing=[row for row in rows if not row.score.passed],
        style=join_assets(_TEMPLATES, "base.css", "report.css"),
    )


@cache
def _environment() -> Environment:
    environment = make_environment(_TEMPLATES)
    environment.filters.update(
        percent=lambda rate: f"{100 * rate:.1f}", number=_format_number, unsupported=unsupported_statements
    )
    return environment


def _format_number(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@command(
    "report",
    "保存した評価を、図のある1つの HTML にまとめる",
    option("run", type=Path, metavar="RUN", help="評価の保存先"),
    path_option("--history", "DIR", "評価の保存先が並ぶフォルダー。同じ質問集の合格率の推移も載せる"),
    path_option("--out", "FILE", "書き出すファイル(既定: RUN/report.html)"),
)
def report(options: Namespace) -> int:
    """Write the report of a saved run."""
    if (saved := saved_command(options.run)) != COMMAND:
        raise RunFolderError(f"{options.run} は {saved} の評価です。python -m eval run の保存先を指定してください。")
    run = load_run(options.run)
    history = load_history(options.history, run) if options.history else (run,)
    html = render_report(run, history)
    out = options.out or options.run / "report.html"
    with convert_write_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(html, "utf-8")
    size = len(html.encode())
    if options.json:
        emit({"out": str(out), "bytes": size, "runs": len(history)})
    else:
        Console().print(f"書き出しました: {out}({size / 1024:,.0f} KB)", highlight=False)
    return DONE
