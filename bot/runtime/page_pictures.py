"""Pictures of the pages of original files, with a passage highlighted."""

from collections import OrderedDict
from threading import Lock

from bot.admission import Admission
from bot.errors import UnknownFileError
from bot.runtime.document_state import OriginalFile
from ingest.documents import is_pdf
from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.page_picture import draw_page

# Some two hundred pages.
_MAX_CACHE_BYTES = 64 << 20
# A page takes up to 30 seconds, most take half a second.
_MAX_WAITING = 8
_MAX_WAIT_S = 60.0


class PagePictures:
    """Draws pages of PDFs; safe to share between threads."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
        self._lock = Lock()
        self._admission = Admission(0, _MAX_WAITING, _MAX_WAIT_S)

    def render_page(self, original: OriginalFile, page: int, passage: str) -> bytes:
        """Return a page as a PNG with the text of `passage` highlighted.

        Raises UnknownFileError for a page that does not exist or cannot be drawn, BusyError where too many wait.
        """
        if not is_pdf(original.document):
            raise UnknownFileError("ページの画像は PDF の文書だけにあります。原本を開いてください。")
        key = original.document.digest, page, passage
        if picture := self._cached(key):
            return picture
        with self._admission.seat():
            return self._cached(key) or self._draw(key, original, page, passage)

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
