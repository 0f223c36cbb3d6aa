"""Collects what a proposal reads of a file: lines with layout, text and metadata.

A PDF is looked at page by page, so that a book of a thousand pages costs no more than its beginning and its last page.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from ctypes import byref
from dataclasses import dataclass, field, replace
from itertools import groupby
from math import hypot
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from ingest.japanese import nfkc
from ingest.readers import read_lines, read_title
from ingest.readers.mojibake import broken_share
from ingest.readers.pdf import open_pdf
from ingest.readers.pdf.text import normalise_text, to_display_text
from ingest.readers.scans.ocr import is_ocr_installed, recognise_text

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

# Pages that are looked at as they are set, and those whose text is read for what the document says of itself.
_SET_PAGES, _TEXT_PAGES = 2, 40
# Lines of a file without pages that count as its beginning.
_BEGINNING = 60
# Dots an inch of a page that is read as a picture, and points.
_DPI, _POINTS = 150, 72
# A first page of no more lines is a cover.
_COVER = 14
# A page of which a larger share is no text shows nothing of itself (as in the reader of PDFs).
_MOST_BROKEN = 0.2
# How far apart the parts of a line stand at most, and how much of their heights they share.
_SAME_LINE, _SHARED = 3.0, 0.6
# Type that is so much larger belongs to another line.
_SAME_TYPE = 1.6


@dataclass(frozen=True, slots=True)
class SetLine:
    """A line as it is set: its place in points from the lower left corner of the page as it is seen, and its `size`.

    `page` counts from 1. A line of a format without pages has the size 0 and no place.
    """

    text: str
    page: int = 1
    size: float = 0.0
    left: float = 0.0
    bottom: float = 0.0
    right: float = 0.0
    top: float = 0.0

    @property
    def middle(self) -> float:
        """Halfway between its ends."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a file: `first` are the lines of its first page, `second` those of the next.

    `last` are those of its last page, `text` what it says (of a PDF the beginning), `width` and `height` those of its
    first page in points, 0 without pages. `metadata` has the keys of PDF: Title, Author, CreationDate.
    """

    path: Path
    first: Sequence[SetLine]
    second: Sequence[SetLine] = ()
    last: Sequence[SetLine] = ()
    text: Sequence[str] = ()
    heading: str = ""
    width: float = 0.0
    height: float = 0.0
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def is_cover(self) -> bool:
        """Whether the first page holds little more than the title."""
        return 0 < len(self.first) <= _COVER

    @property
    def body(self) -> float:
        """The size of most lines of the first two pages; 0 without sizes."""
        sizes = [line.size for line in (*self.second, *self.first) for _ in line.text]
        return median(sizes) if sizes else 0.0


def evidence(path: Path) -> Evidence:
    """Return what the file at `path` shows. Raises UnreadableDocumentError as its reader does."""
    return _evidence_of_pdf(path) if path.suffix.lower() == ".pdf" else _evidence_of_lines(path)


def with_first_page_ocr(found: Evidence) -> Evidence:
    """Return the evidence of a PDF with its first page as its picture shows it; as it was where OCR is missing.

    A cover may be a picture, or have its title drawn beside few lines of text; a page with many is what it says.
    """
    from ingest.readers.pdf.pdfium import PdfiumError  # noqa: PLC0415 -- as in `_of_pdf`

    if not found.width or len(found.first) > _COVER or not is_ocr_installed():
        return found
    try:
        with open_pdf(found.path) as pdf, closing(pdf[0]) as page:
            drawn = page.render(scale=_DPI / _POINTS).to_numpy()
    except PdfiumError:
        return found
    shown = recognise_text(np.ascontiguousarray(drawn[:, :, :3]))
    point, height = _POINTS / _DPI, shown.picture.shape[0]
    lines = [
        SetLine(
            piece.text,
            1,
            piece.size * point,
            piece.left * point,
            (height - piece.bottom) * point,
            piece.right * point,
            (height - piece.top) * point,
        )
        for piece in shown.pieces
    ]
    first = sorted(_join_line_parts(lines), key=lambda line: -line.top)
    return replace(found, first=first, width=shown.picture.shape[1] * point, height=height * point)


def _evidence_of_lines(path: Path) -> Evidence:
    lines = [line.text.strip() for line in read_lines(path) if line.text.strip()]
    shown = [SetLine(text.lstrip("#").strip()) for text in lines[:_BEGINNING]]
    return Evidence(path, shown, last=[SetLine(text) for text in lines[-5:]], text=lines, heading=read_title(path))


def _evidence_of_pdf(path: Path) -> Evidence:
    from ingest.readers.pdf.pdfium import PdfiumError  # noqa: PLC0415 -- 0.1 s that those who read no PDF need not pay

    with open_pdf(path) as pdf:
        pages: list[list[SetLine]] = []
        size, text = (0.0, 0.0), []
        for at in range(min(len(pdf), _TEXT_PAGES)):
            try:
                with closing(pdf[at]) as page:
                    size = size if at else page.get_size()
                    if at < _SET_PAGES:
                        pages.append(_lines(page, at + 1))
                    text += _text(page)
            except PdfiumError:  # this page is damaged: what the others show stays
                pages += [[]] if at < _SET_PAGES else []
        last = _last_page_lines(pdf)
        metadata = {key: value for key, value in pdf.get_metadata_dict().items() if value.strip()}
    first, second = (*pages, [], [])[:2]
    return Evidence(path, first, second, last, text, "", *size, metadata)


def _last_page_lines(pdf: "PdfDocument") -> list[SetLine]:
    from ingest.readers.pdf.pdfium import PdfiumError  # noqa: PLC0415 -- as in `_of_pdf`

    if len(pdf) <= _SET_PAGES:
        return []
    try:
        with closing(pdf[len(pdf) - 1]) as page:
            return _lines(page, len(pdf))
    except PdfiumError:
        return []


def _text(page: "PdfPage") -> list[str]:
    with closing(page.get_textpage()) as found:
        lines = [to_display_text(normalise_text(line)) for line in found.get_text_bounded().splitlines()]
    text = "".join(lines)
    return [line for line in lines if line] if text and broken_share(text) <= _MOST_BROKEN else []


@dataclass(frozen=True, slots=True)
class _Glyph:
    char: str
    size: float
    box: tuple[float, float, float, float]


def _lines(page: "PdfPage", number: int) -> list[SetLine]:
    """Return the lines of a page as it is seen, from the top; none where it has no readable text."""
    with closing(page.get_textpage()) as text:
        glyphs = list(_glyphs(text))
    turned = [replace(g, box=_turn_box(g.box, page)) for g in glyphs]
    runs = [list(run) for broken, run in groupby(turned, lambda g: g.char in "\r\n") if not broken]
    lines = [line for run in runs if (line := _line(run, number))]
    if broken_share("".join(line.text for line in lines)) > _MOST_BROKEN:
        return []
    return sorted(_join_line_parts(lines), key=lambda line: -line.top)


def _glyphs(text: "PdfTextPage") -> Iterator[_Glyph]:
    from pypdfium2 import raw  # noqa: PLC0415 -- as in `_of_pdf`

    box, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    for at in range(text.count_chars()):
        found = raw.FPDFText_GetLooseCharBox(text, at, byref(box))
        place = (box.left, box.bottom, box.right, box.top) if found else (0.0, 0.0, 0.0, 0.0)
        turned = raw.FPDFText_GetMatrix(text, at, byref(matrix))
        scale = hypot(matrix.c, matrix.d) if turned else 1.0
        yield _Glyph(chr(raw.FPDFText_GetUnicode(text, at)), raw.FPDFText_GetFontSize(text, at) * scale, place)


def _turn_box(box: tuple[float, float, float, float], page: "PdfPage") -> tuple[float, float, float, float]:
    """Return a box on a page that is shown turned as the reader sees it."""
    left, bottom, right, top = box
    width, height = page.get_size()
    turned = {
        90: (bottom, height - right, top, height - left),
        180: (width - right, height - top, width - left, height - bottom),
        270: (width - top, left, width - bottom, right),
    }
    return turned.get(page.get_rotation(), box)


def _line(run: Sequence[_Glyph], page: int) -> SetLine | None:
    shown = [g for g in run if not g.char.isspace()]
    text = to_display_text(normalise_text("".join(g.char for g in run)))
    if not shown or not text:
        return None
    size = median(g.size for g in shown)
    left, right = min(g.box[0] for g in shown), max(g.box[2] for g in shown)
    return SetLine(text, page, size, left, median(g.box[1] for g in shown), right, median(g.box[3] for g in shown))


def _join_line_parts(lines: Sequence[SetLine]) -> list[SetLine]:
    """Return the lines with those joined that stand beside each other: the text of a page may part one line."""
    found: list[SetLine] = []
    for line in lines:
        at = next((n for n, other in enumerate(found) if _is_beside(other, line)), None)
        if at is None:
            found.append(line)
            continue
        one, other = sorted((found[at], line), key=lambda one: one.left)
        gap = "" if other.left - one.right < one.size / 2 else " "
        joined = SetLine(
            f"{one.text}{gap}{other.text}",
            line.page,
            max(one.size, other.size),
            one.left,
            min(one.bottom, other.bottom),
            max(one.right, other.right),
            max(one.top, other.top),
        )
        found[at] = joined
    return found


def _is_beside(one: SetLine, other: SetLine) -> bool:
    if max(one.size, other.size) > _SAME_TYPE * min(one.size, other.size):
        return False
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    least = min(one.top - one.bottom, other.top - other.bottom)
    gap = max(one.left, other.left) - min(one.right, other.right)
    return shared > _SHARED * max(least, 1.0) and -one.size < gap < _SAME_LINE * max(one.size, other.size)


def squash_line(text: str) -> str:
    """Return a text in one form of characters and without white space: what is alike to a reader is alike then."""
    return re.sub(r"\s+", "", nfkc(text))
