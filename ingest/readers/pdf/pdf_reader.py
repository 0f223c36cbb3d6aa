"""Reads PDF files page by page; scanned pages go to OCR or are named as unread."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from ingest.blocks.model import DocumentPart, SourceDocument, TypesetLine
from ingest.blocks.unread_parts import unread_page, unread_pictures, unseen_text
from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.content import PageContent, extract_content
from ingest.readers.pdf.page_layout import BROKEN_THRESHOLD, DocumentLayout, PageText, page_parts
from ingest.readers.pdf.pdf_text import to_display_text
from ingest.readers.pdf.pdfium import PdfDocument, PdfiumError
from ingest.readers.pdf.text_rows import group_rows
from ingest.readers.pdf.visible_text import open_page
from ingest.readers.scans.scanned_page import (
    RecognisedPage,
    count_visible_pictures,
    is_scanned_page,
    read_scanned_page,
)
from ingest.readers.text_files import broken_share
from ingest.sandbox import extend_time

# PDFium is not thread-safe.
_PDFIUM_LOCK = Lock()
# OCR takes seconds per page; further pages of a longer book become placeholders.
_MAX_SCANS = 300
# 2,000 pages of text took 67 s: each part of a long document has the time of one document.
_PAGES_IN_TIME = 200
_MAX_PAGES = 10_000
# Points within which lines are at the same height.
_SAME_HEIGHT = 3
# FPDF_GetLastError: password required, unknown encryption.
_PASSWORD_ERRORS = {4, 5}


class _PageReading(NamedTuple):
    text: PageText | None = None
    scan: RecognisedPage | None = None
    pictures: int = 0
    unseen: Sequence[str] = ()
    cover_lines: Sequence[TypesetLine] = ()


def read_pdf(path: Path) -> SourceDocument:
    """Return the lines of all pages, numbered through the document, with blank lines between paragraphs.

    The title is that of a slide on the first page. Dropped blocks name the pages without usable text, which OCR has not
    read either, text that pages do not show, and at the end unread pictures.
    """
    layout = DocumentLayout()
    pages: list[_PageReading] = []
    scans = 0
    with _PDFIUM_LOCK, _open_document(path) as pdf:
        for index in range(len(pdf)):
            if index % _PAGES_IN_TIME == _PAGES_IN_TIME - 1:
                extend_time()
            pages.append(_read_page(pdf, index, layout, may_scan=scans < _MAX_SCANS))
            scans += pages[-1].scan is not None
    parts: list[DocumentPart] = []
    confidences: dict[int, float] = {}
    numbers = count(1)
    for number, page in enumerate(pages, start=1):
        read = list(page_parts(page.text or [], number, numbers))
        confidences |= page.scan.confidences(read) if page.scan else {}
        parts += [*read, *(unseen_text(text, number, next(numbers)) for text in page.unseen)]
        parts += [unread_page(number, next(numbers))] if page.text is None else []
    if parts and not any(page.text for page in pages):
        raise UnreadableDocumentError(
            f"{path.name}: 文字を読み取れるページがありません（画像だけか、文字の対応表のないフォントです）。"
            "OCR を使えるようにするか（make setup-ocr）、OCR で文字を付けた PDF か、元の文書から書き出し直した PDF を"
            "置いてください。"
        )
    if with_pictures := [number for number, page in enumerate(pages, start=1) if page.pictures]:
        n_pictures = sum(page.pictures for page in pages)
        parts.append(unread_pictures(f"画像・図{n_pictures:,}点", with_pictures, next(numbers)))
    first = next((part.text for part in parts if part.text.strip()), "")
    return SourceDocument(
        parts,
        first.lstrip("#").strip() if first.startswith("#") else "",
        [line for page in pages for line in page.cover_lines],
        confidences,
    )


def read_cover(path: Path) -> SourceDocument:
    """Return a PDF's cover lines alone."""
    with _PDFIUM_LOCK, _open_document(path) as pdf:
        pages = [_read_page(pdf, index, DocumentLayout(), may_scan=False) for index in _cover_pages(pdf)]
    return SourceDocument(cover_lines=[line for page in pages for line in page.cover_lines])


def _cover_pages(pdf: PdfDocument) -> list[int]:
    return sorted({0, min(1, len(pdf) - 1), len(pdf) - 1})


@contextmanager
def _open_document(path: Path) -> Iterator[PdfDocument]:
    name = path.name
    try:
        pdf = PdfDocument(path.read_bytes())
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


def _read_page(pdf: PdfDocument, index: int, layout: DocumentLayout, *, may_scan: bool) -> _PageReading:
    try:
        with open_page(pdf, index) as opened:
            content = extract_content(opened)
            is_scan = is_scanned_page(content)
            text = None if is_scan else layout.page_text(content)
            cover_lines = _typeset_lines(content, index + 1) if index in _cover_pages(pdf) else ()
            if text is None and may_scan and (scan := read_scanned_page(opened.page, layout)):
                return _PageReading(scan.text, scan, cover_lines=cover_lines)
            text = layout.page_text(content) if is_scan else text
            if text is None:
                return _PageReading()
            pictures = count_visible_pictures(content.picture_shares)
            return _PageReading(text, None, pictures, content.unseen, cover_lines)
    except PdfiumError:
        return _PageReading()


def _typeset_lines(content: PageContent, number: int) -> list[TypesetLine]:
    rows = group_rows(content.glyphs)
    if broken_share("".join(row.text for row in rows)) > BROKEN_THRESHOLD:
        return []
    shown = [row for row in rows if not row.is_vertical]  # a label beside the lines of a title would part them
    shown.sort(key=lambda row: (round(-row.top / _SAME_HEIGHT), row.left))
    return [TypesetLine(text, number, row.size, -row.top) for row in shown if (text := to_display_text(row.text))]
