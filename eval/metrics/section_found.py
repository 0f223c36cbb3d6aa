"""Retrieval of an accepted section: recall@k, nDCG@k and reciprocal rank.

The sections that a case accepts stand for one another, so they are one relevant thing, found where the first of them
stands: recall@k is 0 or 1 then, nDCG@k is 1 / log2(rank + 1). What was searched is looked at beside the answer
(`eval/systems/local.py`); the formulas and their sources stand with `recall`, `ndcg` and `reciprocal_rank`.
"""

from collections.abc import Callable, Mapping, Sequence

from eval.scoring.accepted_sources import accepts_source
from eval.scoring.run_record import Row

Measure = Callable[[Sequence[str], Mapping[str, int], int], float]
_WANTED = "wanted"


def section_found(measure: Measure, k: int) -> Callable[[Row], float | None]:
    """Return the metric that holds the first `k` passages searched for a row against the sections it accepts.

    It gives None where the question is not to be answered, or where it was not searched.
    """

    def of_row(row: Row) -> float | None:
        searched = row.beside.get("searched")
        if row.case.behave != "answer" or searched is None:
            return None
        ranked = [
            _WANTED if accepts_source(row.case, found["doc_id"], found["section"]) else found["passage_id"]
            for found in searched
        ]
        return measure(list(dict.fromkeys(ranked)), {_WANTED: 1}, k)

    return of_row
