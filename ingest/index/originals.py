"""Stores the original files of documents in a generation, so that citations can open them.

originals/<digest><suffix>   the digest is the document's, over the bytes of its file and its entry
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
    """Return where the generation in `folder` keeps a document's file; one made by an older program has none there."""
    return folder / _FOLDER / f"{document.digest}{Path(document.file).suffix.lower()}"


def store_originals(
    folder: Path, documents: Iterable[Document], files: Mapping[str, tuple[Path, str]], before: Path | None = None
) -> None:
    """Keep the documents' files in the generation that is written into `folder`.

    `files` gives by id where each lies and the SHA-256 that it had when it was read.

    What the generation in `before` keeps is linked where the file system can. A corpus is never linked: its files may
    be written into, and the generation would change with them. A file that is not any more as it was read is not kept.
    """
    for document in documents:
        target = original_path(folder, document)
        with suppress(OSError):
            if before and original_path(before, document).is_file():
                _store_original(original_path(before, document), target, link=True)
                continue
            path, content = files.get(document.id, (None, ""))
            if path and content_digest(path) == content:
                _store_original(path, target, link=False)


def _store_original(source: Path, target: Path, *, link: bool) -> None:
    target.parent.mkdir(exist_ok=True)
    if target.exists():  # two documents may share an entry's digest only where they are the same
        return
    if link:
        with suppress(OSError):  # not every file system has links
            os.link(source, target)
            return
    shutil.copyfile(source, target)
