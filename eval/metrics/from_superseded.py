"""Of the answers to questions that the documents answer, those that rest on a superseded plan. Fewer is better."""

from eval.scoring.answered import answered
from eval.scoring.record import Row


def from_superseded(row: Row) -> bool | None:
    """Tell whether all that is cited is out of force on the day of the question, and no document that the case accepts.

    None where no answer is given, or due, or it names no source. A case accepts a superseded document that is asked
    for, or alone in telling.
    """
    answer = answered(row)
    if answer is None or not answer["citations"]:
        return None
    accepted = {cite.partition("#")[0] for cite in row.case.cite}
    return all(
        citation["doc_id"] not in accepted and citation.get("in_force") is False for citation in answer["citations"]
    )
