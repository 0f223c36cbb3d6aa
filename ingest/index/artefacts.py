"""Stores what is compiled from documents at build with a generation, so that nothing is compiled at question time.

artefacts/<kind>/<digest of the key>.json   the key in the first line, then the content
"""

import hashlib
from pathlib import Path

_FOLDER = "artefacts"


def write_artefact(folder: Path, kind: str, key: str, content: bytes) -> None:
    """Write a compiled artefact into the folder of a generation that is not active yet.

    Args:
        folder: the folder of the generation.
        kind: what is compiled, such as "references"; a name of a folder.
        key: identifies the artefact among those of its kind, such as the id of a document; without line breaks.
        content: JSON.
    """
    path = _path(folder, kind, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(key.encode() + b"\n" + content)


def read_artefact(folder: Path, kind: str, key: str) -> bytes | None:
    """Return the content of an artefact, None if there is none."""
    path = _path(folder, kind, key)
    return path.read_bytes().partition(b"\n")[2] if path.is_file() else None


def artefact_keys(folder: Path, kind: str) -> frozenset[str]:
    """Return the keys of the artefacts of a kind."""
    keys = []
    for path in (folder / _FOLDER / kind).glob("*.json"):
        with path.open("rb") as file:
            keys.append(file.readline().removesuffix(b"\n").decode())
    return frozenset(keys)


def _path(folder: Path, kind: str, key: str) -> Path:
    return folder / _FOLDER / kind / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
