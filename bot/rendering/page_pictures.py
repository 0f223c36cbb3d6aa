"""Renders PDF pages as PNG, one at a time, with an in-memory cache."""

from collections import OrderedDict
from threading import BoundedSemaphore, Lock

from bot.errors import BusyError, UnknownFileError
from bot.runtime.service_interface import OriginalFile
from ingest.documents import is_pdf
from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.page_picture import draw_page

# Bytes of pictures in memory: some two hundred pages.
_MOST_BYTES = 64 << 20
# Those who wait for their page; each page takes up to 30 seconds, most half a one.
_MOST_WAITING = 8


class PagePictures:
    """Draws pages of PDFs; safe to share between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
        self._lock = Lock()
        self._drawing = Lock()
        self._seats = BoundedSemaphore(_MOST_WAITING)

    def of(self, original: OriginalFile, page: int, passage: str) -> bytes:
        """Return a page as a PNG with the words of `passage` marked.

        Raises UnknownFileError where there is no such page or it cannot be drawn, BusyError where too many wait.
        """
        if not is_pdf(original.document):
            raise UnknownFileError("ページの画像は PDF の文書だけにあります。原本を開いてください。")
        key = original.document.digest, page, passage
        if kept := self._remembered(key):
            return kept
        if not self._seats.acquire(blocking=False):
            raise BusyError("ページの画像を待つ人が多すぎます。少し待ってから、もう一度お試しください。")
        try:
            with self._drawing:
                return self._remembered(key) or self._drawn(key, original, page, passage)
        finally:
            self._seats.release()

    def _remembered(self, key: tuple[str, int, str]) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _drawn(self, key: tuple[str, int, str], original: OriginalFile, page: int, passage: str) -> bytes:
        try:
            picture = draw_page(original.path, page, passage)
        except UnreadableDocumentError as error:
            raise UnknownFileError(str(error)) from error
        if picture is None:
            raise UnknownFileError(f"「{original.document.title}」に{page}ページはありません。")
        with self._lock:
            self._kept[key] = picture
            while sum(map(len, self._kept.values())) > _MOST_BYTES:
                self._kept.popitem(last=False)
        return picture
