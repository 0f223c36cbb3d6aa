"""Reader for picture files, each picture as a scanned page."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.page_layout import Layout
from ingest.readers.scans.ocr import LONGEST_SIDE, Picture, can_read_pictures
from ingest.readers.scans.scanned_page import read_picture_lines
from ingest.readers.unread_parts import unread_page

if TYPE_CHECKING:
    from PIL.Image import Image

# More is no scan of a page: A3 at 600 dpi has 70 million. A picture takes three bytes for each.
_MOST_PIXELS = 100_000_000


def read_pictures(path: Path) -> list[Line]:
    """Return what is written on the pictures of a file, one page each; one without writing is named (`unread_page`).

    Raises UnreadableDocumentError for a file that is damaged or too large, or where the extra for OCR is missing.
    """
    if not path.read_bytes().strip(b"\xef\xbb\xbf \t\r\n"):
        return []
    if not can_read_pictures():
        raise UnreadableDocumentError(
            f"{path.name}: 画像の文字を読むには OCR が要ります。`make setup-ocr` を実行するか、"
            "文字のある文書を置いてください。"
        )
    layout = Layout()
    pages = [read_picture_lines(picture, layout) for picture in _pictures(path)]
    if not any(pages):
        raise UnreadableDocumentError(
            f"{path.name}: 画像から読み取れる文字がありません。大きくはっきり写した画像か、"
            "文字のある文書を置いてください。"
        )
    texts = [
        (text, number, sure)
        for number, page in enumerate(pages, start=1)
        for text, sure in page or [(unread_page(number), None)]
    ]
    return [Line(at, *text) for at, text in enumerate(texts, start=1)]


def _pictures(path: Path) -> Iterator[Picture]:
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError  # noqa: PLC0415 -- 0.1 s, as in the PDF's

    try:
        with Image.open(path) as opened:
            for frame in ImageSequence.Iterator(opened):
                if frame.width * frame.height > _MOST_PIXELS:
                    raise UnreadableDocumentError(
                        f"{path.name}: 画像が大きすぎます（{frame.width:,}×{frame.height:,}）。"
                        "1億画素までに縮めて置いてください。"
                    )
                yield _as_page(ImageOps.exif_transpose(frame))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableDocumentError(
            f"{path.name}: 画像として読めません。壊れているか、途中で切れています。ファイルを取り直してください。"
        ) from error


def _as_page(picture: "Image") -> Picture:
    page = picture.convert("RGB")
    page.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.array(page)
