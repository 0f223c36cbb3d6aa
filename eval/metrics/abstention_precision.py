"""Abstention precision: the share of declined questions that the documents do not answer.

Precision = |declined and to be declined| / |declined|. With `declined_where_due` (abstention recall) and
`wrongly_declined` (false refusal) it tells both sides of declining. Source: Wen et al. 2024, "Know your limits: a
survey of abstention in large language models" (arXiv:2407.18418).
"""

from eval.scoring.run_record import Row
from eval.scoring.score import PASSING


def abstention_precision(row: Row) -> bool | None:
    """Tell whether declining was due; None where the question was not declined."""
    if row.answer is None or row.answer["status"] not in PASSING["abstain"]:
        return None
    return row.case.behave == "abstain"
