"""Character F1: overlap of an answer with the closest true one."""

from collections import Counter
from collections.abc import Sequence

from eval.metrics.contained import normalise_answer


def character_f1(answer: str, true: Sequence[str]) -> float:
    """Return the best F1 (0-1) of `answer` with one of `true`, each a bag of characters after NFKC, without spaces.

    Source: Rajpurkar et al. 2016 (arXiv:1606.05250, section 6.1), over characters in place of words as in Kurihara et
    al. 2022, "JGLUE: Japanese General Language Understanding Evaluation" (section 3.2).
    """
    return max((_f1(normalise_answer(answer), normalise_answer(text)) for text in true), default=0.0)


def _f1(answer: str, true: str) -> float:
    shared = (Counter(answer) & Counter(true)).total()
    return 2 * shared / (len(answer) + len(true)) if shared else 0.0
