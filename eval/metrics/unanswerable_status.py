"""Share of the unanswerable questions that ended with a given status."""

from collections.abc import Callable

from eval.scoring.run_record import Row


def status_where_unanswerable(status: str) -> Callable[[Row], bool | None]:
    """Return what tells whether a question that nothing answers ended with `status`; None where something answers."""

    def of_row(row: Row) -> bool | None:
        if row.case.behave != "abstain" or row.answer is None:
            return None
        return bool(row.answer["status"] == status)

    return of_row
