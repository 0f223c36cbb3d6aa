"""The vectors of a generation in Chroma, embedded or on a server."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from ingest.errors import DamagedIndexError, StorageError, first_line

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

# With Chroma's defaults of 100 and 16, recall@10 against exact search falls to 0.49 on hard data. With 200 and 32 it is
# .988 on the encoder's vectors of 10,000 passages (400: .994) and on a city's FAQ (decision 004).
_HNSW: Any = {"space": "cosine", "ef_search": 200, "max_neighbors": 32}

# A query of a million vectors takes 0.1 s.
_TIMEOUT_S = 5.0
# Vectors per batch, so that progress is visible; servers may allow fewer.
_MAX_BATCH = 1000
# Opening Chroma's database inserts a row, which nobody reads, as a write lock. This trigger discards it, so that
# opening does not alter files that have checksums.
_DISCARD_WRITER_ROWS = "CREATE TRIGGER keep_no_row BEFORE INSERT ON acquire_write BEGIN SELECT RAISE(IGNORE); END"


def missing_vectors(name: str) -> str:
    """Return the message for a generation whose vectors are not in Chroma."""
    return f"索引「{name}」のベクトルが Chroma にありません。`python -m ingest build` で作り直してください。"


@contextmanager
def _chroma_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # they share no base class: ChromaError, ValueError, httpx's, the bindings'
        raise StorageError(
            f"ベクトルの保管先（Chroma）が使えません（{first_line(error)}）。"
            "ディスクの空き、権限、SHIRUBE_CHROMA_URL を確かめてください。"
        ) from error


def _connect(url: str | None, folder: Path) -> "Client":
    # Imported on use: 0.4 s.
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
    """A Chroma collection of unit vectors with rows as ids; queries are thread-safe."""

    def __init__(self, client: "Client", collection: "Collection") -> None:
        self._client = client
        self._collection = collection

    @classmethod
    def create(cls, url: str | None, folder: Path, name: str, size: int) -> Self:
        """Create an empty collection for `size` vectors, in `folder` or on the server at `url`."""
        with _chroma_errors():
            client = _connect(url, folder)
            # One write, by the last batch: each rewrites the whole graph, and a remainder would be indexed and written
            # on each opening.
            configuration: Any = {"hnsw": {**_HNSW, "sync_threshold": max(1, size)}}
            # Without `embedding_function=None` Chroma would download a model of its own.
            collection = client.create_collection(name, configuration=configuration, embedding_function=None)
            return cls(client, collection)

    @classmethod
    def open(cls, url: str | None, folder: Path, name: str) -> Self:
        """Open a collection; raises DamagedIndexError if it is missing."""
        with _chroma_errors():
            client = _connect(url, folder)
            if url:
                # Chroma's client would wait for ever, and has no setting for it.
                server: Any = client._server  # noqa: SLF001
                server._session.timeout = _TIMEOUT_S  # noqa: SLF001
            if name in {collection.name for collection in client.list_collections()}:
                return cls(client, client.get_collection(name, embedding_function=None))
            client.close()
        raise DamagedIndexError(missing_vectors(name))

    def add(
        self, size: int, vectors: Callable[[slice], NDArray[np.float32]], on_progress: Callable[[int], None]
    ) -> None:
        """Store `size` vectors in batches; `on_progress` receives the number stored so far."""
        with _chroma_errors():
            batch_size = min(_MAX_BATCH, self._client.get_max_batch_size())
        for start in range(0, size, batch_size):
            rows = range(start, min(size, start + batch_size))
            batch = vectors(slice(rows.start, rows.stop))
            with _chroma_errors():
                self._collection.add(list(map(str, rows)), embeddings=batch)
            on_progress(rows.stop)

    def __len__(self) -> int:
        with _chroma_errors():
            return self._collection.count()

    def nearest_rows(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and cosines of the k (at least 1) nearest vectors, nearest first."""
        with _chroma_errors():
            result = self._collection.query(query_embeddings=vector[np.newaxis], n_results=k, include=["distances"])
        distances = np.array(cast("list[list[float]]", result["distances"])[0], dtype=np.float32)
        return np.array(result["ids"][0], dtype=np.int64), 1 - distances

    def close(self) -> None:
        """Close the client; the collection stays."""
        with suppress(Exception):  # closing twice, or without the server, does no harm
            self._client.close()


def make_read_only(folder: Path) -> None:
    """Make opening the closed embedded collection in `folder` leave its files unchanged."""
    with _chroma_errors(), closing(sqlite3.connect(folder / "chroma" / "chroma.sqlite3")) as database:
        database.execute(_DISCARD_WRITER_ROWS)
        database.commit()


def delete_server_collection(url: str | None, name: str) -> None:
    """Delete a collection from the server, if any; embedded ones are deleted with their folder."""
    if not url:
        return
    with _chroma_errors():
        client = _connect(url, Path())
        if name in {collection.name for collection in client.list_collections()}:
            client.delete_collection(name)
