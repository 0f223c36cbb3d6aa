"""What an index learns from the words of its passages: what they mean, and so what the passages mean."""

from collections.abc import Callable
from pathlib import Path

from ingest.arrays import STORED, created
from ingest.counting import Counted
from ingest.lexicon import Array, Lexicon, meanings
from ingest.words import adapt, shipped, unadapted


def learn(
    counted: Counted, *, adapted: bool, told: Callable[[int, int], None], earlier: Lexicon | None = None
) -> Lexicon:
    """Learn from `counted`; the shipped vectors are `adapted` where there is a passage to learn from.

    The words of an `earlier` lexicon keep their vectors, and only others get new ones. `told` hears how much of
    the adapting is done, and of how much.
    """
    vocabulary = tuple(counted.numbers)
    if earlier:
        return earlier.grown(counted.numbers, unadapted(shipped(), vocabulary, counted.flow, earlier.numbers))
    words = shipped()
    if adapted and len(counted.flow):
        words = adapt(words, vocabulary, counted.flow, progress=told)
    return Lexicon.build(counted.numbers, words)


# Passages whose meanings are computed at once.
_TOGETHER = 10_000


def write_meanings(file: Path, counted: Counted, lexicon: Lexicon) -> Array:
    """Write the pooled word vectors of all passages, (n, d), and map them."""
    size = len(counted.flow)
    found: Array = created(file, STORED, size, lexicon.directions.shape[1])
    for row in range(0, size, _TOGETHER):
        end = min(size, row + _TOGETHER)
        found[row:end] = meanings(counted.flow.part(row, end), lexicon)
    return found
