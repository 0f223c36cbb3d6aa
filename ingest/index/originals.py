"""Stores the original files of documents in a generation, so that citations can open them.

originals/<digest><suffix>   digest of the document, over its file and its entry
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from ingest.corpus import content_digest
from ingest.documents import Document

_FOLDER = "originals"


def original_path(folder: Path, document: Document) -> Path:
    """Return the path of a document's original in a generation; generations of older releases have none."""
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
