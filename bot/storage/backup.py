"""Writes, verifies and restores a backup: a ZIP file of records, added documents and the current index.

backup.json             format, time and release of the backup, and the SHA-256 of every other file
shirube.sqlite          the records, copied from the database in use, whether that is SQLite or PostgreSQL
documents.sqlite        the documents table, copied while nobody writes it
current, generations/   the current generation
everything else         as in the data folder, without other generations, locks and hidden files

Restoring unpacks and verifies it first, and keeps the replaced data. With another database in the settings than the
file in the data folder, the records are copied into that one.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from shutil import copyfile, copyfileobj, disk_usage, rmtree
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from pydantic import TypeAdapter

from bot.errors import BackupError
from bot.storage.copying import copy_records, is_copyable
from bot.storage.database import database_url, open_database, sqlite_url
from ingest.configuration.settings import Settings
from ingest.configuration.storage import exclusive_writer, lock_data_folder, sync_tree
from ingest.errors import NoIndexError
from ingest.index.generation import current_name, load_generation, verify_checksums
from ingest.metadata.document_table import LOCK, TABLE

# Format 1 has the tables of 0.29 and earlier.
FORMAT = 2
METADATA = "backup.json"
DATABASE = "shirube.sqlite"
_GENERATIONS = "generations"
# Replaced by copies of the databases.
_DATABASE_FILES = {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", TABLE, f"{TABLE}-journal"}
# A backup has the questions of citizens and the password hashes of staff.
_OWNER_ONLY = 0o600
# Text compresses to a tenth, and preallocated files of the vector store to less; more than this unpacks to no backup.
_MAX_COMPRESSION = 100
_UNPACKED_ALLOWANCE = 100_000_000


@dataclass(frozen=True, slots=True)
class BackupMetadata:
    """The content of `backup.json`; `files` has the SHA-256 of each file by its path in the data folder."""

    format: int
    created: str
    release: str
    generation: str | None
    files: dict[str, str]


_METADATA = TypeAdapter(BackupMetadata)


@dataclass(frozen=True, slots=True)
class BackupReport:
    """The content of a backup; `elsewhere` lists, in Japanese, data that needs backups of its own."""

    file: str
    bytes: int
    generation: str | None
    conversations: int
    answers: int
    elsewhere: tuple[str, ...]


def write_backup(settings: Settings, file: Path) -> BackupReport:
    """Write and verify a backup, then replace an older `file` atomically.

    May run while the service runs; builds wait for it. Raises BackupError, StorageError while a build runs, and
    DamagedIndexError if the current index is damaged; an older `file` is kept then.
    """
    if not settings.data.is_dir():
        raise BackupError(
            f"データフォルダー「{settings.data}」がありません。--data か SHIRUBE_DATA を確かめてください。"
        )
    new_file = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with lock_data_folder(settings.data), TemporaryDirectory(dir=file.parent) as folder:
            generation = _verify_generation(settings)
            records = Path(folder) / DATABASE
            counts = _copy_records(settings, records)
            table = Path(folder) / TABLE
            with exclusive_writer(settings.data, LOCK), suppress(FileNotFoundError):
                copyfile(settings.data / TABLE, table)
            _write_archive(settings, new_file, (records, table), generation)
        verify_backup(new_file)
        new_file.replace(file)
    except OSError as error:
        raise BackupError(
            f"「{file}」に書けません（{error.strerror or error}）。空き容量と権限を確かめてください。"
        ) from error
    finally:
        with suppress(OSError):
            new_file.unlink(missing_ok=True)
    return BackupReport(str(file), file.stat().st_size, generation, *counts, _external_stores(settings))


def verify_backup(file: Path) -> BackupMetadata:
    """Verify every file of a backup against its checksum and return the metadata.

    Raises BackupError if the file is not a backup, is damaged, or was written by a newer release.
    """
    try:
        with ZipFile(file) as archive:
            _refuse_bomb(file, archive)
            metadata = _METADATA.validate_json(archive.read(METADATA))
            if metadata.format != FORMAT:
                raise BackupError(
                    f"「{file}」は別の版のしるべ（{metadata.release}）のバックアップです。その版で戻してください。"
                )
            altered = [name for name, digest in metadata.files.items() if _digest(archive, name) != digest]
            unlisted = {info.filename for info in archive.infolist()} - metadata.files.keys() - {METADATA}
    except (OSError, BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise BackupError(
            f"「{file}」はバックアップとして読めません。壊れているか、途中で切れています。ほかのバックアップを使ってください。"
        ) from error
    if wrong := [*altered, *unlisted, *filter(_is_outside, metadata.files)]:
        raise BackupError(f"「{file}」の中の「{wrong[0]}」が壊れています。ほかのバックアップを使ってください。")
    return metadata


def _refuse_bomb(file: Path, archive: ZipFile) -> None:
    """Raise BackupError, before anything is unpacked, if the content is far larger than the file."""
    size = file.stat().st_size
    unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > _MAX_COMPRESSION * size + _UNPACKED_ALLOWANCE:
        raise BackupError(
            f"「{file}」はほどくと {unpacked / 1_000_000:,.0f} MB（{unpacked // max(1, size):,}倍）になり、"
            "バックアップとして不自然なので戻しません。`python -m bot backup` で書いたファイルを使ってください。"
        )


def count_records(database: Path) -> tuple[int, int]:
    """Return the numbers of recorded conversations and answers. Raises BackupError if the database is damaged."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            is_intact = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            conversations = _count_rows(connection, "conversations")
            answers = _count_rows(connection, "turns")
    except sqlite3.Error as error:
        raise BackupError(f"記録「{database.name}」を読めません（{error}）。") from error
    if not is_intact:
        raise BackupError(f"記録「{database.name}」が壊れています。")
    return conversations, answers


def _count_rows(connection: sqlite3.Connection, table: str) -> int:
    exists = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    if not connection.execute(exists, (table,)).fetchone()[0]:
        return 0
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 -- a constant


def _verify_generation(settings: Settings) -> str | None:
    if current_name(settings) is None:
        return None
    try:
        generation = load_generation(settings)
        verify_checksums(settings, generation)
    except NoIndexError as error:
        raise BackupError(f"使用中の索引を写せません。{error}") from error
    return generation.name


def _copy_records(settings: Settings, copy: Path) -> tuple[int, int]:
    database = settings.data / DATABASE
    url = database_url(settings)
    if settings.database_url:
        if not is_copyable(url):
            return 0, 0
        open_database(url).dispose()
        copy_records(url, sqlite_url(copy))
    elif not database.exists():
        return 0, 0
    else:  # SQLite's own backup, because in WAL mode the file alone may be incomplete
        try:
            with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
        except sqlite3.Error as error:
            raise BackupError(
                f"記録「{database}」を写せません（{error}）。`python -m bot doctor` で確かめてください。"
            ) from error
    return count_records(copy)


def _write_archive(settings: Settings, target: Path, copies: Sequence[Path], generation: str | None) -> None:
    files: dict[str, str] = {}
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(handle, "w+b") as raw:
        with ZipFile(raw, "w", ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(settings.data.rglob("*")):
                name = path.relative_to(settings.data)
                is_old = name.parts[0] == _GENERATIONS and name.parts[1:2] != (generation,)
                is_temporary = name.suffix == ".lock" or any(part.startswith(".") for part in name.parts)
                is_elsewhere = name.as_posix() in _DATABASE_FILES
                if path.is_file() and not path.is_symlink() and not (is_old or is_temporary or is_elsewhere):
                    files[name.as_posix()] = _add(archive, name.as_posix(), path)
            for path in copies:
                if path.exists():
                    files[path.name] = _add(archive, path.name, path)
            metadata = BackupMetadata(FORMAT, datetime.now(UTC).isoformat(), version("shirube-rag"), generation, files)
            archive.writestr(METADATA, json.dumps(asdict(metadata), ensure_ascii=False, indent=1))
        raw.flush()
        os.fsync(raw.fileno())


def _add(archive: ZipFile, name: str, path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    archive.write(path, name)
    return digest


def _digest(archive: ZipFile, name: str) -> str:
    with archive.open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # typeshed asks for more


def _is_outside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name


def _external_stores(settings: Settings) -> tuple[str, ...]:
    notes = []
    if settings.database_url and not is_copyable(database_url(settings)):
        notes.append("記録は SHIRUBE_DATABASE_URL のデータベースにあります。その道具で別に残してください。")
    if settings.chroma_url:
        notes.append(
            "ベクトルは SHIRUBE_CHROMA_URL のサーバーにあります。戻したあと `python -m ingest build` で作り直せます。"
        )
    return tuple(notes)


_LOCK = "build.lock"
# Folder for the unpacked backup until it is verified; the dot excludes it from the next backup.
_STAGING = ".restoring"


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """The restored content.

    `kept` is the folder with the replaced data, None if there was none; `copied` tells that the records are in the
    database of the settings instead of the data folder.
    """

    created: str
    generation: str | None
    conversations: int
    answers: int
    kept: str | None
    copied: bool


def restore_backup(settings: Settings, file: Path) -> RestoreReport:
    """Restore the data folder from a backup and keep the replaced data.

    A running server keeps its open files and must be restarted. Raises BackupError, RecordsCopyError if the database
    of the settings has other records, and StorageError while a build runs, without changes to the data folder.
    """
    metadata = verify_backup(file)
    data = settings.data
    with lock_data_folder(data):
        staging = data / _STAGING
        try:
            rmtree(staging, ignore_errors=True)
            _unpack(file, metadata, staging)
            counts = _verify_unpacked(settings, metadata, staging)
            copied = _move_records(settings, staging / DATABASE)
            replaced = _replace_data(data, staging)
        except OSError as error:
            raise BackupError(
                f"「{data}」に戻せません（{error.strerror or error}）。空き容量と権限を確かめてください。元のままです。"
            ) from error
        finally:
            rmtree(staging, ignore_errors=True)
    return RestoreReport(metadata.created, metadata.generation, *counts, str(replaced) if replaced else None, copied)


def _unpack(file: Path, metadata: BackupMetadata, staging: Path) -> None:
    with ZipFile(file) as archive:
        needed = sum(info.file_size for info in archive.infolist())
        free = disk_usage(staging.parent).free
        if needed > free:
            raise BackupError(
                f"戻すには {needed / 1_000_000:,.0f} MB 要りますが、「{staging.parent}」の空きは"
                f" {free / 1_000_000:,.0f} MB です。空けてから戻してください。元のままです。"
            )
        for name in metadata.files:
            path = staging / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, path.open("wb") as target:
                copyfileobj(source, target)
    staging.mkdir(parents=True, exist_ok=True)
    if (staging / DATABASE).exists():
        (staging / DATABASE).chmod(0o600)
    sync_tree(staging)


def _verify_unpacked(settings: Settings, metadata: BackupMetadata, staging: Path) -> tuple[int, int]:
    if metadata.generation:
        staging_settings = settings.model_copy(update={"data": staging})
        try:
            verify_checksums(staging_settings, load_generation(staging_settings))
        except NoIndexError as error:
            raise BackupError(f"バックアップの中の索引を使えません。{error}") from error
    return count_records(staging / DATABASE) if (staging / DATABASE).exists() else (0, 0)


def _move_records(settings: Settings, records: Path) -> bool:
    if not settings.database_url or not records.exists():
        return False
    copy_records(sqlite_url(records), database_url(settings))
    for file in records.parent.glob(f"{DATABASE}*"):
        file.unlink()
    return True


def _replace_data(data: Path, staging: Path) -> Path | None:
    """Move the current data into a subfolder and the unpacked data into its place.

    Stays within the folder, which may be a mount point. An error undoes all moves.
    """
    old = [path for path in data.iterdir() if path.name not in {_LOCK, _STAGING}]
    # `current` is moved last, when the generation that it names is in place.
    new = sorted(staging.iterdir(), key=lambda path: path.name == "current")
    replaced = data / f".replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    if old:
        replaced.mkdir()
    moves = [*((path, replaced) for path in old), *((path, data) for path in new)]
    finished: list[tuple[Path, Path]] = []
    try:
        for source, folder in moves:
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
