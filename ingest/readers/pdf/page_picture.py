"""Renders a PDF page as PNG with a passage highlighted, in a limited child process."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing
from ctypes import byref, c_int
from difflib import SequenceMatcher
from io import BytesIO
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.pdf_text import decode_pdf_text
from ingest.sandbox import ChildEndedError, Limits, run_in_child

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# Width of a picture in pixels: enough for telephones and desktops.
_WIDTH = 1200
# Limit for posters and scrolls.
_MAX_PIXELS = 6_000_000
# CPU seconds, wall-clock seconds, bytes of memory and of the picture.
_LIMITS = Limits(10, 30.0, 2 << 30, 16 << 20)
# Marker colour, multiplied with the page so that text stays black.
_MARKER = (255, 232, 120)
# Minimum length of a piece that is located by itself.
_MIN_UNIQUE_LENGTH = 5
_SEPARATORS = re.compile(r"[\n。\u3000]|: ")

# Left, top, right and bottom in pixels.
PixelBox = tuple[float, float, float, float]


def draw_page(path: Path, number: int, passage: str = "", limits: Limits = _LIMITS) -> bytes | None:
    """Return page `number` (from 1) of a PDF as PNG, the words of `passage` highlighted.

    None if there is no such page. Raises UnreadableDocumentError if rendering fails or exceeds its limits.
    """
    try:
        return run_in_child(_draw, path, number, passage, limits=limits) or None
    except ChildEndedError as error:
        raise UnreadableDocumentError(
            f"{number}ページは、画像にするのに時間かメモリーがかかりすぎます。原本を開いてください。"
        ) from error


def _draw(path: Path, number: int, passage: str) -> bytes:
    from ingest.readers.pdf.pdfium import PdfDocument, PdfiumError  # noqa: PLC0415 -- only the child process needs it

    try:
        with closing(PdfDocument(path)) as pdf:
            if not 1 <= number <= len(pdf):
                return b""
            with closing(pdf[number - 1]) as page:
                return _png(page, passage)
    except PdfiumError:
        return b""


def _png(page: "PdfPage", passage: str) -> bytes:
    from PIL import Image, ImageChops, ImageDraw  # noqa: PLC0415 -- imported on use

    width, height = page.get_size()
    scale = min(_WIDTH / width, sqrt(_MAX_PIXELS / (width * height)))
    image = page.render(scale=scale).to_pil().convert("RGB")
    overlay = Image.new("RGB", image.size, "white")
    pen = ImageDraw.Draw(overlay)
    letters = list(_letters(page, image.size)) if passage else []
    for start, end in _find_passage("".join(letter for letter, _ in letters), passage):
        for box in _merge_into_lines([box for _, box in letters[start:end]]):
            pen.rectangle(box, fill=_MARKER)
    png = BytesIO()
    ImageChops.multiply(image, overlay).save(png, "PNG")
    return png.getvalue()


def _letters(page: "PdfPage", size: tuple[int, int]) -> Iterator[tuple[str, PixelBox]]:
    from pypdfium2 import raw  # noqa: PLC0415 -- imported on use

    loose = raw.FS_RECTF()
    x = c_int()
    y = c_int()

    def pixel(point_x: float, point_y: float) -> tuple[int, int]:
        raw.FPDF_PageToDevice(page, 0, 0, *size, 0, point_x, point_y, byref(x), byref(y))
        return x.value, y.value

    with closing(page.get_textpage()) as text:
        for index in range(text.count_chars()):
            if raw.FPDFText_GetLooseCharBox(text, index, byref(loose)):
                (x0, y0), (x1, y1) = pixel(loose.left, loose.top), pixel(loose.right, loose.bottom)
                for letter in _normalised(chr(raw.FPDFText_GetUnicode(text, index))):
                    yield letter, (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _normalised(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", decode_pdf_text(text)).split())


# Shorter words (a figure in a cell) count only without longer ones, if they occur once on the page.
def _find_passage(text: str, passage: str) -> list[tuple[int, int]]:
    passage_text = _normalised(passage)
    if (index := text.find(passage_text)) >= 0:
        return [(index, index + len(passage_text))]
    pieces = [piece for part in _SEPARATORS.split(passage) if (piece := _normalised(part))]
    spans: list[tuple[int, int]] = []
    for piece in pieces:
        if len(piece) >= _MIN_UNIQUE_LENGTH and (start := text.find(piece)) >= 0:
            spans.append((start, start + len(piece)))
        elif len(piece) >= _MIN_UNIQUE_LENGTH:
            blocks = SequenceMatcher(None, text, piece, autojunk=False).get_matching_blocks()
            spans += [(block.a, block.a + block.size) for block in blocks if block.size > _MIN_UNIQUE_LENGTH]
    unique = (piece for piece in pieces if len(piece) < _MIN_UNIQUE_LENGTH and text.count(piece) == 1)
    return spans or [(text.index(piece), text.index(piece) + len(piece)) for piece in unique]


def _merge_into_lines(boxes: Sequence[PixelBox]) -> Iterator[PixelBox]:
    line: PixelBox | None = None
    for left, top, right, bottom in boxes:
        if line and min(line[3], bottom) - max(line[1], top) > (bottom - top) / 2:
            line = min(line[0], left), min(line[1], top), max(line[2], right), max(line[3], bottom)
            continue
        if line:
            yield line
        line = left, top, right, bottom
    if line:
        yield line
