"""Caches what builds read and embed, so that no build repeats it: after an interruption, a change, or a new encoder.

cache/<digest of file and entry>-<recipe>.document   a parsed document
cache/<digest of encoder and texts>.vectors          the vectors of a document's passages, (n, dimension)

Each file is named after everything its content depends on and begins with the SHA-256 of its content, so that a
damaged one counts as missing. A generation lists the files that it used; the others are removed after a build.
"""

import hashlib
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument
from ingest.embedding import Encoder, Vectors
from ingest.errors import StorageError
from ingest.index.passages import LazyDocument, PassageStore, to_lazy_document
from ingest.readers.scans.ocr import is_ocr_installed
from ingest.sandbox import map_in_threads
from ingest.terms.arrays import VECTOR_DTYPE, create_array
from ingest.terms.flow import embedding_text

READING_SOURCES = (
    "blocks",
    "corpus.py",
    "documents.py",
    "guardrails",
    "japanese",
    "metadata/validity.py",
    "metadata/proposal.py",
    "passages",
    "readers",
)
"""Sources of `ingest` on which the parsing of a file depends."""
_READING_LIBRARIES = ("openpyxl", "pypdfium2", "python-pptx", "selectolax", "sudachidict-core")
_FOLDER = "cache"
_LIST = "cached_files.txt"
_DIGEST_SIZE = hashlib.sha256().digest_size
_HEADER: TypeAdapter[tuple[Document, int]] = TypeAdapter(tuple[Document, int])
_PARSED = TypeAdapter(ParsedDocument)


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

    def load_document(self, document: Document) -> LazyDocument | None:
        """Return the content of a document with this digest, None if it is not cached."""
        content = self._read(_document_name(document))
        if content is None:
            return None
        parsed_document, passage_count = _HEADER.validate_json(content.partition(b"\n")[0])
        return LazyDocument(parsed_document, passage_count, lambda: self._load_parsed(document))

    def _load_parsed(self, document: Document) -> ParsedDocument:
        content = self._read(_document_name(document))
        if content is None:
            raise StorageError(
                f"「{self._folder}」にある読み取りの控えが読めなくなりました。ディスクを確かめて、もう一度実行してください。"
            )
        return _PARSED.validate_json(content.partition(b"\n")[2])

    def store_document(self, parsed: ParsedDocument) -> LazyDocument:
        """Store a document and return it; kept in memory if it cannot be written."""
        header = _HEADER.dump_json((parsed.document, len(parsed.passages)))
        self._write(_document_name(parsed.document), header + b"\n" + _PARSED.dump_json(parsed))
        return self.load_document(parsed.document) or to_lazy_document(parsed)

    def load_vectors(self, name: str) -> NDArray[Any] | None:
        """Return the vectors with a name of `vectors_name`, None if they are not cached."""
        content = self._read(name)
        return None if content is None else np.load(BytesIO(content), allow_pickle=False)

    def store_vectors(self, name: str, vectors: NDArray[Any]) -> None:
        """Store vectors."""
        file = BytesIO()
        np.save(file, vectors)
        self._write(name, file.getvalue())

    def prune(self) -> None:
        """Remove the files that no generation on disk has listed, and those of other recipes with them."""
        generations = self._folder.parent / "generations"
        used = {name for file in generations.glob(f"*/{_LIST}") for name in file.read_text("utf-8").split()}
        for path in self._folder.glob("*"):
            if path.name not in used:
                path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all files."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self, name: str) -> bytes | None:
        with suppress(OSError):
            data = (self._folder / name).read_bytes()
            content = data[_DIGEST_SIZE:]
            if hashlib.sha256(content).digest() == data[:_DIGEST_SIZE]:
                return content
        return None

    def _write(self, name: str, content: bytes) -> None:
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


def list_cached_files(folder: Path, documents: Iterable[Document], vectors: Iterable[str]) -> None:
    """Write into the folder of a generation which files of the cache it has used."""
    names = {*map(_document_name, documents), *vectors}
    (folder / _LIST).write_text("\n".join(sorted(names)), encoding="utf-8")


def _document_name(document: Document) -> str:
    return f"{document.digest}-{reading_recipe()}.document"


EMBED = "埋め込む"
# Called with (stage, done, total).
Progress = Callable[[str, int, int], None]
# Texts per batch of a thread, between progress reports.
_BATCH_SIZE = 500


def embed_passages(
    folder: Path,
    store: PassageStore,
    cache: BuildCache | None,
    encoder_key: str,
    *,
    encoder: Callable[[], Encoder],
    progress: Callable[[int, int], None],
) -> tuple[int, list[str]]:
    """Write the vectors of all passages into `folder`; return how many were not cached, and the names in the cache.

    The vectors of a document are cached once all of it is encoded, so an interrupted build loses few. The encoder is
    only opened if needed.
    """
    names = []
    vectors: Vectors | None = None
    missing: deque[tuple[range, str]] = deque()
    for first, end in pairwise(store.firsts.tolist()):
        if cache:
            texts = map(embedding_text, store.passages.select(range(first, end)))
            names.append(vectors_name(encoder_key, texts))
        cached = cache.load_vectors(names[-1]) if cache else None
        if cached is None or (vectors is not None and cached.shape[1] != vectors.shape[1]):
            missing.append((range(first, end), names[-1] if cache else ""))
            continue
        if vectors is None:
            vectors = _create_vectors(folder, len(store.passages), cached.shape[1])
        vectors[first:end] = cached
    if vectors is None:
        vectors = _create_vectors(folder, len(store.passages), encoder().dimension)
    new = np.array([row for rows, _ in missing for row in rows], np.int64)
    passages = (passage for rows, _ in tuple(missing) for passage in store.passages.select(rows))
    texts = map(embedding_text, passages)
    done = 0
    for encoded in map_in_threads(encoder().encode_documents, texts, _BATCH_SIZE) if new.size else ():
        vectors[new[done : done + len(encoded)]] = encoded
        done += len(encoded)
        while missing and (done == new.size or missing[0][0].stop <= new[done]):
            rows, name = missing.popleft()
            if cache:
                cache.store_vectors(name, vectors[rows.start : rows.stop])
        progress(done, new.size)
    return new.size, names


def _create_vectors(folder: Path, size: int, dimension: int) -> Vectors:
    vectors: Vectors = create_array(folder / "vectors.npy", VECTOR_DTYPE, size, dimension)
    return vectors
