"""ZIP archives: unpacks them and treats each file inside as a document of its own."""

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
# Files in an archive, and bytes of one and of all of them unpacked; one in the archive may be an archive, none deeper.
_MOST_FILES, _LARGEST, _MOST, _DEEPEST = 2_000, 256 << 20, 1 << 30, 1
# Above so many bytes nothing that people pack becomes a two-hundredth of itself.
_SMALL, _RATIO = 64 << 20, 200
# What systems put into archives beside what was packed.
_NOT_PACKED = re.compile(r"(?:^|/)(?:\.(?!\./)|~\$|__MACOSX/|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]')
_LONGEST_NAME = 80
_UTF_8 = 0x800
_ENCRYPTED = 0x1
# Where this process has unpacked archives.
_UNPACKED: list[Path] = []


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its name inside, with `/` between folders, and where it lies unpacked."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class _UnpackResult:
    files: tuple[Member, ...] = ()
    refused: str = ""


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP archive by its name."""
    return path.suffix.lower() == ARCHIVE


def is_unpacked(path: Path) -> bool:
    """Whether a file was unpacked from an archive by this process."""
    return any(folder in path.parents for folder in _UNPACKED)


def unpack_members(path: Path) -> tuple[Member, ...]:
    """Return the files of an archive, unpacked; they stay until the process ends. One that is refused leaves nothing.

    Raises UnreadableDocumentError where it is damaged, locked, empty, too large, or leads out of its folder; OSError.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    found = _unpack_cached(digest, path)
    if any(not member.path.is_file() for member in found.files):  # a server runs longer than systems keep such files
        _unpack_cached.cache_clear()
        found = _unpack_cached(digest, path)
    if found.refused:
        raise UnreadableDocumentError(found.refused)
    return found.files


def resolve_path(path: Path) -> Path:
    """Return where the file lies that a path leads to, also into an archive (`papers.zip/first/plan.docx`).

    Where there is none, or its archive cannot be opened, the path is returned as it is.
    """
    archive = next((one for one in path.parents if is_archive(one) and one.is_file()), None)
    if archive is None or path.exists():
        return path
    name = path.relative_to(archive).as_posix()
    try:
        return next((member.path for member in unpack_members(archive) if member.name == name), path)
    except (UnreadableDocumentError, OSError):
        return path


@cache
def _unpack_cached(_digest: str, path: Path) -> _UnpackResult:
    """Return what came of an archive, a refusal too: one in a folder that is watched is looked at again and again."""
    folder = Path(mkdtemp(prefix="shirube-zip-"))
    with ExitStack() as undoing:
        undoing.callback(shutil.rmtree, folder, ignore_errors=True)
        try:
            files = _unpack(path, folder)
        except UnreadableDocumentError as error:
            return _UnpackResult(refused=str(error))
        undoing.pop_all()
    _UNPACKED.append(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _UnpackResult(files)


def _unpack(path: Path, folder: Path) -> tuple[Member, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            found = tuple(_Unpacking(folder, path).files(archive, "", 0))
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, zlib.error, lzma.LZMAError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the system, and not of what bzip2 unpacks
            raise
        raise UnreadableDocumentError(
            f"{path.name}: ZIP として読めません。壊れているか、途中で切れています。作り直すか取り直してください。"
        ) from error
    if not found:
        raise UnreadableDocumentError(f"{path.name}: ZIP に文書が入っていません。中身のあるものを置いてください。")
    return found


class _Unpacking:
    """Files of one archive, and of those in it, being written into `folder`; `path` is the archive for messages."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._folder = folder
        self._name = path.name
        self._count = 0
        self._bytes = 0
        self._allowed = max(_SMALL, _RATIO * path.stat().st_size)

    def files(self, archive: zipfile.ZipFile, above: str, depth: int) -> Iterator[Member]:
        """Yield the files of an archive whose own name is `above` in the outermost one."""
        for info in archive.infolist():
            name = _name(info)
            if info.is_dir() or name.endswith("/") or _is_link(info) or _NOT_PACKED.search(name):
                continue
            inner = PurePosixPath(name)
            if inner.is_absolute() or ".." in inner.parts:
                self._refuse(
                    "フォルダーの外を指す名前のファイルを含むので開きません。展開して、要る文書だけを置いてください。"
                )
            if info.flag_bits & _ENCRYPTED:
                self._refuse("パスワードで保護されています。展開して、中の文書を置いてください。")
            self._count_one(info)
            if inner.suffix.lower() == ARCHIVE:
                if depth == _DEEPEST:
                    self._refuse("ZIP の中の ZIP に、さらに ZIP が入っています。展開して、中の文書を置いてください。")
                with zipfile.ZipFile(io.BytesIO(archive.read(info))) as packed:
                    yield from self.files(packed, f"{above}{name}/", depth + 1)
            else:
                yield Member(f"{above}{name}", self._write_file(archive, info, inner))

    def _count_one(self, info: zipfile.ZipInfo) -> None:
        self._count += 1
        self._bytes += info.file_size
        if self._count > _MOST_FILES:
            self._refuse(f"ファイルが多すぎます（上限は{_MOST_FILES:,}）。分けて置いてください。")
        if info.file_size > _LARGEST or self._bytes > min(_MOST, self._allowed):
            self._refuse("展開すると大きすぎるので開きません。分けて置いてください。")

    def _write_file(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, inner: PurePosixPath) -> Path:
        folder = self._folder / f"{self._count:04}"
        folder.mkdir()
        stem = _UNSAFE.sub("", inner.stem)[:_LONGEST_NAME] or "document"
        path = folder / f"{stem}{_UNSAFE.sub('', inner.suffix)[:_LONGEST_NAME]}"
        with archive.open(info) as packed, path.open("wb") as file:
            shutil.copyfileobj(packed, file)
        return path

    def _refuse(self, why: str) -> NoReturn:
        raise UnreadableDocumentError(f"{self._name}: {why}")


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name of a file as who packed it saw it: without a mark for UTF-8 it is in it still, or in CP932."""
    name = info.filename
    if not info.flag_bits & _UTF_8:
        packed = name.encode("cp437", "replace")
        for encoding in ("utf-8", "cp932"):
            try:
                name = packed.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/").encode("utf-8", "replace").decode("utf-8")


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)
