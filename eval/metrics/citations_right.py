"""Share of the answers that cite a passage containing the answer."""

from eval.scoring.due_answers import due_answer
from eval.scoring.run_record import Row


def citations_right(row: Row) -> bool | None:
    """Tell whether one of the sections that the case accepts is cited; None where no answer is given, or due.

    None too where sources are not asked of what answers: another system may name none.
    """
    if due_answer(row) is None:
        return None
    cited = [finding.passed for finding in row.score.findings if finding.check == "cite"]
    return all(cited) if cited else None
