"""A document with its state on a day, its original file, and their addresses."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ingest.documents import Document, file_url, is_pdf


@dataclass(frozen=True, slots=True)
class DocumentState:
    """The state of a document on a day; `in_force` is None without a period, `superseded_by` is an id.

    `has_file` tells whether its original file is stored.
    """

    document: Document
    in_force: bool | None = None
    superseded_by: str | None = None
    has_file: bool = False

    def file_url(self, page: int | None = None, version: str = "") -> str | None:
        """Return the address of its file or that version, of a PDF at `page`; None if the file is not stored."""
        if not self.has_file:
            return None
        return file_url(self.document.id, page if is_pdf(self.document) else None, version)

    def page_url(self, page: int | None, passage_id: str, version: str = "") -> str | None:
        """Return the address of a picture of a page with a passage highlighted; None if it is not a stored PDF."""
        if not (self.has_file and page and is_pdf(self.document)):
            return None
        query = f"passage={quote(passage_id, safe='')}" + (f"&version={version}" if version else "")
        return f"/api/documents/{quote(self.document.id)}/pages/{page}.png?{query}"


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A document with the path of its original file; `is_current` is false for an earlier version."""

    document: Document
    path: Path
    is_current: bool = True
