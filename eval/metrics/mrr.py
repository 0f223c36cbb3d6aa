"""Reciprocal rank: how far down the first relevant entry stands. Its mean over queries is the MRR."""

from collections.abc import Mapping, Sequence


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return 1 / the rank of the first relevant entry (grade of 1 or more) among the first k; 0 where there is none.

    Source: Voorhees 1999, "The TREC-8 question answering track report".
    """
    return next((1 / rank for rank, doc_id in enumerate(ranked[:k], start=1) if grades.get(doc_id, 0) >= 1), 0.0)
