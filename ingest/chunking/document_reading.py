"""Reads one document from its file into passages."""

from pathlib import Path

from ingest.chunking import split, with_confidence
from ingest.documents import Document, ParsedDocument
from ingest.errors import UnreadableDocumentError
from ingest.readers import READERS, read_lines
from ingest.readers.scans.ocr import is_ocr_installed
from ingest.readers.unread_parts import UNREAD_PAGE_REASON, UNREAD_PICTURES_REASON, unread_name
from ingest.structure import find_blocks

SUFFIXES = tuple(READERS)
# Pages that a warning names; it counts the others.
_NAMED = 5


def read_document(path: Path, document: Document) -> ParsedDocument:
    """Return what is understood of the file at `path`.

    Raises UnreadableDocumentError where the file cannot be read or has no text.
    """
    lines = read_lines(path)
    passages, dropped = split(document.id, document.title, find_blocks(lines))
    if not passages:
        raise UnreadableDocumentError(f"{path.name}: 読み取れる本文がありません。中身のある文書を置いてください。")
    return ParsedDocument(document, with_confidence(passages, lines), dropped)


def unread_parts_warning(reading: ParsedDocument) -> str | None:
    """Return what to tell the keeper of a document of which pages or pictures could not be read, or None."""
    told = (
        _unread_pages_text(reading),
        *(f"{name}は読んでいません。" for name in _unread(reading, UNREAD_PICTURES_REASON)),
    )
    return "".join(filter(None, told)) or None


def _unread_pages_text(reading: ParsedDocument) -> str | None:
    pages = _unread(reading, UNREAD_PAGE_REASON)
    if not pages:
        return None
    more = f"など{len(pages)}ページ" if len(pages) > _NAMED else ""
    way = "OCR で文字を付けた PDF に替えてください。"
    if not is_ocr_installed():
        way = f"`make setup-ocr` で OCR を使えるようにするか、{way}"
    return f"{'、'.join(pages[:_NAMED])}{more}は文字を読み取れないので、索引に入りません。文章のあるページなら、{way}"


def _unread(reading: ParsedDocument, reason: str) -> list[str]:
    return [unread_name(dropped.text) for dropped in reading.dropped if dropped.reason == reason]
