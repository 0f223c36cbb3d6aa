"""Embeds all passages; reuses vectors of the previous index and of unfinished builds."""

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
from ingest.terms.arrays import STORED, create_array, map_array
from ingest.terms.flow import embedding_text

EMBED = "埋め込む"
# Told (stage, done, total).
Progress = Callable[[str, int, int], None]
Digests = NDArray[np.uint64]
# Texts that a thread encodes at once, between two signs of progress.
_BATCH = 500
# Vectors that are copied at once, 20 MB.
_COPIED = 10_000


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """Vectors, (n, dimension), and the digests of their texts, (n, 2): the first 128 bits of SHA-256."""

    digests: Digests
    vectors: NDArray[Any]

    @classmethod
    def from_index(cls, folder: Path) -> Self:
        """Return those of the generation in `folder`."""
        return cls(map_array(folder / "inputs.npy"), map_array(folder / "vectors.npy"))

    def rows(self, digests: Digests) -> NDArray[np.int64]:
        """Return where the vector of each text is, (len(digests),), -1 for a text that is not here."""
        if not len(self.digests):
            return np.full(len(digests), -1)
        order = np.argsort(self.digests[:, 0], kind="stable")
        at = np.searchsorted(self.digests[:, 0], digests[:, 0], sorter=order)
        rows: NDArray[np.int64] = order[np.minimum(at, len(order) - 1)]
        return np.where((self.digests[rows] == digests).all(axis=1), rows, -1)


class UnfinishedVectors:
    """What builds have encoded that did not come to their end, by one encoder in one state, which `key` names."""

    def __init__(self, folder: Path, key: str, dimension: int) -> None:
        self._dimension = dimension
        name = hashlib.sha256(f"{key} {dimension}".encode()).hexdigest()[:16]
        self._vectors, self._digests = folder / f"{name}.vectors", folder / f"{name}.digests"

    def encoded(self) -> EncodedTexts:
        """Return the vectors that are whole; what was torn by the end of a build is cut off."""
        size = 0
        if self._digests.exists():
            size = min(self._digests.stat().st_size // 16, self._vectors.stat().st_size // (4 * self._dimension))
        if not size:
            return EncodedTexts(np.zeros((0, 2), np.uint64), np.zeros((0, self._dimension), np.float32))
        os.truncate(self._digests, 16 * size)
        os.truncate(self._vectors, 4 * self._dimension * size)
        vectors = np.memmap(self._vectors, np.float32, "r", shape=(size, self._dimension))
        return EncodedTexts(np.fromfile(self._digests, np.uint64).reshape(size, 2), np.asarray(vectors))

    def keep(self, digests: Digests, vectors: Vectors) -> None:
        """Have vectors found by the next build. The digests are written when the vectors are on the disk."""
        self._vectors.parent.mkdir(parents=True, exist_ok=True)
        for file, rows in ((self._vectors, vectors.astype(np.float32)), (self._digests, digests)):
            with file.open("ab") as opened:
                opened.write(rows.tobytes())
                opened.flush()
                os.fsync(opened.fileno())


def embed(
    folder: Path,
    passages: Passages,
    before: EncodedTexts | None,
    encoder: Callable[[], Encoder],
    *,
    unfinished: Callable[[int], UnfinishedVectors],
    progress: Callable[[int, int], None],
) -> int:
    """Write the vectors of all passages into `folder`, and return how many of their texts were new to the index.

    Vectors are taken from `before` and from what is `unfinished` with the encoder's dimension; equal texts are encoded
    once. The encoder is opened only where it is needed.
    """
    digests = _digests(passages)
    np.save(folder / "inputs.npy", digests)
    rows = before.rows(digests) if before else np.full(len(digests), -1)
    new = rows < 0
    if before and len(digests) and not new.any():
        _copy(before.vectors, rows, _create_vectors(folder, before.vectors.shape[1], len(rows)), np.arange(len(rows)))
        return 0
    opened = encoder()
    vectors = _create_vectors(folder, opened.dimension, len(digests))
    if before:
        _copy(before.vectors, rows[~new], vectors, np.flatnonzero(~new))
    kept = unfinished(opened.dimension)
    begun = kept.encoded()
    rows = np.where(new, begun.rows(digests), -1)
    _copy(begun.vectors, rows[rows >= 0], vectors, np.flatnonzero(rows >= 0))
    _encode(vectors, digests, np.flatnonzero(new & (rows < 0)), passages, opened, kept=kept, progress=progress)
    return int(np.count_nonzero(new))


def _encode(
    vectors: Vectors,
    digests: Digests,
    rows: NDArray[np.int64],
    passages: Passages,
    encoder: Encoder,
    *,
    kept: UnfinishedVectors,
    progress: Callable[[int, int], None],
) -> None:
    """Encode the passages `rows`, those of equal texts once, into their `vectors`."""
    _, first, which = np.unique(digests[rows, 0], return_index=True, return_inverse=True)
    own = rows[first[which]]
    # The other half of the digest decides whether two texts are one.
    own = np.where((digests[own] == digests[rows]).all(axis=1), own, rows)
    wanted, done = rows[own == rows], 0
    texts = (embedding_text(passages[row]) for row in wanted.tolist())
    for found in map_in_threads(encoder.encode_documents, texts, _BATCH):
        at = wanted[done : done + len(found)]
        vectors[at] = found
        if len(wanted) > _BATCH:
            kept.keep(digests[at], found)
        done += len(found)
        progress(done, len(wanted))
    _copy(vectors, own[own != rows], vectors, rows[own != rows])


def _copy(source: Vectors, rows: NDArray[np.int64], target: Vectors, places: NDArray[np.int64]) -> None:
    """Write the `rows` of one array to the `places` of another."""
    for at in range(0, len(rows), _COPIED):
        target[places[at : at + _COPIED]] = source[rows[at : at + _COPIED]]


def _digests(passages: Passages) -> Digests:
    texts = (embedding_text(passage) for passage in passages)
    digests = b"".join(hashlib.sha256(text.encode()).digest()[:16] for text in texts)
    return np.frombuffer(digests, np.uint64).reshape(-1, 2)


def _create_vectors(folder: Path, dimension: int, size: int) -> Vectors:
    vectors: Vectors = create_array(folder / "vectors.npy", STORED, size, dimension)
    return vectors
