"""A saved run as one HTML file with its style inlined."""

from argparse import Namespace
from functools import cache
from pathlib import Path

from jinja2 import Environment

from bot.answering.state import CITED
from bot.channels.html.markup import join_assets, make_environment, render_template
from eval.command import Measurement, command
from eval.dataset.case_labels import KIND_DESCRIPTIONS
from eval.errors import RunFolderError
from eval.metrics.run_metrics import METRICS, group_rows, latency_in_work, pass_rate
from eval.metrics.statistics import calibration, percentiles
from eval.runs.release_gate import unsupported_statements
from eval.runs.run_execution import COMMAND
from eval.scoring.run_record import Run, load_run
from eval.storage.run_folder import convert_write_errors, saved_command
from ingest.cli.command_line import option, path_option

_TEMPLATES = Path(__file__).parent / "templates"


def render_report(run: Run) -> str:
    """Return the report of a run as HTML; all text of cases, answers and settings is escaped."""
    rows = run.rows
    # Of a declined question nobody knows whether its answer is right.
    shown = [row for row in rows if row.answer and row.answer["status"] in CITED and row.case.behave != "clarify"]
    believed = [
        (row.observations["confidence"], row.case.behave == "answer" and row.passed)
        for row in shown
        if row.observations.get("confidence") is not None
    ]
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
        calibration=calibration(believed),
        percentiles=percentiles(times_ms, 50, 95),
        in_work=latency_in_work(rows),
        failing=[row for row in rows if not row.passed],
        style=join_assets(_TEMPLATES, "base.css", "report.css"),
    )


@cache
def _environment() -> Environment:
    environment = make_environment(_TEMPLATES)
    environment.filters.update(percent=lambda rate: f"{100 * rate:.1f}", unsupported=unsupported_statements)
    return environment


@command(
    "report",
    "保存した評価を、図のある1つの HTML にまとめる",
    option("run", type=Path, metavar="RUN", help="評価の保存先"),
    path_option("--out", "FILE", "書き出すファイル(既定: RUN/report.html)"),
)
def report(options: Namespace) -> Measurement:
    """Write the report of a saved run."""
    if (saved := saved_command(options.run)) != COMMAND:
        raise RunFolderError(f"{options.run} は {saved} の評価です。python -m eval run の保存先を指定してください。")
    html = render_report(load_run(options.run))
    out = options.out or options.run / "report.html"
    with convert_write_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(html, "utf-8")
    size = len(html.encode())
    text = f"書き出しました: {out}({size / 1024:,.0f} KB)"
    return Measurement({"out": str(out), "bytes": size}, show=lambda console: console.print(text))
