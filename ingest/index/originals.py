"""Stores the original files of documents, so that citations can open them; digests cover the file and its entry.

data/generations/<name>/originals/<digest><suffix>   of the documents of a generation
data/originals/<document id>/<digest><suffix>        all versions that answers and regression cases cite

Both are hard links to one file if the file system has links.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.configuration.settings import Settings
from ingest.corpus import content_digest
from ingest.documents import VERSION_CHARS, Document

_FOLDER = "originals"


def original_path(folder: Path, document: Document) -> Path:
    """Return the path of a document's original in a generation."""
    return folder / _FOLDER / f"{document.digest}{Path(document.file).suffix.lower()}"


def store_originals(
    folder: Path,
    documents: Iterable[Document],
    files: Mapping[str, tuple[Path, str]],
    previous_folder: Path | None = None,
) -> None:
    """Store the documents' files in the generation in `folder`.

    `files` has path and SHA-256 by id. Originals in `previous_folder` are hard-linked if possible; corpus files are
    copied, since they may be overwritten, and only if they have not changed since they were read.
    """
    for document in documents:
        target = original_path(folder, document)
        with suppress(OSError):
            if previous_folder and original_path(previous_folder, document).is_file():
                store_file(original_path(previous_folder, document), target, link=True)
                continue
            path, digest = files.get(document.id, (None, ""))
            if path and content_digest(path) == digest:
                store_file(path, target, link=False)


def store_file(source: Path, target: Path, *, link: bool) -> None:
    """Store a file at `target` unless there is one; as a hard link if that is wanted and possible."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():  # equal digests mean equal documents
        return
    if link:
        with suppress(OSError):
            os.link(source, target)
            return
    shutil.copyfile(source, target)


@dataclass(frozen=True, slots=True)
class ArchivedOriginal:
    """A version of a document's file; `version` is the beginning of its digest, `size` in bytes, `at` a POSIX time."""

    doc_id: str
    version: str
    path: Path
    size: int
    at: float


def archive_originals(data: Path, generation_folder: Path, documents: Iterable[Document]) -> None:
    """Keep the files of a generation's documents beyond the generation. Raises OSError."""
    for document in documents:
        source = original_path(generation_folder, document)
        if source.is_file():
            store_file(source, data / _FOLDER / document.id / source.name, link=True)


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
    """Return the kept versions that no generation on disk has, oldest first."""
    served = {path.name for path in (settings.data / "generations").glob(f"*/{_FOLDER}/*")}
    return sorted(
        (original for original in archived_originals(settings.data) if original.path.name not in served),
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
    excess = sum(original.size for original in cited) - settings.originals_mb * 1_000_000
    removed = []
    for original in cited:
        if excess <= 0:
            break
        original.path.unlink(missing_ok=True)
        removed.append(original)
        excess -= original.size
    return removed
