"""Compares two runs case by case, with significance."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from eval.metrics.run_metrics import METRICS, Metric, latency_in_work, pass_rate
from eval.metrics.statistics import MeanDifference, mcnemar, paired_bootstrap
from eval.scoring.run_record import Run, RunRow

RowPair = tuple[RunRow, RunRow]
"""The rows of one case in the earlier and the later run."""


@dataclass(frozen=True, slots=True)
class PassDifference:
    """How many of `n` cases passed in each run; `p` is McNemar's for `gained` and `lost`."""

    n: int
    before: int
    after: int
    gained: int
    lost: int
    p: float


@dataclass(frozen=True, slots=True)
class MetricDifference:
    """A metric's means over the questions measured in both runs, and the paired bootstrap of the difference."""

    metric: Metric
    before: float
    after: float
    difference: MeanDifference


def compare_passes(pairs: Iterable[RowPair]) -> PassDifference:
    """Return the change of passed cases."""
    passed = [(before.score.passed, after.score.passed) for before, after in pairs]
    gained = passed.count((False, True))
    lost = passed.count((True, False))
    both = passed.count((True, True))
    return PassDifference(len(passed), both + lost, both + gained, gained, lost, mcnemar(gained, lost))


def compare_passes_by(pairs: Sequence[RowPair], by: str) -> dict[str, PassDifference]:
    """Return the change of passed cases by kind, set or tag; a case counts for each of its tags."""
    groups: dict[str, list[RowPair]] = {}
    for pair in pairs:
        for name in _group_names(pair[1], by):
            groups.setdefault(name, []).append(pair)
    return {name: compare_passes(group) for name, group in groups.items()}


def compare_metrics(pairs: Sequence[RowPair]) -> Iterator[MetricDifference]:
    """Yield each metric that is measured in both runs.

    Questions are resampled. A question over several corpora has the mean of its values, as these are not independent.
    """
    for metric in METRICS:
        by_question: dict[str, list[tuple[float, float]]] = {}
        for before, after in pairs:
            values = metric.measure(before), metric.measure(after)
            if values[0] is not None and values[1] is not None:
                by_question.setdefault(after.case.id, []).append((float(values[0]), float(values[1])))
        if by_question:
            before_means, after_means = (
                [fmean(pair[side] for pair in values) for values in by_question.values()] for side in (0, 1)
            )
            difference = paired_bootstrap(before_means, after_means)
            yield MetricDifference(metric, fmean(before_means), fmean(after_means), difference)


def _group_names(row: RunRow, by: str) -> tuple[str, ...]:
    return {"kind": (row.case.kind,), "set": (row.set,), "tag": row.case.tags}[by]


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case in both runs."""

    before: RunRow
    after: RunRow


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The cases by change: `reworded` kept the result, `added` and `removed` are in one run only.

    `pairs` are all cases in both runs.
    """

    better: tuple[CaseChange, ...]
    worse: tuple[CaseChange, ...]
    reworded: tuple[CaseChange, ...]
    added: tuple[RunRow, ...]
    removed: tuple[RunRow, ...]
    pairs: tuple[RowPair, ...]
    before: Run
    after: Run


def compare_runs(before: Run, after: Run) -> RunComparison:
    """Match the cases of two runs by set and id, in the order of the later run."""
    before_rows, after_rows = ({(row.set, row.case.id): row for row in run.rows} for run in (before, after))
    both = [CaseChange(before_rows[key], row) for key, row in after_rows.items() if key in before_rows]
    return RunComparison(
        better=tuple(c for c in both if not c.before.score.passed and c.after.score.passed),
        worse=tuple(c for c in both if c.before.score.passed and not c.after.score.passed),
        reworded=tuple(
            c
            for c in both
            if c.before.score.passed == c.after.score.passed and _answer_text(c.before) != _answer_text(c.after)
        ),
        added=tuple(row for key, row in after_rows.items() if key not in before_rows),
        removed=tuple(row for key, row in before_rows.items() if key not in after_rows),
        pairs=tuple((change.before, change.after) for change in both),
        before=before,
        after=after,
    )


def comparison_json(comparison: RunComparison) -> dict[str, Any]:
    """Return the comparison as JSON.

    It has the rates (0-1) of both runs; the change of passed cases overall, by kind, set and tag with McNemar's p; each
    metric's difference with 95 % interval and p; the times in units of the reference work; and the cases by change.
    """
    changed = {name: [_change_json(c) for c in getattr(comparison, name)] for name in ("better", "worse", "reworded")}
    only = {name: [row.case.id for row in getattr(comparison, name)] for name in ("added", "removed")}
    rates = {side: pass_rate(getattr(comparison, side).rows).rate for side in ("before", "after")}
    by = {f"by_{name}": _differences_by(comparison.pairs, name) for name in ("kind", "set", "tag")}
    metrics = {change.metric.name: _metric_json(change) for change in compare_metrics(comparison.pairs)}
    took = {side: latency_in_work(getattr(comparison, side).rows) for side in ("before", "after")}
    counted = {"moved": asdict(compare_passes(comparison.pairs)), **by, "metrics": metrics, "latency_in_work": took}
    return {"rate": rates, **counted, **changed, **only}


def _differences_by(pairs: Sequence[RowPair], name: str) -> dict[str, Any]:
    return {group: asdict(difference) for group, difference in compare_passes_by(pairs, name).items()}


def _metric_json(change: MetricDifference) -> dict[str, Any]:
    return {"before": change.before, "after": change.after, **asdict(change.difference)}


def _change_json(change: CaseChange) -> dict[str, Any]:
    case = change.after.case
    sides = {side: _side_json(getattr(change, side)) for side in ("before", "after")}
    return {"set": change.after.set, "id": case.id, "kind": case.kind, "question": case.turns[-1], **sides}


def _side_json(row: RunRow) -> dict[str, Any]:
    status = row.answer["status"] if row.answer else None
    return {"status": status, "answer": _answer_text(row), "reasons": list(row.score.reasons)}


def _answer_text(row: RunRow) -> str | None:
    return row.answer["answer"] if row.answer else None
