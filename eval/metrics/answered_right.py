"""Share of the answerable questions whose answer passes every check of the case."""

from eval.scoring.run_record import Row


def answered_right(row: Row) -> bool | None:
    """Tell whether the question was answered right; None where it is not to be answered."""
    return row.score.passed if row.case.behave == "answer" else None
