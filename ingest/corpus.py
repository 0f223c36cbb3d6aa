"""What was found in corpus folders: entries with their files, and findings that name file and line."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest.documents import Document

MANIFEST = "manifest.toml"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the keeper of a corpus should mend: where it stands, and what to do."""

    file: str
    text: str
    line: int | None = None

    @property
    def place(self) -> str:
        """File and line, as they stand in messages."""
        return f"{self.file} {self.line}行目" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a corpus, its file, and where its entry stands (no line: it has none)."""

    document: Document
    path: Path
    manifest: str
    line: int | None = None

    def finding(self, text: str) -> Finding:
        """Return a finding at this entry, or at the file that has none."""
        return Finding(self.manifest, text, self.line) if self.line else Finding(str(self.path), text)


@dataclass(slots=True)
class Corpus:
    """The documents of one or several folders in the order of their manifests, and what is to be said of them."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents alone."""
        return tuple(entry.document for entry in self.entries)


def document_of(path: Path, values: Mapping[str, Any]) -> Document:
    """Return the document with its digest, over the file's bytes and all that its entry says; may raise OSError."""
    document = Document(**values)
    return replace(document, digest=digest_of(document, path.read_bytes()))


def digest_of(document: Document, data: bytes) -> str:
    """Return the digest of a document whose file holds `data`."""
    entry = json.dumps(asdict(replace(document, digest="")), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(entry.encode() + b"\0" + data).hexdigest()
