"""The data folder: exclusive locks, atomic writes and error messages."""

import errno
import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ingest.errors import IngestError, StorageError

# NumPy raises an OSError without a number for an incomplete write.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, None}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}
# Seconds to wait for another writer.
_BUSY_S = 10


@contextmanager
def translate_os_errors(data: Path) -> Iterator[None]:
    """Convert an OSError while writing `data` to a StorageError with advice."""
    try:
        yield
    except OSError as error:
        elsewhere = "別の場所は --data か SHIRUBE_DATA で指定できます。"
        reason = f"を使えません（{error.strerror or error}）。"
        if error.errno in _FULL:
            reason = "のディスクに空きがありません。不要なファイルを消してから、もう一度実行してください。"
        elif error.errno in _FORBIDDEN:
            reason = "に書き込めません。権限を確かめてください。"
        raise StorageError(f"データフォルダー「{data}」{reason}{elsewhere}") from error


def lock_data_folder(data: Path) -> AbstractContextManager[None]:
    """Lock the data folder for writing, creating it. Raises StorageError if another process or thread has the lock."""
    busy = f"データフォルダー「{data}」では、ほかの取り込みが動いています。終わってから、もう一度実行してください。"
    return _locked(data, "build.lock", 0, busy)


def exclusive_writer(data: Path, name: str) -> AbstractContextManager[None]:
    """Lock the file `name` for one writer at a time, independently of builds.

    Raises StorageError if another writer takes too long.
    """
    return _locked(data, name, _BUSY_S, "ほかの人が変えているところです。少し待って、もう一度実行してください。")


@contextmanager
def _locked(data: Path, name: str, wait_s: float, busy: str) -> Iterator[None]:
    # The operating system releases the lock when its owner dies.
    with translate_os_errors(data):
        data.mkdir(parents=True, exist_ok=True)
        lock = FileLock(data / name)
        try:
            lock.acquire(timeout=wait_s)
        except Timeout as error:
            raise StorageError(busy) from error
    try:
        yield
    finally:
        lock.release()


def replace_text(path: Path, text: str) -> None:
    """Replace a file atomically, so that it has the old or the new text even after a power cut."""
    replace_file(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Replace a file atomically with what `write` writes."""
    temporary = path.with_name(f".{path.name}.new")
    write(temporary)
    sync(temporary)
    os.replace(temporary, path)  # noqa: PTH105 -- the name of the system call that is atomic
    sync(path.parent)


def read_toml_tables(path: Path, key: str, error_type: type[IngestError]) -> list[dict[str, Any]]:
    """Return the tables `[[key]]` of a TOML file. Raises an `error_type` that says what to do."""
    try:
        tables = tomllib.loads(path.read_text("utf-8-sig")).get(key, [])
    except OSError as error:
        raise error_type(f"「{path}」を読めません（{error.strerror}）。場所と権限を確かめてください。") from error
    except ValueError as error:
        raise error_type(
            f"「{path}」を TOML として読めません（{error}）。引用符の閉じ忘れを確かめてください。"
        ) from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise error_type(f"「{path}」の項目は [[{key}]] の下に書いてください。")
    return tables


def file_stamp(file: Path) -> tuple[int, ...]:
    """Return a stamp that changes whenever the file is replaced, () without one; cheap enough for each question.

    Raises StorageError if the folder may not be read.
    """
    with translate_os_errors(file.parent), suppress(FileNotFoundError, NotADirectoryError):
        status = file.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino
    return ()


def sync_tree(folder: Path) -> None:
    """Flush everything below `folder`, and its directory entry, to disk."""
    for path in (*folder.rglob("*"), folder, folder.parent):
        sync(path)


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
