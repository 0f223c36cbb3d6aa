"""What is said where nothing answers: that something does, or that something may."""

from collections.abc import Callable

from eval.scoring.record import Row


def said_where_nothing_answers(status: str) -> Callable[[Row], bool | None]:
    """Return what tells whether a question that nothing answers ended with `status`; None where something answers."""

    def of_row(row: Row) -> bool | None:
        if row.case.behave != "abstain" or row.answer is None:
            return None
        return bool(row.answer["status"] == status)

    return of_row
