"""Faithfulness: the share of an answer's statements that the cited passages support.

Faithfulness = |statements without a finding| / |statements|, a mean over answers, whether these are due or not. Source:
Es et al. 2024, "RAGAs: Automated evaluation of retrieval augmented generation" (arXiv:2309.15217), with the
product's own checks (bot/claims: figures, dates, names, roles, wording) in the place of their language model. It is
looked at (`eval/scoring/statement_support.py`) over the whole passages that are cited. What the product says
has passed these checks before it is shown: there it is 1 unless something is broken, and a judge tells more.
"""

from eval.scoring.run_record import Row


def faithfulness(row: Row) -> float | None:
    """Return the share of supported statements, in 0-1; None where nothing is stated, or it was not looked at."""
    statements = row.beside.get("statements")
    return sum(not one["wrong"] for one in statements) / len(statements) if statements else None
