"""Words as an index lays them out: numbered, and each passage in one flow."""

from collections.abc import Sequence

from ingest.terms.flow import Flow

Words = Sequence[Sequence[str]]


def laid_out(headings: Words, bodies: Sequence[Sequence[Sequence[str]]]) -> tuple[dict[str, int], Flow]:
    """Return the numbers of all words in the order of their first appearance, and the passages by them."""
    pairs = zip(headings, bodies, strict=True)
    words = (word for heading, body in pairs for part in (heading, *body) for word in part)
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    return numbers, Flow.build(headings, bodies, numbers)


def texts_laid_out(texts: Words) -> tuple[dict[str, int], Flow]:
    """Return the same of texts without headings or sentences."""
    return laid_out([[] for _ in texts], [[text] for text in texts])
