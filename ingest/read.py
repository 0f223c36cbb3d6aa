"""One document, from its file to its passages."""

from pathlib import Path

from ingest.documents import Document, Reading
from ingest.errors import UnreadableDocumentError
from ingest.readers import READERS, read_lines
from ingest.readers.unread import REASON, unread_name
from ingest.split import split
from ingest.structure import find_blocks

SUFFIXES = tuple(READERS)
# Pages that a warning names; it counts the others.
_NAMED = 5


def read_document(path: Path, document: Document) -> Reading:
    """Return what is understood of the file at `path`.

    Raises UnreadableDocumentError where the file cannot be read or holds no text.
    """
    passages, dropped = split(document.id, document.title, find_blocks(read_lines(path)))
    if not passages:
        raise UnreadableDocumentError(f"{path.name}: 読み取れる本文がありません。中身のある文書を置いてください。")
    return Reading(document, passages, dropped)


def unread_pages(reading: Reading) -> str | None:
    """Return what to tell the keeper of a document of which some pages could not be read, or None."""
    pages = [unread_name(dropped.text) for dropped in reading.dropped if dropped.reason == REASON]
    if not pages:
        return None
    more = f"など{len(pages)}ページ" if len(pages) > _NAMED else ""
    return (
        f"{'、'.join(pages[:_NAMED])}{more}は文字を読み取れないので、索引に入りません。"
        "文章のあるページなら、OCR で文字を付けた PDF に替えてください。"
    )
