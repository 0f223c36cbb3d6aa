"""The `Encoder` protocol: text to unit vectors."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """The encoder interface of indexing and search; safe to share between threads.

    Vectors have unit length, except that a text without known words has the zero vector.
    """

    @property
    def name(self) -> str:
        """The name accepted by `open_encoder`."""

    @property
    def dimension(self) -> int:
        """The length of each vector."""

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors, (len(texts), dimension)."""

    def encode_query(self, text: str) -> Vectors:
        """Return the vector, (dimension,)."""


def to_unit_length(vectors: NDArray[Any]) -> Vectors:
    """Scale rows to unit length, as float32; zero, NaN and infinite rows become zero."""
    rows = np.nan_to_num(np.asarray(vectors, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Vectors = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    return scaled
