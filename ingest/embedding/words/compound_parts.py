"""Composes vectors of unknown words from their known parts."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

# The last parts of a Japanese compound tell what it is; more than three would be parts of one another.
_PARTS = 3
_SHORTEST = 2
# How far the made vector is moved at random, so that words of the same parts can be told apart by training.
_NOISE = 0.02


def known_parts(word: str, known: Mapping[str, int]) -> Sequence[str]:
    """Return up to three known parts of `word`, the last ones first and longer before shorter; else its characters."""
    ends = range(len(word), 0, -1)
    pieces = (word[start:end] for end in ends for start in range(end - _SHORTEST + 1))
    found = [piece for piece in pieces if piece in known and piece != word]
    return found[:_PARTS] or [character for character in word if character in known]


def make_vectors(
    terms: Sequence[str],
    known: Mapping[str, int],
    vectors: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return a vector for each of `terms`, (len(terms), dimension): its own, or the mean of its parts with some noise.

    `vectors` returns the vectors of rows, which `known` gives. What has no known part gets noise alone.
    """
    found = [[known[term]] if term in known else [known[part] for part in known_parts(term, known)] for term in terms]
    needed, places = np.unique(np.array([row for of in found for row in of], np.int64), return_inverse=True)
    given = vectors(needed)
    rows = np.zeros((len(terms), given.shape[1]), np.float32)
    # Without any term one empty part is left over.
    for row, (term, of) in enumerate(zip(terms, np.split(places, np.cumsum(list(map(len, found)))[:-1]), strict=False)):
        if term not in known:
            rows[row] = rng.normal(scale=_NOISE, size=rows.shape[1])
        if len(of):
            rows[row] += given[of].mean(axis=0)
    return rows
