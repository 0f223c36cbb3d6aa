"""Recall at k: how much of what is relevant is among the first k."""

from collections.abc import Mapping, Sequence


def recall(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return |relevant in the first k| / |relevant|, in 0-1; relevant is what has a grade of 1 or more.

    `ranked` holds ids, best first. Without anything relevant recall is not defined: raises ZeroDivisionError. Source:
    Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, section 8.3, cut at k as in BEIR (Thakur
    et al. 2021, arXiv:2104.08663).
    """
    relevant = {doc_id for doc_id, grade in grades.items() if grade >= 1}
    return len(relevant.intersection(ranked[:k])) / len(relevant)
