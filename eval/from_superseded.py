"""Of the answers to questions that the documents answer, those that rest on a superseded plan. Fewer is better."""

from eval.record import Row
from eval.score import PASSING


def from_superseded(row: Row) -> bool | None:
    """Tell whether all that is cited is out of force on the day of the question, and no document that the case accepts.

    None where no answer is given, or due. A case accepts a superseded document that is asked for, or alone in telling.
    """
    if row.case.behave != "answer" or row.answer is None or row.answer["status"] not in PASSING["answer"]:
        return None
    accepted = {cite.partition("#")[0] for cite in row.case.cite}
    return all(
        citation["doc_id"] not in accepted and citation.get("in_force") is False for citation in row.answer["citations"]
    )
