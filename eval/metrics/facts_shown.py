"""Whether all required facts are shown, in an answer short enough to be read."""

from eval.scoring.run_record import Row
from eval.scoring.score import PASSING

_LONGEST = 500
"""Characters of the answer, marks and leads among them."""


def facts_shown(row: Row) -> bool | None:
    """Tell whether an answer of at most 500 characters holds every fact; None where the question is to be declined."""
    if row.case.behave == "abstain":
        return None
    if row.answer is None or row.answer["status"] not in PASSING["answer"] or len(row.answer["answer"]) > _LONGEST:
        return False
    return all(finding.passed for finding in row.score.findings if finding.check == "must")
