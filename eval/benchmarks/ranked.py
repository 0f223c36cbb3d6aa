"""Rows of measured queries, one per query: figures, halves, and the comparison of two saved runs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any, Literal, get_args

from rich.console import Console

from eval.command import figure_table
from eval.errors import RunFolderError
from eval.metrics.statistics import paired_bootstrap, percentiles, sample_figures
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


def ranked_figures(rows: Sequence[MeasuredQuery]) -> dict[str, Any]:
    """Return `n`, each metric's mean and `<name>_se`, `p50_ms` and `p95_ms`.

    `n` counts the queries with any metric; a mean is over the queries that have the metric. Without rows there is only
    `n`, 0.
    """
    figures: dict[str, Any] = {"n": sum(bool(row.metrics) for row in rows)}
    for name in _metric_names(rows):
        figures |= sample_figures(name, [row.metrics[name] for row in rows if name in row.metrics])
    return figures | percentiles([row.latency_ms for row in rows if row.latency_ms is not None], 50, 95)


def _metric_names(rows: Sequence[MeasuredQuery]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in rows for name in row.metrics))


# The half depends only on the first byte of the SHA-256 of the id in UTF-8: even is `fit`, odd is `judge`. So it is the
# same on every machine and for every selection of questions.
Half = Literal["fit", "judge"]
HALVES: tuple[Half, ...] = get_args(Half)


def half_for_id(query_id: str) -> Half:
    """Return the half of the question with this id."""
    return HALVES[sha256(query_id.encode()).digest()[0] % 2]


def load_ranked(folder: Path) -> list[MeasuredQuery]:
    """Return the rows of the run in `folder`; raises RunFolderError if it cannot be read."""
    _, rows, _ = read_folder(folder)
    try:
        queries = [MeasuredQuery(**row) for row in rows]
        broken = [query.id for query in queries if not all(map(isfinite, query.metrics.values()))]
    except (TypeError, AttributeError) as error:
        raise unreadable_run_error(folder, error) from error
    if broken:
        raise unreadable_run_error(folder, ValueError(f"{broken[0]}: 数ではない値があります"))
    return queries


def compare_ranked(before: Sequence[MeasuredQuery], after: Sequence[MeasuredQuery]) -> dict[str, Any]:
    """Return each metric's difference over the queries of both runs, and the queries that changed, most first.

    `better` and `worse` changed in the sum of their metrics, `mixed` changed with the same sum. Raises RunFolderError
    if the runs are of different sets: no common query, or different texts for one id.
    """
    old, new = ({row.id: row for row in rows} for rows in (before, after))
    both = [(old[query_id], row) for query_id, row in new.items() if query_id in old]
    if not both:
        raise RunFolderError("2回の評価に同じ問いが1つもありません。同じ問いで測った評価を指定してください。")
    changed: dict[str, list[tuple[float, dict[str, Any]]]] = {"better": [], "worse": [], "mixed": []}
    for one, other in both:
        if one.text != other.text:
            raise RunFolderError(
                f"id「{other.id}」の問いが2回の評価で違います。同じ問いで測った評価を指定してください。"
            )
        gains = {name: value - one.metrics[name] for name, value in other.metrics.items() if name in one.metrics}
        if any(gains.values()):
            gain = round(sum(gains.values()), 9)  # smaller sums are rounding errors
            row = {
                "id": other.id,
                "question": other.text,
                "gains": gains,
                "before": one.metrics,
                "after": other.metrics,
            }
            changed["better" if gain > 0 else "worse" if gain < 0 else "mixed"].append((-abs(gain), row))
    metrics = {}
    for name in _metric_names([other for _, other in both]):
        pairs = [(a.metrics[name], b.metrics[name]) for a, b in both if name in a.metrics and name in b.metrics]
        if pairs:
            values = [list(side) for side in zip(*pairs, strict=True)]
            means = {side: sum(of) / len(pairs) for side, of in zip(("before", "after"), values, strict=True)}
            metrics[name] = means | asdict(paired_bootstrap(*values))
    lists = {name: [row for _, row in sorted(rows, key=lambda each: each[0])] for name, rows in changed.items()}
    only = {"added": [id_ for id_ in new if id_ not in old], "removed": [id_ for id_ in old if id_ not in new]}
    return {"n": len(both), "metrics": metrics, **lists, **only}


# Changed queries to print, the most changed first; `--json` has all.
_MOST_PRINTED = 20
_TITLES = {
    "worse": "悪くなった問い",
    "better": "良くなった問い",
    "mixed": "指標によって良くも悪くもなった問い",
    "added": "加わった問い",
    "removed": "無くなった問い",
}


def show_ranked_comparison(console: Console, comparison: dict[str, Any]) -> None:
    """Print each metric with its difference, then the queries that got worse and better."""
    console.print(f"両方にある問い: {comparison['n']}", highlight=False)
    table = figure_table(["指標"], ("前", "後", "差", "差の95%区間", "p", "n"))
    for name, of in comparison["metrics"].items():
        interval = f"{of['low']:+.3f} 〜 {of['high']:+.3f}"
        means = f"{of['before']:.3f}", f"{of['after']:.3f}", f"{of['difference']:+.3f}"
        table.add_row(name, *means, interval, f"{of['p']:.4f}", str(of["n"]))
    console.print(table)
    for name, title in _TITLES.items():
        console.print(f"\n{title}: {len(comparison[name])}", style="bold", highlight=False)
        for row in comparison[name][:_MOST_PRINTED] if name not in ("added", "removed") else ():
            moved = (f"{n} {row['before'][n]:.3f}→{row['after'][n]:.3f}" for n, gain in row["gains"].items() if gain)
            console.print(f"  {row['id']}: {row['question']}", highlight=False, markup=False)
            console.print(f"     {'、'.join(moved)}", highlight=False, soft_wrap=True)
        if len(comparison[name]) > _MOST_PRINTED:
            console.print(
                f"  ほかに {len(comparison[name]) - _MOST_PRINTED} 問(--json ですべて見られます)", highlight=False
            )
