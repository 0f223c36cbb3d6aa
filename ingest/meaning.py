"""The meaning that is searched in Chroma: the encoder's vector of a passage beside the one of its pooled words.

Both are unit vectors; scaled and set side by side, their cosine is the weighted sum of both cosines.
"""

import numpy as np
from numpy.typing import NDArray

from ingest.encoders import unit
from ingest.flow import Flow
from ingest.lexicon import Lexicon

Array = NDArray[np.float32]

# Words of the headings count this often: R@10 on a city's FAQ .713 at 1, .741 at 2, .752 at 3, .748 at 5
# (eval/LOG.md, 2026-11-20).
_HEADINGS = 3
# The encoder's share of the cosine (eval/LOG.md, 2026-11-20).
_ENCODER = 0.375
# Dimensions that are kept for the search, by principal axes: candidates are found as well with 256 as with all, in a
# third of the memory; their cosines are then computed from the full vectors.
_KEPT = 256
# Rows that the axes are computed from.
_SAMPLE = 5_000


def meanings(flow: Flow, lexicon: Lexicon) -> Array:
    """Return the pooled word vectors of the passages, (n, d) of unit length."""
    sums = np.zeros((len(flow), lexicon.directions.shape[1]), np.float32)
    for row in range(len(flow)):
        numbers = np.concatenate([*_HEADINGS * [flow.headings(row)], flow.body(row)])
        sums[row] = lexicon.importance[numbers] @ lexicon.directions[numbers]
    return unit(sums)


def joined(encoded: Array, pooled: Array) -> Array:
    """Return both side by side, (n, d1 + d2)."""
    shares = np.sqrt(np.float32(_ENCODER)), np.sqrt(np.float32(1 - _ENCODER))
    return np.concatenate([encoded * shares[0], pooled * shares[1]], axis=-1)


def sample(size: int) -> slice:
    """Return which of `size` vectors their axes are computed from."""
    return slice(None, None, max(1, size // _SAMPLE))


def axes(size: int, sample: Array) -> Array:
    """Return the principal axes of `size` vectors by a `sample` of them (n, d), (d, 256).

    For few vectors they are all axes, (d, d).
    """
    dimension = sample.shape[1]
    if size <= _KEPT or dimension <= _KEPT:
        return np.eye(dimension, dtype=np.float32)
    _, directions = np.linalg.eigh((sample.T @ sample).astype(np.float64))
    return np.ascontiguousarray(directions[:, ::-1][:, :_KEPT], dtype=np.float32)
