"""Collects the evidence for a proposal from a file: lines with layout, text and metadata.

Only the beginning and the last page of a PDF are read, so that long documents stay cheap.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from ctypes import byref
from dataclasses import dataclass, field, replace
from itertools import groupby
from math import hypot
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from ingest.readers import read_lines, read_title
from ingest.readers.mojibake import broken_share
from ingest.readers.pdf import open_pdf
from ingest.readers.pdf.pdf_text import decode_pdf_text, to_display_text
from ingest.readers.scans.ocr import is_ocr_installed, recognise_text

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

# Pages read with layout.
_LAYOUT_PAGES = 2
# Pages read as text.
_TEXT_PAGES = 40
# Lines of a file without pages that count as its beginning.
_BEGINNING_LINES = 60
# Resolution of a page rendered for OCR.
_DPI = 150
# Points per inch.
_POINTS_PER_INCH = 72
# Maximum number of lines of a cover page.
_MAX_COVER_LINES = 14
# Pages with a larger share of broken characters are ignored, as in the PDF reader.
_MAX_BROKEN_SHARE = 0.2
# Maximum gap between parts of one line, in line heights.
_MAX_PART_GAP = 3.0
# Minimum share of the height that parts of one line have in common.
_MIN_COMMON_HEIGHT = 0.6
# Maximum ratio of type sizes within a line.
_MAX_SIZE_RATIO = 1.6


@dataclass(frozen=True, slots=True)
class ProposedValue:
    """A value proposed for a manifest entry.

    Attributes:
        value: a text or a list of texts, as TOML and JSON have them.
        source: its place in the file, in Japanese.
        sure: whether the value needs no check by a person.
    """

    value: Any
    source: str
    sure: bool


@dataclass(frozen=True, slots=True)
class SetLine:
    """A line with its type `size` and box, in points from the lower left corner of the displayed page.

    `page` counts from 1. In formats without pages, size and box are 0.
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
        """The horizontal centre."""
        return (self.left + self.right) / 2


@dataclass(frozen=True, slots=True)
class FileEvidence:
    """The evidence of one file: `first`, `second` and `last` are the lines of those pages.

    `text` are its lines of text (of a PDF those of the beginning). `width` and `height` are those of the first page in
    points, 0 without pages. `metadata` has the PDF keys Title, Author and CreationDate.
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
        """Whether the first page has little more than the title."""
        return 0 < len(self.first) <= _MAX_COVER_LINES

    @property
    def body(self) -> float:
        """The size of most lines of the first two pages; 0 without sizes."""
        sizes = [line.size for line in (*self.second, *self.first) for _ in line.text]
        return median(sizes) if sizes else 0.0


def read_file_evidence(path: Path) -> FileEvidence:
    """Return the evidence of the file at `path`. Raises UnreadableDocumentError."""
    return _pdf_evidence(path) if path.suffix.lower() == ".pdf" else _text_evidence(path)


def with_first_page_ocr(original: FileEvidence) -> FileEvidence:
    """Return the evidence of a PDF with its first page read by OCR; unchanged if OCR is not installed.

    A cover may be an image or have a drawn title; pages with many lines of text need no OCR.
    """
    from ingest.readers.pdf.pdfium import PdfiumError  # noqa: PLC0415 -- as in `_pdf_evidence`

    if not original.width or len(original.first) > _MAX_COVER_LINES or not is_ocr_installed():
        return original
    try:
        with open_pdf(original.path) as pdf, closing(pdf[0]) as page:
            drawn = page.render(scale=_DPI / _POINTS_PER_INCH).to_numpy()
    except PdfiumError:
        return original
    recognised = recognise_text(np.ascontiguousarray(drawn[:, :, :3]))
    point = _POINTS_PER_INCH / _DPI
    height = recognised.picture.shape[0]
    lines = [
        SetLine(
            piece.text,
            size=piece.size * point,
            left=piece.left * point,
            bottom=(height - piece.bottom) * point,
            right=piece.right * point,
            top=(height - piece.top) * point,
        )
        for piece in recognised.pieces
    ]
    first = sorted(_join_line_parts(lines), key=lambda line: -line.top)
    return replace(original, first=first, width=recognised.picture.shape[1] * point, height=height * point)


def _text_evidence(path: Path) -> FileEvidence:
    lines = [line.text.strip() for line in read_lines(path) if line.text.strip()]
    first = [SetLine(text.lstrip("#").strip()) for text in lines[:_BEGINNING_LINES]]
    return FileEvidence(path, first, last=[SetLine(text) for text in lines[-5:]], text=lines, heading=read_title(path))


def _pdf_evidence(path: Path) -> FileEvidence:
    from ingest.readers.pdf.pdfium import PdfiumError  # noqa: PLC0415 -- costs 0.1 s

    with open_pdf(path) as pdf:
        pages: list[list[SetLine]] = []
        size = (0.0, 0.0)
        text = []
        for index in range(min(len(pdf), _TEXT_PAGES)):
            try:
                with closing(pdf[index]) as page:
                    size = size if index else page.get_size()
                    if index < _LAYOUT_PAGES:
                        pages.append(_lines(page, index + 1))
                    text += _text_lines(page)
            except PdfiumError:  # skip the damaged page
                pages += [[]] if index < _LAYOUT_PAGES else []
        last = _last_page_lines(pdf)
        metadata = {key: value for key, value in pdf.get_metadata_dict().items() if value.strip()}
    first, second = (*pages, [], [])[:2]
    width, height = size
    return FileEvidence(path, first, second=second, last=last, text=text, width=width, height=height, metadata=metadata)


def _last_page_lines(pdf: "PdfDocument") -> list[SetLine]:
    from ingest.readers.pdf.pdfium import PdfiumError  # noqa: PLC0415 -- as in `_pdf_evidence`

    if len(pdf) <= _LAYOUT_PAGES:
        return []
    try:
        with closing(pdf[len(pdf) - 1]) as page:
            return _lines(page, len(pdf))
    except PdfiumError:
        return []


def _text_lines(page: "PdfPage") -> list[str]:
    with closing(page.get_textpage()) as text_page:
        lines = [to_display_text(decode_pdf_text(line)) for line in text_page.get_text_bounded().splitlines()]
    text = "".join(lines)
    return [line for line in lines if line] if text and broken_share(text) <= _MAX_BROKEN_SHARE else []


@dataclass(frozen=True, slots=True)
class _Glyph:
    char: str
    size: float
    box: tuple[float, float, float, float]


def _lines(page: "PdfPage", number: int) -> list[SetLine]:
    with closing(page.get_textpage()) as text:
        glyphs = list(_glyphs(text))
    turned = [replace(g, box=_turn_box(g.box, page)) for g in glyphs]
    runs = [list(run) for broken, run in groupby(turned, lambda g: g.char in "\r\n") if not broken]
    lines = [line for run in runs if (line := _line(run, number))]
    if broken_share("".join(line.text for line in lines)) > _MAX_BROKEN_SHARE:
        return []
    return sorted(_join_line_parts(lines), key=lambda line: -line.top)


def _glyphs(text: "PdfTextPage") -> Iterator[_Glyph]:
    from pypdfium2 import raw  # noqa: PLC0415 -- as in `_pdf_evidence`

    box = raw.FS_RECTF()
    matrix = raw.FS_MATRIX()
    for index in range(text.count_chars()):
        has_box = raw.FPDFText_GetLooseCharBox(text, index, byref(box))
        glyph_box = (box.left, box.bottom, box.right, box.top) if has_box else (0.0, 0.0, 0.0, 0.0)
        turned = raw.FPDFText_GetMatrix(text, index, byref(matrix))
        scale = hypot(matrix.c, matrix.d) if turned else 1.0
        yield _Glyph(
            chr(raw.FPDFText_GetUnicode(text, index)), raw.FPDFText_GetFontSize(text, index) * scale, glyph_box
        )


def _turn_box(box: tuple[float, float, float, float], page: "PdfPage") -> tuple[float, float, float, float]:
    left, bottom, right, top = box
    width, height = page.get_size()
    turned = {
        90: (bottom, height - right, top, height - left),
        180: (width - right, height - top, width - left, height - bottom),
        270: (width - top, left, width - bottom, right),
    }
    return turned.get(page.get_rotation(), box)


def _line(run: Sequence[_Glyph], page: int) -> SetLine | None:
    visible = [g for g in run if not g.char.isspace()]
    text = to_display_text(decode_pdf_text("".join(g.char for g in run)))
    if not visible or not text:
        return None
    size = median(g.size for g in visible)
    left = min(g.box[0] for g in visible)
    right = max(g.box[2] for g in visible)
    return SetLine(
        text,
        page,
        size=size,
        left=left,
        bottom=median(g.box[1] for g in visible),
        right=right,
        top=median(g.box[3] for g in visible),
    )


def _join_line_parts(lines: Sequence[SetLine]) -> list[SetLine]:
    result: list[SetLine] = []
    for line in lines:
        index = next((n for n, earlier in enumerate(result) if _is_same_line(earlier, line)), None)
        if index is None:
            result.append(line)
            continue
        left, right = sorted((result[index], line), key=lambda part: part.left)
        gap = "" if right.left - left.right < left.size / 2 else " "
        result[index] = SetLine(
            f"{left.text}{gap}{right.text}",
            line.page,
            size=max(left.size, right.size),
            left=left.left,
            bottom=min(left.bottom, right.bottom),
            right=max(left.right, right.right),
            top=max(left.top, right.top),
        )
    return result


def _is_same_line(first: SetLine, second: SetLine) -> bool:
    if max(first.size, second.size) > _MAX_SIZE_RATIO * min(first.size, second.size):
        return False
    shared = min(first.top, second.top) - max(first.bottom, second.bottom)
    least = min(first.top - first.bottom, second.top - second.bottom)
    gap = max(first.left, second.left) - min(first.right, second.right)
    return shared > _MIN_COMMON_HEIGHT * max(least, 1.0) and -first.size < gap < _MAX_PART_GAP * max(
        first.size, second.size
    )
