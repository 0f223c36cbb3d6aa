"""Stores the original files of documents, so that citations can open them; digests cover the file and its entry.

data/originals/<document id>/<digest><suffix>   those of the current documents, and versions that answers still cite
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ingest.configuration.settings import Settings
from ingest.configuration.storage import replace_file
from ingest.corpus import CorpusEntry, content_digest
from ingest.documents import VERSION_CHARS, Document
from ingest.errors import NoIndexError
from ingest.index.generation import load_documents, load_generation

_FOLDER = "originals"
MAX_ARCHIVE_BYTES = 2_000_000_000
"""Quota of the earlier versions of files that answers or cases cite."""


def original_path(data: Path, document: Document) -> Path:
    """Return the path of a document's original."""
    return data / _FOLDER / document.id / f"{document.digest}{Path(document.file).suffix.lower()}"


def store_originals(data: Path, documents: Iterable[Document], entries: Mapping[str, CorpusEntry]) -> None:
    """Copy the documents' files, unless they have changed since they were read.

    `entries` are those of the corpus by id. Raises OSError if one cannot be written.
    """
    for document in documents:
        target = original_path(data, document)
        entry = entries.get(document.id)
        if entry is None or target.exists():  # equal digests mean equal documents
            continue
        with suppress(FileNotFoundError, PermissionError):
            path, content = entry.path, entry.row
            if content:
                target.parent.mkdir(parents=True, exist_ok=True)
                replace_file(target, lambda temporary, content=content: temporary.write_bytes(content))  # type: ignore[misc]
            elif content_digest(path) == entry.content:
                target.parent.mkdir(parents=True, exist_ok=True)
                replace_file(target, partial(shutil.copyfile, path))


@dataclass(frozen=True, slots=True)
class ArchivedOriginal:
    """A version of a document's file; `version` is the beginning of its digest, `size` in bytes, `at` a POSIX time."""

    doc_id: str
    version: str
    path: Path
    size: int
    at: float


def archived_original(data: Path, doc_id: str, version: str) -> Path | None:
    """Return the file of a version of a document, None if it is not kept."""
    is_safe = (
        len(version) == VERSION_CHARS and version.isalnum() and doc_id not in {"", ".", ".."} and "/" not in doc_id
    )
    return next((data / _FOLDER / doc_id).glob(f"{version}*"), None) if is_safe else None


def archived_originals(data: Path) -> Iterator[ArchivedOriginal]:
    """Yield every kept version, those of the current documents among them."""
    for path in (data / _FOLDER).glob("*/*"):
        try:
            stat = path.stat()
        except FileNotFoundError:  # removed by another process
            continue
        yield ArchivedOriginal(path.parent.name, path.name[:VERSION_CHARS], path, stat.st_size, stat.st_mtime)


def earlier_originals(settings: Settings) -> list[ArchivedOriginal]:
    """Return the kept versions that the active generation does not have, oldest first; none without an index."""
    try:
        documents = load_documents(settings, load_generation(settings)).documents
    except NoIndexError:
        return []
    served = {original_path(settings.data, document) for document in documents}
    return sorted(
        (original for original in archived_originals(settings.data) if original.path not in served),
        key=lambda original: original.at,
    )


def prune_archive(settings: Settings, is_cited: Callable[[ArchivedOriginal], bool]) -> list[ArchivedOriginal]:
    """Remove the earlier versions that nothing cites, then the oldest ones above the quota; returns the latter."""
    cited = []
    for original in earlier_originals(settings):
        if is_cited(original):
            cited.append(original)
        else:
            original.path.unlink(missing_ok=True)
    excess = sum(original.size for original in cited) - MAX_ARCHIVE_BYTES
    removed = []
    for original in cited:
        if excess <= 0:
            break
        original.path.unlink(missing_ok=True)
        removed.append(original)
        excess -= original.size
    return removed
