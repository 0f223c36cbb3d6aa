"""Initial vectors and importance of words: vectors of unknown words are composed of known parts."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

# A Japanese compound is headed by its last parts; more than three would overlap.
_MAX_PARTS = 3
# Shorter parts are taken only if there are no others.
_MIN_PART_CHARACTERS = 2
# Standard deviation of the noise by which training can separate words with the same parts.
_NOISE = 0.02
# The `a` of Arora et al.
_SMOOTHING = 1e-3


def known_parts(word: str, rows: Mapping[str, int]) -> Sequence[str]:
    """Return up to three known parts of `word`, last and longest first, else its known characters."""
    ends = range(len(word), 0, -1)
    pieces = (word[start:end] for end in ends for start in range(end - _MIN_PART_CHARACTERS + 1))
    parts = [piece for piece in pieces if piece in rows and piece != word]
    return parts[:_MAX_PARTS] or [character for character in word if character in rows]


def make_vectors(
    terms: Sequence[str],
    rows: Mapping[str, int],
    vectors: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return a vector of each term, (len(terms), dimension): the known vector, or the mean of its parts plus noise.

    `vectors` returns the vectors of rows; `rows` maps terms to rows. A term without known parts gets noise only.
    """
    parts = [[rows[term]] if term in rows else [rows[part] for part in known_parts(term, rows)] for term in terms]
    needed, places = np.unique(
        np.array([row for term_rows in parts for row in term_rows], np.int64), return_inverse=True
    )
    known_vectors = vectors(needed)
    made = np.zeros((len(terms), known_vectors.shape[1]), np.float32)
    by_term = np.split(places, np.cumsum(list(map(len, parts)))[:-1])
    # Not strict: without any term, `np.split` returns one empty array.
    for row, (term, part_rows) in enumerate(zip(terms, by_term, strict=False)):
        if term not in rows:
            made[row] = rng.normal(scale=_NOISE, size=made.shape[1])
        if len(part_rows):
            made[row] += known_vectors[part_rows].mean(axis=0)
    return made


def log_importance(counts: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
    """Return ln(a / (a + p)) of words that occur `counts` times, with their share p of all; (len(counts),).

    Source: Arora et al. 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings".
    """
    share = np.asarray(counts) / max(1, np.sum(counts))
    return np.log(_SMOOTHING / (_SMOOTHING + share)).astype(np.float32)
