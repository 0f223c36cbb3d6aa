"""Encoders, which turn text into unit vectors. A new kind of encoder is one module and one line in `KINDS`."""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.configuration.settings import Settings
from ingest.embedding.encoder import Encoder, Vectors, to_unit_length
from ingest.embedding.prefixes import Prefixes, folder_prefixes
from ingest.embedding.sentence_transformer import folder_fingerprint, open_folder
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


@dataclass(frozen=True, slots=True)
class EncoderKind:
    """A kind of encoder: the names it accepts, how to open one, and a fingerprint of its weights.

    `prefixes` returns the default prefixes of a model; without it the encoder uses none.
    """

    accepts: Callable[[str], bool]
    open: Callable[[str, Prefixes], Encoder]
    fingerprint: Callable[[str], str]
    prefixes: Callable[[str], Prefixes] | None = None


# The first kind that accepts a name is used; the last accepts every name.
KINDS: tuple[EncoderKind, ...] = (
    EncoderKind(DEFAULT_ENCODER.__eq__, lambda _name, _prefixes: UseEncoder(), lambda _name: use_fingerprint()),
    EncoderKind(WORDS_ENCODER.__eq__, lambda _name, _prefixes: WordsEncoder(), lambda _name: shipped_fingerprint()),
    EncoderKind(lambda _name: True, open_folder, folder_fingerprint, folder_prefixes),
)


def open_encoder(settings: Settings) -> Encoder:
    """Open the encoder of the settings: the default, a SentenceTransformer folder, or a downloaded hub model.

    Raises IngestError if it cannot be loaded.
    """
    return _kind(settings.encoder).open(settings.encoder, encoder_prefixes(settings))


def encoder_prefixes(settings: Settings) -> Prefixes:
    """Return the query and passage prefixes: from the settings, else from the model, else None."""
    defaults = _kind(settings.encoder).prefixes
    configured = Prefixes(settings.encoder_query_prefix, settings.encoder_passage_prefix)
    return defaults(settings.encoder).overridden_by(configured) if defaults else Prefixes()


def encoder_fingerprint(name: str) -> str:
    """Return a fingerprint of the weights of encoder `name` without loading it; "" for a hub name."""
    return _kind(name).fingerprint(name)


def _kind(name: str) -> EncoderKind:
    return next(kind for kind in KINDS if kind.accepts(name))
