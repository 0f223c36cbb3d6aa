"""Writes and restores a backup of the data folder: a compressed tar file.

Its first member is `backup.json`; the others are the files of the data folder without generations that are not in use,
locks and hidden files. SQLite databases that may be written meanwhile are copied by `VACUUM INTO`.
"""

import errno
import gzip
import os
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from pydantic import BaseModel

from bot.errors import BackupError
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder, sync_tree
from ingest.errors import NoIndexError
from ingest.index.generation import current_name, load_generation, verify_checksums

FORMAT = 3
# Format 2, a ZIP file, is of 0.30 to 0.37; format 1 has tables that cannot be migrated.
_READABLE = {2, 3}
METADATA = "backup.json"
DATABASE = "shirube.sqlite"
_GENERATIONS = "generations"
# A backup has the questions of citizens and the password hashes of staff.
_OWNER_ONLY = 0o600
_CHUNK = 1 << 20
_DAMAGED = (EOFError, KeyError, ValueError, zlib.error, tarfile.TarError, zipfile.BadZipFile)
_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS}


class Backup(BaseModel):
    """What a backup contains: when and by which release it was written, its index and the numbers of its records.

    `kept` is the folder with the data that it replaced, if any.
    """

    format: int = FORMAT
    created: datetime
    release: str
    generation: str | None
    conversations: int = 0
    answers: int = 0
    kept: Path | None = None


def write_backup(settings: Settings, file: Path) -> Backup:
    """Write and verify a backup, then replace an older `file` atomically.

    May run while the service runs; builds wait for it. Raises BackupError, StorageError while a build runs, and
    DamagedIndexError if the current index is damaged; an older `file` is kept then.
    """
    data = settings.data
    if not data.is_dir():
        raise BackupError(f"データフォルダー「{data}」がありません。--data か SHIRUBE_DATA を確かめてください。")
    new_file = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with lock_data_folder(data), TemporaryDirectory(dir=file.parent) as folder:
            backup = _write_archive(settings, new_file, Path(folder))
        _read(new_file)
        new_file.replace(file)
    except OSError as error:
        raise BackupError(
            f"「{file}」に書けません（{error.strerror or error}）。空き容量と権限を確かめてください。"
        ) from error
    finally:
        with suppress(OSError):
            new_file.unlink(missing_ok=True)
    return backup


def _write_archive(settings: Settings, target: Path, folder: Path) -> Backup:
    generation = _verify_generation(settings)
    sources = {path.relative_to(settings.data): path for path in _files(settings.data, generation)}
    for name, path in sources.items():
        if name.suffix == ".sqlite" and name.parts[0] != _GENERATIONS:  # a generation does not change
            sources[name] = _copy_database(path, folder)
    conversations, answers = count_records(sources.get(Path(DATABASE)))
    backup = Backup(
        created=datetime.now(UTC),
        release=version("shirube-rag"),
        generation=generation,
        conversations=conversations,
        answers=answers,
    )
    (folder / METADATA).write_text(backup.model_dump_json(), "utf-8")
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
            for name, path in {Path(METADATA): folder / METADATA, **sources}.items():
                archive.add(path, name.as_posix(), filter=lambda member: member.replace(mode=_OWNER_ONLY, deep=False))
        raw.flush()
        os.fsync(raw.fileno())
    return backup


def count_records(database: Path | None) -> tuple[int, int]:
    """Return the numbers of recorded conversations and answers. Raises BackupError if the database is damaged."""
    if database is None or not database.exists():
        return 0, 0
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            is_intact = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            counts = connection.execute("SELECT (SELECT count(*) FROM conversations), (SELECT count(*) FROM turns)")
            conversations, answers = counts.fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"記録「{database.name}」を読めません（{error}）。") from error
    if not is_intact:
        raise BackupError(f"記録「{database.name}」が壊れています。")
    return conversations, answers


def _verify_generation(settings: Settings) -> str | None:
    if current_name(settings) is None:
        return None
    try:
        generation = load_generation(settings)
        verify_checksums(settings, generation)
    except NoIndexError as error:
        raise BackupError(f"索引を使えません。{error}") from error
    return generation.name


def _files(data: Path, generation: str | None) -> Iterator[Path]:
    for path in sorted(data.rglob("*")):
        parts = path.relative_to(data).parts
        is_old = parts[0] == _GENERATIONS and parts[1:2] != (generation,)
        is_temporary = path.suffix == ".lock" or any(part.startswith(".") for part in parts)
        is_journal = path.name.endswith((".sqlite-wal", ".sqlite-shm", ".sqlite-journal"))
        if path.is_file() and not path.is_symlink() and not (is_old or is_temporary or is_journal):
            yield path


def _copy_database(path: Path, folder: Path) -> Path:
    copy = folder / f"{len(list(folder.iterdir()))}.sqlite"
    try:
        with closing(sqlite3.connect(path)) as source:
            source.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.Error as error:
        raise BackupError(f"「{path}」を写せません（{error}）。`python -m bot doctor` で確かめてください。") from error
    return copy


def _read(file: Path, target: Path | None = None) -> Backup:
    """Read a backup, also a ZIP file of 0.37 or earlier, to the end, which verifies checksums, and unpack it."""
    damaged = f"「{file}」はバックアップとして読めません。壊れているか、途中で切れています。"
    damaged += "ほかのバックアップを使ってください。"
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as old:
                old.extractall(target)  # noqa: S202 -- zipfile keeps every member inside the folder
                return Backup.model_validate_json(old.read(METADATA))
        with gzip.open(file) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            first = archive.next()
            content = archive.extractfile(first) if first and first.name == METADATA else None
            backup = Backup.model_validate_json(content.read() if content else b"")
            while member := archive.next():
                if target:
                    archive.extract(member, target, filter="data")
            while stream.read(_CHUNK):
                pass
    except (OSError, *_DAMAGED) as error:
        if target and isinstance(error, OSError) and error.errno in _CANNOT_WRITE:
            raise
        raise BackupError(damaged) from error
    return backup


# Folder for the unpacked backup until it is verified; the dot excludes it from the next backup.
_STAGING = ".restoring"


def restore_backup(settings: Settings, file: Path) -> Backup:
    """Restore the data folder from a backup and keep the replaced data.

    A running server keeps its open files and must be restarted. Raises BackupError, and StorageError while a build
    runs, without changes to the data folder.
    """
    data = settings.data
    with lock_data_folder(data):
        staging = data / _STAGING
        try:
            rmtree(staging, ignore_errors=True)
            staging.mkdir()
            backup = _read(file, staging)
            if backup.format not in _READABLE:
                raise BackupError(
                    f"「{file}」は別の版のしるべ（{backup.release}）のバックアップです。その版で戻してください。"
                )
            (staging / METADATA).unlink(missing_ok=True)
            conversations, answers = count_records(staging / DATABASE)
            _verify_generation(settings.model_copy(update={"data": staging}))
            sync_tree(staging)
            kept = _replace_data(data, staging)
        except OSError as error:
            raise BackupError(
                f"「{data}」に戻せません（{error.strerror or error}）。空き容量と権限を確かめてください。元のままです。"
            ) from error
        finally:
            rmtree(staging, ignore_errors=True)
    return backup.model_copy(update={"conversations": conversations, "answers": answers, "kept": kept})


def _replace_data(data: Path, staging: Path) -> Path | None:
    """Move the current data into a subfolder and the unpacked data into its place.

    Stays within the folder, which may be a mount point. An error undoes all moves.
    """
    old = [path for path in data.iterdir() if path.name not in {"build.lock", _STAGING}]
    # `current` is moved last, when the generation that it names is in place.
    new = sorted(staging.iterdir(), key=lambda path: path.name == "current")
    replaced = data / f".replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    if old:
        replaced.mkdir()
    finished: list[tuple[Path, Path]] = []
    try:
        for source, folder in [*((path, replaced) for path in old), *((path, data) for path in new)]:
            target = source.rename(folder / source.name)
            finished.append((source, target))
    except OSError:
        for source, target in reversed(finished):
            with suppress(OSError):
                target.rename(source)
        with suppress(OSError):
            replaced.rmdir()
        raise
    return replaced if old else None
