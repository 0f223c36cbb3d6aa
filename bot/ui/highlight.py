"""The words of a passage that carry an answer, found again in it."""

from typing import Literal, NamedTuple


class Stretch(NamedTuple):
    """A stretch of a passage: quoted or not."""

    kind: Literal["text", "quote"]
    text: str


def highlighted(passage: str, quote: str) -> tuple[Stretch, ...]:
    """Cut a passage before and behind its quoted words; joined, the stretches are the passage.

    A passage that does not hold them (its document was replaced since, or the passage is gone and empty) is left out:
    what was quoted stands alone.
    """
    if not quote:
        return (Stretch("text", passage),)
    before, found, behind = passage.partition(quote)
    if not found:
        return (Stretch("quote", quote),)
    cut = (Stretch("text", before), Stretch("quote", found), Stretch("text", behind))
    return tuple(stretch for stretch in cut if stretch.text)
