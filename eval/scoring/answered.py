"""The rows that hold an answer to a question that the documents answer."""

from typing import Any

from eval.scoring.record import Row
from eval.scoring.score import PASSING


def answered(row: Row) -> dict[str, Any] | None:
    """Return the answer's JSON where one is due and one is given; else None."""
    due = row.case.behave == "answer"
    return row.answer if due and row.answer is not None and row.answer["status"] in PASSING["answer"] else None
