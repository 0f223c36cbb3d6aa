"""Share of the answers that use a superseded plan; lower is better."""

from eval.scoring.due_answers import due_answer
from eval.scoring.run_record import Row


def from_superseded(row: Row) -> bool | None:
    """Tell whether all that is cited is out of force on the day of the question, and no document that the case accepts.

    None where no answer is given, or due, or it names no source. A case accepts a superseded document that is asked
    for, or alone in telling.
    """
    answer = due_answer(row)
    if answer is None or not answer["citations"]:
        return None
    accepted = {cite.partition("#")[0] for cite in row.case.cite}
    return all(
        citation["doc_id"] not in accepted and citation.get("in_force") is False for citation in answer["citations"]
    )
