"""Metrics of declining: on the questions without an answer, and on those that have one.

Abstention recall, precision and false refusal. Source: Wen et al. 2024, "Know your limits: a survey of abstention in
large language models" (arXiv:2407.18418).
"""

from collections.abc import Callable

from eval.scoring.run_record import RunRow
from eval.scoring.score import PASSING


def declined_where_due(row: RunRow) -> bool | None:
    """Return whether a question without an answer was declined and nothing forbidden stated; None for others."""
    return row.score.passed if row.case.behave == "abstain" else None


def abstention_precision(row: RunRow) -> bool | None:
    """Return whether declining was right: |declined without an answer| / |declined|; None where not declined."""
    if row.answer is None or row.answer["status"] not in PASSING["abstain"]:
        return None
    return row.case.behave == "abstain"


def wrongly_declined(row: RunRow) -> bool | None:
    """Return whether a question with an answer was declined; None for others. Asking back is not declining."""
    if row.case.behave != "answer":
        return None
    return row.answer is not None and row.answer["status"] in PASSING["abstain"]


def status_where_unanswerable(status: str) -> Callable[[RunRow], bool | None]:
    """Return the metric of whether a question without an answer ended with `status`; None for others."""

    def measure_row(row: RunRow) -> bool | None:
        if row.case.behave != "abstain" or row.answer is None:
            return None
        return bool(row.answer["status"] == status)

    return measure_row
