"""Marks of a language model as judge, 1 (bad) to 5 (good): correctness, grounds, clarity.

A mean over the answers for which it gave a verdict (`python -m eval judge`). What it is worth tells its agreement with
people, `kappa`. Source: Zheng et al. 2023, "Judging LLM-as-a-judge with MT-Bench and Chatbot Arena" (arXiv:2306.05685),
single answers with a reference.
"""

from collections.abc import Callable

from eval.scoring.run_record import Row

CRITERION_NAMES = {"correctness": "正確さ", "grounds": "根拠", "clarity": "わかりやすさ"}
"""The criteria of the workbench, where people score by them too."""


def judge_mark(criterion: str) -> Callable[[Row], int | None]:
    """Return the metric that tells the judge's mark by a criterion; None where there is no verdict."""

    def of_row(row: Row) -> int | None:
        marks = (row.beside.get("verdict") or {}).get("marks")
        return marks[criterion] if marks else None

    return of_row
