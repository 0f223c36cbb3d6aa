"""Opens OOXML packages after checking their size and parts.

Nothing outside the file is fetched and no macro is run: the libraries do neither, and only parts of text are read.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring, iterparse

from ingest.errors import UnreadableDocumentError

# Bytes of all parts unpacked, of those that hold text, and of the largest of these: a book of 4,000 pages has 30 MB.
_MOST, _MOST_TEXT, _LARGEST_TEXT = 1 << 30, 256 << 20, 128 << 20
_RELATIONS = "_rels/.rels"
_PROPERTIES = "docProps/core.xml"
# Names of files, and what programs write where nobody gave a title.
_BY_ITSELF = re.compile(
    r"^(?:Microsoft|PowerPoint|Word|Excel|文書|スライド|Document|Presentation|無題|タイトル)|\.\w{3,4}$|^[\x00-\x7f]*$",
    re.IGNORECASE,
)
_MOST_PARTS = 20_000
# Above so many bytes no real document packs to less than a two-hundredth.
_SMALL, _RATIO = 32 << 20, 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# What files are that carry a wrong name.
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "画像（PNG）",
    b"\xff\xd8\xff": "画像（JPEG）",
    b"GIF8": "画像（GIF）",
    b"BM": "画像（BMP）",
    b"II*\0": "画像（TIFF）",
    b"MM\0*": "画像（TIFF）",
    b"{\\rtf": "リッチテキスト（RTF）",
    b"<!DO": "HTML",
    b"<htm": "HTML",
    b"<HTM": "HTML",
}
# Within so many bytes stand the names of what an OLE file holds, in one that is only locked.
_DIRECTORY = 64 << 20
LOCKED = "パスワードで保護されています。パスワードを外して保存したファイルを置いてください。"
_OLD = "中身は古い形式（97-2003）です。新しい形式（.docx .xlsx .pptx）で保存し直してください。"
_DECLARED = tuple(
    mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
_TEXT = (".xml", ".rels")


@dataclass(frozen=True, slots=True)
class Format:
    """A format of office programs: its name, the element that its main part is, and the program that saves it anew."""

    name: str
    root: str
    program: str


DOCX = Format("Word 文書（.docx）", "document", "Word")
XLSX = Format("Excel ブック（.xlsx）", "workbook", "Excel")
PPTX = Format("PowerPoint 資料（.pptx）", "presentation", "PowerPoint")


def is_empty(path: Path) -> bool:
    """Whether a file holds nothing, or nothing but white space."""
    with path.open("rb") as file:
        start = file.read(4096)
    return not start.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0") and path.stat().st_size <= len(start)


def is_locked(path: Path) -> bool:
    """Whether a file is a container that programs of Office put around what they encrypt."""
    with path.open("rb") as file:
        return file.read(len(_OLE)) == _OLE and _ENCRYPTED in file.read(_DIRECTORY)


@contextmanager
def open_package(path: Path, kind: Format) -> Iterator[zipfile.ZipFile]:
    """Give the opened parts of a file, all within limits.

    Raises UnreadableDocumentError, also for what the body of the `with` finds damaged: libraries raise what they like
    there.
    """
    _check_start(path, kind)
    try:
        with zipfile.ZipFile(path) as parts:
            _check_parts(parts, path.name, kind)
            yield parts
    except (UnreadableDocumentError, MemoryError, OSError):
        raise
    except Exception as error:
        raise _damaged(path.name, kind) from error


def _damaged(name: str, kind: Format) -> UnreadableDocumentError:
    return UnreadableDocumentError(
        f"{name}: {kind.name}として読めません。壊れているか、途中で切れています。"
        f"{kind.program} で開けるか確かめ、保存し直すか取り直してください。"
    )


def _check_start(path: Path, kind: Format) -> None:
    """Raise where the file is another than its name says, or is locked."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(_OLE):
        raise UnreadableDocumentError(f"{path.name}: {LOCKED if is_locked(path) else _OLD}")
    other = next((what for mark, what in _OTHERS.items() if start.startswith(mark)), None)
    if other:
        raise UnreadableDocumentError(
            f"{path.name}: {kind.name}ではなく、中身は{other}です。拡張子を直すか、"
            f"{kind.program} で保存し直してください。"
        )


def _check_parts(parts: zipfile.ZipFile, name: str, kind: Format) -> None:
    infos = parts.infolist()
    text = [info for info in infos if info.filename.lower().endswith(_TEXT)]
    total, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    if (
        len(infos) > _MOST_PARTS
        or total > _MOST
        or sum(info.file_size for info in text) > _MOST_TEXT
        or any(info.file_size > _LARGEST_TEXT for info in text)
        or (total > _SMALL and total > _RATIO * max(packed, 1))
    ):
        raise UnreadableDocumentError(
            f"{name}: 展開すると大きすぎるので読みません（{total >> 20:,} MB）。文書を分けるか、"
            f"{kind.program} で保存し直してください。"
        )
    if any(info.flag_bits & 1 for info in infos):
        raise UnreadableDocumentError(f"{name}: {LOCKED}")
    for info in text:
        _check_text(parts, info, name)
    if _root(parts) != kind.root:
        raise UnreadableDocumentError(
            f"{name}: {kind.name}ではありません（中身が違います）。{kind.program} で開き、保存し直してください。"
        )


def parse(content: bytes) -> Element:
    """Return the root of a part that `package` has looked at."""
    return fromstring(content)  # noqa: S314 -- a part that declares entities was refused


def main_part(parts: zipfile.ZipFile) -> str:
    """Return the name of the part in which a document begins, "" where none is named."""
    if _RELATIONS not in parts.namelist():
        return ""
    for relation in parse(parts.read(_RELATIONS)):
        if relation.get("Type", "").endswith("/officeDocument"):
            return relation.get("Target", "").lstrip("/")
    return ""


def related_parts(parts: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Return the names of the parts that a part refers to, by the ids that it uses; what stands outside is none."""
    folder, _, file = part.rpartition("/")
    name = f"{folder}/_rels/{file}.rels"
    found = parse(parts.read(name)) if name in parts.namelist() else ()
    inside = {one.get("Id", ""): one.get("Target", "") for one in found if one.get("TargetMode") != "External"}
    return {key: posixpath.normpath(posixpath.join("/", folder, target))[1:] for key, target in inside.items()}


def title_property(parts: zipfile.ZipFile) -> str:
    """Return the title among the properties of a file, "" without one or for what a program put there by itself."""
    if _PROPERTIES not in parts.namelist():
        return ""
    title = next((e.text or "" for e in parse(parts.read(_PROPERTIES)).iter() if e.tag.endswith("}title")), "").strip()
    return "" if _BY_ITSELF.search(title) else title


def _root(parts: zipfile.ZipFile) -> str:
    main = main_part(parts)
    if main not in parts.namelist():
        return ""
    with parts.open(main) as part:
        parsing = iterparse(part, ["start"])  # noqa: S314 -- as in `parse`
        return next((element.tag.rpartition("}")[2] for _, element in parsing), "")


def _check_text(parts: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
    """Raise where a part declares a type of document: none needs to, and entities that hold each other fill memory."""
    content = parts.read(info)
    if any(mark in content for mark in _DECLARED):
        raise UnreadableDocumentError(
            f"{name}: 文書型宣言（DTD）のある部品を含むので、安全のため読みません。"
            "作成したソフトで開き、保存し直してください。"
        )
