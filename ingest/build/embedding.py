"""Embeds all passages; reuses vectors of the previous index and of interrupted builds."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.embedding import Encoder, Vectors
from ingest.index.passages import Passages
from ingest.sandbox.parallel import map_in_threads
from ingest.terms.arrays import VECTOR_DTYPE, create_array, map_array
from ingest.terms.flow import embedding_text

EMBED = "埋め込む"
# Called with (stage, done, total).
Progress = Callable[[str, int, int], None]
Digests = NDArray[np.uint64]
# Texts per batch of a thread, between progress reports.
_BATCH_SIZE = 500
# Vectors copied at once, 20 MB.
_COPY_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """Vectors, (n, dimension), and the digests of their texts, (n, 2): the first 128 bits of SHA-256."""

    digests: Digests
    vectors: NDArray[Any]

    @classmethod
    def from_index(cls, folder: Path) -> Self:
        """Return the vectors of the generation in `folder`."""
        return cls(map_array(folder / "inputs.npy"), map_array(folder / "vectors.npy"))

    def find_rows(self, digests: Digests) -> NDArray[np.int64]:
        """Return the row of each text, (len(digests),), -1 for an unknown one."""
        if not len(self.digests):
            return np.full(len(digests), -1)
        order = np.argsort(self.digests[:, 0], kind="stable")
        position = np.searchsorted(self.digests[:, 0], digests[:, 0], sorter=order)
        rows: NDArray[np.int64] = order[np.minimum(position, len(order) - 1)]
        return np.where((self.digests[rows] == digests).all(axis=1), rows, -1)


class UnfinishedVectors:
    """Vectors of interrupted builds; `key` identifies the encoder and its state."""

    def __init__(self, folder: Path, key: str, dimension: int) -> None:
        self._dimension = dimension
        name = hashlib.sha256(f"{key} {dimension}".encode()).hexdigest()[:16]
        self._vectors = folder / f"{name}.vectors"
        self._digests = folder / f"{name}.digests"

    def load(self) -> EncodedTexts:
        """Return the complete vectors; a vector that was cut off is removed."""
        size = 0
        if self._digests.exists():
            size = min(self._digests.stat().st_size // 16, self._vectors.stat().st_size // (4 * self._dimension))
        if not size:
            return EncodedTexts(np.zeros((0, 2), np.uint64), np.zeros((0, self._dimension), np.float32))
        os.truncate(self._digests, 16 * size)
        os.truncate(self._vectors, 4 * self._dimension * size)
        vectors = np.memmap(self._vectors, np.float32, "r", shape=(size, self._dimension))
        return EncodedTexts(np.fromfile(self._digests, np.uint64).reshape(size, 2), np.asarray(vectors))

    def append(self, digests: Digests, vectors: Vectors) -> None:
        """Store vectors for the next build; digests are written once the vectors are on disk."""
        self._vectors.parent.mkdir(parents=True, exist_ok=True)
        for file, rows in ((self._vectors, vectors.astype(np.float32)), (self._digests, digests)):
            with file.open("ab") as stream:
                stream.write(rows.tobytes())
                stream.flush()
                os.fsync(stream.fileno())


def embed_passages(
    folder: Path,
    passages: Passages,
    known: EncodedTexts | None,
    encoder: Callable[[], Encoder],
    *,
    unfinished: Callable[[int], UnfinishedVectors],
    progress: Callable[[int, int], None],
) -> int:
    """Write the vectors of all passages into `folder`; return how many texts were new to the index.

    Vectors are reused from `known` and from `unfinished` builds; equal texts are encoded once. The encoder is only
    opened if needed.
    """
    digests = _digests(passages)
    np.save(folder / "inputs.npy", digests)
    rows = known.find_rows(digests) if known else np.full(len(digests), -1)
    is_new = rows < 0
    if known and len(digests) and not is_new.any():
        _copy_rows(
            known.vectors, rows, _create_vectors(folder, known.vectors.shape[1], len(rows)), np.arange(len(rows))
        )
        return 0
    opened = encoder()
    vectors = _create_vectors(folder, opened.dimension, len(digests))
    if known:
        _copy_rows(known.vectors, rows[~is_new], vectors, np.flatnonzero(~is_new))
    unfinished_vectors = unfinished(opened.dimension)
    partial_results = unfinished_vectors.load()
    rows = np.where(is_new, partial_results.find_rows(digests), -1)
    _copy_rows(partial_results.vectors, rows[rows >= 0], vectors, np.flatnonzero(rows >= 0))
    _encode(
        vectors,
        digests,
        np.flatnonzero(is_new & (rows < 0)),
        passages,
        opened,
        unfinished_vectors=unfinished_vectors,
        progress=progress,
    )
    return int(np.count_nonzero(is_new))


def _encode(
    vectors: Vectors,
    digests: Digests,
    rows: NDArray[np.int64],
    passages: Passages,
    encoder: Encoder,
    *,
    unfinished_vectors: UnfinishedVectors,
    progress: Callable[[int, int], None],
) -> None:
    _, first, inverse = np.unique(digests[rows, 0], return_index=True, return_inverse=True)
    representative = rows[first[inverse]]
    # Compare the other half of the digest too.
    representative = np.where((digests[representative] == digests[rows]).all(axis=1), representative, rows)
    distinct = rows[representative == rows]
    done = 0
    texts = (embedding_text(passages[row]) for row in distinct.tolist())
    for encoded in map_in_threads(encoder.encode_documents, texts, _BATCH_SIZE):
        batch_rows = distinct[done : done + len(encoded)]
        vectors[batch_rows] = encoded
        if len(distinct) > _BATCH_SIZE:
            unfinished_vectors.append(digests[batch_rows], encoded)
        done += len(encoded)
        progress(done, len(distinct))
    _copy_rows(vectors, representative[representative != rows], vectors, rows[representative != rows])


def _copy_rows(source: Vectors, rows: NDArray[np.int64], target: Vectors, target_rows: NDArray[np.int64]) -> None:
    for start in range(0, len(rows), _COPY_ROWS):
        target[target_rows[start : start + _COPY_ROWS]] = source[rows[start : start + _COPY_ROWS]]


def _digests(passages: Passages) -> Digests:
    texts = (embedding_text(passage) for passage in passages)
    digests = b"".join(hashlib.sha256(text.encode()).digest()[:16] for text in texts)
    return np.frombuffer(digests, np.uint64).reshape(-1, 2)


def _create_vectors(folder: Path, dimension: int, size: int) -> Vectors:
    vectors: Vectors = create_array(folder / "vectors.npy", VECTOR_DTYPE, size, dimension)
    return vectors
