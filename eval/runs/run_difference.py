"""Differences between two runs in pass rates and metrics, with their significance."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from eval.metrics.bootstrap import Difference, paired_bootstrap
from eval.metrics.mcnemar import mcnemar
from eval.metrics.metric import Metric
from eval.metrics.table import METRICS
from eval.scoring.run_record import Row

Pair = tuple[Row, Row]
"""One case in both runs: the row of the earlier, the row of the later."""


@dataclass(frozen=True, slots=True)
class PassDifference:
    """Of `n` cases, `before` and `after` passed in either run; `p` is McNemar's for `gained` and `lost`."""

    n: int
    before: int
    after: int
    gained: int
    lost: int
    p: float


@dataclass(frozen=True, slots=True)
class MetricDifference:
    """A metric's mean in both runs over the questions that both count, and the paired bootstrap of its difference."""

    metric: Metric
    before: float
    after: float
    difference: Difference


def compare_passes(pairs: Iterable[Pair]) -> PassDifference:
    """Return how the cases of `pairs` moved."""
    passed = [(before.score.passed, after.score.passed) for before, after in pairs]
    gained, lost = passed.count((False, True)), passed.count((True, False))
    both = passed.count((True, True))
    return PassDifference(len(passed), both + lost, both + gained, gained, lost, mcnemar(gained, lost))


def compare_passes_by(pairs: Sequence[Pair], by: str) -> dict[str, PassDifference]:
    """Return how the cases of each kind, set or tag moved (`by`); a case with several tags is in each."""
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        for name in _group_names(pair[1], by):
            found.setdefault(name, []).append(pair)
    return {name: compare_passes(group) for name, group in found.items()}


def compare_metrics(pairs: Sequence[Pair]) -> Iterator[MetricDifference]:
    """Yield each metric that counts something in both runs.

    What is resampled are questions: one that is asked over two corpora has the mean of its values, because the two
    tell less than two questions would.
    """
    for metric in METRICS:
        of_questions: dict[str, list[tuple[float, float]]] = {}
        for before, after in pairs:
            values = metric.of_row(before), metric.of_row(after)
            if values[0] is not None and values[1] is not None:
                of_questions.setdefault(after.case.id, []).append((float(values[0]), float(values[1])))
        if of_questions:
            before_means, after_means = (
                [fmean(value[side] for value in told) for told in of_questions.values()] for side in (0, 1)
            )
            found = paired_bootstrap(before_means, after_means)
            yield MetricDifference(metric, fmean(before_means), fmean(after_means), found)


def _group_names(row: Row, by: str) -> tuple[str, ...]:
    return {"kind": (row.case.kind,), "set": (row.set,), "tag": row.case.tags}[by]
