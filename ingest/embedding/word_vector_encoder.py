"""The light encoder: sums of this project's word vectors, with 256 dimensions."""

from collections.abc import Sequence

from ingest.embedding.encoder import Vectors
from ingest.embedding.words import shipped_word_vectors
from ingest.japanese.tokenise import words

WORDS_ENCODER = "shirube-words"


class WordsEncoder:
    """Encodes a text as the sum of its word vectors, regardless of word order."""

    name = WORDS_ENCODER

    def __init__(self) -> None:
        self._vectors = shipped_word_vectors()
        self.dimension = self._vectors.dimension

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors, (len(texts), 256)."""
        return self._vectors.pooled([words(text) for text in texts])

    def encode_query(self, text: str) -> Vectors:
        """Return the vector, (256,)."""
        vector: Vectors = self.encode_documents([text])[0]
        return vector
