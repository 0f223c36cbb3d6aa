"""An encoder that encodes a question once, though search, reader, curated answers and suggestions each ask for it."""

from collections.abc import Sequence
from functools import lru_cache

from ingest.encoders import Encoder, Vectors

# Texts of the questions that are being answered at once; each is asked for two or three times.
_AT_ONCE = 64


class EncodedOnce:
    """`encoder`, with the vectors of the last questions; safe to share between threads, not between offices."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.dimension = encoder.name, encoder.dimension
        self._known = lru_cache(maxsize=_AT_ONCE)(self._encoded)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return (len(texts), dimension)."""
        return self._encoder.encode_documents(texts)

    def encode_query(self, text: str) -> Vectors:
        """Return (dimension,), which nobody may write to."""
        return self._known(text)

    def _encoded(self, text: str) -> Vectors:
        vector = self._encoder.encode_query(text)
        vector.setflags(write=False)
        return vector
