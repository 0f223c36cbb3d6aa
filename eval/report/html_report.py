"""A saved run as one HTML file with its style inlined."""

import tomllib
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from jinja2 import Environment
from rich.console import Console

from bot.rendering.html.assets import join_assets
from bot.rendering.html.markup import make_environment, render_template
from bot.verification import CITED
from eval.command import DONE, command, emit, option, path_option
from eval.dataset.case_labels import KIND_DESCRIPTIONS
from eval.errors import RunFolderError
from eval.metrics.agreement import Calibration, calibration
from eval.metrics.run_metrics import METRICS, Metric, group_rows, latency_in_work, pass_rate
from eval.metrics.statistics import Mean, percentiles
from eval.runs.release_gate import unsupported_statements
from eval.runs.run_execution import COMMAND
from eval.scoring.run_record import Run, RunRow, load_run
from eval.storage.run_folder import CONFIG, convert_write_errors, read_folder, saved_command


@dataclass(frozen=True, slots=True)
class PastRun:
    """One point of the plot."""

    date: str
    version: str
    revision: str
    n: int
    passed: int
    rate: float
    se: float
    p50_ms: float | None


def load_history(folder: Path, run: Run) -> tuple[PastRun, ...]:
    """Return the finished runs below `folder` of the same sets, including `run`, oldest first.

    Raises RunFolderError if `folder` does not exist.
    """
    if not folder.is_dir():
        raise RunFolderError(
            f"{folder}: フォルダーがありません。--history に、評価の保存先が並ぶフォルダーを指定してください。"
        )
    past_runs = [past for file in sorted(folder.glob(f"*/{CONFIG}")) for past in _read_past_run(file.parent, run)]
    by_date = {past.date: past for past in [*past_runs, _summarise_run(run)]}
    return tuple(by_date[date] for date in sorted(by_date))


def _read_past_run(folder: Path, run: Run) -> Sequence[PastRun]:
    try:
        config, _, figures = read_folder(folder)
    except RunFolderError:
        return ()
    is_same = set(figures.get("by_set", ())) == set(run.figures.get("by_set", ()))
    if config.get("command") != COMMAND or not is_same:
        return ()
    try:
        return (_summarise_run(Run(config, (), figures)),)
    except KeyError:
        return ()


def _summarise_run(run: Run) -> PastRun:
    figures = run.figures
    config = run.config
    return PastRun(
        date=config.get("date", ""),
        version=config.get("version", ""),
        revision=(config.get("revision") or "")[:9],
        n=figures["n"],
        passed=figures["passed"],
        rate=figures["rate"],
        se=figures.get("rate_se", 0.0),
        p50_ms=figures.get("p50_ms"),
    )


# Displayed passages of a failing case, and characters of each.
_PASSAGES = 5
_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class RatedGroup:
    """A kind or a set with its pass rate; `means` describes it, "" if unknown."""

    name: str
    means: str
    n: int
    passed: int
    rate: float
    se: float


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage in the report: its location, its text, and whether the case accepts it as a source."""

    place: str
    text: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class FailingCase:
    """A failing case with its reasons, citations and retrieved passages."""

    row: RunRow
    anchor: str
    reasons: tuple[str, ...]
    unsupported: tuple[str, ...]
    citations: tuple[ShownPassage, ...]
    passages: tuple[ShownPassage, ...]


@dataclass(frozen=True, slots=True)
class ReportContents:
    """The contents of the report; `times_ms` are answer times."""

    run: Run
    metrics: tuple[tuple[Metric, Mean], ...]
    kinds: tuple[RatedGroup, ...]
    sets: tuple[RatedGroup, ...]
    calibrations: tuple[tuple[str, Calibration], ...]
    times_ms: tuple[float, ...]
    percentiles: dict[str, float]
    in_work: dict[str, float]
    history: tuple[PastRun, ...]
    failing: tuple[FailingCase, ...]


def build_contents(run: Run, history: tuple[PastRun, ...]) -> ReportContents:
    """Return the report contents of `run`, with earlier runs as history."""
    rows = run.rows
    times = tuple(row.observations["timing"]["ms"] for row in rows if "timing" in row.observations)
    means = ((metric, metric.mean_over(rows)) for metric in METRICS)
    return ReportContents(
        run=run,
        metrics=tuple((metric, mean) for metric, mean in means if mean.n),
        kinds=_rate_groups(rows, [row.case.kind for row in rows]),
        sets=_rate_groups(rows, [row.set for row in rows]),
        calibrations=tuple(_calibrate_groups(rows)),
        times_ms=times,
        percentiles=percentiles(times, 50, 95),
        in_work=latency_in_work(rows),
        history=history,
        failing=tuple(_failing_case(number, row) for number, row in enumerate(rows, 1) if not row.score.passed),
    )


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
        and _confidence(row) is not None
    ]
    kinds = [str(row.observations.get("answer_type", "")) for row in answered]
    for kind, group in {"": answered, **group_rows(answered, kinds)}.items():
        outcomes = [(row.observations["confidence"], row.case.behave == "answer" and row.score.passed) for row in group]
        if result := calibration(outcomes):
            yield kind, result


def _confidence(row: RunRow) -> float | None:
    return row.observations.get("confidence")


def _rate_groups(rows: Sequence[RunRow], names: Sequence[str]) -> tuple[RatedGroup, ...]:
    rates = {name: pass_rate(group) for name, group in group_rows(rows, names).items()}
    return tuple(
        RatedGroup(name, KIND_DESCRIPTIONS.get(name, ""), r.n, r.passed, r.rate, r.se) for name, r in rates.items()
    )


def _failing_case(number: int, row: RunRow) -> FailingCase:
    cited = row.answer["citations"] if row.answer else ()
    searched = row.observations.get("searched", ())[:_PASSAGES]
    return FailingCase(
        row=row,
        anchor=f"case-{number}",
        reasons=row.score.reasons,
        unsupported=unsupported_statements(row),
        citations=tuple(_shown_passage(row, hit, hit.get("quote", "")) for hit in cited),
        passages=tuple(_shown_passage(row, hit, hit["text"]) for hit in searched),
    )


def _shown_passage(row: RunRow, entry: dict[str, Any], text: str) -> ShownPassage:
    cut_text = text if len(text) <= _CHARACTERS else text[:_CHARACTERS] + "…"
    return ShownPassage(
        f"{entry['doc_id']}#{entry['section']}", cut_text, row.case.accepts_source(entry["doc_id"], entry["section"])
    )


Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_HERE = Path(__file__).parent
# Edges of the bins of the histogram of answer times.
_EDGES_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


def render_report(report: ReportContents, language: Language = "ja") -> str:
    """Return the report as HTML; all text of cases, answers and settings is escaped."""
    return render_template(
        _templates(),
        "report.html",
        report=report,
        about=report.run.config,
        language=language,
        w=_texts_in(tomllib.loads((_HERE / "words.toml").read_text("utf-8")), language),
        times=time_bins(report.times_ms),
        style=join_assets(_HERE / "templates", "base.css", "report.css"),
    )


def _texts_in(table: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {name: entry[language] if "ja" in entry else _texts_in(entry, language) for name, entry in table.items()}


@cache
def _templates() -> Environment:
    environment = make_environment(_HERE / "templates")
    environment.filters.update(percent=_percent, number=_number)
    return environment


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}"


def _number(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class TimeBin:
    """`n` answers within a range of time, labelled like 20 ms–50 ms."""

    label: str
    n: int


def time_bins(times_ms: Sequence[float]) -> list[TimeBin]:
    """Return the non-empty range of times in steps of 1, 2 and 5 per power of ten."""
    if not times_ms:
        return []
    first = max((edge for edge in _EDGES_MS if edge <= min(times_ms)), default=0)
    last = min((edge for edge in _EDGES_MS if edge > max(times_ms)), default=_EDGES_MS[-1] * 10)
    edges = [first, *(edge for edge in _EDGES_MS if first < edge < last), last]
    counts = np.histogram(times_ms, edges)[0]
    return [
        TimeBin(f"{_format_time(low)}–{_format_time(high)}", int(n))
        for low, high, n in zip(edges, edges[1:], counts, strict=False)
    ]


def _format_time(milliseconds: float) -> str:
    return f"{milliseconds:g} ms" if milliseconds < 1_000 else f"{milliseconds / 1_000:g} s"


@command(
    "report",
    "保存した評価を、図のある1つの HTML にまとめる",
    option("run", type=Path, metavar="RUN", help="評価の保存先"),
    path_option("--history", "DIR", "評価の保存先が並ぶフォルダー。同じ質問集の合格率の推移も載せる"),
    path_option("--out", "FILE", "書き出すファイル(既定: RUN/report.html)"),
    option("--lang", choices=LANGUAGES, default="ja", help="言葉(既定: ja)"),
)
def report(options: Namespace) -> int:
    """Write the report of a saved run."""
    if (saved := saved_command(options.run)) != COMMAND:
        raise RunFolderError(f"{options.run} は {saved} の評価です。python -m eval run の保存先を指定してください。")
    run = load_run(options.run)
    history = load_history(options.history, run) if options.history else (_summarise_run(run),)
    html = render_report(build_contents(run, history), options.lang)
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
