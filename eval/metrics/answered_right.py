"""Of the questions that the documents answer, those answered right: every check of the case passes."""

from eval.scoring.record import Row


def answered_right(row: Row) -> bool | None:
    """Tell whether the question was answered right; None where it is not to be answered."""
    return row.score.passed if row.case.behave == "answer" else None
