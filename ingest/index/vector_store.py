"""The vectors of a generation in Chroma, embedded or on a server."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from ingest.errors import DamagedIndexError, StorageError

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

# With Chroma's own 100 and 16, recall@10 against exact search falls to 0.49 on hard data. On the encoder's vectors of
# 10,000 passages 200 and 32 give .988 (400: .994), and of the nearest 100 of a city's FAQ .988 are found (decision
# 004).
_HNSW: Any = {"space": "cosine", "ef_search": 200, "max_neighbors": 32}

# Vectors that are handed over at once, so that progress is seen; servers may allow less.
_BATCH = 1000
# How often Chroma writes its index to the disk, at most: until then it keeps what it was handed twice.
_WRITES = 10
# Whoever opens Chroma's database writes a row into this table, which nobody reads, to be the only one that writes. With
# this trigger the row is not kept: files that are not altered by being opened can be held against their checksums.
_KEEP_NO_ROW = "CREATE TRIGGER keep_no_row BEFORE INSERT ON acquire_write BEGIN SELECT RAISE(IGNORE); END"


@contextmanager
def _chroma_errors() -> Iterator[None]:
    """Turn whatever Chroma raises into StorageError."""
    try:
        yield
    except Exception as error:  # its errors share no root: ChromaError, ValueError, httpx's, the bindings'
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise StorageError(
            f"ベクトルの保管先（Chroma）が使えません（{first}）。"
            "ディスクの空き、権限、SHIRUBE_CHROMA_URL を確かめてください。"
        ) from error


def _connect(url: str | None, folder: Path) -> "Client":
    # 0.4 s that `--help` need not pay.
    import chromadb  # noqa: PLC0415
    from chromadb.config import Settings as ChromaSettings  # noqa: PLC0415

    settings = ChromaSettings(anonymized_telemetry=False)
    if not url:
        return cast("Client", chromadb.PersistentClient(path=str(folder / "chroma"), settings=settings))
    server = urlsplit(url)
    secure = server.scheme == "https"
    port = server.port or (443 if secure else 8000)
    client = chromadb.HttpClient(host=server.hostname or "", port=port, ssl=secure, settings=settings)
    return cast("Client", client)


class VectorStore:
    """A Chroma collection of unit vectors, whose ids are the rows; safe to query from several threads."""

    def __init__(self, client: "Client", collection: "Collection") -> None:
        self._client = client
        self._collection = collection

    @classmethod
    def create(cls, url: str | None, folder: Path, name: str, size: int) -> Self:
        """Make an empty collection called `name` in `folder` or, where `url` is given, on that server.

        `size` vectors will be added to it.
        """
        with _chroma_errors():
            client = _connect(url, folder)
            # As many as the smallest batches have together, so that the last one brings all to the disk: Chroma would
            # make an index of what is left over, and write it, with each opening.
            batches = _batches(client, size)
            at_once = max(1, size // batches * _batches_per_write(batches))
            configuration: Any = {"hnsw": {**_HNSW, "sync_threshold": at_once}}
            # Without `embedding_function=None` Chroma would download a model of its own.
            made = client.create_collection(name, configuration=configuration, embedding_function=None)
            return cls(client, made)

    @classmethod
    def open(cls, url: str | None, folder: Path, name: str) -> Self:
        """Open the collection that `create` made; raises DamagedIndexError where it is gone."""
        with _chroma_errors():
            client = _connect(url, folder)
            if name in {collection.name for collection in client.list_collections()}:
                return cls(client, client.get_collection(name, embedding_function=None))
            client.close()
        raise DamagedIndexError(
            f"索引「{name}」のベクトルが Chroma にありません。`python -m ingest build` で作り直してください。"
        )

    def add(self, size: int, vectors: Callable[[slice], NDArray[np.float32]], done: Callable[[int], None]) -> None:
        """Store `size` vectors in batches, which `vectors` gives; `done` is told how many are stored."""
        with _chroma_errors():
            batches = _batches(self._client, size)
        for rows in np.array_split(np.arange(size), batches):
            if rows.size:
                part = vectors(slice(int(rows[0]), int(rows[-1]) + 1))
                with _chroma_errors():
                    self._collection.add(list(map(str, rows.tolist())), embeddings=part)
                done(int(rows[-1]) + 1)

    def __len__(self) -> int:
        with _chroma_errors():
            return self._collection.count()

    def nearest(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the rows of the k nearest vectors, nearest first, and their cosines; k is at least 1."""
        with _chroma_errors():
            found = self._collection.query(query_embeddings=vector[np.newaxis], n_results=k, include=["distances"])
        distances = np.array(cast("list[list[float]]", found["distances"])[0], dtype=np.float32)
        return np.array(found["ids"][0], dtype=np.int64), 1 - distances

    def close(self) -> None:
        """Let go of the files; the collection stays."""
        with suppress(Exception):  # closing twice, or after the server went away, harms nobody
            self._client.close()


def make_read_only(folder: Path) -> None:
    """Have the embedded collection in `folder`, closed by now, stay as it is however often it is opened."""
    with _chroma_errors(), closing(sqlite3.connect(folder / "chroma" / "chroma.sqlite3")) as database:
        database.execute(_KEEP_NO_ROW)
        database.commit()


def _batches(client: "Client", size: int) -> int:
    """Return into how many batches, as large as each other but for one vector, `size` vectors are cut.

    They come to the disk `_together`, none left over.
    """
    batches = max(1, -(-size // min(_BATCH, client.get_max_batch_size())))
    return -(-batches // _batches_per_write(batches)) * _batches_per_write(batches)


def _batches_per_write(batches: int) -> int:
    """Return how many batches come to the disk at once: with each Chroma writes all that it has anew."""
    return -(-batches // _WRITES)


def delete_server_collection(url: str | None, name: str) -> None:
    """Remove the collection `name` from the server, where there is one; embedded ones go with their folder."""
    if not url:
        return
    with _chroma_errors():
        client = _connect(url, Path())
        if name in {collection.name for collection in client.list_collections()}:
            client.delete_collection(name)
