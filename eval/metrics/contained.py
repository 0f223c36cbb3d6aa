"""Containment: whether a short answer holds a true one."""

from collections.abc import Sequence

from ingest.normalise import nfkc

# Characters of an answer that count; a longer one may hold the true one by chance.
LONGEST = 120


def contained(answer: str, true: Sequence[str]) -> float:
    """Return 1 where `answer` holds one of `true` (none empty) after NFKC and without spaces, else 0.

    0 too where `answer` has more than LONGEST characters.
    """
    held = plain(answer)
    return float(len(answer) <= LONGEST and any(plain(text) and plain(text) in held for text in true))


def plain(text: str) -> str:
    """Return `text` as answers are compared: NFKC, without spaces."""
    return "".join(nfkc(text).split())
