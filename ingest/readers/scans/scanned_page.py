"""Detects scanned pages, recognises their text and lays it out; reads picture files."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, groupby
from math import inf
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import NDArray

from ingest.blocks.model import DocumentPart, SourceDocument, part_lines
from ingest.blocks.unread_parts import unread_page
from ingest.errors import UnreadableDocumentError
from ingest.readers.pdf.content import PageContent
from ingest.readers.pdf.drawing import Drawing
from ingest.readers.pdf.geometry import Box, Glyph
from ingest.readers.pdf.page_layout import DocumentLayout, PageText, page_parts
from ingest.readers.scans.ocr import MAX_SIDE, OcrPiece, Picture, is_ocr_installed, recognise_text
from ingest.sandbox import extend_time

if TYPE_CHECKING:
    from pypdfium2 import PdfPage


# Dots per inch: of 2,324 characters 11 were wrong at 150, 8 at 200, 9 at 250 (decision 040).
_DPI = 200
_POINT = 72 / _DPI
# Characters of text that a scan may have (a stamp, the name of a form).
_MAX_TEXT_LENGTH = 60
# Shares of the page's area: a scan's picture, the background of a text page, and a picture that is no mark or line.
_MIN_SCAN_SHARE = 0.4
_BACKGROUND_SHARE = 0.6
_MIN_VISIBLE_SHARE = 0.02
# A column of running text: letters per line, lines, and typical width of a line as a share of the column.
_MIN_COLUMN_LETTERS = 8
_MIN_COLUMN_LINES = 4
_MIN_FULL_SHARE = 0.75
# Width share of a line that spans all columns.
_FULL_WIDTH_SHARE = 0.6
# Maximum height ratio of boxes in one type size.
_MAX_HEIGHT_RATIO = 1.3
# East Asian widths that count as two columns.
_WIDE_LETTERS = frozenset("WFA")
# Brightness below which a pixel is dark.
_DARKNESS_THRESHOLD = 175
# Pixels of ruling lines, which are longer than strokes of letters (some 30 at 200 dpi), and their longest interruption.
_MIN_HORIZONTAL = 60
_MIN_VERTICAL = 45
_MAX_THICKNESS = 14
_MAX_GAP = 4

# Left, top, right and bottom in pixels.
RulingLine = tuple[int, int, int, int]
# A3 at 600 dpi has 70 million pixels of three bytes.
_MAX_PIXELS = 100_000_000


class RecognisedPage(NamedTuple):
    """The text of a page by OCR, and the pieces that were recognised."""

    text: PageText
    pieces: Sequence[OcrPiece]

    def confidences(self, parts: Iterable[DocumentPart]) -> dict[int, float]:
        """Return the mean confidence (0 to 1) of each line of the `parts` of the page by its number."""
        confidences = {}
        for line in part_lines(parts):
            inside = [piece for piece in self.pieces if piece.text in line.text] or self.pieces
            if line.text:
                total = sum(p.confidence * len(p.text) for p in inside)
                confidences[line.number] = total / sum(len(p.text) for p in inside)
        return confidences


def read_scanned_page(page: "PdfPage", layout: DocumentLayout) -> RecognisedPage | None:
    """Return a page by OCR, None if it finds no text or is not installed."""
    if not is_ocr_installed():
        return None
    width, height = page.get_size()
    scale = min(1 / _POINT, MAX_SIDE / max(width, height))
    picture = page.render(scale=scale).to_numpy()
    return _read_picture(np.ascontiguousarray(picture[:, :, :3]), layout)


# Each picture extends the time limit.
def _read_picture(picture: Picture, layout: DocumentLayout) -> RecognisedPage | None:
    extend_time()
    recognised = recognise_text(picture)
    if not recognised.pieces:
        return None
    height, width = recognised.picture.shape[:2]
    dark = recognised.picture.min(axis=2) < _DARKNESS_THRESHOLD
    horizontal = _dark_runs(dark, _MIN_HORIZONTAL)
    vertical = [(a, b, c, d) for b, a, d, c in _dark_runs(dark.T, _MIN_VERTICAL)]
    drawing = Drawing(
        [_to_points(rule, height) for rule in horizontal], [_to_points(rule, height) for rule in vertical], []
    )
    content = PageContent(list(_glyphs(recognised.pieces, height)), drawing, width > height)
    return RecognisedPage(layout.arrange(content), recognised.pieces)


def is_scanned_page(content: PageContent) -> bool:
    """Whether a page is a picture with next to no text."""
    n_characters = sum(not glyph.char.isspace() for glyph in content.glyphs)
    return n_characters <= _MAX_TEXT_LENGTH and any(share >= _MIN_SCAN_SHARE for share in content.picture_shares)


def count_visible_pictures(shares: Sequence[float]) -> int:
    """Return the number of pictures on a text page, without backgrounds and small marks."""
    return sum(_MIN_VISIBLE_SHARE <= share < _BACKGROUND_SHARE for share in shares)


def _to_points(pixel_box: RulingLine | tuple[float, float, float, float], height: int) -> Box:
    left, top, right, bottom = pixel_box
    return Box(left * _POINT, (height - bottom) * _POINT, right * _POINT, (height - top) * _POINT)


def _glyphs(pieces: Sequence[OcrPiece], height: int) -> Iterator[Glyph]:
    position = 0
    typical_height = median(piece.size for piece in pieces)
    for part in _reading_parts(pieces):
        for row in _rows(part):
            for piece in row:
                upper, lower = piece.top, piece.bottom
                if typical_height / _MAX_HEIGHT_RATIO <= piece.size <= typical_height * _MAX_HEIGHT_RATIO:
                    middle = (upper + lower) / 2
                    upper, lower = middle - typical_height / 2, middle + typical_height / 2
                left, bottom, right, top = _to_points((piece.left, upper, piece.right, lower), height)
                shares = [2 if east_asian_width(letter) in _WIDE_LETTERS else 1 for letter in piece.text]
                x = left
                for letter, share in zip(piece.text, shares, strict=True):
                    end = x + (right - left) * share / sum(shares)
                    yield Glyph(letter, x, bottom, end, top, position)
                    x = end
                    position += 1
            yield Glyph("\n", x, bottom, x, top, position)
            position += 1


def _reading_parts(pieces: Sequence[OcrPiece]) -> Iterator[list[OcrPiece]]:
    pending: list[OcrPiece] = []
    left, right = min(p.left for p in pieces), max(p.right for p in pieces)
    ordered = sorted(pieces, key=lambda p: p.top + p.bottom)
    for _, group in groupby(ordered, lambda p: p.right - p.left > _FULL_WIDTH_SHARE * (right - left)):
        band = list(group)
        columns = _columns(band)
        if len(columns) > 1 and all(map(_is_running_text, columns)):
            yield from [pending, *columns] if pending else columns
            pending = []
        else:
            pending += band
    yield from [pending] if pending else []


def _columns(band: Sequence[OcrPiece]) -> list[list[OcrPiece]]:
    columns: list[list[OcrPiece]] = []
    end = -inf
    for piece in sorted(band, key=lambda p: p.left):
        if piece.left > end + piece.size:
            columns.append([])
        columns[-1].append(piece)
        end = max(end, piece.right)
    return columns


def _is_running_text(column: Sequence[OcrPiece]) -> bool:
    width = max(p.right for p in column) - min(p.left for p in column)
    typical_width = median(p.right - p.left for p in column)
    letters = median(len(p.text) for p in column)
    return (
        len(column) >= _MIN_COLUMN_LINES and letters >= _MIN_COLUMN_LETTERS and typical_width >= _MIN_FULL_SHARE * width
    )


def _rows(pieces: Sequence[OcrPiece]) -> list[list[OcrPiece]]:
    rows: list[list[OcrPiece]] = []
    for piece in sorted(pieces, key=lambda p: p.top + p.bottom):
        if rows:
            top, bottom = median(p.top for p in rows[-1]), median(p.bottom for p in rows[-1])
            shared = min(bottom, piece.bottom) - max(top, piece.top)
            if shared > min(bottom - top, piece.size) / 2:
                rows[-1].append(piece)
                continue
        rows.append([piece])
    return [sorted(row, key=lambda p: p.left) for row in rows]


def _dark_runs(dark: NDArray[np.bool_], min_length: int) -> list[RulingLine]:
    from scipy import ndimage  # noqa: PLC0415 -- imported on use: 0.3 s and 22 MB

    closed = ndimage.binary_closing(dark, np.ones((1, _MAX_GAP + 1), bool))
    edges = np.diff(np.pad(closed, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    long = ends - starts >= min_length
    line_pixels = np.zeros_like(dark)
    for row, start, end in zip(rows[long], starts[long], ends[long], strict=True):
        line_pixels[row, start:end] = True
    labels, _ = ndimage.label(line_pixels, np.ones((3, 3), int))
    boxes = (
        (region[1].start, region[0].start, region[1].stop, region[0].stop) for region in ndimage.find_objects(labels)
    )
    return [box for box in boxes if box[3] - box[1] <= _MAX_THICKNESS]


def read_pictures(path: Path) -> SourceDocument:
    """Return the text of the pictures of a file, one page each; it needs OCR."""
    if not is_ocr_installed():
        raise UnreadableDocumentError(
            f"{path.name}: 画像の文字を読むには OCR が要ります。`make setup-ocr` を実行するか、"
            "文字のある文書を置いてください。"
        )
    layout = DocumentLayout()
    pages = [_read_picture(picture, layout) for picture in _open_pictures(path)]
    if not any(pages):
        raise UnreadableDocumentError(
            f"{path.name}: 画像から読み取れる文字がありません。大きくはっきり写した画像か、"
            "文字のある文書を置いてください。"
        )
    parts: list[DocumentPart] = []
    confidences: dict[int, float] = {}
    numbers = count(1)
    for number, page in enumerate(pages, start=1):
        read = list(page_parts(page.text, number, numbers)) if page else [unread_page(number, next(numbers))]
        confidences |= page.confidences(read) if page else {}
        parts += read
    return SourceDocument(parts, confidences=confidences)


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
                page = ImageOps.exif_transpose(frame).convert("RGB")
                page.thumbnail((MAX_SIDE, MAX_SIDE))
                yield np.array(page)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableDocumentError(
            f"{path.name}: 画像として読めません。壊れているか、途中で切れています。ファイルを取り直してください。"
        ) from error
