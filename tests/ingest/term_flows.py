"""Builds numbered term flows from words, as in an index."""

from collections.abc import Sequence

from ingest.terms.flow import Flow

Words = Sequence[Sequence[str]]


def make_flow(headings: Words, bodies: Sequence[Sequence[Sequence[str]]]) -> tuple[dict[str, int], Flow]:
    """Return the numbers of all words in order of first occurrence, and the flow of the passages."""
    pairs = zip(headings, bodies, strict=True)
    words = (word for heading, body in pairs for part in (heading, *body) for word in part)
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    return numbers, Flow.build(headings, bodies, numbers)


def make_text_flow(texts: Words) -> tuple[dict[str, int], Flow]:
    """Return the same for texts without headings and sentences."""
    return make_flow([[] for _ in texts], [[text] for text in texts])
