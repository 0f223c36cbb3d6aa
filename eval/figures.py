"""The figures of a run: how many cases passed, in all, by kind and by set, and the rates that a reader asks for."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from eval.answered_right import answered_right
from eval.citations_right import citations_right
from eval.declined_where_due import declined_where_due
from eval.from_superseded import from_superseded
from eval.pass_rate import PassRate, rate_of
from eval.record import Row
from eval.wrongly_declined import wrongly_declined

METRICS: dict[str, Callable[[Row], bool | None]] = {
    "answered_right": answered_right,
    "declined_where_due": declined_where_due,
    "wrongly_declined": wrongly_declined,
    "from_superseded": from_superseded,
    "citations_right": citations_right,
}
"""Each tells of a row whether it counts as such a one; None where the row is none of those that are counted."""


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the figures of `rows`: those of `_counted`, and these by set; `n` and `passed` by kind and behaviour."""
    return {
        **_counted(rows),
        "by_kind": tallies(rows, [row.case.kind for row in rows]),
        "by_behave": tallies(rows, [row.case.behave for row in rows]),
        "by_set": {name: _of_set(own) for name, own in groups(rows, [row.set for row in rows]).items()},
    }


def pass_rate(rows: Iterable[Row]) -> PassRate:
    """Return how many of `rows` passed."""
    return rate_of((row.case.id, row.score.passed) for row in rows)


def share(metric: str, rows: Iterable[Row]) -> PassRate:
    """Return how many of `rows` the metric counts, of those that it looks at."""
    told = ((row.case.id, METRICS[metric](row)) for row in rows)
    return rate_of((question, verdict) for question, verdict in told if verdict is not None)


def groups(rows: Sequence[Row], names: Sequence[str]) -> dict[str, list[Row]]:
    """Return the rows by their names, in the order in which these come first."""
    found: dict[str, list[Row]] = {}
    for row, name in zip(rows, names, strict=True):
        found.setdefault(name, []).append(row)
    return found


def tallies(rows: Sequence[Row], names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return `n` and `passed` of each group of rows."""
    rates = {name: pass_rate(group) for name, group in groups(rows, names).items()}
    return {name: {"n": rate.n, "passed": rate.passed} for name, rate in rates.items()}


def _of_set(rows: Sequence[Row]) -> dict[str, Any]:
    return {**_counted(rows), "by_kind": tallies(rows, [row.case.kind for row in rows])}


def _counted(rows: Sequence[Row]) -> dict[str, Any]:
    """Return `n`, `passed`, `rate`, and of each metric its rate; a rate in 0-1 with `_se`, a metric's with `_n` too."""
    total = pass_rate(rows)
    shares = {metric: share(metric, rows) for metric in METRICS}
    counted = {"n": total.n, "passed": total.passed, "rate": total.rate, "rate_se": total.se}
    for metric, of in shares.items():
        counted |= {metric: of.rate, f"{metric}_se": of.se, f"{metric}_n": of.n}
    return counted
