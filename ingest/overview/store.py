"""Stores the overviews with a generation and reads them."""

from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from ingest.index.index import Index
from ingest.overview.outline import DocumentOverview, outline_document

_FILE = "document_overviews.json"
_OVERVIEWS = TypeAdapter(dict[str, DocumentOverview])
# Overviews kept of documents that have none stored.
_MAX_COMPUTED = 256


def write_overviews(index: Index, previous: Path | None, unchanged: Collection[str]) -> None:
    """Write the overview of each document into the index's folder.

    Those of `unchanged` documents are taken from the generation in the folder `previous`.
    """
    known = _read(previous) if previous else {}
    overviews = {
        document.id: known[document.id]
        if document.id in unchanged and document.id in known
        else outline_document(document, index.document_passages(document.id))
        for document in index.documents
    }
    (index.folder / _FILE).write_bytes(_OVERVIEWS.dump_json(overviews))


class Overviews:
    """The overviews of an index's documents; safe to share between threads.

    Generations of earlier releases have none stored, so that they are made when they are asked for.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._stored: dict[str, DocumentOverview] | None = None
        self._compute = lru_cache(maxsize=_MAX_COMPUTED)(self._outline)

    def find(self, doc_id: str) -> DocumentOverview | None:
        """Return the overview of a document, None for an unknown id."""
        if self._stored is None:
            self._stored = _read(self._index.folder)
        return self._stored.get(doc_id) or self._compute(doc_id)

    def _outline(self, doc_id: str) -> DocumentOverview | None:
        document = self._index.document(doc_id)
        return outline_document(document, self._index.document_passages(doc_id)) if document else None


def _read(folder: Path) -> dict[str, DocumentOverview]:
    file = folder / _FILE
    return _OVERVIEWS.validate_json(file.read_bytes()) if file.is_file() else {}
