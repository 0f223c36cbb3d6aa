"""Encoders: text to unit vectors. A new kind of encoder is one new file and one line in `KINDS`."""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.encoders.encoder import Encoder, Vectors, unit
from ingest.encoders.fingerprint import folder_fingerprint
from ingest.encoders.prefixes import Prefixes, folder_prefixes
from ingest.encoders.sentence_transformer import open_folder
from ingest.encoders.use import DEFAULT_ENCODER, UseEncoder, use_fingerprint
from ingest.encoders.words import WORDS_ENCODER, WordsEncoder
from ingest.settings import Settings
from ingest.words import shipped_fingerprint

__all__ = ["DEFAULT_ENCODER", "Encoder", "Prefixes", "Vectors", "fingerprint", "open_encoder", "prefixes", "unit"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of encoder: which names mean one of it, how it is opened, what tells its states apart.

    `prefixes` is what the encoder of a name wants before its texts; a kind without it never puts any there.
    """

    means: Callable[[str], bool]
    open: Callable[[str, Prefixes], Encoder]
    fingerprint: Callable[[str], str]
    prefixes: Callable[[str], Prefixes] | None = None


# The first kind that is meant by a name opens it; the last takes every name.
KINDS: tuple[Kind, ...] = (
    Kind(DEFAULT_ENCODER.__eq__, lambda _name, _prefixes: UseEncoder(), lambda _name: use_fingerprint()),
    Kind(WORDS_ENCODER.__eq__, lambda _name, _prefixes: WordsEncoder(), lambda _name: shipped_fingerprint()),
    Kind(lambda _name: True, open_folder, folder_fingerprint, folder_prefixes),
)


def open_encoder(settings: Settings) -> Encoder:
    """Return the encoder of the settings: the default, a SentenceTransformer's folder, or a hub name fetched before.

    Raises IngestError when it cannot be loaded.
    """
    return _kind(settings.encoder).open(settings.encoder, prefixes(settings))


def prefixes(settings: Settings) -> Prefixes:
    """Return what the encoder of the settings puts before texts: what the settings say, else what the encoder wants.

    None stands where neither says anything.
    """
    wanted = _kind(settings.encoder).prefixes
    said = Prefixes(settings.encoder_query_prefix, settings.encoder_passage_prefix)
    return wanted(settings.encoder).where_not(said) if wanted else Prefixes()


def fingerprint(name: str) -> str:
    """Return what tells two states of the encoder `name` apart without loading it; "" for a name on the hub."""
    return _kind(name).fingerprint(name)


def _kind(name: str) -> Kind:
    return next(kind for kind in KINDS if kind.means(name))
