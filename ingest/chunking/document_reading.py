"""Reads one document from its file into passages."""

from pathlib import Path

from ingest.chunking import split, with_confidence
from ingest.documents import Document, Reading
from ingest.errors import UnreadableDocumentError
from ingest.readers import READERS, read_lines
from ingest.readers.scans.ocr import can_read_pictures
from ingest.readers.unread_parts import PICTURES, REASON, unread_name
from ingest.structure import find_blocks

SUFFIXES = tuple(READERS)
# Pages that a warning names; it counts the others.
_NAMED = 5


def read_document(path: Path, document: Document) -> Reading:
    """Return what is understood of the file at `path`.

    Raises UnreadableDocumentError where the file cannot be read or holds no text.
    """
    lines = read_lines(path)
    passages, dropped = split(document.id, document.title, find_blocks(lines))
    if not passages:
        raise UnreadableDocumentError(f"{path.name}: 読み取れる本文がありません。中身のある文書を置いてください。")
    return Reading(document, with_confidence(passages, lines), dropped)


def unread_parts_warning(reading: Reading) -> str | None:
    """Return what to tell the keeper of a document of which pages or pictures could not be read, or None."""
    told = (_unread_pages_text(reading), *(f"{name}は読んでいません。" for name in _unread(reading, PICTURES)))
    return "".join(filter(None, told)) or None


def _unread_pages_text(reading: Reading) -> str | None:
    pages = _unread(reading, REASON)
    if not pages:
        return None
    more = f"など{len(pages)}ページ" if len(pages) > _NAMED else ""
    way = "OCR で文字を付けた PDF に替えてください。"
    if not can_read_pictures():
        way = f"`make setup-ocr` で OCR を使えるようにするか、{way}"
    return f"{'、'.join(pages[:_NAMED])}{more}は文字を読み取れないので、索引に入りません。文章のあるページなら、{way}"


def _unread(reading: Reading, reason: str) -> list[str]:
    return [unread_name(dropped.text) for dropped in reading.dropped if dropped.reason == reason]
