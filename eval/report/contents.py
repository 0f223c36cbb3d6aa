"""Collects the contents of the HTML report of a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.verification import CITED
from eval.dataset.case_labels import KIND_DESCRIPTIONS
from eval.metrics.confidence_calibration import Calibration, calibration
from eval.metrics.latency import latency_in_work, percentiles
from eval.metrics.registry import METRICS, Metric
from eval.metrics.statistics import Mean
from eval.report.past_runs import PastRun
from eval.runs.release_gate import unsupported_statements
from eval.runs.run_figures import group_rows, pass_rate
from eval.scoring.run_record import Run, RunRow

# Displayed passages of a failing case, and characters of each.
_PASSAGES = 5
_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class RatedGroup:
    """A kind or a set with its pass rate; `means` describes it, "" if unknown."""

    name: str
    means: str
    n: int
    passed: int
    rate: float
    se: float


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage in the report: its location, its text, and whether the case accepts it as a source."""

    place: str
    text: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class FailingCase:
    """A failing case with its reasons, citations and retrieved passages."""

    row: RunRow
    anchor: str
    reasons: tuple[str, ...]
    unsupported: tuple[str, ...]
    citations: tuple[ShownPassage, ...]
    passages: tuple[ShownPassage, ...]


@dataclass(frozen=True, slots=True)
class ReportContents:
    """The contents of the report; `times_ms` are answer times."""

    run: Run
    metrics: tuple[tuple[Metric, Mean], ...]
    kinds: tuple[RatedGroup, ...]
    sets: tuple[RatedGroup, ...]
    calibrations: tuple[tuple[str, Calibration], ...]
    times_ms: tuple[float, ...]
    percentiles: dict[str, float]
    in_work: dict[str, float]
    history: tuple[PastRun, ...]
    failing: tuple[FailingCase, ...]


def build_contents(run: Run, history: tuple[PastRun, ...]) -> ReportContents:
    """Return the report contents of `run`, with earlier runs as history."""
    rows = run.rows
    times = tuple(row.observations["timing"]["ms"] for row in rows if "timing" in row.observations)
    means = ((metric, metric.mean_over(rows)) for metric in METRICS)
    return ReportContents(
        run=run,
        metrics=tuple((metric, mean) for metric, mean in means if mean.n),
        kinds=_rate_groups(rows, [row.case.kind for row in rows]),
        sets=_rate_groups(rows, [row.set for row in rows]),
        calibrations=tuple(_calibrate_groups(rows)),
        times_ms=times,
        percentiles=percentiles(times, 50, 95),
        in_work=latency_in_work(rows),
        history=history,
        failing=tuple(_failing_case(number, row) for number, row in enumerate(rows, 1) if not row.score.passed),
    )


def _calibrate_groups(rows: Sequence[RunRow]) -> Iterator[tuple[str, Calibration]]:
    """Yield the calibration of the answers shown, of all (named "") and by the kind of answer that is expected.

    The prediction is the confidence, the outcome whether the answer is right. Of a question that is declined nobody
    knows whether its answer would be right.
    """
    answered = [
        row
        for row in rows
        if row.answer
        and row.answer["status"] in CITED
        and row.case.behave != "clarify"
        and _confidence(row) is not None
    ]
    kinds = [str(row.observations.get("answer_type", "")) for row in answered]
    for kind, group in {"": answered, **group_rows(answered, kinds)}.items():
        outcomes = [(row.observations["confidence"], row.case.behave == "answer" and row.score.passed) for row in group]
        if result := calibration(outcomes):
            yield kind, result


def _confidence(row: RunRow) -> float | None:
    return row.observations.get("confidence")


def _rate_groups(rows: Sequence[RunRow], names: Sequence[str]) -> tuple[RatedGroup, ...]:
    rates = {name: pass_rate(group) for name, group in group_rows(rows, names).items()}
    return tuple(
        RatedGroup(name, KIND_DESCRIPTIONS.get(name, ""), r.n, r.passed, r.rate, r.se) for name, r in rates.items()
    )


def _failing_case(number: int, row: RunRow) -> FailingCase:
    cited = row.answer["citations"] if row.answer else ()
    searched = row.observations.get("searched", ())[:_PASSAGES]
    return FailingCase(
        row=row,
        anchor=f"case-{number}",
        reasons=row.score.reasons,
        unsupported=unsupported_statements(row),
        citations=tuple(_shown_passage(row, hit, hit.get("quote", "")) for hit in cited),
        passages=tuple(_shown_passage(row, hit, hit["text"]) for hit in searched),
    )


def _shown_passage(row: RunRow, entry: dict[str, Any], text: str) -> ShownPassage:
    cut_text = text if len(text) <= _CHARACTERS else text[:_CHARACTERS] + "…"
    return ShownPassage(
        f"{entry['doc_id']}#{entry['section']}", cut_text, row.case.accepts_source(entry["doc_id"], entry["section"])
    )
