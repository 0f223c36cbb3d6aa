"""Adapts the word vectors to a corpus and computes the pooled vectors of its passages."""

from collections.abc import Callable
from pathlib import Path

from ingest.embedding.words import adapt, initial_vectors, shipped_word_vectors
from ingest.embedding.words.word_lexicon import Array, Lexicon, pool_passages
from ingest.index.word_counting import CountedWords
from ingest.terms.arrays import VECTOR_DTYPE, create_array


def learn_lexicon(
    counted: CountedWords, *, is_adapted: bool, on_progress: Callable[[int, int], None], earlier: Lexicon | None = None
) -> Lexicon:
    """Return the lexicon of the counted words, trained on the corpus if `is_adapted`.

    Words of an `earlier` lexicon keep their vectors. `on_progress` receives (done, total) of the training.
    """
    vocabulary = tuple(counted.term_numbers)
    if earlier:
        return earlier.extend(
            counted.term_numbers,
            initial_vectors(shipped_word_vectors(), vocabulary, counted.flow, earlier.numbers),
        )
    words = shipped_word_vectors()
    if is_adapted and len(counted.flow):
        words = adapt(words, vocabulary, counted.flow, progress=on_progress)
    return Lexicon.build(counted.term_numbers, words)


# Passages pooled at once.
_BATCH_SIZE = 10_000


def write_pooled_vectors(file: Path, counted: CountedWords, lexicon: Lexicon) -> Array:
    """Write the pooled word vectors of all passages, (n, d), and memory-map them."""
    size = len(counted.flow)
    vectors: Array = create_array(file, VECTOR_DTYPE, size, lexicon.directions.shape[1])
    for row in range(0, size, _BATCH_SIZE):
        end = min(size, row + _BATCH_SIZE)
        vectors[row:end] = pool_passages(counted.flow.part(row, end), lexicon)
    return vectors
