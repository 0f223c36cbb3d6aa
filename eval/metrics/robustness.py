"""Robustness: the share of reworded questions that get the same answer.

Robustness = |variants with the same answer| / |variants|, a mean over questions. Source: Ribeiro et al. 2020, "Beyond
accuracy: behavioral testing of NLP models with CheckList" (its invariance tests). The variants are made from
the question by the rules of the language (`eval/variants`), and what counts as the same answer stands in
`eval/robustness/same_answer.py`.
"""

from collections.abc import Callable

from eval.scoring.run_record import Row


def robustness(variety: str | None = None) -> Callable[[Row], float | None]:
    """Return the metric over the variants of one variety, of all without `variety`; None where a row has none."""

    def of_row(row: Row) -> float | None:
        variants = row.beside.get("variants", ())
        same = [one["same"] for one in variants if variety in {None, one["variety"]}]
        return sum(same) / len(same) if same else None

    return of_row
