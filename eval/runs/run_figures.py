"""Figures of a run: pass rates by kind and set, metrics and latency."""

from collections.abc import Iterable, Sequence
from typing import Any

from eval.metrics.latency import latency
from eval.metrics.model_use import model_times
from eval.metrics.registry import METRICS
from eval.metrics.statistics import PassRate, compute_pass_rate
from eval.scoring.run_record import RunRow


def run_figures(rows: Sequence[RunRow]) -> dict[str, Any]:
    """Return the figures of `rows` (`_count_rows`), overall and by set, and tallies by kind and behaviour."""
    by_set = group_rows(rows, [row.set for row in rows])
    return {
        **_count_rows(rows),
        "by_kind": tally_rows(rows, [row.case.kind for row in rows]),
        "by_behave": tally_rows(rows, [row.case.behave for row in rows]),
        "by_set": {name: _set_figures(set_rows) for name, set_rows in by_set.items()},
    }


def pass_rate(rows: Iterable[RunRow]) -> PassRate:
    """Return the pass rate of `rows`."""
    return compute_pass_rate((row.case.id, row.score.passed) for row in rows)


def group_rows(rows: Sequence[RunRow], names: Sequence[str]) -> dict[str, list[RunRow]]:
    """Group rows by their `names`, in order of first occurrence."""
    groups: dict[str, list[RunRow]] = {}
    for row, name in zip(rows, names, strict=True):
        groups.setdefault(name, []).append(row)
    return groups


def tally_rows(rows: Sequence[RunRow], names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return `n` and `passed` of each group of rows."""
    rates = {name: pass_rate(group) for name, group in group_rows(rows, names).items()}
    return {name: {"n": rate.n, "passed": rate.passed} for name, rate in rates.items()}


def _set_figures(rows: Sequence[RunRow]) -> dict[str, Any]:
    return {**_count_rows(rows), "by_kind": tally_rows(rows, [row.case.kind for row in rows])}


def _count_rows(rows: Sequence[RunRow]) -> dict[str, Any]:
    """Return `n`, `passed`, `rate` and `rate_se`; of each metric that counts some rows its mean, `_se` and `_n`.

    Also the latency of the answers, if measured, and with language models their time and ours.
    """
    total = pass_rate(rows)
    counted: dict[str, Any] = {"n": total.n, "passed": total.passed, "rate": total.rate, "rate_se": total.se}
    for metric in METRICS:
        mean = metric.mean_over(rows)
        if mean.n:
            counted |= {metric.name: mean.value, f"{metric.name}_se": mean.se, f"{metric.name}_n": mean.n}
    return counted | latency(rows) | model_times(rows)
