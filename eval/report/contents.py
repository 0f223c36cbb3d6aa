"""What the report tells of a run, ready to be laid out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eval.dataset.kinds import KINDS
from eval.metrics.calibration import Calibration, calibration
from eval.metrics.latency import percentiles
from eval.metrics.latency_in_work import latency_in_work
from eval.metrics.mean import Mean
from eval.metrics.metric import Metric
from eval.metrics.table import METRICS
from eval.regression.baseline import unsupported
from eval.regression.figures import groups, pass_rate
from eval.report.history import Past
from eval.scoring.accepted import accepts
from eval.scoring.record import Row, Run

# Passages that are shown of those found, and how much of each.
_SHOWN = 5
_LETTERS = 400


@dataclass(frozen=True, slots=True)
class Rated:
    """A kind or a set with its pass rate; `means` says what it asks for, where that is known."""

    name: str
    means: str
    n: int
    passed: int
    rate: float
    se: float


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as it is shown: where it stands, its text, and whether the case accepts it as a source."""

    place: str
    text: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Failing:
    """A failing case with all that is needed to judge it."""

    row: Row
    anchor: str
    reasons: tuple[str, ...]
    unsupported: tuple[str, ...]
    citations: tuple[Found, ...]
    passages: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the report tells; `times_ms` are those from question to answer."""

    run: Run
    metrics: tuple[tuple[Metric, Mean], ...]
    kinds: tuple[Rated, ...]
    sets: tuple[Rated, ...]
    calibration: Calibration | None
    times_ms: tuple[float, ...]
    percentiles: dict[str, float]
    in_work: dict[str, float]
    history: tuple[Past, ...]
    failing: tuple[Failing, ...]


def contents(run: Run, history: tuple[Past, ...]) -> Contents:
    """Return what is told of `run`, with the runs before it."""
    rows = run.rows
    times = tuple(row.beside["timing"]["ms"] for row in rows if "timing" in row.beside)
    means = ((metric, metric.over(rows)) for metric in METRICS)
    sure = [
        (row.beside["confidence"], row.case.behave == "answer")
        for row in rows
        if "confidence" in row.beside and row.case.behave != "clarify"
    ]
    return Contents(
        run=run,
        metrics=tuple((metric, mean) for metric, mean in means if mean.n),
        kinds=_rated(rows, [row.case.kind for row in rows]),
        sets=_rated(rows, [row.set for row in rows]),
        calibration=calibration(sure),
        times_ms=times,
        percentiles=percentiles(times, 50, 95),
        in_work=latency_in_work(rows),
        history=history,
        failing=tuple(_failing(at, row) for at, row in enumerate(rows, 1) if not row.score.passed),
    )


def _rated(rows: Sequence[Row], names: Sequence[str]) -> tuple[Rated, ...]:
    rates = {name: pass_rate(group) for name, group in groups(rows, names).items()}
    return tuple(Rated(name, KINDS.get(name, ""), r.n, r.passed, r.rate, r.se) for name, r in rates.items())


def _failing(at: int, row: Row) -> Failing:
    cited = row.answer["citations"] if row.answer else ()
    searched = row.beside.get("searched", ())[:_SHOWN]
    return Failing(
        row=row,
        anchor=f"case-{at}",
        reasons=row.score.reasons,
        unsupported=unsupported(row),
        citations=tuple(_found(row, one, one.get("quote", "")) for one in cited),
        passages=tuple(_found(row, one, one["text"]) for one in searched),
    )


def _found(row: Row, one: dict[str, Any], text: str) -> Found:
    shown = text if len(text) <= _LETTERS else text[:_LETTERS] + "…"
    return Found(f"{one['doc_id']}#{one['section']}", shown, accepts(row.case, one["doc_id"], one["section"]))
