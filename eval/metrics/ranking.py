"""Metrics of rankings over ids (recall, nDCG, reciprocal rank) and of short answers (exact match, character F1)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log2

from ingest.japanese import normalise_without_spaces


def recall(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return |relevant in the first k| / |relevant|, in 0-1; raises ZeroDivisionError without anything relevant.

    Source: Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, section 8.3, cut at k as in BEIR
    (Thakur et al. 2021, arXiv:2104.08663).
    """
    relevant = {doc_id for doc_id, grade in grades.items() if grade >= 1}
    return len(relevant.intersection(ranked[:k])) / len(relevant)


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return DCG@k / IDCG@k in 0-1, with DCG@k = sum over ranks r = 1…k of g(r) / log2(r + 1).

    The gain g is the grade itself, as in `trec_eval -m ndcg_cut` and BEIR, not 2^grade - 1; grades below 0 gain
    nothing. IDCG is the DCG of all judged entries in the best order; raises ZeroDivisionError if that is 0. Source:
    Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4).
    """
    gains = {doc_id: max(grade, 0) for doc_id, grade in grades.items()}
    best = sorted(gains.values(), reverse=True)
    return _dcg(gains.get(doc_id, 0) for doc_id in ranked[:k]) / _dcg(best[:k])


def _dcg(gains: Iterable[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return 1 / the rank of the first relevant entry among the first k, 0 without one; its mean is the MRR.

    Source: Voorhees 1999, "The TREC-8 question answering track report".
    """
    return next((1 / rank for rank, doc_id in enumerate(ranked[:k], start=1) if grades.get(doc_id, 0) >= 1), 0.0)


MAX_ANSWER_LENGTH = 120
"""Characters of an answer in which `contained` looks; a longer one may have the true one by chance."""


def exact_match(answer: str, true: Sequence[str]) -> float:
    """Return 1 if `answer` equals one of `true` after NFKC and without spaces, else 0.

    Source: Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text" (arXiv:1606.05250,
    section 6.1). It removes articles and punctuation for English; here nothing else is removed.
    """
    return float(normalise_without_spaces(answer) in map(normalise_without_spaces, true))


def character_f1(answer: str, true: Sequence[str]) -> float:
    """Return the best F1 (0-1) of `answer` with one of `true`, each a bag of characters after NFKC, without spaces.

    Source: Rajpurkar et al. 2016 (arXiv:1606.05250, section 6.1), over characters instead of words as in Kurihara et
    al. 2022, "JGLUE: Japanese General Language Understanding Evaluation" (section 3.2).
    """
    return max((_f1(normalise_without_spaces(answer), normalise_without_spaces(text)) for text in true), default=0.0)


def contained(answer: str, true: Sequence[str]) -> float:
    """Return 1 if `answer`, if short enough, contains one of `true` after NFKC, without spaces."""
    text = normalise_without_spaces(answer)
    return float(
        len(answer) <= MAX_ANSWER_LENGTH
        and any(true_text and true_text in text for true_text in map(normalise_without_spaces, true))
    )


def _f1(answer: str, true: str) -> float:
    shared = (Counter(answer) & Counter(true)).total()
    return 2 * shared / (len(answer) + len(true)) if shared else 0.0
