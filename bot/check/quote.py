"""The words of a passage that carry a statement, letter for letter."""

import re
from collections.abc import Sequence

from ingest.documents import Passage
from ingest.tokenise import words

_PIECE = re.compile(r"[^。\n]*(?:。[」』)）]*|\n|$)")
# A longer quote is no quote any more: then the piece for the first statement stands for all.
_LONGEST_QUOTE = 300


def quote(passage: Passage, said: Sequence[str]) -> str:
    """Return the shortest stretch of `passage.text` with the best sentence for each of the statements `said`.

    A table row is quoted whole. The quote is never empty unless the passage is.
    """
    text = passage.text
    pieces = [match.span() for match in _PIECE.finditer(text) if match[0].strip()]
    if passage.kind == "row" or not pieces or not said:
        return text.strip()
    best = [_best(text, pieces, statement) for statement in said]
    start, end = min(best)[0], max(best)[1]
    if end - start > _LONGEST_QUOTE:
        start, end = best[0]
    return text[start:end].strip()


def _best(text: str, pieces: Sequence[tuple[int, int]], statement: str) -> tuple[int, int]:
    """Return the piece that shares most words with `statement`, the earliest of equals."""
    wanted = set(words(statement))
    return max(pieces, key=lambda piece: len(wanted & set(words(text[slice(*piece)]))))
