"""ZIP archives: each file inside is a document. An archive inside another is not opened."""

import hashlib
import lzma
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ingest.errors import UnreadableDocumentError

# Files that make a ZIP a GTFS feed, which is one document (`ingest/readers/open_data.py`).
_FEED_FILES = {"stops.txt", "stop_times.txt"}
# Files in an archive.
_MAX_FILES = 2_000
# Unpacked bytes of one file.
_MAX_FILE_BYTES = 256 << 20
# Unpacked bytes in total.
_MAX_TOTAL_BYTES = 1 << 30
# Above this size, a compression ratio beyond the limit is a decompression bomb.
_MIN_BOMB_BYTES = 64 << 20
_MAX_COMPRESSION_RATIO = 200
# Files that operating systems add to archives.
_SYSTEM_FILES = re.compile(r"(?:^|/)(?:\.(?!\./)|~\$|__MACOSX/|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*\\]')
_MAX_NAME_LENGTH = 80
_UTF_8 = 0x800
_ENCRYPTED = 0x1
# By the digest of an archive: its unpacked files, or why there are none; the folders are kept until the process ends.
_unpacked: dict[str, tuple[TemporaryDirectory[str], tuple["ArchiveMember", ...] | str]] = {}


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file of an archive: its name inside (with `/`) and the path of its unpacked copy."""

    name: str
    path: Path


def is_archive(path: Path) -> bool:
    """Whether a ZIP file, by its name, holds documents and is not one itself, a GTFS feed."""
    if path.suffix.lower() != ".zip":
        return False
    with suppress(zipfile.BadZipFile, OSError, ValueError, RuntimeError), zipfile.ZipFile(path) as archive:
        return not {PurePosixPath(name).name for name in archive.namelist()} >= _FEED_FILES
    return True


def is_unpacked(path: Path) -> bool:
    """Whether this process unpacked the file from an archive."""
    return any(Path(folder.name) in path.parents for folder, _ in _unpacked.values())


def unpack_members(path: Path) -> tuple[ArchiveMember, ...]:
    """Return the files of an archive, unpacked until the process ends.

    Raises UnreadableDocumentError if the archive is damaged, encrypted, empty, too large, or has paths outside its
    folder; OSError.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    _, members = _unpacked.get(digest, (None, ""))
    # Messages are kept too, since folders are scanned often; cleaners of temporary files may have deleted members.
    if not members or (not isinstance(members, str) and any(not member.path.is_file() for member in members)):
        folder = TemporaryDirectory(prefix="shirube-zip-")
        members = _unpack_or_message(path, Path(folder.name))
        if isinstance(members, str):
            folder.cleanup()
        _unpacked[digest] = folder, members
    if isinstance(members, str):
        raise UnreadableDocumentError(members)
    return members


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


def _unpack_or_message(path: Path, folder: Path) -> tuple[ArchiveMember, ...] | str:
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(_unpack(archive, path, folder))
    except UnreadableDocumentError as error:
        return str(error)
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError, zlib.error, lzma.LZMAError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # unlike the OSError of damaged bzip2 data
            raise
        return f"{path.name}: ZIP として読めません。壊れているか、途中で切れています。作り直すか取り直してください。"


def _unpack(archive: zipfile.ZipFile, path: Path, folder: Path) -> Iterator[ArchiveMember]:
    allowed = min(_MAX_TOTAL_BYTES, max(_MIN_BOMB_BYTES, _MAX_COMPRESSION_RATIO * path.stat().st_size))
    names = [
        (name, info)
        for info in archive.infolist()
        if not (name := _decode_name(info)).endswith("/")
        and not stat.S_ISLNK(info.external_attr >> 16)
        and not _SYSTEM_FILES.search(name)
    ]
    refusal = "" if names else "ZIP に文書が入っていません。中身のあるものを置いてください。"
    if any(PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts for name, _ in names):
        refusal = "フォルダーの外を指す名前のファイルを含むので開きません。展開して、要る文書だけを置いてください。"
    elif any(info.flag_bits & _ENCRYPTED for _, info in names):
        refusal = "パスワードで保護されています。展開して、中の文書を置いてください。"
    elif len(names) > _MAX_FILES:
        refusal = f"ファイルが多すぎます（上限は{_MAX_FILES:,}）。分けて置いてください。"
    elif max((info.file_size for _, info in names), default=0) > _MAX_FILE_BYTES or (
        sum(info.file_size for _, info in names) > allowed
    ):
        refusal = "展開すると大きすぎるので開きません。分けて置いてください。"
    if refusal:
        raise UnreadableDocumentError(f"{path.name}: {refusal}")
    for number, (name, info) in enumerate(names, start=1):
        inner = PurePosixPath(name)
        stem = _UNSAFE.sub("", inner.stem)[:_MAX_NAME_LENGTH] or "document"
        target = folder / f"{number:04}" / f"{stem}{_UNSAFE.sub('', inner.suffix)[:_MAX_NAME_LENGTH]}"
        target.parent.mkdir()
        with archive.open(info) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file)
        yield ArchiveMember(name, target)


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
