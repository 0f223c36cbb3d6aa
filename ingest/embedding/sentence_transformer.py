"""Encoder that runs any SentenceTransformer model."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ingest.embedding.encoder import Vectors, to_unit_length
from ingest.embedding.use_encoder import DEFAULT_ENCODER
from ingest.errors import IngestError, first_line

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class Prefixes(NamedTuple):
    """The text before a query and before a passage; None for that in the model's configuration, if any."""

    query: str | None = None
    passage: str | None = None


class SentenceTransformerEncoder:
    """Encodes with any SentenceTransformer, which truncates texts to its input length."""

    def __init__(self, name: str, model: "SentenceTransformer", prefixes: Prefixes) -> None:
        self.name = name
        self._model = model
        prompts = model.prompts
        own = Prefixes(prompts.get("query", ""), prompts.get("document") or prompts.get("passage", ""))
        self.prefixes = Prefixes(*(text if given is None else given for text, given in zip(own, prefixes, strict=True)))
        self.dimension = int(model.get_embedding_dimension() or self.encode_query("しるべ").size)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors, (len(texts), dimension)."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return to_unit_length(
            self._model.encode_document(list(texts), prompt=self.prefixes.passage, show_progress_bar=False)
        )

    def encode_query(self, text: str) -> Vectors:
        """Return the vector, (dimension,)."""
        return to_unit_length(self._model.encode_query(text, prompt=self.prefixes.query, show_progress_bar=False))


def open_folder(name: str, prefixes: Prefixes) -> SentenceTransformerEncoder:
    """Open a SentenceTransformer folder, or a hub model that was downloaded before.

    Nothing is downloaded, and no code in the folder is run. Raises IngestError if it cannot be loaded.
    """
    try:
        # Importing torch takes 4 s and 450 MB, so only this encoder does it.
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415
        from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

        # A server's log contains one JSON object per line, and nothing else.
        disable_progress_bar()
        model = SentenceTransformer(name, device="cpu", local_files_only=True)
        return SentenceTransformerEncoder(name, model, prefixes)
    except Exception as error:  # modules in the folder may raise any error
        raise IngestError(
            f"埋め込みモデル「{name}」を読み込めません（{first_line(error)}）。"
            "SHIRUBE_ENCODER に SentenceTransformer のフォルダーを指定するか、"
            f"設定を消して既定の「{DEFAULT_ENCODER}」に戻してください。"
            "モデルの名前を指定するときは、先に `hf download 名前` で手元に取得してください。"
        ) from error


def folder_fingerprint(folder: str) -> str:
    """Return a digest of the names, sizes and times of the files in `folder`; "" if there are none."""
    files = [path for path in sorted(Path(folder).rglob("*")) if path.is_file()] if folder else []
    states = [f"{path.relative_to(folder)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(states).encode()).hexdigest() if files else ""
