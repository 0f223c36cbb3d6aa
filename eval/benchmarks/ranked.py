"""Rows of measured queries, one per query: figures, halves, storage and the comparison of two runs."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from math import isclose, isfinite
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, get_args

from rich.console import Console
from rich.markup import escape

from eval.command import Measurement, figure_table, option
from eval.errors import RunFolderError, SetFileError
from eval.metrics.statistics import MeanDifference, paired_bootstrap, percentiles, sample_figures
from eval.storage.run_folder import read_folder, unreadable_run_error


@dataclass(frozen=True, slots=True)
class MeasuredQuery:
    """One measured query.

    `metrics` are rates in 0-1 by the names of the figures ("recall@10", "hit@1", …); a metric is missing if it is
    undefined for the query. `latency_ms` is None if not measured. `details` is JSON for analysis: what was found and
    expected.
    """

    id: str
    text: str
    metrics: dict[str, float]
    latency_ms: float | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RankedRun:
    """A saved run. `config["command"]` names the measurement ("retrieval", "reading", "pages")."""

    config: dict[str, Any]
    rows: tuple[MeasuredQuery, ...]
    figures: dict[str, Any]

    @property
    def command(self) -> str:
        """The subcommand that wrote it."""
        return str(self.config["command"])


def ranked_figures(rows: Sequence[MeasuredQuery]) -> dict[str, Any]:
    """Return `n`, each metric's mean and `<name>_se`, `p50_ms` and `p95_ms`.

    `n` counts the queries with any metric; a mean is over the queries that have the metric. Without rows there is only
    `n`, 0.
    """
    figures: dict[str, Any] = {"n": sum(bool(row.metrics) for row in rows)}
    for name in metric_names(rows):
        figures |= sample_figures(name, [row.metrics[name] for row in rows if name in row.metrics])
    return figures | percentiles([row.latency_ms for row in rows if row.latency_ms is not None], 50, 95)


def metric_names(rows: Sequence[MeasuredQuery]) -> tuple[str, ...]:
    """Return the names of all metrics in order of first occurrence."""
    return tuple(dict.fromkeys(name for row in rows for name in row.metrics))


def load_ranked(folder: Path) -> RankedRun:
    """Return the run in `folder`; raises RunFolderError if it cannot be read."""
    config, rows, figures = read_folder(folder)
    try:
        return RankedRun(config | {"command": config["command"]}, tuple(map(_query_from_json, rows)), figures)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise unreadable_run_error(folder, error) from error


def _query_from_json(saved: dict[str, Any]) -> MeasuredQuery:
    row = MeasuredQuery(**saved)
    if not all(isfinite(value) for value in row.metrics.values()):
        raise ValueError(f"{row.id}: 数ではない値があります")
    return row


# The half depends only on the first byte of the SHA-256 of the id in UTF-8: even is `fit`, odd is `judge`. So it is the
# same on every machine and for every selection of questions.
Half = Literal["fit", "judge"]
HALVES: tuple[Half, ...] = get_args(Half)


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_HasId)


HALF = option(
    "--half",
    choices=["all", *HALVES],
    default="all",
    metavar="HALF",
    help="fit(重みを決める半分)、judge(確かめる半分)、all(既定: すべてと、両方の半分)。問いの id で決まる",
)


def choose_half(questions: Sequence[T], half: str, file: Path) -> list[T]:
    """Return the questions of a half ("all": of both); raises SetFileError if there are none."""
    chosen = [question for question in questions if half in ("all", half_for_id(question.id))]
    if not chosen:
        raise SetFileError(f"{file}: --half {half} に入る問いがありません。--half all で測ってください。")
    return chosen


def half_for_id(query_id: str) -> Half:
    """Return the half of the question with this id."""
    return HALVES[sha256(query_id.encode()).digest()[0] % 2]


def ranked_measurement(
    options: Namespace,
    rows: Sequence[MeasuredQuery],
    inputs: Mapping[str, Any],
    counts: Mapping[str, int] | None = None,
) -> Measurement:
    """Return the figures of the queries, and of either half of them unless `--half` names one."""
    figures = ranked_figures(rows) | dict(counts or {})
    if options.half == "all":
        by_half = {half: [row for row in rows if half_for_id(row.id) == half] for half in HALVES}
        figures["halves"] = {half: ranked_figures(members) for half, members in by_half.items()}
    return Measurement(figures, map(asdict, rows), {**inputs, "half": options.half})


# Smaller sums are rounding errors.
_ROUNDING_ERROR = 1e-9


@dataclass(frozen=True, slots=True)
class QueryChange:
    """One query in both runs."""

    before: MeasuredQuery
    after: MeasuredQuery

    @property
    def gains(self) -> dict[str, float]:
        """The change of each metric that both runs have (after - before); empty if none changed."""
        both = {name: self.after.metrics[name] - old for name, old in self.before.metrics.items() if self.has(name)}
        return both if any(both.values()) else {}

    @property
    def gain(self) -> float:
        """The sum of `gains`; 0 if they cancel out."""
        total = sum(self.gains.values())
        return 0.0 if isclose(total, 0, abs_tol=_ROUNDING_ERROR) else total

    def has(self, name: str) -> bool:
        """Whether both runs have this metric."""
        return name in self.before.metrics and name in self.after.metrics


@dataclass(frozen=True, slots=True)
class MetricChange:
    """The means of a metric over the queries that have it in both runs, and their difference."""

    before: float
    after: float
    difference: MeanDifference


@dataclass(frozen=True, slots=True)
class RankedComparison:
    """`better` and `worse` changed in the sum of their metrics, the most first; `mixed` changed with the same sum.

    `n` counts the queries in both runs; `added` and `removed` are in only one.
    """

    command: str
    n: int
    metrics: Mapping[str, MetricChange]
    better: tuple[QueryChange, ...]
    worse: tuple[QueryChange, ...]
    mixed: tuple[QueryChange, ...]
    added: tuple[MeasuredQuery, ...]
    removed: tuple[MeasuredQuery, ...]


def compare_ranked(before: RankedRun, after: RankedRun) -> RankedComparison:
    """Match the queries of two runs of one command by id.

    Raises RunFolderError if the runs are of different sets: no common query, or different texts for one id.
    """
    old, new = ({row.id: row for row in run.rows} for run in (before, after))
    both = [QueryChange(old[query_id], row) for query_id, row in new.items() if query_id in old]
    _check_same_set(both)
    changed = sorted((change for change in both if change.gains), key=lambda change: -abs(change.gain))
    return RankedComparison(
        command=after.command,
        n=len(both),
        metrics=_compare_metrics(both),
        better=tuple(change for change in changed if change.gain > 0),
        worse=tuple(change for change in changed if change.gain < 0),
        mixed=tuple(change for change in changed if change.gain == 0),
        added=tuple(row for query_id, row in new.items() if query_id not in old),
        removed=tuple(row for query_id, row in old.items() if query_id not in new),
    )


def ranked_comparison_json(comparison: RankedComparison) -> dict[str, Any]:
    """Return the comparison as JSON: each metric with difference, interval, p and n, then the queries."""
    metrics = {name: _metric_json(metric) for name, metric in comparison.metrics.items()}
    changed = {name: [_change_json(c) for c in getattr(comparison, name)] for name in ("better", "worse", "mixed")}
    only = {name: [row.id for row in getattr(comparison, name)] for name in ("added", "removed")}
    return {"command": comparison.command, "n": comparison.n, "metrics": metrics, **changed, **only}


def _check_same_set(both: Sequence[QueryChange]) -> None:
    if not both:
        raise RunFolderError("2回の評価に同じ問いが1つもありません。同じ問いで測った評価を指定してください。")
    for change in both:
        if change.before.text != change.after.text:
            raise RunFolderError(
                f"id「{change.after.id}」の問いが2回の評価で違います。同じ問いで測った評価を指定してください。"
            )


def _compare_metrics(both: Sequence[QueryChange]) -> dict[str, MetricChange]:
    changes = {}
    for name in metric_names([change.after for change in both]):
        pairs = [(c.before.metrics[name], c.after.metrics[name]) for c in both if c.has(name)]
        if pairs:
            before, after = zip(*pairs, strict=True)
            means = sum(before) / len(pairs), sum(after) / len(pairs)
            changes[name] = MetricChange(*means, paired_bootstrap(before, after))
    return changes


def _metric_json(metric: MetricChange) -> dict[str, Any]:
    return {"before": metric.before, "after": metric.after, **asdict(metric.difference)}


def _change_json(change: QueryChange) -> dict[str, Any]:
    sides = {"before": change.before.metrics, "after": change.after.metrics}
    return {"id": change.after.id, "question": change.after.text, "gains": change.gains, **sides}


# Changed queries to print, the most changed first; `--json` has all.
_MOST_PRINTED = 20


def show_ranked_comparison(console: Console, comparison: RankedComparison) -> None:
    """Print each metric with its difference, then the queries that got worse and better."""
    console.print(f"両方にある問い: {comparison.n}", highlight=False)
    table = figure_table(["指標"], ("前", "後", "差", "差の95%区間", "p", "n"))
    for name, metric in comparison.metrics.items():
        difference = metric.difference
        interval = f"{difference.low:+.3f} 〜 {difference.high:+.3f}"
        means = f"{metric.before:.3f}", f"{metric.after:.3f}", f"{difference.difference:+.3f}"
        table.add_row(name, *means, interval, f"{difference.p:.4f}", str(difference.n))
    console.print(table)
    _print_changes(console, "悪くなった問い", comparison.worse)
    _print_changes(console, "良くなった問い", comparison.better)
    _print_changes(console, "指標によって良くも悪くもなった問い", comparison.mixed)
    for title, rows in {"加わった問い": comparison.added, "無くなった問い": comparison.removed}.items():
        if rows:
            console.print(f"\n[bold]{title}: {len(rows)}[/]")


def _print_changes(console: Console, title: str, changes: Sequence[QueryChange]) -> None:
    console.print(f"\n[bold]{title}: {len(changes)}[/]")
    for change in changes[:_MOST_PRINTED]:
        console.print(f"  {escape(change.after.id)}: {escape(change.after.text)}", highlight=False)
        moved = (
            f"{n} {change.before.metrics[n]:.3f}→{change.after.metrics[n]:.3f}" for n, g in change.gains.items() if g
        )
        console.print(f"     {'、'.join(moved)}", highlight=False, soft_wrap=True)
    if len(changes) > _MOST_PRINTED:
        console.print(f"  ほかに {len(changes) - _MOST_PRINTED} 問(--json ですべて見られます)", highlight=False)
