"""PDF: the text layer of each page as lines; a page that shows something and has no readable text is named."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf_lines import Layout, page_title
from ingest.readers.unread import is_unread, unread_page

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# PDFium may be used by one thread at a time.
_LOCK = Lock()
# FPDF_GetLastError: the file asks for a password; its encryption is unknown.
_LOCKED = {4, 5}


def read_pdf(path: Path) -> list[Line]:
    """Return the lines of all pages, counted through the document, with blank ones where a page leaves room.

    A page without readable text is one line that says so (`unread_page`). Raises UnreadableDocumentError for a file
    that is damaged, asks for a password, or has no page with readable text.
    """
    data = path.read_bytes()
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        return []
    with _LOCK, _opened(data, path.name) as pdf:
        layout = Layout()
        pages = [_page(pdf, at, layout) for at in range(len(pdf))]
    if any(pages) and all(is_unread(text) for page in pages for text in page):
        raise UnreadableDocumentError(
            f"{path.name}: 文字を読み取れるページがありません（画像だけか、文字の対応表のないフォントです）。"
            "OCR で文字を付けた PDF か、元の文書から書き出し直した PDF を置いてください。"
        )
    texts = [(text, number) for number, page in enumerate(pages, start=1) for text in page]
    return [Line(at, text, page) for at, (text, page) in enumerate(texts, start=1)]


def pdf_title(path: Path) -> str:
    """Return the title on the first page of a PDF, or "" where none stands out; raises as `read_pdf` does."""
    from pypdfium2 import PdfiumError  # noqa: PLC0415 -- as in `_opened`

    with _LOCK, _opened(path.read_bytes(), path.name) as pdf:
        try:
            with closing(pdf[0]) as page:
                return page_title(page)
        except (PdfiumError, IndexError):  # the first page is damaged, or there is none
            return ""


@contextmanager
def _opened(data: bytes, name: str) -> Iterator["PdfDocument"]:
    # Imported here: 0.1 s that those who read no PDF need not pay.
    from pypdfium2 import PdfDocument, PdfiumError  # noqa: PLC0415

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


def _page(pdf: "PdfDocument", at: int, layout: Layout) -> list[str]:
    from pypdfium2 import PdfiumError  # noqa: PLC0415 -- as in `_opened`

    try:
        with closing(pdf[at]) as page:
            lines = layout.page_lines(page)
    except PdfiumError:
        lines = None
    return [unread_page(at + 1)] if lines is None else lines
