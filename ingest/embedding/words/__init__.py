"""Static word vectors: training, adaptation to a corpus and loading."""

from ingest.embedding.words.adaptation import adapt
from ingest.embedding.words.word_vectors import WordVectors, shipped_fingerprint, shipped_word_vectors

__all__ = ["WordVectors", "adapt", "shipped_fingerprint", "shipped_word_vectors"]
