"""Of the answers to questions that the documents answer, those that cite a passage which holds the answer."""

from eval.record import Row
from eval.score import PASSING


def citations_right(row: Row) -> bool | None:
    """Tell whether one of the sections that the case accepts is cited; None where no answer is given, or due."""
    if row.case.behave != "answer" or row.answer is None or row.answer["status"] not in PASSING["answer"]:
        return None
    return all(finding.passed for finding in row.score.findings if finding.check == "cite")
