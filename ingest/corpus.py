"""Data classes of corpus folders: entries with their files, and findings with file and line."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum
from pathlib import Path

from ingest.documents import Block, Document

MANIFEST = "manifest.toml"
DICTIONARY = "dictionary.csv"
"""The office's dictionary, beside a manifest and in the data folder."""
_READ_BYTES = 1 << 20
# Lone surrogates, control characters and bidirectional marks, which file names may contain and messages must not.
_UNPRINTABLE = re.compile("[\ud800-\udfff\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable_name(path: Path | str) -> str:
    """Return a file name that can be printed anywhere, with U+FFFD for unprintable characters."""
    return _UNPRINTABLE.sub("\ufffd", path.as_posix() if isinstance(path, Path) else path)


class FindingKind(IntEnum):
    """What a finding is about, the most severe first."""

    UNREAD = 0
    """Part of a document could not be read."""
    DOUBLE = 1
    """Two files have the same content."""
    MANIFEST_KEY = 2
    """A manifest key or value is invalid."""
    UNLISTED = 3
    """A file is not listed in the manifest."""
    DRAFT = 4
    """A draft, which is left out."""

    @property
    def plural_label(self) -> str:
        return (
            "読み取れないところのある文書",
            "同じ中身のファイル",
            "manifest.toml の書き誤り",
            "manifest.toml にないファイル",
            "下書きの文書",
        )[self]


@dataclass(frozen=True, slots=True)
class CorpusFinding:
    """A problem of a corpus that its owner should fix, with its place and what to do."""

    file: str
    text: str
    line: int | None = None
    kind: FindingKind = FindingKind.MANIFEST_KEY

    @property
    def location(self) -> str:
        return f"{self.file} {self.line}行目" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.location}: {self.text}"


@dataclass(frozen=True, slots=True)
class CorpusEntry:
    """A document of a corpus with its file; `line` is None if the manifest does not list it.

    Without a stated title (`has_title` is false) the title is the file name until the file is read. `content` is the
    SHA-256 of the file alone. A row of a FAQ file has its `blocks`, and is a file of its own with the content `row`.
    """

    document: Document
    path: Path
    manifest: str
    line: int | None = None
    has_title: bool = True
    content: str = ""
    blocks: tuple[Block, ...] = ()
    row: bytes = b""

    @property
    def location(self) -> str:
        return printable_name(Path(self.manifest).parent / self.document.file)

    def finding(self, text: str, kind: FindingKind = FindingKind.MANIFEST_KEY) -> CorpusFinding:
        """Return a finding at this entry, or at its file if the manifest does not list it."""
        if self.line:
            return CorpusFinding(self.manifest, text, self.line, kind)
        return CorpusFinding(self.location, text, kind=kind)


@dataclass(slots=True)
class Corpus:
    """The documents of one or more folders in manifest order, with the findings about them.

    `problems` in a manifest prevent a build; `unreadable` files are left out.
    """

    entries: list[CorpusEntry] = field(default_factory=list)
    problems: list[CorpusFinding] = field(default_factory=list)
    unreadable: list[CorpusFinding] = field(default_factory=list)
    warnings: list[CorpusFinding] = field(default_factory=list)

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(entry.document for entry in self.entries)


NO_ISSUER_MESSAGE = "発行者がないので、市町村の名前を挙げた質問では見つかりません。発行者（issuer）を書いてください。"
"""The finding about a document without an issuer in a corpus of several issuers."""


def missing_issuers(entries: Sequence[CorpusEntry], documents: Iterable[Document]) -> list[CorpusFinding]:
    """Return a finding per entry without an issuer if the corpus has several issuers.

    `documents` are the entries' documents as staff have edited them.
    """
    issuer_of = {document.id: document.issuer for document in documents}
    if len({issuer for issuer in issuer_of.values() if issuer}) <= 1:
        return []
    return [entry.finding(NO_ISSUER_MESSAGE) for entry in entries if not issuer_of.get(entry.document.id)]


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file, read in chunks; may raise OSError.

    Of a file that grows meanwhile only the initial size is read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        remaining = os.fstat(file.fileno()).st_size
        while remaining > 0 and (chunk := file.read(min(remaining, _READ_BYTES))):
            digest.update(chunk)
            remaining -= len(chunk)
    return digest.hexdigest()


def with_digest(document: Document, content: str) -> Document:
    """Return `document` with the digest of its entry and of `content`."""
    values = asdict(replace(document, digest=""))
    del values["state"]  # read from the file
    if not document.amends:  # a key that older versions lack must not change their digests
        del values["amends"]
    entry = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    return replace(document, digest=hashlib.sha256(f"{entry}\0{content}".encode()).hexdigest())
