"""Generations on disk: folders that are written aside, and the one name in `current` that says which is in service.

data/
  current                 the name of the generation in service
  generations/<name>/     readings.jsonl, inputs.json, arrays (*.npy), keyword/, flow/, letters/, context/,
                          lexicon/, chroma/, and last generation.json
"""

import hashlib
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ingest.documents import Reading
from ingest.errors import NoIndexError, StorageError
from ingest.settings import Settings
from ingest.storage import replace_text, storing, sync_tree
from ingest.vectors import drop

FORMAT = 2
_FILES = ("vectors.npy", "inputs.json", "meanings.npy", "contexts.npy", "projection.npy")
_PARTS = (*_FILES, "keyword", "flow", "letters", "context", "lexicon")
_REBUILD = "`python -m ingest build --full` で作り直してください。"


@dataclass(frozen=True, slots=True)
class Basis:
    """What an index was made from, besides the documents: builds of equal documents on equal bases are equal.

    `fingerprint` tells states of one encoder apart, `recipe` programs that would read or index differently; `corpora`
    are the folders, and `removed` the ids that were taken out of service since the last full look at them.
    `passage_prefix` is what the encoder put before each passage; `adapted` tells whether words learned from the corpus.
    """

    corpora: tuple[str, ...]
    removed: tuple[str, ...]
    encoder: str
    fingerprint: str
    recipe: str
    on_server: bool
    passage_prefix: str = ""
    adapted: bool = True


@dataclass(frozen=True, slots=True)
class Generation:
    """What `generation.json` holds: how the index was made, how much is in it, and which was in service before."""

    name: str
    created: datetime
    basis: Basis
    dimension: int
    documents: int
    passages: int
    previous: str | None
    format: int = FORMAT


_GENERATION = TypeAdapter(Generation)
_READING = TypeAdapter(Reading)


@cache
def recipe() -> str:
    """Return a digest of all that decides how documents are read and indexed: this package's code, Sudachi's words."""
    digest = hashlib.sha256(version("sudachidict-core").encode())
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


_NAMED = "%Y%m%d-%H%M%S"


def new_name() -> str:
    """Return a name that no other generation has, also not one of another data folder on the same Chroma server."""
    return f"{datetime.now(UTC):{_NAMED}}-{secrets.token_hex(4)}"


def made_at(name: str) -> datetime | None:
    """Return when a generation was named, to the second; None for a name that `new_name` did not give."""
    with suppress(ValueError):
        return datetime.strptime(name.rpartition("-")[0], _NAMED).replace(tzinfo=UTC)
    return None


def generation_folder(data: Path, name: str) -> Path:
    """Return where the generation `name` lies."""
    return data / "generations" / name


def current_name(settings: Settings) -> str | None:
    """Return the name of the generation in service, or None; cheap enough to ask before each question.

    Raises StorageError where the data folder may not be read.
    """
    with storing(settings.data), suppress(FileNotFoundError, NotADirectoryError):
        return (settings.data / "current").read_text(encoding="utf-8").strip() or None
    return None


def load_generation(settings: Settings) -> Generation:
    """Return the record of the generation in service.

    Raises NoIndexError when there is none, or none that this program can read.
    """
    name = current_name(settings)
    if name is None:
        raise NoIndexError(
            f"「{settings.data}」に索引がまだありません。`python -m ingest build` で文書を取り込んでください。"
        )
    try:
        text = (generation_folder(settings.data, name) / "generation.json").read_bytes()
        generation = _GENERATION.validate_json(text)
    except (OSError, ValidationError) as error:
        raise NoIndexError(f"索引「{name}」を読めません。{_REBUILD}") from error
    if generation.format != FORMAT:
        raise NoIndexError(f"索引「{name}」は別の版のしるべで作られています。{_REBUILD}")
    return generation


def load_readings(settings: Settings, generation: Generation) -> tuple[Reading, ...]:
    """Return what was understood of each document; raises NoIndexError when the file is damaged."""
    try:
        with (generation_folder(settings.data, generation.name) / "readings.jsonl").open("rb") as lines:
            readings = tuple(_READING.validate_json(line) for line in lines)
    except (OSError, ValidationError) as error:
        raise damaged(generation.name) from error
    if sum(len(reading.passages) for reading in readings) != generation.passages:
        raise damaged(generation.name)
    return readings


def parts_missing(settings: Settings, generation: Generation) -> bool:
    """Whether a part of the generation is gone, as far as can be told without opening it."""
    parts = (*_PARTS, *([] if generation.basis.on_server else ["chroma"]))
    folder = generation_folder(settings.data, generation.name)
    return not all((folder / part).exists() for part in parts)


def damaged(name: str) -> NoIndexError:
    """Return the error for a generation of which files are missing or broken."""
    return NoIndexError(f"索引「{name}」が壊れています。{_REBUILD}")


def save_readings(folder: Path, readings: Iterable[Reading]) -> None:
    """Write one document a line."""
    with (folder / "readings.jsonl").open("wb") as lines:
        lines.writelines(_READING.dump_json(reading) + b"\n" for reading in readings)


def save_generation(data: Path, generation: Generation) -> None:
    """Write the record, by which the generation is complete, and have all its files on the disk."""
    folder = generation_folder(data, generation.name)
    (folder / "generation.json").write_bytes(_GENERATION.dump_json(generation, indent=2))
    sync_tree(folder)


def publish(data: Path, name: str) -> None:
    """Put the generation `name` in service, as one step."""
    replace_text(data / "current", name + "\n")


def sweep(settings: Settings, keep: Iterable[str | None]) -> None:
    """Remove all generations but those to `keep`: older ones, and what killed builds left."""
    kept = set(keep)
    for folder in (settings.data / "generations").glob("*"):
        if folder.name not in kept:
            with suppress(StorageError):  # where the server is away, the folder stays for the next build to sweep
                drop(settings.chroma_url, folder.name)
                shutil.rmtree(folder, ignore_errors=True)
