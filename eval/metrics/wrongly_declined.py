"""Share of the answerable questions that were declined; lower is better."""

from eval.scoring.run_record import Row
from eval.scoring.score import PASSING


def wrongly_declined(row: Row) -> bool | None:
    """Tell whether the question was declined; None where it is not to be answered. Asking back is no declining."""
    if row.case.behave != "answer":
        return None
    return row.answer is not None and row.answer["status"] in PASSING["abstain"]
