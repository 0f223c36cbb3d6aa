"""Comparison of short answers with the true ones: exact match, character F1 and containment."""

from collections import Counter
from collections.abc import Sequence

from ingest.japanese import normalise_without_spaces

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
