"""Encoders: text to unit vectors. A new kind of encoder is one new file and one line in `KINDS`."""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.configuration.settings import Settings
from ingest.embedding.encoder import Encoder, Vectors, to_unit_length
from ingest.embedding.fingerprint import folder_fingerprint
from ingest.embedding.prefixes import Prefixes, folder_prefixes
from ingest.embedding.sentence_transformer import open_folder
from ingest.embedding.use_encoder import DEFAULT_ENCODER, UseEncoder, use_fingerprint
from ingest.embedding.word_vector_encoder import WORDS_ENCODER, WordsEncoder
from ingest.embedding.words import shipped_fingerprint

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
    """A kind of encoder: which names mean one of it, how it is opened, what tells its states apart.

    `prefixes` is what the encoder of a name wants before its texts; a kind without it never puts any there.
    """

    means: Callable[[str], bool]
    open: Callable[[str, Prefixes], Encoder]
    fingerprint: Callable[[str], str]
    prefixes: Callable[[str], Prefixes] | None = None


# The first kind that is meant by a name opens it; the last takes every name.
KINDS: tuple[EncoderKind, ...] = (
    EncoderKind(DEFAULT_ENCODER.__eq__, lambda _name, _prefixes: UseEncoder(), lambda _name: use_fingerprint()),
    EncoderKind(WORDS_ENCODER.__eq__, lambda _name, _prefixes: WordsEncoder(), lambda _name: shipped_fingerprint()),
    EncoderKind(lambda _name: True, open_folder, folder_fingerprint, folder_prefixes),
)


def open_encoder(settings: Settings) -> Encoder:
    """Return the encoder of the settings: the default, a SentenceTransformer's folder, or a hub name fetched before.

    Raises IngestError when it cannot be loaded.
    """
    return _kind(settings.encoder).open(settings.encoder, encoder_prefixes(settings))


def encoder_prefixes(settings: Settings) -> Prefixes:
    """Return what the encoder of the settings puts before texts: what the settings say, else what the encoder wants.

    None stands where neither says anything.
    """
    wanted = _kind(settings.encoder).prefixes
    said = Prefixes(settings.encoder_query_prefix, settings.encoder_passage_prefix)
    return wanted(settings.encoder).overridden_by(said) if wanted else Prefixes()


def encoder_fingerprint(name: str) -> str:
    """Return what tells two states of the encoder `name` apart without loading it; "" for a name on the hub."""
    return _kind(name).fingerprint(name)


def _kind(name: str) -> EncoderKind:
    return next(kind for kind in KINDS if kind.means(name))
