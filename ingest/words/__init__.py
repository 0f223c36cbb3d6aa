"""Words as vectors: this project's own static embeddings, their training, and how they adapt to a corpus."""

from ingest.words.adaptation import adapt, unadapted
from ingest.words.vectors import WordVectors, shipped, shipped_fingerprint

__all__ = ["WordVectors", "adapt", "shipped", "shipped_fingerprint", "unadapted"]
