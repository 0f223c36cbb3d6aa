"""Of the questions that the documents do not answer, those declined."""

from eval.scoring.record import Row


def declined_where_due(row: Row) -> bool | None:
    """Tell whether the question was declined, and nothing forbidden said; None where declining is not due."""
    return row.score.passed if row.case.behave == "abstain" else None
