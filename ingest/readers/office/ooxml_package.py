"""Opens OOXML packages after checking their size and parts.

No external resource is fetched and no macro is run: only the text parts are read.
"""

import errno
import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring, iterparse

from ingest.errors import UnreadableDocumentError

# Unpacked bytes of all parts.
_MAX_TOTAL_BYTES = 1 << 30
# Unpacked bytes of the text parts.
_MAX_TEXT_BYTES = 256 << 20
# Unpacked bytes of one text part; a book of 4,000 pages has 30 MB.
_MAX_PART_BYTES = 128 << 20
_RELATIONS = "_rels/.rels"
# Above this size, a higher compression ratio is a decompression bomb.
_MIN_BOMB_BYTES = 32 << 20
_MAX_COMPRESSION_RATIO = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# The directory of an encrypted OLE file is within this many bytes.
_OLE_SEARCH_BYTES = 64 << 20
ENCRYPTED_MESSAGE = "パスワードで保護されています。パスワードを外して保存したファイルを置いてください。"
_OLD_FORMAT_MESSAGE = "中身は古い形式（97-2003）です。新しい形式（.docx .xlsx .pptx）で保存し直してください。"
_DTD_MARKS = tuple(
    mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)


@dataclass(frozen=True, slots=True)
class OoxmlFormat:
    """An Office format: its name, the root element of its main part, and the program that saves it."""

    name: str
    root: str
    program: str


DOCX = OoxmlFormat("Word 文書（.docx）", "document", "Word")
XLSX = OoxmlFormat("Excel ブック（.xlsx）", "workbook", "Excel")
PPTX = OoxmlFormat("PowerPoint 資料（.pptx）", "presentation", "PowerPoint")


def is_empty(path: Path) -> bool:
    """Whether a file has no content besides white space."""
    with path.open("rb") as file:
        start = file.read(4096)
    return not start.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0") and path.stat().st_size <= len(start)


def is_encrypted(path: Path) -> bool:
    """Whether a file is the OLE container of an encrypted Office document."""
    with path.open("rb") as file:
        return file.read(len(_OLE)) == _OLE and _ENCRYPTED in file.read(_OLE_SEARCH_BYTES)


@contextmanager
def open_package(path: Path, kind: OoxmlFormat) -> Iterator[zipfile.ZipFile]:
    """Yield the opened package after checking its limits.

    Raises UnreadableDocumentError, also for exceptions in the body of the `with`: the libraries raise any type for
    damaged files.
    """
    _check_signature(path, kind)
    try:
        with zipfile.ZipFile(path) as parts:
            _check_parts(parts, path.name, kind)
            yield parts
    except (UnreadableDocumentError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # EINVAL: an offset before the file
            raise
        raise UnreadableDocumentError(
            f"{path.name}: {kind.name}として読めません。壊れているか、途中で切れています。"
            f"{kind.program} で開けるか確かめ、保存し直すか取り直してください。"
        ) from error


def _check_signature(path: Path, kind: OoxmlFormat) -> None:
    with path.open("rb") as file:
        start = file.read(len(_OLE))
    if start == _OLE:
        raise UnreadableDocumentError(
            f"{path.name}: {ENCRYPTED_MESSAGE if is_encrypted(path) else _OLD_FORMAT_MESSAGE}"
        )
    if not start.startswith(b"PK"):
        raise UnreadableDocumentError(
            f"{path.name}: {kind.name}として読めません（中身が違います）。拡張子を直すか、"
            f"{kind.program} で保存し直してください。"
        )


def _check_parts(parts: zipfile.ZipFile, name: str, kind: OoxmlFormat) -> None:
    infos = parts.infolist()
    text = [info for info in infos if info.filename.lower().endswith((".xml", ".rels"))]
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if (
        total > _MAX_TOTAL_BYTES
        or sum(info.file_size for info in text) > _MAX_TEXT_BYTES
        or any(info.file_size > _MAX_PART_BYTES for info in text)
        or (total > _MIN_BOMB_BYTES and total > _MAX_COMPRESSION_RATIO * max(packed, 1))
    ):
        raise UnreadableDocumentError(
            f"{name}: 展開すると大きすぎるので読みません（{total >> 20:,} MB）。文書を分けるか、"
            f"{kind.program} で保存し直してください。"
        )
    if any(info.flag_bits & 1 for info in infos):
        raise UnreadableDocumentError(f"{name}: {ENCRYPTED_MESSAGE}")
    if any(mark in content for content in map(parts.read, text) for mark in _DTD_MARKS):
        raise UnreadableDocumentError(
            f"{name}: 文書型宣言（DTD）のある部品を含むので、安全のため読みません。"
            "作成したソフトで開き、保存し直してください。"
        )
    main = main_part(parts)
    root = next(iterparse(parts.open(main), ["start"]))[1].tag if main in parts.namelist() else ""  # noqa: S314
    if root.rpartition("}")[2] != kind.root:
        raise UnreadableDocumentError(
            f"{name}: {kind.name}ではありません（中身が違います）。{kind.program} で開き、保存し直してください。"
        )


def parse_part(content: bytes) -> Element:
    """Return the root of a part checked by `open_package`."""
    return fromstring(content)  # noqa: S314 -- parts with entities were rejected


def main_part(parts: zipfile.ZipFile) -> str:
    """Return the name of the main part, which may be missing."""
    if _RELATIONS not in parts.namelist():
        return ""
    for relation in parse_part(parts.read(_RELATIONS)):
        if relation.get("Type", "").endswith("/officeDocument"):
            return relation.get("Target", "").lstrip("/")
    return ""


def related_parts(parts: zipfile.ZipFile, part: str, *, external: bool = False) -> dict[str, str]:
    """Return the names of the parts that a part refers to, by relation id; the addresses outside if `external`."""
    folder, _, file = part.rpartition("/")
    name = f"{folder}/_rels/{file}.rels"
    relations = parse_part(parts.read(name)) if name in parts.namelist() else ()
    targets = {
        relation.get("Id", ""): relation.get("Target", "")
        for relation in relations
        if (relation.get("TargetMode") == "External") == external
    }
    if external:
        return targets
    return {key: posixpath.normpath(posixpath.join("/", folder, target))[1:] for key, target in targets.items()}
