"""The metrics of a run, from its rows: answers, citations, retrieval and latency."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from eval.dataset.case import Behave
from eval.dataset.matching import contains_words
from eval.metrics.statistics import Mean, compute_mean, percentiles
from eval.scoring.run_record import RunRow
from eval.scoring.score import PASSING
from ingest.japanese import nfkc

_MAX_READABLE_LENGTH = 500
"""Characters of an answer that is short enough to be read, marks and source lines included."""
_FIRST_CHARACTERS = 200
"""Characters that a person reads before going on to something else, source lines included."""


def _facts_shown(row: RunRow) -> bool:
    if row.answer is None or not _is_answered(row) or len(row.answer["answer"]) > _MAX_READABLE_LENGTH:
        return False
    return all(finding.passed for finding in row.findings if finding.check == "must")


def _facts_first(row: RunRow) -> bool:
    first = nfkc(row.answer["answer"])[:_FIRST_CHARACTERS] if row.answer else ""
    return row.passed and all(any(contains_words(first, words) for words in wordings) for wordings in row.case.must)


def _is_answered(row: RunRow) -> bool:
    return row.answer is not None and row.answer["status"] in PASSING["answer"]


def _has_status(status: str, row: RunRow) -> bool | None:
    return None if row.answer is None else bool(row.answer["status"] == status)


def _is_declined(row: RunRow) -> bool:
    # Asking back is not declining.
    return row.answer is not None and row.answer["status"] in PASSING["abstain"]


def _are_citations_right(row: RunRow) -> bool | None:
    checks = [finding.passed for finding in row.findings if finding.check == "cite"]
    return all(checks) if checks and _is_answered(row) else None


def _is_section_found(k: int, row: RunRow) -> bool | None:
    """Whether one of the first `k` passages found is in a section that the case accepts; None if not recorded."""
    hits = row.observations.get("searched")
    if not row.case.cite or hits is None:
        return None
    return any(row.case.accepts_source(hit["doc_id"], hit["section"]) for hit in hits[:k])


def _is_from_superseded(row: RunRow) -> bool | None:
    """Whether every citation is out of force and of a document that the case does not accept.

    A case accepts a superseded document if the question is about it, or if no other document has the answer.
    """
    if row.answer is None or not _is_answered(row) or not row.answer["citations"] or not row.case.cite:
        return None
    accepted = {cite.partition("#")[0] for cite in row.case.cite}
    return all(one["doc_id"] not in accepted and one.get("in_force") is False for one in row.answer["citations"])


def latency(rows: Iterable[RunRow]) -> dict[str, float]:
    """Return `p50_ms`, `p95_ms` and `latency_n` of the last turns, by the asker's or the answer's clock; {} without."""
    times = []
    for row in rows:
        reported = row.answer.get("timings_ms", {}).get("total") if row.answer else None
        time_ms = row.observations.get("timing", {}).get("ms", reported)
        times += [] if time_ms is None else [time_ms]
    return percentiles(times, 50, 95) | {"latency_n": len(times)} if times else {}


def latency_in_work(rows: Iterable[RunRow]) -> dict[str, float]:
    """Return `p50` and `p95` of the last turns' times over the median time of the reference work; empty without any.

    The median, because a single sample of some milliseconds varies too much.
    """
    timed = [row.observations["timing"] for row in rows if "timing" in row.observations]
    if not timed:
        return {}
    clock = "cpu_ms" if all("cpu_ms" in timing for timing in timed) else "ms"
    work = float(np.median([timing[f"work_{clock}"] for timing in timed]))
    times = [timing[clock] / work for timing in timed]
    return {f"p{p}": round(float(np.percentile(times, p)), 3) for p in (50, 95)}


@dataclass(frozen=True, slots=True)
class Metric:
    """A verdict (or share, 0-1) of the rows whose case expects one of `among`; `verdict` is None if one is not counted.

    `name` is its name among the figures, `title` the Japanese one; `better` is the direction of improvement.
    """

    name: str
    title: str
    verdict: Callable[[RunRow], float | bool | None]
    among: tuple[Behave, ...] = ("answer",)
    better: Literal["higher", "lower"] = "higher"

    def measure(self, row: RunRow) -> float | bool | None:
        """Return the verdict of a row, None if it is not counted."""
        return self.verdict(row) if row.case.behave in self.among else None

    def mean_over(self, rows: Iterable[RunRow]) -> Mean:
        """Return the mean over the counted `rows`; a question over two corpora is one cluster."""
        values = ((row.case.id, self.measure(row)) for row in rows)
        return compute_mean((question, float(value)) for question, value in values if value is not None)


_NONE: tuple[Behave, ...] = ("abstain",)
METRICS = (
    Metric("answered_right", "正答", lambda row: row.passed),
    Metric("facts_shown", "事実がすべて見える", _facts_shown, ("answer", "clarify")),
    Metric("facts_first", "はじめの200文字に事実がそろう", _facts_first),
    Metric("declined_where_due", "正しく不回答", lambda row: row.passed, _NONE),
    Metric("answered_where_none", "答えのない問いに「答えた」", partial(_has_status, "answered"), _NONE, "lower"),
    Metric("partial_where_none", "答えのない問いに「近いこと」", partial(_has_status, "partial"), _NONE, "lower"),
    Metric("wrongly_declined", "誤って不回答", _is_declined, better="lower"),
    Metric("from_superseded", "前の計画で回答", _is_from_superseded, better="lower"),
    Metric("citations_right", "出典が正しい", _are_citations_right),
    *(Metric(f"recall@{k}", f"検索の再現率@{k}", partial(_is_section_found, k)) for k in (1, 5, 10)),
)
BY_NAME = {metric.name: metric for metric in METRICS}


def run_figures(rows: Sequence[RunRow]) -> dict[str, Any]:
    """Return the figures of `rows` (`_count_rows`), overall and by set, and tallies by behaviour."""
    by_set = group_rows(rows, [row.set for row in rows])
    return {
        **_count_rows(rows),
        "by_behave": tally_rows(rows, [row.case.behave for row in rows]),
        "by_set": {name: _count_rows(set_rows) for name, set_rows in by_set.items()},
    }


def pass_rate(rows: Iterable[RunRow]) -> Mean:
    """Return the pass rate of `rows`."""
    return compute_mean((row.case.id, float(row.passed)) for row in rows)


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


def _count_rows(rows: Sequence[RunRow]) -> dict[str, Any]:
    """Return number, passed, rate, the mean of each metric that counts some rows, latency, and tallies by kind."""
    total = pass_rate(rows)
    counted: dict[str, Any] = {"n": total.n, "passed": total.passed, "rate": total.value, "rate_se": total.se}
    for metric in METRICS:
        counted |= metric.mean_over(rows).figures(metric.name)
    by_kind = tally_rows(rows, [row.case.kind for row in rows])
    return counted | latency(rows) | {"by_kind": by_kind}
