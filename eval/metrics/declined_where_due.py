"""Share of the unanswerable questions that were declined."""

from eval.scoring.run_record import Row


def declined_where_due(row: Row) -> bool | None:
    """Tell whether the question was declined, and nothing forbidden said; None where declining is not due."""
    return row.score.passed if row.case.behave == "abstain" else None
