"""Reads PDF files page by page; scanned pages go to OCR or get a placeholder line."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from ingest.blocks.unread_parts import is_unread, unread_page, unread_pictures, unread_shapes, unseen_text
from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.content import extract_content
from ingest.readers.pdf.page_layout import DocumentLayout
from ingest.readers.pdf.visible_text import open_page
from ingest.readers.scans.scanned_page import (
    ReadLine,
    count_visible_pictures,
    is_scanned_page,
    read_scanned_page,
)
from ingest.sandbox.limited_process import extend_time

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# PDFium is not thread-safe.
_PDFIUM_LOCK = Lock()
# OCR takes seconds per page; further pages of a longer book become placeholders.
_MAX_SCANS = 300
# 2,000 pages of text took 67 s: each part of a long document has the time of one document.
_PAGES_IN_TIME = 500
_MAX_PAGES = 10_000
# Pages of a document, evenly chosen, on which drawn text that is not in the text layer is looked for.
_MAX_CHECKED = 20
# FPDF_GetLastError: password required, unknown encryption.
_PASSWORD_ERRORS = {4, 5}


class _PageReading(NamedTuple):
    lines: list[ReadLine]
    pictures: int = 0
    has_unread_text: bool = False


def read_pdf(path: Path) -> list[Line]:
    """Return the lines of all pages, numbered through the document, with blank lines between paragraphs.

    A page without usable text is read by OCR, or becomes a placeholder line (`unread_page`); last lines name pages with
    unread pictures, and some of the pages with shapes that look like text. Raises UnreadableDocumentError for a file
    that is damaged, encrypted, or has no readable page.
    """
    data = path.read_bytes()
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        return []
    with _PDFIUM_LOCK, _open_document(data, path.name) as pdf:
        pages = list(_read_pages(pdf))
    texts = [
        (text, number, confidence) for number, page in enumerate(pages, start=1) for text, confidence in page.lines
    ]
    if texts and all(is_unread(text) for text, _, _ in texts):
        raise UnreadableDocumentError(
            f"{path.name}: 文字を読み取れるページがありません（画像だけか、文字の対応表のないフォントです）。"
            "OCR を使えるようにするか（make setup-ocr）、OCR で文字を付けた PDF か、元の文書から書き出し直した PDF を"
            "置いてください。"
        )
    if pictures := {number: page.pictures for number, page in enumerate(pages, start=1) if page.pictures}:
        texts.append((unread_pictures(sum(pictures.values()), list(pictures)), len(pages), None))
    if shapes := [number for number, page in enumerate(pages, start=1) if page.has_unread_text]:
        texts.append((unread_shapes(shapes), len(pages), None))
    return [Line(number, *text) for number, text in enumerate(texts, start=1)]


@contextmanager
def open_pdf(path: Path) -> Iterator["PdfDocument"]:
    """Yield the PDF at `path` under the PDFium lock; raises as `read_pdf` does."""
    with _PDFIUM_LOCK, _open_document(path.read_bytes(), path.name) as pdf:
        yield pdf


@contextmanager
def _open_document(data: bytes, name: str) -> Iterator["PdfDocument"]:
    # Imported on use: 0.1 s.
    from ingest.readers.pdf.pdfium import PdfDocument, PdfiumError  # noqa: PLC0415

    try:
        pdf = PdfDocument(data)
    except PdfiumError as error:
        if error.err_code in _PASSWORD_ERRORS:
            raise UnreadableDocumentError(
                f"{name}: パスワードで保護されています。パスワードを外した PDF を置いてください。"
            ) from error
        raise UnreadableDocumentError(
            f"{name}: PDF として読めません。壊れているか、途中で切れています。ファイルを取り直してください。"
        ) from error
    with closing(pdf):
        if len(pdf) > _MAX_PAGES:
            raise UnreadableDocumentError(
                f"{name}: {len(pdf):,}ページあり、多すぎて読めません。{_MAX_PAGES:,}ページまでに分けて置いてください。"
            )
        pdf.init_forms()
        yield pdf


def _read_pages(pdf: "PdfDocument") -> Iterator[_PageReading]:
    layout = DocumentLayout()
    scans = 0
    step = max(1, len(pdf) // _MAX_CHECKED)
    for index in range(len(pdf)):
        if index % _PAGES_IN_TIME == _PAGES_IN_TIME - 1:
            extend_time()
        page = _read_page(pdf, index, layout, may_scan=scans < _MAX_SCANS, is_checked=index % step == 0)
        scans += any(confidence is not None for _, confidence in page.lines)
        yield page


def _read_page(
    pdf: "PdfDocument", index: int, layout: DocumentLayout, *, may_scan: bool, is_checked: bool
) -> _PageReading:
    from ingest.readers.pdf.pdfium import PdfiumError  # noqa: PLC0415 -- imported on use

    try:
        with open_page(pdf, index) as opened:
            content = extract_content(opened, checks_drawn_text=is_checked)
            scan = is_scanned_page(content)
            texts = None if scan else layout.page_lines(content)
            if texts is None and may_scan and (scanned_lines := read_scanned_page(opened.page, layout)):
                return _PageReading(scanned_lines)
            texts = layout.page_lines(content) if scan else texts
            if texts is not None:
                lines: list[ReadLine] = [(text, None) for text in (*texts, *map(unseen_text, content.unseen))]
                return _PageReading(lines, count_visible_pictures(content.picture_shares), content.has_unread_text)
    except PdfiumError:
        pass
    return _PageReading([(unread_page(index + 1), None)])
