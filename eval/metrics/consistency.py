"""Consistency: whether a question asked again gets an identical answer.

It is asked twice more (eval/robustness), in a new conversation and in the same one. Source: Elazar
et al. 2021, "Measuring and improving consistency in pretrained language models" (arXiv:2102.01017), with the same words
in the place of paraphrases: those are `robustness`.
"""

from eval.scoring.run_record import Row


def consistency(row: Row) -> bool | None:
    """Tell whether status, text and sources are the same each time; None where it was asked but once."""
    again = row.beside.get("again")
    return all(one["same"] for one in again) if again else None
