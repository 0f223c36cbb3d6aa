"""Writes and restores a backup of the data folder: a compressed tar file.

Its first member is `backup.json`; the others are the files of the data folder without generations that are not in use,
locks and hidden files. SQLite databases that may be written meanwhile are copied by `VACUUM INTO`.
"""

import errno
import gzip
import os
import re
import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path, PurePath, PureWindowsPath
from shutil import disk_usage, rmtree
from tempfile import TemporaryDirectory
from unicodedata import normalize

from pydantic import BaseModel, Field

from bot.errors import BotError
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder, sync_tree
from ingest.errors import NoIndexError
from ingest.index.generation import current_name, load_generation, verify_checksums

FORMAT = 3
METADATA = "backup.json"
DATABASE = "shirube.sqlite"
_GENERATIONS = "generations"
# A backup has the questions of citizens and the password hashes of staff.
_OWNER_ONLY = 0o600
_CHUNK = 1 << 20
_DAMAGED = (EOFError, ValueError, zlib.error, tarfile.TarError)
_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS}
# Of the unpacked files to the backup; databases and documents shrink to a tenth, a forged file to a two hundredth.
_MAX_RATIO = 100
_MIN_LIMIT = 100 << 20
# What a small file takes on a disk.
_DISK_BLOCK = 4096
# Bytes of `backup.json`, and of an extended header.
_MAX_HEADER_BYTES = 1 << 16
_EXTENDED_KEYS = {"path", "size", "mtime", "uid", "gid", "uname", "gname"}
_NAME = re.compile(r"[^\x00-\x1f\x7f\\]{1,1000}")
_MAX_NAME_PARTS = 16


class Backup(BaseModel):
    """What a backup contains: when and by which release it was written, its index and the numbers of its records.

    `kept` is the folder with the data that it replaced, if any.
    """

    format: int = FORMAT
    created: datetime
    release: str = Field(pattern=r"^[\w.+-]*$")
    generation: str | None
    conversations: int = 0
    answers: int = 0
    kept: Path | None = None


def write_backup(settings: Settings, file: Path) -> Backup:
    """Write and verify a backup, then replace an older `file` atomically.

    May run while the service runs; builds wait for it. Raises BotError, StorageError while a build runs, and
    DamagedIndexError if the current index is damaged; an older `file` is kept then.
    """
    data = settings.data
    if not data.is_dir():
        raise BotError(f"データフォルダー「{data}」がありません。--data か SHIRUBE_DATA を確かめてください。")
    new_file = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with lock_data_folder(data), TemporaryDirectory(dir=file.parent) as folder:
            backup = _write_archive(settings, new_file, Path(folder))
        _read(new_file)
        new_file.replace(file)
    except OSError as error:
        raise BotError(
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
    """Return the numbers of recorded conversations and answers. Raises BotError if the database is damaged."""
    if database is None or not database.exists():
        return 0, 0
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            is_intact = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            counts = connection.execute("SELECT (SELECT count(*) FROM conversations), (SELECT count(*) FROM turns)")
            conversations, answers = counts.fetchone()
    except sqlite3.Error as error:
        raise BotError(f"記録「{database.name}」を読めません（{error}）。") from error
    if not is_intact:
        raise BotError(f"記録「{database.name}」が壊れています。")
    return conversations, answers


def _verify_generation(settings: Settings) -> str | None:
    if current_name(settings) is None:
        return None
    try:
        generation = load_generation(settings)
        verify_checksums(settings, generation)
    except NoIndexError as error:
        raise BotError(f"索引を使えません。{error}") from error
    return generation.name


def _files(data: Path, generation: str | None) -> Iterator[Path]:
    for path in sorted(data.rglob("*")):
        parts = path.relative_to(data).parts
        is_old = parts[0] == _GENERATIONS and parts[1:2] != (generation,)
        if path.is_file() and not (path.is_symlink() or is_old or _is_temporary(path.relative_to(data))):
            yield path


def _is_temporary(name: PurePath) -> bool:
    is_journal = name.name.endswith((".sqlite-wal", ".sqlite-shm", ".sqlite-journal"))
    return is_journal or name.suffix == ".lock" or any(part.startswith(".") for part in name.parts)


def _copy_database(path: Path, folder: Path) -> Path:
    copy = folder / f"{len(list(folder.iterdir()))}.sqlite"
    try:
        with closing(sqlite3.connect(path)) as source:
            source.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.Error as error:
        raise BotError(f"「{path}」を写せません（{error}）。`python -m bot doctor` で確かめてください。") from error
    return copy


def _read(file: Path, target: Path | None = None) -> tuple[Backup, int]:
    # Checks the backup to its end, also without a `target` to write to.
    damaged = f"「{file}」はバックアップとして読めません。壊れているか、途中で切れています。"
    damaged += "ほかのバックアップを使ってください。"
    total = 0
    try:
        limit = max(_MIN_LIMIT, _MAX_RATIO * file.stat().st_size)
        with gzip.open(file) as stream:
            members = _members(stream, limit)
            name, size = next(members, ("", 0))
            if name != METADATA or size > _MAX_HEADER_BYTES:
                raise BotError(damaged)
            backup = Backup.model_validate_json(_take(stream, size))
            if backup.format != FORMAT:
                raise BotError(
                    f"「{file}」は別の版のしるべ（{backup.release}）のバックアップです。その版で戻してください。"
                )
            for name, size in members:
                total += max(size, _DISK_BLOCK)
                path = target / name if target else Path(os.devnull)
                path.parent.mkdir(parents=True, exist_ok=True)
                with open(path, "wb", opener=partial(os.open, mode=_OWNER_ONLY)) as output:
                    output.writelines(_take(stream, min(_CHUNK, size - start)) for start in range(0, size, _CHUNK))
    except (OSError, *_DAMAGED) as error:
        if target and isinstance(error, OSError) and error.errno in _CANNOT_WRITE:
            raise
        raise BotError(damaged) from error
    return backup, total


def _unsafe(kind: str, name: str) -> BotError:
    return BotError(
        f"このファイルには、しるべのバックアップにないもの（{kind}: {name[:60]!r}）があります。"
        "作り変えられたおそれがあるので、何も戻していません。ほかのバックアップを使ってください。"
    )


def _members(stream: gzip.GzipFile, limit: int) -> Iterator[tuple[str, int]]:
    # `tarfile` follows headers into links, recursion and memory without limit, so each is read here. The caller reads
    # the content of a file before it takes the next.
    files = set[str]()
    folders = set[str]()
    extended = dict[str, str]()
    while (block := stream.read(tarfile.BLOCKSIZE)) != bytes(tarfile.BLOCKSIZE):
        member = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        name, size = extended.get("path", member.name), int(extended.get("size", member.size))
        if member.type == tarfile.XHDTYPE and not extended and 0 <= size <= _MAX_HEADER_BYTES:
            lines = _take(stream, size).decode().splitlines()
            extended = dict(line.partition(" ")[2].partition("=")[::2] for line in lines)
            if not extended.keys() <= _EXTENDED_KEYS:
                raise _unsafe("ファイルの属性", name)
        else:
            if not (member.type in tarfile.REGULAR_TYPES[:2] or (member.isdir() and size == 0)) or size < 0:
                raise _unsafe("ファイルでもフォルダーでもないもの", name)
            if _is_unsafe(name):
                raise _unsafe("使えない名前", name)
            # File systems may ignore case and how an accent is composed.
            *parents, key = accumulate(normalize("NFC", name).casefold().split("/"), "{}/{}".format)
            if key in files or not files.isdisjoint(parents) or (key in folders and not member.isdir()):
                raise _unsafe("同じ名前のもの", name)
            folders.update(parents)
            (folders if member.isdir() else files).add(key)
            limit -= max(size, _DISK_BLOCK)
            if limit < 0:
                raise _unsafe(f"縮める前の大きさが{_MAX_RATIO}倍を超える中身", name)
            if not member.isdir():
                yield name, size
            extended = {}
        _take(stream, -size % tarfile.BLOCKSIZE)
    if stream.read(_CHUNK).strip(b"\0") or stream.read(1):
        raise _unsafe("終わりのあとのデータ", "")


def _is_unsafe(name: str) -> bool:
    parts = name.split("/")
    return (
        _NAME.fullmatch(name) is None
        or len(parts) > _MAX_NAME_PARTS
        or bool(PureWindowsPath(name).drive)
        or not {"", "."}.isdisjoint(parts)
        or _is_temporary(PurePath(name.casefold()))
    )


def _take(stream: gzip.GzipFile, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content


# Folder for the unpacked backup until it is verified; the dot excludes it from the next backup.
_STAGING = ".restoring"


def restore_backup(settings: Settings, file: Path) -> Backup:
    """Restore the data folder from a backup and keep the replaced data.

    A running server keeps its open files and must be restarted. Raises BotError, and StorageError while a build
    runs, without changes to the data folder.
    """
    data = settings.data
    with lock_data_folder(data):
        staging = data / _STAGING
        try:
            rmtree(staging, ignore_errors=True)
            backup, size = _read(file)
            if size > (free := disk_usage(data).free):
                raise BotError(
                    f"「{data}」に戻すには {size >> 20:,} MB 要りますが、空きは {free >> 20:,} MB です。元のままです。"
                    "ディスクを空けるか、--data か SHIRUBE_DATA で別の場所を指定してください。"
                )
            staging.mkdir()
            _read(file, staging)
            conversations, answers = count_records(staging / DATABASE)
            _verify_generation(settings.model_copy(update={"data": staging}))
            sync_tree(staging)
            kept = _replace_data(data, staging)
        except OSError as error:
            raise BotError(
                f"「{data}」に戻せません（{error.strerror or error}）。空き容量と権限を確かめてください。元のままです。"
            ) from error
        finally:
            rmtree(staging, ignore_errors=True)
    return backup.model_copy(update={"conversations": conversations, "answers": answers, "kept": kept})


def _replace_data(data: Path, staging: Path) -> Path | None:
    # Within the folder, which may be a mount point.
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
