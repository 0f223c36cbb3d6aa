"""Embeds all passages, except those whose vectors are cached."""

import hashlib
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from ingest.build.cache import BuildCache, vectors_name
from ingest.embedding import Encoder, Vectors
from ingest.index.passages import PassageStore
from ingest.sandbox.parallel import map_in_threads
from ingest.terms.arrays import VECTOR_DTYPE, create_array
from ingest.terms.flow import embedding_text

EMBED = "埋め込む"
# Called with (stage, done, total).
Progress = Callable[[str, int, int], None]
# Texts per batch of a thread, between progress reports.
_BATCH_SIZE = 500


def embed_passages(
    folder: Path,
    store: PassageStore,
    cache: BuildCache | None,
    encoder_key: str,
    *,
    encoder: Callable[[], Encoder],
    progress: Callable[[int, int], None],
) -> tuple[int, list[str]]:
    """Write the vectors of all passages into `folder`; return how many were not cached, and the names in the cache.

    The vectors of a document are cached once all of it is encoded, so an interrupted build loses few. Equal texts are
    encoded once. The encoder is only opened if needed.
    """
    documents = [range(first, end) for first, end in pairwise(store.firsts.tolist())]
    names = [vectors_name(encoder_key, (embedding_text(store.passages[row]) for row in rows)) for rows in documents]
    vectors: Vectors | None = None
    missing = []
    for rows, name in zip(documents, names, strict=True):
        cached = cache.load_vectors(name) if cache else None
        if cached is None or len(cached) != len(rows) or (vectors is not None and cached.shape[1] != vectors.shape[1]):
            missing.append((rows, name))
            continue
        if vectors is None:
            vectors = _create_vectors(folder, len(store.passages), cached.shape[1])
        vectors[rows.start : rows.stop] = cached
    if vectors is None:
        vectors = _create_vectors(folder, len(store.passages), encoder().dimension)
    if missing:
        _encode(vectors, missing, store, cache=cache, encoder=encoder(), progress=progress)
    return sum(len(rows) for rows, _ in missing), names


def _create_vectors(folder: Path, size: int, dimension: int) -> Vectors:
    vectors: Vectors = create_array(folder / "vectors.npy", VECTOR_DTYPE, size, dimension)
    return vectors


def _encode(
    vectors: Vectors,
    missing: list[tuple[range, str]],
    store: PassageStore,
    *,
    cache: BuildCache | None,
    encoder: Encoder,
    progress: Callable[[int, int], None],
) -> None:
    first_rows: dict[bytes, int] = {}
    source_rows: dict[int, int] = {}
    incomplete: deque[tuple[range, str, int]] = deque()
    for rows, name in missing:
        for row in rows:
            digest = hashlib.sha256(embedding_text(store.passages[row]).encode()).digest()[:16]
            source_rows[row] = first_rows.setdefault(digest, row)
        incomplete.append((rows, name, len(first_rows)))
    distinct = np.fromiter(first_rows.values(), np.int64, len(first_rows))
    texts = (embedding_text(store.passages[row]) for row in distinct.tolist())
    done = 0

    def complete_documents() -> None:
        while incomplete and incomplete[0][2] <= done:
            rows, name, _ = incomplete.popleft()
            vectors[rows.start : rows.stop] = vectors[[source_rows[row] for row in rows]]
            if cache:
                cache.store_vectors(name, vectors[rows.start : rows.stop])

    for encoded in map_in_threads(encoder.encode_documents, texts, _BATCH_SIZE):
        vectors[distinct[done : done + len(encoded)]] = encoded
        done += len(encoded)
        complete_documents()
        progress(done, len(distinct))
    complete_documents()
