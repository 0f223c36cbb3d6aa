"""Encoders, which turn text into unit vectors: the default, the light one, and any SentenceTransformer."""

from ingest.configuration.settings import Settings
from ingest.embedding.encoder import Encoder, Vectors, to_unit_length
from ingest.embedding.sentence_transformer import Prefixes, folder_fingerprint, open_folder
from ingest.embedding.use_encoder import DEFAULT_ENCODER, UseEncoder, use_fingerprint
from ingest.embedding.words import shipped_fingerprint
from ingest.embedding.words.word_vectors import WORDS_ENCODER, WordsEncoder

__all__ = [
    "DEFAULT_ENCODER",
    "Encoder",
    "Prefixes",
    "Vectors",
    "encoder_fingerprint",
    "encoder_prefixes",
    "open_encoder",
    "to_unit_length",
]


def open_encoder(settings: Settings) -> Encoder:
    """Open the encoder of the settings: a shipped one, a SentenceTransformer folder, or a downloaded hub model.

    Raises IngestError if it cannot be loaded.
    """
    if settings.encoder == DEFAULT_ENCODER:
        return UseEncoder()
    if settings.encoder == WORDS_ENCODER:
        return WordsEncoder()
    return open_folder(settings.encoder, encoder_prefixes(settings))


def encoder_prefixes(settings: Settings) -> Prefixes:
    """Return the configured query and passage prefixes; None for those that the model brings along."""
    if settings.encoder in (DEFAULT_ENCODER, WORDS_ENCODER):
        return Prefixes()
    texts = settings.encoder_query_prefix, settings.encoder_passage_prefix
    return Prefixes(*(text if text is None or text.strip() else "" for text in texts))


def encoder_fingerprint(name: str) -> str:
    """Return a fingerprint of the weights of encoder `name` without loading it; "" for a hub name."""
    if name == DEFAULT_ENCODER:
        return use_fingerprint()
    return shipped_fingerprint() if name == WORDS_ENCODER else folder_fingerprint(name)
