"""ZIP archives: each file inside is a document."""

import atexit
import hashlib
import io
import lzma
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import NoReturn

from ingest.errors import UnreadableDocumentError

ARCHIVE = ".zip"
# Files in an archive.
_MAX_FILES = 2_000
# Unpacked bytes of one file.
_MAX_FILE_BYTES = 256 << 20
# Unpacked bytes in total.
_MAX_TOTAL_BYTES = 1 << 30
# Depth of archives inside archives.
_MAX_NESTING = 1
# Above this size, a compression ratio beyond the limit is a decompression bomb.
_MIN_BOMB_BYTES = 64 << 20
_MAX_COMPRESSION_RATIO = 200
# Files that operating systems add to archives.
_SYSTEM_FILES = re.compile(r"(?:^|/)(?:\.(?!\./)|~\$|__MACOSX/|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]')
_MAX_NAME_LENGTH = 80
_UTF_8 = 0x800
_ENCRYPTED = 0x1
_UNPACKED_FOLDERS: list[Path] = []


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file of an archive: its name inside (with `/`) and the path of its unpacked copy."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class _Unpacked:
    """What unpacking returned: the files, or the message of the error."""

    files: tuple[ArchiveMember, ...] = ()
    error: str = ""


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP archive, by its name."""
    return path.suffix.lower() == ARCHIVE


def is_unpacked(path: Path) -> bool:
    """Whether this process unpacked the file from an archive."""
    return any(folder in path.parents for folder in _UNPACKED_FOLDERS)


def unpack_members(path: Path) -> tuple[ArchiveMember, ...]:
    """Return the files of an archive, unpacked until the process ends.

    Raises UnreadableDocumentError if the archive is damaged, encrypted, empty, too large, or has paths outside its
    folder; OSError.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    unpacked = _unpack_cached(digest, path)
    # Cleaners of temporary files may have deleted them in a long-running process.
    if any(not member.path.is_file() for member in unpacked.files):
        _unpack_cached.cache_clear()
        unpacked = _unpack_cached(digest, path)
    if unpacked.error:
        raise UnreadableDocumentError(unpacked.error)
    return unpacked.files


def resolve_path(path: Path) -> Path:
    """Return the file that a path names, also inside an archive (`papers.zip/first/plan.docx`).

    A path that cannot be resolved is returned unchanged.
    """
    archive = next((parent for parent in path.parents if is_archive(parent) and parent.is_file()), None)
    if archive is None or path.exists():
        return path
    name = path.relative_to(archive).as_posix()
    try:
        return next((member.path for member in unpack_members(archive) if member.name == name), path)
    except (UnreadableDocumentError, OSError):
        return path


@cache
def _unpack_cached(_digest: str, path: Path) -> _Unpacked:
    """Unpack an archive once per content; failures are cached too, since watched folders are scanned often."""
    folder = Path(mkdtemp(prefix="shirube-zip-"))
    with ExitStack() as cleanup:
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            files = _unpack(path, folder)
        except UnreadableDocumentError as error:
            return _Unpacked(error=str(error))
        cleanup.pop_all()
    _UNPACKED_FOLDERS.append(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _Unpacked(files)


def _unpack(path: Path, folder: Path) -> tuple[ArchiveMember, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = tuple(_Unpacker(folder, path).unpack(archive, "", 0))
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, zlib.error, lzma.LZMAError, OSError) as error:
        if (
            isinstance(error, OSError) and error.errno is not None
        ):  # a system error, unlike the OSError of damaged bzip2 data
            raise
        raise UnreadableDocumentError(
            f"{path.name}: ZIP として読めません。壊れているか、途中で切れています。作り直すか取り直してください。"
        ) from error
    if not members:
        raise UnreadableDocumentError(f"{path.name}: ZIP に文書が入っていません。中身のあるものを置いてください。")
    return members


class _Unpacker:
    """Writes the files of one archive, and of archives in it, into `folder`."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._folder = folder
        self._name = path.name
        self._count = 0
        self._bytes = 0
        self._allowed = max(_MIN_BOMB_BYTES, _MAX_COMPRESSION_RATIO * path.stat().st_size)

    def unpack(self, archive: zipfile.ZipFile, prefix: str, depth: int) -> Iterator[ArchiveMember]:
        for info in archive.infolist():
            name = _decode_name(info)
            if info.is_dir() or name.endswith("/") or _is_link(info) or _SYSTEM_FILES.search(name):
                continue
            inner = PurePosixPath(name)
            if inner.is_absolute() or ".." in inner.parts:
                self._refuse(
                    "フォルダーの外を指す名前のファイルを含むので開きません。展開して、要る文書だけを置いてください。"
                )
            if info.flag_bits & _ENCRYPTED:
                self._refuse("パスワードで保護されています。展開して、中の文書を置いてください。")
            self._check_limits(info)
            if inner.suffix.lower() == ARCHIVE:
                if depth == _MAX_NESTING:
                    self._refuse("ZIP の中の ZIP に、さらに ZIP が入っています。展開して、中の文書を置いてください。")
                with zipfile.ZipFile(io.BytesIO(archive.read(info))) as nested:
                    yield from self.unpack(nested, f"{prefix}{name}/", depth + 1)
            else:
                yield ArchiveMember(f"{prefix}{name}", self._write_file(archive, info, inner))

    def _check_limits(self, info: zipfile.ZipInfo) -> None:
        self._count += 1
        self._bytes += info.file_size
        if self._count > _MAX_FILES:
            self._refuse(f"ファイルが多すぎます（上限は{_MAX_FILES:,}）。分けて置いてください。")
        if info.file_size > _MAX_FILE_BYTES or self._bytes > min(_MAX_TOTAL_BYTES, self._allowed):
            self._refuse("展開すると大きすぎるので開きません。分けて置いてください。")

    def _write_file(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, inner: PurePosixPath) -> Path:
        folder = self._folder / f"{self._count:04}"
        folder.mkdir()
        stem = _UNSAFE.sub("", inner.stem)[:_MAX_NAME_LENGTH] or "document"
        path = folder / f"{stem}{_UNSAFE.sub('', inner.suffix)[:_MAX_NAME_LENGTH]}"
        with archive.open(info) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
        return path

    def _refuse(self, reason: str) -> NoReturn:
        raise UnreadableDocumentError(f"{self._name}: {reason}")


def _decode_name(info: zipfile.ZipInfo) -> str:
    name = info.filename
    if not info.flag_bits & _UTF_8:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "cp932"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/").encode("utf-8", "replace").decode("utf-8")


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)
