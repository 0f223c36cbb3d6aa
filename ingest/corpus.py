"""Data of corpus folders: entries with their files, and findings with file and line."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum
from pathlib import Path

from ingest.documents import Document

MANIFEST = "manifest.toml"
_AT_ONCE = 1 << 20
# Half a surrogate pair (a name that is no UTF-8), control characters, and marks that turn the direction of writing: a
# name may hold them, a message that shows it must not.
_UNSHOWN = re.compile("[\ud800-\udfff\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable_name(path: Path | str) -> str:
    """Return a file's name as it can be written anywhere, with U+FFFD for what cannot be shown."""
    return _UNSHOWN.sub("\ufffd", path.as_posix() if isinstance(path, Path) else path)


class FindingKind(IntEnum):
    """What a finding is about, the weightiest first."""

    UNREAD = 0
    """Something in a document could not be read."""
    DOUBLE = 1
    """Two files hold the same."""
    MANIFEST_KEY = 2
    """The manifest says something that means nothing."""
    UNLISTED = 3
    """A file has no entry in the manifest."""

    @property
    def told(self) -> str:
        """What many of a kind are called together."""
        return (
            "読み取れないところのある文書",
            "同じ中身のファイル",
            "manifest.toml の書き誤り",
            "manifest.toml にないファイル",
        )[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the keeper of a corpus should mend: where it stands, and what to do."""

    file: str
    text: str
    line: int | None = None
    kind: FindingKind = FindingKind.MANIFEST_KEY

    @property
    def place(self) -> str:
        """File and line, as they stand in messages."""
        return f"{self.file} {self.line}行目" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a corpus, its file, and where its entry stands (no line: it has none).

    Where it is not `titled`, nobody said its title: it is the file's name until the file is read. `content` is the
    SHA-256 of the file alone.
    """

    document: Document
    path: Path
    manifest: str
    line: int | None = None
    titled: bool = True
    content: str = ""

    @property
    def place(self) -> str:
        """Where people find the file: in its folder, also where it lies in an archive there."""
        return printable_name(Path(self.manifest).parent / self.document.file)

    def finding(self, text: str, kind: FindingKind = FindingKind.MANIFEST_KEY) -> Finding:
        """Return a finding at this entry, or at the file that has none."""
        if self.line:
            return Finding(self.manifest, text, self.line, kind)
        return Finding(self.place, text, kind=kind)


@dataclass(slots=True)
class Corpus:
    """The documents of one or several folders in the order of their manifests, and what is to be said of them.

    `problems` are of the manifests, and nothing can be indexed with them; `unreadable` are files that are left out.
    """

    entries: list[Entry] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    unreadable: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents alone."""
        return tuple(entry.document for entry in self.entries)


NO_ISSUER = "発行者がないので、市町村の名前を挙げた質問では見つかりません。発行者（issuer）を書いてください。"
"""What is told of a document without an issuer beside those of several."""


def missing_issuers(entries: Sequence[Entry], described: Iterable[Document]) -> list[Finding]:
    """Return a finding for each entry without an issuer, where the documents have several.

    `described` are the documents of the entries as staff have changed them.
    """
    issuer_of = {document.id: document.issuer for document in described}
    if len({issuer for issuer in issuer_of.values() if issuer}) <= 1:
        return []
    return [entry.finding(NO_ISSUER) for entry in entries if not issuer_of.get(entry.document.id)]


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, which need not fit into memory; may raise OSError.

    Of a file that grows meanwhile it is that of the bytes that were there at first.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        left = os.fstat(file.fileno()).st_size
        while left > 0 and (read := file.read(min(left, _AT_ONCE))):
            digest.update(read)
            left -= len(read)
    return digest.hexdigest()


def with_digest(document: Document, content: str) -> Document:
    """Return `document` with the digest of its entry and of its file's `content_digest`."""
    entry = json.dumps(asdict(replace(document, digest="")), ensure_ascii=False, sort_keys=True, default=str)
    return replace(document, digest=hashlib.sha256(f"{entry}\0{content}".encode()).hexdigest())
