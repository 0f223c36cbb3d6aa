"""Restores a backup: unpacks and verifies it first, and keeps the replaced data.

With another database in the settings than the file in the data folder, the records are copied into that one.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj, disk_usage, rmtree
from zipfile import ZipFile

from bot.errors import BackupError
from bot.storage.backup.backup_archive import DATABASE, BackupMetadata, count_records, verify_backup
from bot.storage.copying import copy_records
from bot.storage.database import database_url, sqlite_url
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder, sync_tree
from ingest.configuration.tenants import FOLDER as TENANTS
from ingest.errors import NoIndexError
from ingest.index.generation import load_generation, verify_checksums

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
            _require_space(file, data)
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


def _require_space(file: Path, data: Path) -> None:
    with ZipFile(file) as archive:
        needed = sum(info.file_size for info in archive.infolist())
    free = disk_usage(data).free
    if needed > free:
        raise BackupError(
            f"戻すには {needed / 1_000_000:,.0f} MB 要りますが、「{data}」の空きは {free / 1_000_000:,.0f} MB です。"
            "空けてから戻してください。元のままです。"
        )


def _unpack(file: Path, metadata: BackupMetadata, staging: Path) -> None:
    with ZipFile(file) as archive:
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

    Stays within the folder, which may be a mount point; data of tenants is not moved. An error undoes all moves.
    """
    old = [path for path in data.iterdir() if path.name not in {_LOCK, _STAGING, TENANTS}]
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
        _move_back(finished)
        with suppress(OSError):
            replaced.rmdir()
        raise
    return replaced if old else None


def _move_back(moves: Sequence[tuple[Path, Path]]) -> None:
    for source, target in reversed(moves):
        with suppress(OSError):
            target.rename(source)
