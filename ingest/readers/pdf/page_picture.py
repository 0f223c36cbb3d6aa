"""Renders a PDF page as PNG with a passage highlighted, in a process with limits."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing
from ctypes import byref, c_int
from difflib import SequenceMatcher
from io import BytesIO
from math import hypot, inf, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.text import clean
from ingest.sandbox.parallel import ChildEndedError, Limits, run_in_child

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# Pixels across, and at most in all: what a telephone and a desktop can show, also of a poster or a scroll.
_ACROSS, _PIXELS = 1200, 6_000_000
# Seconds of a core and by the clock, bytes of memory and of the picture.
_LIMITS = Limits(10, 30.0, 2 << 30, 16 << 20)
# What is laid over the words, as a marker pen does: a page stays white and black under it.
_MARKER = (255, 232, 120)
# Letters of a piece of a passage that is found by itself; a shorter one stands no further from others than so many
# heights of a line.
_ALONE, _NEAR = 5, 3.0
_PARTS = re.compile(r"[\n。\u3000]|: ")

# Left, top, right and bottom in pixels.
Box = tuple[float, float, float, float]


def draw_page(path: Path, number: int, passage: str = "", limits: Limits = _LIMITS) -> bytes | None:
    """Return page `number` (from 1) of a PDF as a PNG, the words of `passage` marked where they are found on it.

    None where the document has no such page. Raises UnreadableDocumentError where it cannot be drawn, or takes too
    much time or memory.
    """
    try:
        return run_in_child(_draw, path, number, passage, limits=limits) or None
    except ChildEndedError as error:
        raise UnreadableDocumentError(
            f"{number}ページは、画像にするのに時間かメモリーがかかりすぎます。原本を開いてください。"
        ) from error


def _draw(path: Path, number: int, passage: str) -> bytes:
    from ingest.readers.pdf.pdfium import PdfDocument, PdfiumError  # noqa: PLC0415 -- the process that waits needs none of it

    try:
        with closing(PdfDocument(path)) as pdf:
            if not 1 <= number <= len(pdf):
                return b""
            with closing(pdf[number - 1]) as page:
                return _png(page, passage)
    except PdfiumError:
        return b""


def _png(page: "PdfPage", passage: str) -> bytes:
    from PIL import Image, ImageChops, ImageDraw  # noqa: PLC0415 -- as above

    width, height = page.get_size()
    scale = min(_ACROSS / width, sqrt(_PIXELS / (width * height)))
    shown = page.render(scale=scale).to_pil().convert("RGB")
    marked = Image.new("RGB", shown.size, "white")
    pen = ImageDraw.Draw(marked)
    for box in _line_boxes(page, shown.size, passage):
        pen.rectangle(box, fill=_MARKER)
    written = BytesIO()
    ImageChops.multiply(shown, marked).save(written, "PNG")
    return written.getvalue()


def _line_boxes(page: "PdfPage", size: tuple[int, int], passage: str) -> Iterator[Box]:
    """Yield a box for each line of the page on which words of the passage stand."""
    letters = list(_letters(page, size)) if passage else []
    boxes = [box for _, box in letters]
    for start, end in _find_words("".join(letter for letter, _ in letters), passage, boxes):
        yield from _lines(boxes[start:end])


def _letters(page: "PdfPage", size: tuple[int, int]) -> Iterator[tuple[str, Box]]:
    """Yield the characters of a page in one form, without white space, with their boxes in a picture of `size`."""
    from pypdfium2 import raw  # noqa: PLC0415 -- as above

    loose = raw.FS_RECTF()
    x, y = c_int(), c_int()

    def pixel(across: float, upward: float) -> tuple[int, int]:
        raw.FPDF_PageToDevice(page, 0, 0, *size, 0, across, upward, byref(x), byref(y))
        return x.value, y.value

    with closing(page.get_textpage()) as text:
        for at in range(text.count_chars()):
            if raw.FPDFText_GetLooseCharBox(text, at, byref(loose)):
                (ax, ay), (bx, by) = pixel(loose.left, loose.top), pixel(loose.right, loose.bottom)
                for letter in _plain(chr(raw.FPDFText_GetUnicode(text, at))):
                    yield letter, (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))


def _plain(text: str) -> str:
    """Return the characters of a text in one form, without white space."""
    return "".join(unicodedata.normalize("NFKC", clean(text)).split())


def _find_words(text: str, passage: str, boxes: Sequence[Box]) -> list[tuple[int, int]]:
    """Return where the words of a passage stand in a page's text.

    A word that may stand anywhere, as a figure in a cell, counts only near to others of the passage.
    """
    whole = _plain(passage)
    if (at := text.find(whole)) >= 0:
        return [(at, at + len(whole))]
    pieces = [piece for part in _PARTS.split(passage) if (piece := _plain(part))]
    found = [place for piece in pieces if len(piece) >= _ALONE for place in _find_piece(text, piece)]
    found = found or [(text.find(piece), text.find(piece) + len(piece)) for piece in pieces if text.count(piece) == 1]
    anchors = [boxes[at] for start, end in found for at in range(start, end)]
    for piece in pieces:
        places = [match.start() for match in re.finditer(re.escape(piece), text)] if len(piece) < _ALONE else []
        nearest = min(places, key=lambda at: _distance(boxes[at], anchors)[0], default=None)
        if nearest is not None and _distance(boxes[nearest], anchors)[1] <= _NEAR:
            found.append((nearest, nearest + len(piece)))
    return found


def _find_piece(text: str, piece: str) -> list[tuple[int, int]]:
    """Return where a piece stands, whole or, where others stand between its words, in parts."""
    if (at := text.find(piece)) >= 0:
        return [(at, at + len(piece))]
    blocks = SequenceMatcher(None, text, piece, autojunk=False).get_matching_blocks()
    return [(block.a, block.a + block.size) for block in blocks if block.size > _ALONE]


def _distance(box: Box, anchors: Sequence[Box]) -> tuple[float, float]:
    """Return how far a box stands from the nearest anchor, and how far above or below it, in its heights."""
    height = max(box[3] - box[1], 1)
    across, upward = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    places = (((a[0] + a[2]) / 2 - across, (a[1] + a[3]) / 2 - upward) for a in anchors)
    return min(((hypot(dx, dy) / height, abs(dy) / height) for dx, dy in places), default=(inf, inf))


def _lines(boxes: Sequence[Box]) -> Iterator[Box]:
    """Yield one box for the characters that follow each other on a line."""
    line: Box | None = None
    for left, top, right, bottom in boxes:
        if line and min(line[3], bottom) - max(line[1], top) > (bottom - top) / 2:
            line = min(line[0], left), min(line[1], top), max(line[2], right), max(line[3], bottom)
            continue
        if line:
            yield line
        line = left, top, right, bottom
    if line:
        yield line
