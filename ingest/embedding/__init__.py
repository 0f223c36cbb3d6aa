"""Encoders, which turn text into unit vectors: the default, the light one, and any SentenceTransformer."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.configuration.settings import Settings
from ingest.embedding.encoder import Encoder, Vectors, to_unit_length
from ingest.embedding.use_encoder import DEFAULT_ENCODER, UseEncoder, use_fingerprint
from ingest.embedding.words import shipped_fingerprint
from ingest.embedding.words.word_vectors import WORDS_ENCODER, WordsEncoder
from ingest.errors import IngestError, first_line

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


__all__ = [
    "DEFAULT_ENCODER",
    "Encoder",
    "SentenceTransformerEncoder",
    "Vectors",
    "encoder_fingerprint",
    "open_encoder",
    "to_unit_length",
]


class SentenceTransformerEncoder:
    """Encodes with any SentenceTransformer, which truncates texts to its input length.

    Attributes:
        prefixes: the text before a query and before a passage, by the prompts in the model's configuration.
    """

    def __init__(self, name: str, model: "SentenceTransformer") -> None:
        self.name = name
        self._model = model
        prompts = model.prompts
        self.prefixes = prompts.get("query", ""), prompts.get("document") or prompts.get("passage", "")
        self.dimension = int(model.get_embedding_dimension() or self.encode_query("しるべ").size)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return to_unit_length(
            self._model.encode_document(list(texts), prompt=self.prefixes[1], show_progress_bar=False)
        )

    def encode_query(self, text: str) -> Vectors:
        return to_unit_length(self._model.encode_query(text, prompt=self.prefixes[0], show_progress_bar=False))


def open_folder(name: str) -> SentenceTransformerEncoder:
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
        return SentenceTransformerEncoder(name, model)
    except Exception as error:  # modules in the folder may raise any error
        raise IngestError(
            f"埋め込みモデル「{name}」を読み込めません（{first_line(error)}）。"
            "SHIRUBE_ENCODER に SentenceTransformer のフォルダーを指定するか、"
            f"設定を消して既定の「{DEFAULT_ENCODER}」に戻してください。"
            "モデルの名前を指定するときは、先に `hf download 名前` で手元に取得してください。"
        ) from error


def open_encoder(settings: Settings) -> Encoder:
    """Open the encoder of the settings: a shipped one, a SentenceTransformer folder, or a downloaded hub model.

    Raises IngestError if it cannot be loaded.
    """
    if settings.encoder == DEFAULT_ENCODER:
        return UseEncoder()
    if settings.encoder == WORDS_ENCODER:
        return WordsEncoder()
    return open_folder(settings.encoder)


def encoder_fingerprint(name: str) -> str:
    """Return a fingerprint of the weights of encoder `name` without loading it; "" for a hub name.

    That of a folder is a digest of the names, sizes and times of its files.
    """
    if name == DEFAULT_ENCODER:
        return use_fingerprint()
    if name == WORDS_ENCODER:
        return shipped_fingerprint()
    files = [path for path in sorted(Path(name).rglob("*")) if path.is_file()] if name else []
    states = [f"{path.relative_to(name)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(states).encode()).hexdigest() if files else ""
