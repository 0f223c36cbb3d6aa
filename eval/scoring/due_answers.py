"""Selects the answers to questions that the documents answer."""

from typing import Any

from eval.scoring.run_record import Row
from eval.scoring.score import PASSING


def due_answer(row: Row) -> dict[str, Any] | None:
    """Return the answer's JSON where one is due and one is given; else None."""
    due = row.case.behave == "answer"
    return row.answer if due and row.answer is not None and row.answer["status"] in PASSING["answer"] else None
