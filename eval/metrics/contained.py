"""Containment: whether a short answer contains a true one."""

from collections.abc import Sequence

from ingest.japanese import nfkc

# Characters of an answer that count; a longer one may hold the true one by chance.
LONGEST = 120


def contained(answer: str, true: Sequence[str]) -> float:
    """Return 1 where `answer` holds one of `true` (none empty) after NFKC and without spaces, else 0.

    0 too where `answer` has more than LONGEST characters.
    """
    held = normalise_answer(answer)
    return float(
        len(answer) <= LONGEST and any(normalise_answer(text) and normalise_answer(text) in held for text in true)
    )


def normalise_answer(text: str) -> str:
    """Return `text` as answers are compared: NFKC, without spaces."""
    return "".join(nfkc(text).split())
