"""Citation precision: of the sources that an answer names, those that hold the answer.

Precision = |citations of a section that the case accepts| / |citations|, a mean over answers. Source: Gao et al. 2023,
"Enabling large language models to generate text with citations" (arXiv:2305.14627), with the writer of the
case in the place of their model that judges entailment. A case accepts where the answer stands, not each section that
says something near it: what is cited beside counts against the answer.
"""

from eval.scoring.accepted import accepts
from eval.scoring.answered import answered
from eval.scoring.record import Row


def citation_precision(row: Row) -> float | None:
    """Return the share of accepted sources among those named, in 0-1; None where none is named, or no answer due."""
    answer = answered(row)
    if answer is None or not answer["citations"]:
        return None
    cited = answer["citations"]
    return sum(accepts(row.case, citation["doc_id"], citation["section"]) for citation in cited) / len(cited)
