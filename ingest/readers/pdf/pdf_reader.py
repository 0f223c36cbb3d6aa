"""Reads PDF files page by page; scanned pages go to OCR or are named as unread."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from ingest.blocks.model import DocumentPart
from ingest.blocks.unread_parts import unread_page, unread_pictures, unseen_text
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
_MAX_CHECKED = 8
# FPDF_GetLastError: password required, unknown encryption.
_PASSWORD_ERRORS = {4, 5}


class _PageReading(NamedTuple):
    lines: list[ReadLine]
    is_read: bool = True
    pictures: int = 0
    unseen: Sequence[str] = ()
    has_unread_text: bool = False


def read_pdf(path: Path) -> list[DocumentPart]:
    """Return the lines of all pages, numbered through the document, with blank lines between paragraphs.

    Dropped blocks name the pages without usable text, which OCR has not read either, text that pages do not show, and
    at the end unread pictures and shapes that look like text. Raises UnreadableDocumentError for a file that is
    damaged, encrypted, or has no readable page.
    """
    data = path.read_bytes()
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        return []
    with _PDFIUM_LOCK, _open_document(data, path.name) as pdf:
        pages = list(_read_pages(pdf))
    parts: list[DocumentPart] = []
    for number, page in enumerate(pages, start=1):
        for text, confidence in page.lines:
            parts.append(Line(len(parts) + 1, text, number, confidence))
        for text in page.unseen:
            parts.append(unseen_text(text, number, len(parts) + 1))
        parts += [] if page.is_read else [unread_page(number, len(parts) + 1)]
    if parts and not any(page.lines for page in pages):
        raise UnreadableDocumentError(
            f"{path.name}: 文字を読み取れるページがありません（画像だけか、文字の対応表のないフォントです）。"
            "OCR を使えるようにするか（make setup-ocr）、OCR で文字を付けた PDF か、元の文書から書き出し直した PDF を"
            "置いてください。"
        )
    if numbers := [number for number, page in enumerate(pages, start=1) if page.pictures]:
        count = sum(page.pictures for page in pages)
        parts.append(unread_pictures(f"画像・図{count:,}点", numbers, len(parts) + 1))
    if numbers := [number for number, page in enumerate(pages, start=1) if page.has_unread_text]:
        parts.append(unread_pictures("文字のように並んだ図形", numbers, len(parts) + 1))
    return parts


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
    step = -(-len(pdf) // _MAX_CHECKED)
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
                pictures = count_visible_pictures(content.picture_shares)
                lines: list[ReadLine] = [(text, None) for text in texts]
                return _PageReading(lines, True, pictures, content.unseen, content.has_unread_text)  # noqa: FBT003
    except PdfiumError:
        pass
    return _PageReading([], is_read=False)
