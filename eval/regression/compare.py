"""Two runs side by side: which cases got better, which got worse, and whether that is more than chance."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.metrics.latency_in_work import latency_in_work
from eval.regression.figures import pass_rate
from eval.regression.moved import MetricMoved, Pair, metrics_moved, moved, moved_by
from eval.scoring.record import Row, Run


@dataclass(frozen=True, slots=True)
class Change:
    """One case in both runs."""

    before: Row
    after: Row


@dataclass(frozen=True, slots=True)
class Comparison:
    """`better` and `worse` changed their result; `reworded` kept it with another text; the rest is in one run only.

    `pairs` are all cases that are in both.
    """

    better: tuple[Change, ...]
    worse: tuple[Change, ...]
    reworded: tuple[Change, ...]
    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    pairs: tuple[Pair, ...]
    before: Run
    after: Run


def compare(before: Run, after: Run) -> Comparison:
    """Match the cases of two runs by set and id, in the order of the later run."""
    old, new = ({(row.set, row.case.id): row for row in run.rows} for run in (before, after))
    both = [Change(old[key], row) for key, row in new.items() if key in old]
    return Comparison(
        better=tuple(c for c in both if not c.before.score.passed and c.after.score.passed),
        worse=tuple(c for c in both if c.before.score.passed and not c.after.score.passed),
        reworded=tuple(
            c for c in both if c.before.score.passed == c.after.score.passed and _text(c.before) != _text(c.after)
        ),
        added=tuple(row for key, row in new.items() if key not in old),
        removed=tuple(row for key, row in old.items() if key not in new),
        pairs=tuple((change.before, change.after) for change in both),
        before=before,
        after=after,
    )


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as JSON.

    The rates (0-1) of both runs; how the cases that are in both moved, in all, by kind, set and tag, each with the p of
    McNemar; each metric with its difference, the 95 % interval and p; the times in units of the yardstick; then
    the cases by what became of them.
    """
    changed = {name: [_change(c) for c in getattr(comparison, name)] for name in ("better", "worse", "reworded")}
    only = {name: [row.case.id for row in getattr(comparison, name)] for name in ("added", "removed")}
    rates = {side: pass_rate(getattr(comparison, side).rows).rate for side in ("before", "after")}
    by = {f"by_{name}": _by(comparison.pairs, name) for name in ("kind", "set", "tag")}
    metrics = {found.metric.name: _metric(found) for found in metrics_moved(comparison.pairs)}
    took = {side: latency_in_work(getattr(comparison, side).rows) for side in ("before", "after")}
    counted = {"moved": asdict(moved(comparison.pairs)), **by, "metrics": metrics, "latency_in_work": took}
    return {"rate": rates, **counted, **changed, **only}


def _by(pairs: Sequence[Pair], name: str) -> dict[str, Any]:
    return {group: asdict(found) for group, found in moved_by(pairs, name).items()}


def _metric(found: MetricMoved) -> dict[str, Any]:
    return {"before": found.before, "after": found.after, **asdict(found.difference)}


def _change(change: Change) -> dict[str, Any]:
    case = change.after.case
    sides = {side: _side(getattr(change, side)) for side in ("before", "after")}
    return {"set": change.after.set, "id": case.id, "kind": case.kind, "question": case.turns[-1], **sides}


def _side(row: Row) -> dict[str, Any]:
    status = row.answer["status"] if row.answer else None
    return {"status": status, "answer": _text(row), "reasons": list(row.score.reasons)}


def _text(row: Row) -> str | None:
    return row.answer["answer"] if row.answer else None
