"""Reader for picture files, each picture as a scanned page."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.page_layout import DocumentLayout
from ingest.readers.scans.ocr import MAX_SIDE, Picture, is_ocr_installed
from ingest.readers.scans.scanned_page import read_picture_lines
from ingest.readers.unread_parts import unread_page

if TYPE_CHECKING:
    from PIL.Image import Image

# A3 at 600 dpi has 70 million pixels of three bytes.
_MAX_PIXELS = 100_000_000


def read_pictures(path: Path) -> list[Line]:
    """Return the text of the pictures of a file, one page each; a placeholder line for one without text.

    Raises UnreadableDocumentError for a file that is damaged or too large, has no text, or if OCR is not installed.
    """
    if not path.read_bytes().strip(b"\xef\xbb\xbf \t\r\n"):
        return []
    if not is_ocr_installed():
        raise UnreadableDocumentError(
            f"{path.name}: 画像の文字を読むには OCR が要ります。`make setup-ocr` を実行するか、"
            "文字のある文書を置いてください。"
        )
    layout = DocumentLayout()
    pages = [read_picture_lines(picture, layout) for picture in _open_pictures(path)]
    if not any(pages):
        raise UnreadableDocumentError(
            f"{path.name}: 画像から読み取れる文字がありません。大きくはっきり写した画像か、"
            "文字のある文書を置いてください。"
        )
    texts = [
        (text, number, confidence)
        for number, page in enumerate(pages, start=1)
        for text, confidence in page or [(unread_page(number), None)]
    ]
    return [Line(number, *text) for number, text in enumerate(texts, start=1)]


def _open_pictures(path: Path) -> Iterator[Picture]:
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError  # noqa: PLC0415 -- imported on use: 0.1 s

    try:
        with Image.open(path) as image:
            for frame in ImageSequence.Iterator(image):
                if frame.width * frame.height > _MAX_PIXELS:
                    raise UnreadableDocumentError(
                        f"{path.name}: 画像が大きすぎます（{frame.width:,}×{frame.height:,}）。"
                        "1億画素までに縮めて置いてください。"
                    )
                yield _to_page(ImageOps.exif_transpose(frame))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableDocumentError(
            f"{path.name}: 画像として読めません。壊れているか、途中で切れています。ファイルを取り直してください。"
        ) from error


def _to_page(picture: "Image") -> Picture:
    page = picture.convert("RGB")
    page.thumbnail((MAX_SIDE, MAX_SIDE))
    return np.array(page)
