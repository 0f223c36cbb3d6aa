"""Encoders: text to unit vectors. A new kind of encoder is one new file and one line in `KINDS`."""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.encoders.encoder import Encoder, Vectors, unit
from ingest.encoders.fingerprint import folder_fingerprint
from ingest.encoders.sentence_transformer import open_folder
from ingest.encoders.use import DEFAULT_ENCODER, UseEncoder, use_fingerprint

__all__ = ["DEFAULT_ENCODER", "Encoder", "Vectors", "fingerprint", "open_encoder", "unit"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of encoder: which names mean one of it, how it is opened, what tells its states apart."""

    means: Callable[[str], bool]
    open: Callable[[str], Encoder]
    fingerprint: Callable[[str], str]


# The first kind that is meant by a name opens it; the last takes every name.
KINDS: tuple[Kind, ...] = (
    Kind(DEFAULT_ENCODER.__eq__, lambda _name: UseEncoder(), lambda _name: use_fingerprint()),
    Kind(lambda _name: True, open_folder, folder_fingerprint),
)


def open_encoder(name: str) -> Encoder:
    """Return the encoder called `name`: the default, a folder of a SentenceTransformer, or a hub name fetched before.

    Raises IngestError when it cannot be loaded.
    """
    return _kind(name).open(name)


def fingerprint(name: str) -> str:
    """Return what tells two states of the encoder `name` apart without loading it; "" for a name on the hub."""
    return _kind(name).fingerprint(name)


def _kind(name: str) -> Kind:
    return next(kind for kind in KINDS if kind.means(name))
