"""What a person sees on a page: fields and annotations count as text, text without ink does not."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from ctypes import POINTER, byref, c_int, c_ushort, cast, create_string_buffer
from itertools import groupby
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from ingest.readers.pdf.drawing import PageObject
from ingest.readers.pdf.geometry import Box, Glyph
from ingest.readers.pdf.pdfium import PdfDocument, PdfPage, raw

# The picture has a pixel a point; larger pages (posters) are scaled down to this many.
_MAX_PIXELS = 4_000_000
# Grey levels, of 255, between a character and its background. On 249 pages six characters had less: all covered.
_MIN_CONTRAST = 8
# Share of a character's box at each side that may hold lines and neighbours.
_BOX_MARGIN = 0.15
# A run of fewer letters without ink stays in its word.
_MIN_UNSEEN_LETTERS = 2
# Points: the height of a field's characters if its box is higher.
_MAX_FIELD_SIZE = 12.0
# Share of a field's width at each side that may overlap the next cell.
_FIELD_MARGIN = 0.1
# In mark sizes: the longest distance of a check box from its label.
_MAX_LABEL_DISTANCE = 1.5
_CHECKED, _UNCHECKED = "☑", "☐"


class OpenPage(NamedTuple):
    """A page with its stamps drawn into it.

    Attributes:
        text_length: the characters of its text layer without the stamps.
        added: the texts of form fields and annotations with their boxes, in page coordinates.
        hidden: texts of annotations and fields that are not shown, and of comments that open on a click.
        struck: the boxes that annotations strike through.
    """

    page: PdfPage
    text_length: int
    added: list[tuple[str, Box]]
    hidden: list[str]
    struck: list[Box]


@contextmanager
def open_page(pdf: PdfDocument, index: int) -> Iterator[OpenPage]:
    """Yield page `index` (from 0); raises PdfiumError for a broken one."""
    opened = OpenPage(pdf[index], -1, [], [], [])
    if _read_annotations(opened, pdf.formenv.raw if pdf.formenv else None):
        with closing(opened.page) as page, closing(page.get_textpage()) as text:
            text_length = text.count_chars()
            raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
        opened = opened._replace(page=pdf[index], text_length=text_length)
    with closing(opened.page):
        yield opened


# Removes those that are read here, so that flattening draws the others; returns whether there are stamps to draw.
def _read_annotations(opened: OpenPage, form: Any) -> bool:
    has_stamps = False
    for index in reversed(range(raw.FPDFPage_GetAnnotCount(opened.page))):
        annotation = raw.FPDFPage_GetAnnot(opened.page, index)
        kind = raw.FPDFAnnot_GetSubtype(annotation)
        text = _annotation_text(annotation, form, kind)
        is_hidden = bool(raw.FPDFAnnot_GetFlags(annotation) & (raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW))
        if kind == raw.FPDF_ANNOT_STRIKEOUT and not is_hidden:
            points = raw.FS_QUADPOINTSF()
            for number in range(raw.FPDFAnnot_CountAttachmentPoints(annotation)):
                if raw.FPDFAnnot_GetAttachmentPoints(annotation, number, byref(points)):
                    xs = points.x1, points.x2, points.x3, points.x4
                    ys = points.y1, points.y2, points.y3, points.y4
                    opened.struck.append(Box(min(xs), min(ys), max(xs), max(ys)))
        is_read = kind == raw.FPDF_ANNOT_WIDGET or (kind == raw.FPDF_ANNOT_FREETEXT and bool(text))
        has_picture = raw.FPDFAnnot_GetAP(annotation, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > 2
        if is_read and not is_hidden:
            rectangle = raw.FS_RECTF()
            raw.FPDFAnnot_GetRect(annotation, byref(rectangle))
            box = Box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
            opened.added.extend([(text, box)] if text else [])
        elif kind in {raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_FREETEXT} and has_picture and not is_hidden:
            has_stamps = True
        elif text.strip(_CHECKED + _UNCHECKED) and kind not in {raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP}:
            opened.hidden.append(text)
        raw.FPDFPage_CloseAnnot(annotation)
        if is_read or is_hidden:
            raw.FPDFPage_RemoveAnnot(opened.page, index)
    opened.added.reverse()
    opened.hidden.reverse()
    return has_stamps


def _annotation_text(annotation: Any, form: Any, kind: int) -> str:
    if kind != raw.FPDF_ANNOT_WIDGET:
        return _wide_string(raw.FPDFAnnot_GetStringValue, annotation, b"Contents").strip()
    field = raw.FPDFAnnot_GetFormFieldType(form, annotation) if form else raw.FPDF_FORMFIELD_UNKNOWN
    if field in {raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON}:
        return _CHECKED if raw.FPDFAnnot_IsChecked(form, annotation) else _UNCHECKED
    if field in {raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX}:
        return _wide_string(raw.FPDFAnnot_GetFormFieldValue, form, annotation).strip()
    return ""


def _wide_string(function: Any, *arguments: Any) -> str:
    length = function(*arguments, None, 0)
    buffer = create_string_buffer(length)
    function(*arguments, cast(buffer, POINTER(c_ushort)), length)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


class PagePicture:
    """The page as a viewer shows it, in grey, without the pictures among `objects`: these take most of the time."""

    def __init__(self, page: PdfPage, objects: Sequence[PageObject]) -> None:
        self._page = page
        width, height = page.get_size()
        scale = min(1.0, sqrt(_MAX_PIXELS / max(width * height, 1.0)))
        images = [page_object for page_object, kind, _ in objects if kind == raw.FPDF_PAGEOBJ_IMAGE]
        for image in images:
            raw.FPDFPageObj_SetIsActive(image, 0)
        pixels = page.render(scale=scale, grayscale=True).to_numpy()
        for image in images:
            raw.FPDFPageObj_SetIsActive(image, 1)
        self.pixels = pixels.reshape(pixels.shape[:2])
        self._edges = np.zeros(self.pixels.shape, bool)
        self._edges[:, 1:] = _differ(self.pixels[:, 1:], self.pixels[:, :-1])
        self._edges[1:] |= _differ(self.pixels[1:], self.pixels[:-1])

    @property
    def is_blank(self) -> bool:
        return not self._edges.any()

    def has_ink(self, glyphs: Sequence[Glyph]) -> list[bool]:
        """Return for each character whether something is drawn in its box."""
        rows, columns = self.pixels.shape
        sums = np.zeros((rows + 1, columns + 1), np.int32)  # of the edges above and to the left
        np.cumsum(np.cumsum(self._edges, axis=1, dtype=np.int32), axis=0, out=sums[1:, 1:])
        boxes = np.array([glyph[1:5] for glyph in glyphs], np.float64).reshape(-1, 4)
        margins = (boxes[:, 2:] - boxes[:, :2]) * _BOX_MARGIN
        pixel_boxes = self._pixel_boxes(boxes + np.hstack([margins, -margins]))
        left, top, right, bottom = pixel_boxes.T
        counts = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return [bool(count > 0) for count in counts]

    # Left, top, right and bottom.
    def _pixel_boxes(self, boxes: Any) -> Any:
        corners = np.stack([self._to_pixels(boxes[:, :2]), self._to_pixels(boxes[:, 2:])])
        limits = self.pixels.shape[::-1]
        first = np.clip(np.floor(corners.min(axis=0)), 0, limits)
        last = np.clip(np.ceil(corners.max(axis=0)), 0, limits)
        return np.hstack([first, last]).astype(int)

    def _to_pixels(self, points: Any) -> Any:
        rows, columns = self.pixels.shape
        x, y = c_int(), c_int()
        ends = []
        for corner in ((0, 0), (1000, 0), (0, 1000)):  # in thousandths of a pixel
            raw.FPDF_PageToDevice(self._page, 0, 0, columns * 1000, rows * 1000, 0, *corner, byref(x), byref(y))
            ends.append((x.value / 1000, y.value / 1000))
        origin, across, up = np.array(ends)
        return origin + points[:, :1] * (across - origin) / 1000 + points[:, 1:] * (up - origin) / 1000


def _differ(pixels: Any, neighbours: Any) -> Any:
    return np.maximum(pixels, neighbours) - np.minimum(pixels, neighbours) > _MIN_CONTRAST


def unseen_positions(glyphs: Sequence[Glyph], are_seen: Sequence[bool]) -> set[int]:
    """Return the positions of the characters in runs without ink.

    A shape over a single letter leaves its word readable, and marks may be too small to be seen.
    """
    unseen: set[int] = set()
    for is_seen, group in groupby(zip(glyphs, are_seen, strict=True), key=lambda pair: pair[1]):
        run = [glyph for glyph, _ in group]
        if not is_seen and sum(glyph.char.isalnum() for glyph in run) >= _MIN_UNSEEN_LETTERS:
            unseen |= {glyph.position for glyph in run}
    return unseen


def glyph_lines(text: str, box: Box) -> Iterator[list[Glyph]]:
    """Yield the lines of a field or annotation as characters in its box."""
    rows = text.splitlines()
    height = (box.top - box.bottom) / max(len(rows), 1)
    size = min(height, _MAX_FIELD_SIZE)
    left = box.left + _FIELD_MARGIN * (box.right - box.left)
    for number, row in enumerate(rows):
        middle = box.top - (number + 0.5) * height
        width = min(size, (1 - 2 * _FIELD_MARGIN) * (box.right - box.left) / max(len(row), 1))
        yield [
            Glyph(char, left + n * width, middle - size / 2, left + (n + 1) * width, middle + size / 2, 0)
            for n, char in enumerate(row)
        ]


def insert_line(glyphs: Sequence[Glyph], line: Sequence[Glyph]) -> list[Glyph]:
    """Return the characters of a page with a line at its place: after what is left of it, a check box before its label.

    A line with nothing at its sides comes before the first line below it.
    """
    first, last = line[0], line[-1]
    level = [
        (index, glyph)
        for index, glyph in enumerate(glyphs)
        if not glyph.char.isspace()
        and abs((glyph.bottom + glyph.top) - (first.bottom + first.top)) < glyph.top - glyph.bottom
    ]
    before = max(((g.right, i) for i, g in level if g.right <= first.left + 1), default=None)
    after = min(((g.left, i) for i, g in level if g.left >= last.right - 1), default=None)
    is_mark = first.char in {_CHECKED, _UNCHECKED}
    reach = _MAX_LABEL_DISTANCE * (first.top - first.bottom)
    if after and (not before or (is_mark and after[0] - last.right < reach)):
        return [*glyphs[: after[1]], *line, *glyphs[after[1] :]]
    if before:
        return [*glyphs[: before[1] + 1], *line, *glyphs[before[1] + 1 :]]
    below = next((i for i, g in enumerate(glyphs) if not g.char.isspace() and g.top <= first.bottom), len(glyphs))
    end = last._replace(char="\n")
    return [
        *glyphs[:below],
        *([end] if below and glyphs[below - 1].char not in "\r\n" else []),
        *line,
        end,
        *glyphs[below:],
    ]
