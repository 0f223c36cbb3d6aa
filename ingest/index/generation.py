"""Index generations on disk: record, checksums, activation, locks and removal.

data/
  current                 name of the active generation
  generations/<name>/     documents and passages (passages.sqlite), arrays (arrays.npz), words.json, chroma/,
                          generation.json, and SHA256SUMS over all of them
  originals/              the files of the documents
  cache/                  what the last build has read and embedded

A complete generation is immutable. Files are verified against their checksums before they are read.
"""

import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import finalize

from pydantic import TypeAdapter, ValidationError

from ingest.configuration.settings import Settings
from ingest.configuration.storage import replace_text, sync_tree, translate_os_errors
from ingest.errors import DamagedIndexError, NoIndexError, StorageError
from ingest.index.checksums import altered_files, write_checksums
from ingest.index.passages import PASSAGE_FILE, PassageStore
from ingest.index.vector_store import delete_server_collection

FORMAT = 12
_REBUILD = "`python -m ingest build` で作り直してください。"
_MAX_LISTED_FILES = 3


@dataclass(frozen=True, slots=True)
class IndexBasis:
    """Everything besides the documents that determines an index; builds on equal bases are equal.

    `fingerprint` identifies the state of the encoder, `recipe` the code of this package. `corpora` are the
    folders, `removed` the ids withdrawn since these were last scanned, `adapted` whether word vectors
    were trained on the corpus.
    """

    corpora: tuple[str, ...]
    removed: tuple[str, ...]
    encoder: str
    fingerprint: str
    recipe: str
    on_server: bool
    adapted: bool = True


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that could not be read, and what to do; without id and digest if it was not even opened."""

    id: str
    digest: str
    file: str
    message: str

    def __str__(self) -> str:
        name = self.file.rpartition("/")[2]
        return self.message if name in self.message else f"{name}: {self.message}"


@dataclass(frozen=True, slots=True)
class Generation:
    """The record of a generation (`generation.json`): its basis and its size.

    `inputs` is a digest of all that it was built from.
    """

    name: str
    created: datetime
    basis: IndexBasis
    inputs: str
    documents: int
    passages: int = 0
    left_out: tuple[SkippedFile, ...] = ()
    format: int = FORMAT


_GENERATION = TypeAdapter(Generation)
_ANY_GENERATION = TypeAdapter(dict[str, Any])
_RECORD = "generation.json"


CURRENT = "current"
"""File in the data folder with the name of the active generation."""
_NAME_TIME = "%Y%m%d-%H%M%S"
_NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")


def new_generation_name() -> str:
    """Return a unique name, also across data folders that share a Chroma server."""
    return f"{datetime.now(UTC):{_NAME_TIME}}-{secrets.token_hex(4)}"


def generation_time(name: str) -> datetime | None:
    """Return the time in a generation's name, None for another name."""
    with suppress(ValueError):
        return datetime.strptime(name.rpartition("-")[0], _NAME_TIME).replace(tzinfo=UTC)
    return None


def generation_folder(data: Path, name: str) -> Path:
    """Return the folder of a generation."""
    return data / "generations" / name


def current_name(settings: Settings) -> str | None:
    """Return the name of the active generation, None without one.

    Raises StorageError if the data folder is not readable.
    """
    with translate_os_errors(settings.data), suppress(FileNotFoundError, NotADirectoryError):
        name = (settings.data / CURRENT).read_bytes().decode("utf-8", "replace").strip()
        return name if _NAME.fullmatch(name) else None
    return None


def load_generation(settings: Settings, name: str | None = None) -> Generation:
    """Return the record of a generation, by default the active one.

    Raises NoIndexError if there is no index, DamagedIndexError if the record is unusable.
    """
    name = name or current_name(settings)
    if name is None:
        raise _no_index_error(settings)
    folder = generation_folder(settings.data, name)
    try:
        content = (folder / _RECORD).read_bytes()
        record = _ANY_GENERATION.validate_json(content)
        if record["format"] != FORMAT:
            raise DamagedIndexError(
                f"索引「{name}」は別の版のしるべの形式です。`python -m ingest build` を実行してください。"
            )
        generation = _GENERATION.validate_json(content)
    except (OSError, KeyError, ValidationError) as error:
        raise damaged_index_error(name, [_RECORD]) from error
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


def verify_checksums(settings: Settings, generation: Generation) -> None:
    """Verify the checksums of all files of a generation (2 GB/s on two cores).

    Raises DamagedIndexError naming the files. Data on a Chroma server is not checked.
    """
    if files := altered_files(generation_folder(settings.data, generation.name)):
        raise damaged_index_error(generation.name, files)


def load_documents(settings: Settings, generation: Generation) -> PassageStore:
    """Return the documents of a generation; raises DamagedIndexError if any of their files is damaged."""
    folder = generation_folder(settings.data, generation.name)
    if files := altered_files(folder, [PASSAGE_FILE]):
        raise damaged_index_error(generation.name, files)
    return PassageStore(folder)


def damaged_index_error(name: str, files: Sequence[str] = ()) -> DamagedIndexError:
    """Return the error for a generation with these damaged or missing files."""
    suffix = f" ほか{len(files) - _MAX_LISTED_FILES}個" if len(files) > _MAX_LISTED_FILES else ""
    details = f"（{'、'.join(files[:_MAX_LISTED_FILES])}{suffix}）" if files else ""
    return DamagedIndexError(f"索引「{name}」のファイルが壊れているか、なくなっています{details}。{_REBUILD}")


def save_record(data: Path, generation: Generation) -> None:
    """Write the record of a generation into its folder."""
    (generation_folder(data, generation.name) / _RECORD).write_bytes(_GENERATION.dump_json(generation, indent=2))


def activate_generation(data: Path, name: str) -> None:
    """Write the checksums, which complete a generation, sync its files, and make it the active one atomically."""
    folder = generation_folder(data, name)
    write_checksums(folder)
    sync_tree(folder)
    replace_text(data / CURRENT, name + "\n")


class GenerationLock:
    """Keeps a generation on disk while a process has it open; a crash releases it.

    Chroma reopens its files under concurrent queries, so they must not be deleted meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        """Lock the generation in `folder` until `close` or garbage collection; raises OSError."""
        file = os.open(folder / _RECORD, os.O_RDONLY)
        self.close = finalize(self, os.close, file)
        _lock(file, shared=True)


def _is_locked(folder: Path) -> bool:
    try:
        file = os.open(folder / _RECORD, os.O_RDWR)  # network file systems lock writable files only
    except PermissionError:
        return True  # not ours to remove
    except OSError:
        return False  # incomplete or damaged: cannot be open
    try:
        return not _lock(file, shared=False)
    finally:
        os.close(file)


def _lock(file: int, *, shared: bool) -> bool:
    if sys.platform == "win32":  # Windows does not delete open files
        return True
    import fcntl  # noqa: PLC0415 -- not on Windows

    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # file systems without locks: readable nevertheless
        return True
    return True


def remove_old_generations(settings: Settings, keep: Iterable[str | None]) -> None:
    """Remove unlocked generations except those to `keep`, including remains of killed builds."""
    kept_names = set(keep)
    for folder in (settings.data / "generations").glob("*"):
        if folder.name not in kept_names and not _is_locked(folder):
            with suppress(StorageError):  # without the server, the next build retries
                delete_server_collection(settings.chroma_url, folder.name)
                shutil.rmtree(folder, ignore_errors=True)
