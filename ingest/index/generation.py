"""Index generations on disk: record, checksums, current generation, locks and removal.

data/
  current                 the name of the generation in service
  generations/<name>/     documents and passages (*.jsonl), arrays (*.npy), keyword/, flow/, letters/, context/,
                          lexicon/, chroma/, originals/, generation.json, and last SHA256SUMS over all of them
  unfinished/             what a build has read that did not come to its end

Nothing writes into a generation after that. Who reads a file of it first holds it against its checksum.
"""

import hashlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from weakref import finalize

from pydantic import TypeAdapter, ValidationError

from ingest.configuration.settings import Settings
from ingest.configuration.storage import replace_text, sync_tree, translate_os_errors
from ingest.errors import DamagedIndexError, NoIndexError, StorageError
from ingest.index.checksums import altered_files, write_sums
from ingest.index.passages import FILES, PassageStore, Readings
from ingest.index.vector_store import delete_server_collection

FORMAT = 4
_REBUILD = "`python -m ingest build` で作り直してください。"
# The generation in service and the one before it, to which one can go back, are kept in any case.
_USUAL = 2
# Damaged files that an error names; it counts the others.
_NAMED_FILES = 3


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
class SkippedFile:
    """A file that could not be read, and what to do. One that nobody could look into has neither id nor digest."""

    id: str
    digest: str
    file: str
    message: str

    def __str__(self) -> str:
        name = self.file.rpartition("/")[2]
        return self.message if name in self.message else f"{name}: {self.message}"


@dataclass(frozen=True, slots=True)
class Generation:
    """What `generation.json` holds: how the index was made, how much is in it, and which was in service before.

    `left_out` are files of the corpus that could not be read. `moved` counts the passages that came or went since the
    meanings of words were learned from the corpus.
    """

    name: str
    created: datetime
    basis: Basis
    dimension: int
    documents: int
    passages: int
    previous: str | None
    left_out: tuple[SkippedFile, ...] = ()
    moved: int = 0
    format: int = FORMAT


_GENERATION = TypeAdapter(Generation)
_RECORD = "generation.json"


@cache
def indexing_digest() -> str:
    """Return a digest of all that decides how documents are read and indexed: this package's code, Sudachi's words.

    Chroma's release too: a newer one may convert the files of an older one, which are then not those that were summed.
    """
    digest = hashlib.sha256(f"{version('sudachidict-core')} {version('chromadb')}".encode())
    for source in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


CURRENT = "current"
"""The file in the data folder that names the generation in service."""
_NAMED = "%Y%m%d-%H%M%S"
_NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")


def new_generation_name() -> str:
    """Return a name that no other generation has, also not one of another data folder on the same Chroma server."""
    return f"{datetime.now(UTC):{_NAMED}}-{secrets.token_hex(4)}"


def generation_time(name: str) -> datetime | None:
    """Return when a generation was named, to the second; None for a name that `new_name` did not give."""
    with suppress(ValueError):
        return datetime.strptime(name.rpartition("-")[0], _NAMED).replace(tzinfo=UTC)
    return None


def generation_folder(data: Path, name: str) -> Path:
    """Return where the generation `name` lies."""
    return data / "generations" / name


def current_name(settings: Settings) -> str | None:
    """Return the name that `current` holds, or None where it holds none.

    Raises StorageError where the data folder may not be read.
    """
    with translate_os_errors(settings.data), suppress(FileNotFoundError, NotADirectoryError):
        name = (settings.data / CURRENT).read_bytes().decode("utf-8", "replace").strip()
        return name if _NAME.fullmatch(name) else None
    return None


def load_generation(settings: Settings, name: str | None = None) -> Generation:
    """Return the record of the generation `name`, of the one that `current` names where none is given.

    Raises NoIndexError where there is no index yet, DamagedIndexError where there is none that this program can read.
    """
    name = name or current_name(settings)
    if name is None:
        raise _no_index_error(settings)
    folder = generation_folder(settings.data, name)
    try:
        generation = _GENERATION.validate_json((folder / _RECORD).read_bytes())
    except (OSError, ValidationError) as error:
        raise damaged_index_error(name, [_RECORD]) from error
    if generation.format != FORMAT:
        raise DamagedIndexError(f"索引「{name}」は別の版のしるべで作られています。{_REBUILD}")
    if generation.name != name or altered_files(folder, [_RECORD]):
        raise damaged_index_error(name, [_RECORD])
    return generation


def _no_index_error(settings: Settings) -> NoIndexError:
    if any((settings.data / "generations").glob(f"*/{_RECORD}")):
        current = settings.data / CURRENT
        return DamagedIndexError(f"使用中の索引の名前を書いた「{current}」がないか、壊れています。{_REBUILD}")
    return NoIndexError(
        f"「{settings.data}」に索引がまだありません。`python -m ingest build` で文書を取り込んでください。"
    )


def earlier_generations(settings: Settings) -> list[Generation]:
    """Return the records of all generations but the one that `current` names, the newest first.

    Those that cannot be read are left out.
    """
    current, found = current_name(settings), []
    for folder in (settings.data / "generations").glob("*"):
        if folder.name != current and _NAME.fullmatch(folder.name):
            with suppress(DamagedIndexError):
                found.append(load_generation(settings, folder.name))
    return sorted(found, key=lambda generation: generation.created, reverse=True)


def verify_checksums(settings: Settings, generation: Generation) -> None:
    """Hold every file of a generation against its checksum: it is read once, 2 GB/s on two cores.

    Raises DamagedIndexError, which names the files. What lies on a Chroma server is not looked at.
    """
    if files := altered_files(generation_folder(settings.data, generation.name)):
        raise damaged_index_error(generation.name, files)


def load_readings(settings: Settings, generation: Generation) -> Readings:
    """Return what was understood of each document; raises DamagedIndexError when a file of it is damaged."""
    folder = generation_folder(settings.data, generation.name)
    if files := altered_files(folder, FILES):
        raise damaged_index_error(generation.name, files)
    return PassageStore.open(folder).readings


def damaged_index_error(name: str, files: Sequence[str] = ()) -> DamagedIndexError:
    """Return the error for a generation of which these files, or others that nobody can name, are gone or broken."""
    more = f" ほか{len(files) - _NAMED_FILES}個" if len(files) > _NAMED_FILES else ""
    which = f"（{'、'.join(files[:_NAMED_FILES])}{more}）" if files else ""
    return DamagedIndexError(f"索引「{name}」のファイルが壊れているか、なくなっています{which}。{_REBUILD}")


def save_generation(data: Path, generation: Generation) -> None:
    """Write the record and the checksums, by which the generation is complete, and have all its files on the disk."""
    folder = generation_folder(data, generation.name)
    (folder / _RECORD).write_bytes(_GENERATION.dump_json(generation, indent=2))
    write_sums(folder)
    sync_tree(folder)


def publish(data: Path, name: str) -> None:
    """Put the generation `name` in service, as one step."""
    replace_text(data / CURRENT, name + "\n")


class GenerationLock:
    """Keeps a generation on the disk while somebody has it open, in whatever process; that may die without a word.

    Chroma opens its files anew where many ask at once, so a generation may not go while one of them may ask.
    """

    def __init__(self, folder: Path) -> None:
        """Hold the generation in `folder` until `close`, or until nobody has this object; raises OSError."""
        record = os.open(folder / _RECORD, os.O_RDONLY)
        self.close = finalize(self, os.close, record)
        _lock(record, shared=True)


def _is_in_use(folder: Path) -> bool:
    try:
        record = os.open(folder / _RECORD, os.O_RDWR)  # a network's file system locks alone only what may be written
    except PermissionError:
        return True  # not ours to remove
    except OSError:
        return False  # half-written or damaged: nobody could open it
    try:
        return not _lock(record, shared=False)
    finally:
        os.close(record)


def _lock(file: int, *, shared: bool) -> bool:
    """Lock a file without waiting and return whether that could be done."""
    if sys.platform == "win32":  # where nobody can remove what is open
        return True
    import fcntl  # noqa: PLC0415 -- not on Windows

    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: an index can be read there all the same
        return True
    return True


def remove_old_generations(settings: Settings, keep: Iterable[str | None]) -> None:
    """Remove all generations but those to `keep` and those that are `Held`: older ones, and what killed builds left.

    Where the settings ask for more than two, as many of the newest that are complete stay besides.
    """
    kept = set(keep)
    if further := settings.keep_generations - _USUAL:
        kept |= set([one.name for one in earlier_generations(settings) if one.name not in kept][:further])
    for folder in (settings.data / "generations").glob("*"):
        if folder.name not in kept and not _is_in_use(folder):
            with suppress(StorageError):  # where the server is away, the folder stays for the next build to sweep
                delete_server_collection(settings.chroma_url, folder.name)
                shutil.rmtree(folder, ignore_errors=True)
