"""Citation precision: the share of cited sources that contain the answer.

Precision = |citations of a section that the case accepts| / |citations|, a mean over answers. Source: Gao et al. 2023,
"Enabling large language models to generate text with citations" (arXiv:2305.14627), with the writer of the
case in the place of their model that judges entailment. A case accepts where the answer stands, not each section that
says something near it: what is cited beside counts against the answer.
"""

from eval.scoring.accepted_sources import accepts_source
from eval.scoring.due_answers import due_answer
from eval.scoring.run_record import Row


def citation_precision(row: Row) -> float | None:
    """Return the share of accepted sources among those named, in 0-1; None where none is named, or no answer due."""
    answer = due_answer(row)
    if answer is None or not answer["citations"]:
        return None
    cited = answer["citations"]
    return sum(accepts_source(row.case, citation["doc_id"], citation["section"]) for citation in cited) / len(cited)
