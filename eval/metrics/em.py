"""Exact match: whether an answer equals one of the true ones."""

from collections.abc import Sequence

from eval.metrics.contained import normalise_answer


def exact_match(answer: str, true: Sequence[str]) -> float:
    """Return 1 where `answer` equals one of `true` after NFKC and without spaces, else 0; 0 without true answers.

    Source: Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine Comprehension of Text" (arXiv:1606.05250,
    section 6.1); articles and punctuation, which it leaves out for English, stay.
    """
    return float(normalise_answer(answer) in {normalise_answer(text) for text in true})
