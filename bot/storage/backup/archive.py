"""Writes and verifies a backup: a ZIP file of records, added documents and the current index.

backup.json             the format, when and by which release, and the SHA-256 of every other file
shirube.sqlite          the records, copied by SQLite itself: in WAL mode the file alone may hold no table
current, generations/   the generation in service
everything else         as it lies in the data folder, but for other generations, locks, half-written files, and the
                        data of tenants, each of which has backups of its own
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from bot.errors import BackupError
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder
from ingest.configuration.tenants import FOLDER as TENANTS
from ingest.errors import NoIndexError
from ingest.index.generation import current_name, load_generation, verify_checksums

FORMAT = 1
RECORD, DATABASE = "backup.json", "shirube.sqlite"
_GENERATIONS = "generations"
# SQLite's own files beside the database: what counts in them is in the copy.
_WITH_THE_COPY = {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"}
# Who reads the backup reads what citizens asked and how staff sign in.
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class BackupMetadata:
    """What `backup.json` holds; `files` gives the SHA-256 of each by its name in the data folder."""

    format: int
    created: str
    release: str
    generation: str | None
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds; `elsewhere` tells what is kept on servers of its own and is not in it."""

    file: str
    bytes: int
    generation: str | None
    conversations: int
    answers: int
    elsewhere: tuple[str, ...]


def write_backup(settings: Settings, file: Path) -> BackupReport:
    """Write `file`, replacing an older one in one step, and read it again before this returns.

    May run while the data folder is served; a build waits meanwhile. Raises BackupError, StorageError while a build
    runs, and DamagedIndexError where the index in service is damaged. An older `file` then stays as it was.
    """
    if not settings.data.is_dir():
        raise BackupError(
            f"データフォルダー「{settings.data}」がありません。--data か SHIRUBE_DATA を確かめてください。"
        )
    aside = file.with_name(f".{file.name}.new")
    try:
        with lock_data_folder(settings.data), TemporaryDirectory(dir=_parent(file)) as folder:
            generation = _verify_generation(settings)
            counts = _copy_records(settings.data / DATABASE, Path(folder) / DATABASE)
            _write(settings, aside, Path(folder) / DATABASE, generation)
        verify_backup(aside)
        aside.replace(file)
    except OSError as error:
        raise BackupError(
            f"「{file}」に書けません（{error.strerror or error}）。空き容量と権限を確かめてください。"
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
    return BackupReport(str(file), file.stat().st_size, generation, *counts, _external_stores(settings))


def verify_backup(file: Path) -> BackupMetadata:
    """Return what a backup says it holds, after every file in it was read and held against its checksum.

    Raises BackupError where it is no backup, is damaged, or was written by a newer release.
    """
    try:
        with ZipFile(file) as archive:
            content = BackupMetadata(**json.loads(archive.read(RECORD)))
            if content.format != FORMAT:
                raise BackupError(
                    f"「{file}」は別の版のしるべ（{content.release}）のバックアップです。その版で戻してください。"
                )
            altered = [name for name, digest in content.files.items() if _digest(archive, name) != digest]
            beyond = {info.filename for info in archive.infolist()} - content.files.keys() - {RECORD}
    except (OSError, BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise BackupError(
            f"「{file}」はバックアップとして読めません。壊れているか、途中で切れています。ほかのバックアップを使ってください。"
        ) from error
    if wrong := [*altered, *beyond, *filter(_is_outside, content.files)]:
        raise BackupError(f"「{file}」の中の「{wrong[0]}」が壊れています。ほかのバックアップを使ってください。")
    return content


def count_records(database: Path) -> tuple[int, int]:
    """Return how many conversations and answers the records hold. Raises BackupError where they are damaged."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            sound = opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            tables = {name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            wanted = ("conversations", "turns")
            counts = [
                opened.execute(f"SELECT count(*) FROM {name}").fetchone()[0] if name in tables else 0  # noqa: S608
                for name in wanted
            ]
    except sqlite3.Error as error:
        raise BackupError(f"記録「{database.name}」を読めません（{error}）。") from error
    if not sound:
        raise BackupError(f"記録「{database.name}」が壊れています。")
    return counts[0], counts[1]


def _parent(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.parent


def _verify_generation(settings: Settings) -> str | None:
    """Return the name of the generation in service, of which every file was looked at; None where there is none."""
    if current_name(settings) is None:
        return None
    try:
        generation = load_generation(settings)
        verify_checksums(settings, generation)
    except NoIndexError as error:
        raise BackupError(f"使用中の索引を写せません。{error}") from error
    return generation.name


def _copy_records(database: Path, copy: Path) -> tuple[int, int]:
    if not database.exists():
        return 0, 0
    try:
        with closing(sqlite3.connect(database)) as served, closing(sqlite3.connect(copy)) as own:
            served.backup(own)
    except sqlite3.Error as error:
        raise BackupError(
            f"記録「{database}」を写せません（{error}）。`python -m bot doctor` で確かめてください。"
        ) from error
    return count_records(copy)


def _write(settings: Settings, aside: Path, records: Path, generation: str | None) -> None:
    files: dict[str, str] = {}
    handle = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(handle, "w+b") as raw:
        with ZipFile(raw, "w", ZIP_DEFLATED, compresslevel=1) as archive:
            for name, path in sorted(_iterate_files(settings.data, generation)):
                files[name] = _add(archive, name, path)
            if records.exists():
                files[DATABASE] = _add(archive, DATABASE, records)
            content = BackupMetadata(FORMAT, datetime.now(UTC).isoformat(), version("shirube-rag"), generation, files)
            archive.writestr(RECORD, json.dumps(asdict(content), ensure_ascii=False, indent=1))
        raw.flush()
        os.fsync(raw.fileno())


def _iterate_files(data: Path, generation: str | None) -> Iterator[tuple[str, Path]]:
    """Yield each file to keep with its name in the data folder; links are not followed out of it."""
    for path in data.rglob("*"):
        name = path.relative_to(data)
        passing = any(part.startswith(".") for part in name.parts) or path.suffix == ".lock"
        other = name.parts[0] == _GENERATIONS and name.parts[1:2] != (generation,)
        other = other or name.parts[0] == TENANTS
        copied = name.as_posix() in _WITH_THE_COPY
        if not passing and not other and not copied and path.is_file() and not path.is_symlink():
            yield name.as_posix(), path


def _add(archive: ZipFile, name: str, path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    archive.write(path, name)
    return digest


def _digest(archive: ZipFile, name: str) -> str:
    with archive.open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # it only reads


def _is_outside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name


def _external_stores(settings: Settings) -> tuple[str, ...]:
    told = []
    if (settings.data / TENANTS).is_dir():
        told.append("役所ごとのデータは入っていません。SHIRUBE_TENANT に役所の id を入れて、役所ごとに残してください。")
    if settings.database_url:
        told.append(
            "記録は SHIRUBE_DATABASE_URL のデータベースにあります。その道具（pg_dump など）で別に残してください。"
        )
    if settings.chroma_url:
        told.append(
            "ベクトルは SHIRUBE_CHROMA_URL のサーバーにあります。戻したあと `python -m ingest build` で作り直せます。"
        )
    return tuple(told)
