"""Caches what builds read and embed, so that no build repeats it: after an interruption, a change, or a new encoder.

cache/<digest of file and entry>-<recipe>.document   a parsed document, or why it cannot be read
cache/<digest of encoder and texts>.vectors          the vectors of a document's passages, (n, dimension)

Each file is named after everything its content depends on and begins with the SHA-256 of its content, so that a
damaged one counts as missing. A build removes the files that it has not used.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument
from ingest.readers.scans.ocr import is_ocr_installed

READING_SOURCES = (
    "blocks",
    "corpus.py",
    "documents.py",
    "guardrails",
    "japanese",
    "metadata/validity.py",
    "metadata/proposal.py",
    "passages",
    "publications.py",
    "readers",
)
"""Sources of `ingest` on which the parsing of a file depends."""
_READING_LIBRARIES = ("openpyxl", "pypdfium2", "python-pptx", "selectolax", "sudachidict-core")
_FOLDER = "cache"
_DIGEST_SIZE = hashlib.sha256().digest_size
# A document, or why it cannot be read.
_CONTENT: TypeAdapter[ParsedDocument | str] = TypeAdapter(ParsedDocument | str)


@cache
def package_digest(*sources: str) -> str:
    """Return a digest of these files and folders of `ingest`: code and word lists."""
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    roots = [package / source for source in sources]
    for path in sorted(file for root in roots for file in (root.rglob("*") if root.is_dir() else [root])):
        if path.suffix in {".py", ".toml"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def reading_recipe() -> str:
    """Return a digest of what the parsing of a file depends on besides the file: code, libraries, installed OCR."""
    libraries = [f"{name} {version(name)}" for name in _READING_LIBRARIES]
    basis = f"{package_digest(*READING_SOURCES)} {libraries} {is_ocr_installed()}"
    return hashlib.sha256(basis.encode()).hexdigest()[:16]


class BuildCache:
    """The cache of a data folder. Failures to write are ignored: the next build then repeats the work."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data / _FOLDER
        self._used = set[str]()

    def load_document(self, document: Document) -> ParsedDocument | str | None:
        """Return the content of a document with this digest or why it cannot be read, None if it is not cached."""
        content = self._read(_document_name(document))
        return None if content is None else _CONTENT.validate_json(content)

    def store_document(self, document: Document, content: ParsedDocument | str) -> None:
        self._write(_document_name(document), _CONTENT.dump_json(content))

    def load_vectors(self, name: str) -> NDArray[Any] | None:
        """Return the vectors with a name of `vectors_name`, None if they are not cached."""
        content = self._read(name)
        return None if content is None else np.load(BytesIO(content), allow_pickle=False)

    def store_vectors(self, name: str, vectors: NDArray[Any]) -> None:
        file = BytesIO()
        np.save(file, vectors)
        self._write(name, file.getvalue())

    def prune(self) -> None:
        """Remove the files that were not used through this object."""
        for path in self._folder.glob("*"):
            if path.name not in self._used:
                path.unlink(missing_ok=True)

    def clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self, name: str) -> bytes | None:
        self._used.add(name)
        with suppress(OSError):
            data = (self._folder / name).read_bytes()
            content = data[_DIGEST_SIZE:]
            if hashlib.sha256(content).digest() == data[:_DIGEST_SIZE]:
                return content
        return None

    def _write(self, name: str, content: bytes) -> None:
        self._used.add(name)
        temporary = self._folder / f"{name}.new"
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(hashlib.sha256(content).digest() + content)
            os.replace(temporary, self._folder / name)  # noqa: PTH105 -- the name of the system call that is atomic


def vectors_name(encoder_key: str, texts: Iterable[str]) -> str:
    """Return the name of the vectors of `texts` by an encoder in a state."""
    digest = hashlib.sha256(encoder_key.encode())
    for text in texts:
        digest.update(b"\0" + text.encode())
    return f"{digest.hexdigest()}.vectors"


def _document_name(document: Document) -> str:
    return f"{document.digest}-{reading_recipe()}.document"
