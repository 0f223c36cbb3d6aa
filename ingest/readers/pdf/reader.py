"""Reads PDF files page by page; scanned pages go to OCR or get a placeholder line."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.page_layout import Layout
from ingest.readers.scans.scanned_page import Read, count_visible_pictures, is_scan, picture_shares, read_scanned
from ingest.readers.unread_parts import is_unread, unread_page, unread_pictures

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# PDFium may be used by one thread at a time.
_LOCK = Lock()
# Each takes seconds; of a longer book of scans the other pages are named as unread.
_MOST_SCANS = 300
# FPDF_GetLastError: the file asks for a password; its encryption is unknown.
_LOCKED = {4, 5}


def read_pdf(path: Path) -> list[Line]:
    """Return the lines of all pages, counted through the document, with blank ones where a page leaves room.

    A page whose text is none, or stands in a picture, is read from its picture. Where that cannot be it is one line
    that says so (`unread_page`); the last line tells of pictures on pages of text. Raises UnreadableDocumentError for
    a file that is damaged, asks for a password, or has no page that can be read.
    """
    data = path.read_bytes()
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        return []
    with _LOCK, _open_document(data, path.name) as pdf:
        layout = Layout()
        read = list(_pages(pdf, layout))
    pages, pictures = [page for page, _ in read], [count for _, count in read]
    if any(pages) and all(is_unread(text) for page in pages for text, _ in page):
        raise UnreadableDocumentError(
            f"{path.name}: 文字を読み取れるページがありません（画像だけか、文字の対応表のないフォントです）。"
            "OCR を使えるようにするか（make setup-ocr）、OCR で文字を付けた PDF か、元の文書から書き出し直した PDF を"
            "置いてください。"
        )
    texts = [(text, number, sure) for number, page in enumerate(pages, start=1) for text, sure in page]
    if any(pictures):
        shown = [number for number, count in enumerate(pictures, start=1) if count]
        texts.append((unread_pictures(sum(pictures), shown), len(pages), None))
    return [Line(at, *text) for at, text in enumerate(texts, start=1)]


@contextmanager
def open_pdf(path: Path) -> Iterator["PdfDocument"]:
    """Give the PDF at `path`, which no other thread reads meanwhile; raises as `read_pdf` does."""
    with _LOCK, _open_document(path.read_bytes(), path.name) as pdf:
        yield pdf


@contextmanager
def _open_document(data: bytes, name: str) -> Iterator["PdfDocument"]:
    # Imported here: 0.1 s that those who read no PDF need not pay.
    from ingest.readers.pdf.pdfium import PdfDocument, PdfiumError  # noqa: PLC0415

    try:
        pdf = PdfDocument(data)
    except PdfiumError as error:
        if error.err_code in _LOCKED:
            raise UnreadableDocumentError(
                f"{name}: パスワードで保護されています。パスワードを外した PDF を置いてください。"
            ) from error
        raise UnreadableDocumentError(
            f"{name}: PDF として読めません。壊れているか、途中で切れています。ファイルを取り直してください。"
        ) from error
    with closing(pdf):
        yield pdf


def _pages(pdf: "PdfDocument", layout: Layout) -> Iterator[tuple[list[Read], int]]:
    """Yield the lines of each page, and how many pictures on it stay unread."""
    scans = 0
    for at in range(len(pdf)):
        lines, pictures = _page(pdf, at, layout, may_scan=scans < _MOST_SCANS)
        scans += any(sure is not None for _, sure in lines)
        yield lines, pictures


def _page(pdf: "PdfDocument", at: int, layout: Layout, *, may_scan: bool) -> tuple[list[Read], int]:
    from ingest.readers.pdf.pdfium import PdfiumError  # noqa: PLC0415 -- as in `_opened`

    try:
        with closing(pdf[at]) as page:
            pictures = picture_shares(page)
            scan = is_scan(page, pictures)
            texts = None if scan else layout.page_lines(page)
            if texts is None and may_scan and (read := read_scanned(page, layout)):
                return read, 0
            texts = layout.page_lines(page) if scan else texts
            if texts is not None:
                return [(text, None) for text in texts], count_visible_pictures(pictures)
    except PdfiumError:
        pass
    return [(unread_page(at + 1), None)], 0
