"""Adapts the word vectors to a corpus and computes the pooled vectors of its passages."""

from collections.abc import Callable
from pathlib import Path

from ingest.embedding.words import adapt, initial_vectors, shipped_word_vectors
from ingest.embedding.words.lexicon import Array, Lexicon, pool_passages
from ingest.index.word_counting import CountedWords
from ingest.terms.arrays import STORED, create_array


def learn_lexicon(
    counted: CountedWords, *, adapted: bool, told: Callable[[int, int], None], earlier: Lexicon | None = None
) -> Lexicon:
    """Learn from `counted`; the shipped vectors are `adapted` where there is a passage to learn from.

    The words of an `earlier` lexicon keep their vectors, and only others get new ones. `told` hears how much of
    the adapting is done, and of how much.
    """
    vocabulary = tuple(counted.numbers)
    if earlier:
        return earlier.extend(
            counted.numbers, initial_vectors(shipped_word_vectors(), vocabulary, counted.flow, earlier.numbers)
        )
    words = shipped_word_vectors()
    if adapted and len(counted.flow):
        words = adapt(words, vocabulary, counted.flow, progress=told)
    return Lexicon.build(counted.numbers, words)


# Passages whose meanings are computed at once.
_TOGETHER = 10_000


def write_pooled_vectors(file: Path, counted: CountedWords, lexicon: Lexicon) -> Array:
    """Write the pooled word vectors of all passages, (n, d), and map them."""
    size = len(counted.flow)
    found: Array = create_array(file, STORED, size, lexicon.directions.shape[1])
    for row in range(0, size, _TOGETHER):
        end = min(size, row + _TOGETHER)
        found[row:end] = pool_passages(counted.flow.part(row, end), lexicon)
    return found
