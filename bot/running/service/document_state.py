"""The documents of an index with their states on a day, their original files with pictures of pages, and addresses."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from bot.errors import UnknownDocumentError, UnknownFileError
from bot.running.http.admission import Admission
from ingest.corpus import content_digest
from ingest.documents import Document, file_url, is_pdf
from ingest.errors import UnreadableDocumentError
from ingest.index.index import Index
from ingest.index.originals import archived_original, original_path
from ingest.publications import Publications
from ingest.readers.pdf.page_picture import draw_page

# Some twenty megabytes.
_CACHED_PICTURES = 64
# A page takes up to 30 seconds, most take half a second.
_MAX_WAITING = 8
_MAX_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class DocumentState:
    """The state of a document on a day; `in_force` is None without a period, `superseded_by` is an id.

    `has_file` tells whether its original file is stored.
    """

    document: Document
    in_force: bool | None = None
    superseded_by: str | None = None
    has_file: bool = False

    @classmethod
    def on_day(
        cls, document: Document, day: date, publications: Publications, originals: Collection[str]
    ) -> "DocumentState":
        """Return the state of a document on a day; `originals` are the ids of those whose files are stored."""
        in_force = publications.is_in_force(document, day) if document.period else None
        successor = publications.successor(document, day)
        return cls(document, in_force, successor.id if successor else None, document.id in originals)

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


def find_document(index: Index, doc_id: str) -> Document:
    """Return a document. Raises UnknownDocumentError."""
    document = index.document(doc_id)
    if document is None:
        raise UnknownDocumentError(doc_id)
    return document


def find_original(index: Index, doc_id: str, version: str) -> OriginalFile:
    """Return the original file of a document, or of a version of it that is kept.

    Raises UnknownDocumentError, also for a withdrawn document, and UnknownFileError.
    """
    current = index.document(doc_id)
    if version and not (current and current.version == version):
        path = archived_original(index.data, doc_id, version) if doc_id not in index.excluded else None
        if path is None:
            newer = "今の版は文書の一覧から開けます。" if current else ""
            raise UnknownFileError(f"文書「{doc_id}」のこの版は、もう保管されていません。{newer}")
        document = replace(current or Document(doc_id, doc_id, path.name), file=f"{doc_id}-{version}{path.suffix}")
        return OriginalFile(replace(document, digest=path.stem), path, is_current=False)
    document = find_document(index, doc_id)
    if doc_id not in index.originals:
        raise UnknownFileError(
            f"「{document.title}」の原本は、まだ保管されていません。次に文書を取り込むと、開けるようになります。"
        )
    return OriginalFile(document, original_path(index.data, document))


def has_newer_version(index: Index, doc_id: str, version: str) -> bool:
    """Whether the document's file differs from the file of an earlier version."""
    document = index.document(doc_id)
    if document is None or document.version == version:
        return False
    earlier = archived_original(index.data, doc_id, version)
    current = original_path(index.data, document)
    # Another version may be the same file under a corrected entry.
    return not (earlier and current.is_file() and content_digest(earlier) == content_digest(current))


class PagePictures:
    """Draws pages of PDFs, one at a time; safe to share between threads."""

    def __init__(self) -> None:
        self._admission = Admission(0, _MAX_WAITING, _MAX_WAIT_S)
        self._draw = lru_cache(maxsize=_CACHED_PICTURES)(self._draw_in_turn)

    def render_page(self, original: OriginalFile, page: int, passage: str) -> bytes:
        """Return a page as a PNG with the text of `passage` highlighted.

        Raises UnknownFileError for a page that does not exist or cannot be drawn, BusyError where too many wait.
        """
        if not is_pdf(original.document):
            raise UnknownFileError("ページの画像は PDF の文書だけにあります。原本を開いてください。")
        try:
            picture = self._draw(original.path, page, passage)
        except UnreadableDocumentError as error:
            raise UnknownFileError(str(error)) from error
        if picture is None:
            raise UnknownFileError(f"「{original.document.title}」に{page}ページはありません。")
        return picture

    def _draw_in_turn(self, path: Path, page: int, passage: str) -> bytes | None:
        with self._admission.seat():
            return draw_page(path, page, passage)
