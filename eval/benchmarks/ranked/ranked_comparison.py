"""Compares two runs on a measured set query by query, with significance."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isclose
from typing import Any

from eval.benchmarks.ranked.ranked_run import MeasuredQuery, RankedRun, metric_names
from eval.errors import RunFolderError
from eval.metrics.statistics import MeanDifference, paired_bootstrap

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
