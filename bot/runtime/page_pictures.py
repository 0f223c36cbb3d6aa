"""Renders PDF pages as PNG, one at a time, with an in-memory cache."""

from collections import OrderedDict
from threading import BoundedSemaphore, Lock

from bot.errors import BusyError, UnknownFileError
from bot.runtime.document_state import OriginalFile
from ingest.documents import is_pdf
from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.page_picture import draw_page

# Some two hundred pages.
_MAX_CACHE_BYTES = 64 << 20
# A page takes up to 30 seconds, most take half a second.
_MAX_WAITING = 8


class PagePictures:
    """Draws pages of PDFs; safe to share between threads."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
        self._lock = Lock()
        self._drawing = Lock()
        self._seats = BoundedSemaphore(_MAX_WAITING)

    def render_page(self, original: OriginalFile, page: int, passage: str) -> bytes:
        """Return a page as a PNG with the text of `passage` highlighted.

        Raises UnknownFileError for a page that does not exist or cannot be drawn, BusyError where too many wait.
        """
        if not is_pdf(original.document):
            raise UnknownFileError("ページの画像は PDF の文書だけにあります。原本を開いてください。")
        key = original.document.digest, page, passage
        if picture := self._cached(key):
            return picture
        if not self._seats.acquire(blocking=False):
            raise BusyError("ページの画像を待つ人が多すぎます。少し待ってから、もう一度お試しください。")
        try:
            with self._drawing:
                return self._cached(key) or self._draw(key, original, page, passage)
        finally:
            self._seats.release()

    def _cached(self, key: tuple[str, int, str]) -> bytes | None:
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
            return self._cache.get(key)

    def _draw(self, key: tuple[str, int, str], original: OriginalFile, page: int, passage: str) -> bytes:
        try:
            picture = draw_page(original.path, page, passage)
        except UnreadableDocumentError as error:
            raise UnknownFileError(str(error)) from error
        if picture is None:
            raise UnknownFileError(f"「{original.document.title}」に{page}ページはありません。")
        with self._lock:
            self._cache[key] = picture
            while sum(map(len, self._cache.values())) > _MAX_CACHE_BYTES:
                self._cache.popitem(last=False)
        return picture
