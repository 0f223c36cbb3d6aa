"""The `Encoder` protocol (text to unit vectors) and an encoder that caches query vectors."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
# Texts of the questions that are being answered at once; each is asked for two or three times.
_AT_ONCE = 64


class Encoder(Protocol):
    """What indexing and searching need of an encoder; safe to share between threads.

    Vectors have unit length, save that a text of which the encoder knows nothing gets the zero vector.
    """

    @property
    def name(self) -> str:
        """The name that `open_encoder` takes."""

    @property
    def dimension(self) -> int:
        """The length of each vector."""

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return (len(texts), dimension)."""

    def encode_query(self, text: str) -> Vectors:
        """Return (dimension,)."""


def to_unit_length(vectors: NDArray[Any]) -> Vectors:
    """Return the rows scaled to length 1, as float32; rows without direction (zero, NaN, infinite) become zero."""
    rows = np.nan_to_num(np.asarray(vectors, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Vectors = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    return scaled


class CachingEncoder:
    """`encoder`, with the vectors of the last questions; safe to share between threads, not between offices."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.dimension = encoder.name, encoder.dimension
        self._known = lru_cache(maxsize=_AT_ONCE)(self._encoded)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return (len(texts), dimension)."""
        return self._encoder.encode_documents(texts)

    def encode_query(self, text: str) -> Vectors:
        """Return (dimension,), which nobody may write to."""
        return self._known(text)

    def _encoded(self, text: str) -> Vectors:
        vector = self._encoder.encode_query(text)
        vector.setflags(write=False)
        return vector
