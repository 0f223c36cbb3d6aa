"""Normalised discounted cumulative gain: graded relevance, worth less the further down it stands."""

from collections.abc import Iterable, Mapping, Sequence
from math import log2


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return DCG@k / IDCG@k in 0-1, with DCG@k = sum over ranks r = 1…k of g(r) / log2(r + 1).

    The gain g is the grade itself, as in trec_eval's `ndcg_cut` and BEIR, not 2^grade - 1; grades below 0 gain nothing.
    IDCG is the DCG of all judged entries in the best order. Without anything relevant it is 0 and nDCG not defined:
    raises ZeroDivisionError. Source: Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques",
    ACM TOIS 20(4).
    """
    gains = {doc_id: max(grade, 0) for doc_id, grade in grades.items()}
    best = sorted(gains.values(), reverse=True)
    return _dcg(gains.get(doc_id, 0) for doc_id in ranked[:k]) / _dcg(best[:k])


def _dcg(gains: Iterable[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))
