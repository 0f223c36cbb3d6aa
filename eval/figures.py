"""The figures of a run: how many cases passed, in all and by kind."""

from collections.abc import Iterable, Sequence
from typing import Any

from eval.pass_rate import PassRate
from eval.record import Row


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Return `n`, `passed`, `rate`, `rate_se`, and `n` and `passed` by kind and by wanted behaviour; rates in 0-1."""
    total = pass_rate(rows)
    return {
        "n": total.n,
        "passed": total.passed,
        "rate": total.rate,
        "rate_se": total.se,
        "by_kind": _by(rows, [row.case.kind for row in rows]),
        "by_behave": _by(rows, [row.case.behave for row in rows]),
    }


def pass_rate(rows: Iterable[Row]) -> PassRate:
    """Return how many of `rows` passed."""
    results = [row.score.passed for row in rows]
    return PassRate(sum(results), len(results))


def _by(rows: Sequence[Row], names: Sequence[str]) -> dict[str, dict[str, int]]:
    groups: dict[str, list[Row]] = {}
    for row, name in zip(rows, names, strict=True):
        groups.setdefault(name, []).append(row)
    rates = {name: pass_rate(group) for name, group in groups.items()}
    return {name: {"n": rate.n, "passed": rate.passed} for name, rate in rates.items()}
