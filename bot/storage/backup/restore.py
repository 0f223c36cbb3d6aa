"""Restores a backup: unpacks and verifies it first, and keeps the replaced data."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj, rmtree
from zipfile import ZipFile

from bot.errors import BackupError
from bot.storage.backup.archive import DATABASE, BackupMetadata, count_records, verify_backup
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder, sync_tree
from ingest.configuration.tenants import FOLDER as TENANTS
from ingest.errors import NoIndexError
from ingest.index.generation import load_generation, verify_checksums

_LOCK = "build.lock"
# What is unpacked, until it is known to be whole; the dot keeps it out of the next backup.
_ASIDE = ".restoring"


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was put back; `kept` is the folder in which what lay there before lies now, None where there was nothing."""

    created: str
    generation: str | None
    conversations: int
    answers: int
    kept: str | None


def restore_backup(settings: Settings, file: Path) -> RestoreReport:
    """Fill the data folder from a backup; nothing that lay there is lost.

    A server that is running over it goes on with what it has open, and has to be started anew. Raises BackupError, and
    StorageError while a build runs; the data folder then is as it was.
    """
    content = verify_backup(file)
    data = settings.data
    with lock_data_folder(data):
        aside = data / _ASIDE
        try:
            rmtree(aside, ignore_errors=True)
            _unpack(file, content, aside)
            counts = _verify_unpacked(settings, content, aside)
            kept = _replace_data(data, aside)
        except OSError as error:
            raise BackupError(
                f"「{data}」に戻せません（{error.strerror or error}）。空き容量と権限を確かめてください。元のままです。"
            ) from error
        finally:
            rmtree(aside, ignore_errors=True)
    return RestoreReport(content.created, content.generation, *counts, str(kept) if kept else None)


def _unpack(file: Path, content: BackupMetadata, aside: Path) -> None:
    with ZipFile(file) as archive:
        for name in content.files:
            path = aside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, path.open("wb") as target:
                copyfileobj(source, target)
    aside.mkdir(parents=True, exist_ok=True)
    if (aside / DATABASE).exists():
        (aside / DATABASE).chmod(0o600)
    sync_tree(aside)


def _verify_unpacked(settings: Settings, content: BackupMetadata, aside: Path) -> tuple[int, int]:
    """Open what was unpacked; return how many conversations and answers it holds."""
    if content.generation:
        there = settings.model_copy(update={"data": aside})
        try:
            verify_checksums(there, load_generation(there))
        except NoIndexError as error:
            raise BackupError(f"バックアップの中の索引を使えません。{error}") from error
    return count_records(aside / DATABASE) if (aside / DATABASE).exists() else (0, 0)


def _replace_data(data: Path, aside: Path) -> Path | None:
    """Move what lies in the data folder into one of its own there, and what was unpacked into its place.

    Within the folder, which may be a mount point; the data of tenants stays. After an error everything is where it was.
    """
    before = [path for path in data.iterdir() if path.name not in {_LOCK, _ASIDE, TENANTS}]
    kept = data / f".replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    if before:
        kept.mkdir()
    moved: list[tuple[Path, Path]] = []
    try:
        # `current` last: a reader that looks meanwhile finds the generation that it names.
        arriving = sorted(aside.iterdir(), key=lambda path: path.name == "current")
        for source, folder in (*((path, kept) for path in before), *((path, data) for path in arriving)):
            moved.append((source, source.rename(folder / source.name)))
    except OSError:
        _move_back(moved)
        with suppress(OSError):
            kept.rmdir()
        raise
    return kept if before else None


def _move_back(moved: Sequence[tuple[Path, Path]]) -> None:
    for source, target in reversed(moved):
        with suppress(OSError):
            target.rename(source)
