"""One document, from its file to its passages."""

from pathlib import Path

from ingest.documents import Document, Reading
from ingest.errors import UnreadableDocumentError
from ingest.readers import READERS, read_lines
from ingest.split import split
from ingest.structure import find_blocks

SUFFIXES = tuple(READERS)


def read_document(path: Path, document: Document) -> Reading:
    """Return what is understood of the file at `path`.

    Raises UnreadableDocumentError where the file cannot be read or holds no text.
    """
    passages, dropped = split(document.id, document.title, find_blocks(read_lines(path)))
    if not passages:
        raise UnreadableDocumentError(f"{path.name}: 読み取れる本文がありません。中身のある文書を置いてください。")
    return Reading(document, passages, dropped)
