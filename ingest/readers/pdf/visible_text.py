"""What a person sees on a page: fields and annotations count as text, text without ink does not."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from ctypes import (
    POINTER,
    addressof,
    byref,
    c_char,
    c_float,
    c_int,
    c_uint,
    c_ulong,
    c_ushort,
    cast,
    create_string_buffer,
)
from itertools import groupby
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from ingest.readers.pdf.drawing import Drawing, PageObject, object_box
from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.pdfium import PdfDocument, PdfPage, PdfTextPage, raw

# The picture has a pixel a point; larger pages (posters) are scaled down to this many.
_MAX_PIXELS = 4_000_000
# Grey levels, of 255, between a character and its background. On 249 pages six characters had less: all covered.
_MIN_CONTRAST = 8
# The same between a text and what is drawn below it, by their colours.
_MIN_COLOUR_CONTRAST = 30
# Text render modes that fill the letters (PDF 32000-1, 9.3.6), and the alpha of opaque colours.
_FILLING_MODES = {0, 2}
_OPAQUE = 255
# The white page below all objects, as a filled shape.
_PAPER = (-1.0, float(0xFFFFFF), -1e6, -1e6, 1e6, 1e6)
# Share of a character's box at each side that may hold lines and neighbours.
_BOX_MARGIN = 0.15
# Pixels: the distance of what belongs to a character, picture or line; the gap between letters.
_KNOWN_MARGIN = 2
_LETTER_GAP = 7
# Pixels: the height of a line of text; its width in heights; the share of its box that edges fill and that changes from
# row to row.
_MIN_LETTER, _MAX_LETTER = 6, 30
_MIN_LINE_LETTERS = 6
_MIN_FILLED, _MAX_FILLED = 0.25, 0.85
_MIN_CHANGE = 0.1
# Less ink, or fewer letters by the widths of such lines, is a mark or chance.
_MIN_UNREAD_PIXELS = 200
_MIN_UNREAD_LETTERS = 12
# A run of fewer letters without ink stays in its word.
_MIN_UNSEEN_LETTERS = 2
_LAYER_MARK = "OC\0".encode("utf-16-le")
# More layers are those of a map.
_MAX_LAYERS = 30
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
        is_marked: whether it has annotations that may cover text.
    """

    page: PdfPage
    text_length: int
    added: list[tuple[str, Box]]
    hidden: list[str]
    struck: list[Box]
    is_marked: bool = False


@contextmanager
def open_page(pdf: PdfDocument, index: int) -> Iterator[OpenPage]:
    """Yield page `index` (from 0); raises PdfiumError for a broken one."""
    opened = OpenPage(pdf[index], -1, [], [], [])
    has_stamps, is_marked = _read_annotations(opened, pdf.formenv.raw if pdf.formenv else None)
    opened = opened._replace(is_marked=is_marked)
    if has_stamps:
        with closing(opened.page) as page, closing(page.get_textpage()) as text:
            text_length = text.count_chars()
            raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
        opened = opened._replace(page=pdf[index], text_length=text_length)
    with closing(opened.page):
        yield opened


# Removes those that are read here, so that flattening draws the others.
def _read_annotations(opened: OpenPage, form: Any) -> tuple[bool, bool]:
    stamps = others = 0
    for index in reversed(range(raw.FPDFPage_GetAnnotCount(opened.page))):
        annotation = raw.FPDFPage_GetAnnot(opened.page, index)
        kind = raw.FPDFAnnot_GetSubtype(annotation)
        text = _annotation_text(annotation, form, kind)
        is_hidden = bool(raw.FPDFAnnot_GetFlags(annotation) & (raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW))
        if kind == raw.FPDF_ANNOT_STRIKEOUT and not is_hidden:
            opened.struck.extend(_struck_boxes(annotation))
        is_read = kind == raw.FPDF_ANNOT_WIDGET or (kind == raw.FPDF_ANNOT_FREETEXT and bool(text))
        has_picture = raw.FPDFAnnot_GetAP(annotation, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > 2
        if is_read and not is_hidden:
            rectangle = raw.FS_RECTF()
            raw.FPDFAnnot_GetRect(annotation, byref(rectangle))
            box = Box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
            opened.added.extend([(text, box)] if text else [])
        elif kind in {raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_FREETEXT} and has_picture and not is_hidden:
            stamps += 1
        elif text.strip(_CHECKED + _UNCHECKED) and kind not in {raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP}:
            opened.hidden.append(text)
        others += not is_read and kind not in {raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP, raw.FPDF_ANNOT_TEXT}
        raw.FPDFPage_CloseAnnot(annotation)
        if is_read or is_hidden:
            raw.FPDFPage_RemoveAnnot(opened.page, index)
    opened.added.reverse()
    opened.hidden.reverse()
    return stamps > 0, others > 0


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


def _struck_boxes(annotation: Any) -> Iterator[Box]:
    points = raw.FS_QUADPOINTSF()
    for index in range(raw.FPDFAnnot_CountAttachmentPoints(annotation)):
        if raw.FPDFAnnot_GetAttachmentPoints(annotation, index, byref(points)):
            xs = points.x1, points.x2, points.x3, points.x4
            ys = points.y1, points.y2, points.y3, points.y4
            yield Box(min(xs), min(ys), max(xs), max(ys))


def may_hide_text(objects: Sequence[PageObject], page_box: Box, fills: Sequence[tuple[float, ...]]) -> bool:
    """Whether a page shows a sign of text that is not seen, so that it must be drawn.

    These are layers, gradients, transparent or clipped text, text beyond the page, in the colour of its background, or
    with a shape drawn over it.
    """
    texts: list[tuple[float, ...]] = []
    red, green, blue, alpha = colour = [c_uint() for _ in range(4)]
    for number, (page_object, kind, matrix) in enumerate(objects):
        if kind == raw.FPDF_PAGEOBJ_SHADING:
            return True
        if kind != raw.FPDF_PAGEOBJ_TEXT:
            continue
        raw.FPDFPageObj_GetFillColor(page_object, *colour)
        is_opaque = raw.FPDFTextObj_GetTextRenderMode(page_object) in _FILLING_MODES and alpha.value == _OPAQUE
        if not is_opaque or _layer_name(page_object) is not None or _is_clipped(page_object):
            return True
        if box := object_box(page_object, matrix):
            if not page_box.encloses(box):
                return True
            texts.append((number, red.value << 16 | green.value << 8 | blue.value, *box))
    if not texts:
        return False
    text = np.array(texts)[:, None]  # (texts, 1, 6)
    shape = np.array([_PAPER, *fills])[None]
    half_size = np.minimum(text[..., 4] - text[..., 2], text[..., 5] - text[..., 3]) / 2
    shared = np.minimum(text[..., 4:], shape[..., 4:]) - np.maximum(text[..., 2:4], shape[..., 2:4])
    overlaps = (shared > half_size[..., None]).all(axis=2)
    is_later = shape[..., 0] > text[..., 0]
    background = np.where(overlaps & ~is_later, np.arange(shape.shape[1]), 0).max(axis=1)
    contrast = np.abs(_brightness(text[:, 0, 1]) - _brightness(shape[0, :, 1])[background])
    return bool((overlaps & is_later).any() or (contrast < _MIN_COLOUR_CONTRAST).any())


def _brightness(colours: Any) -> Any:
    rgb = colours.astype(np.int32)[..., None] >> np.array([16, 8, 0]) & 255
    return rgb @ np.array([0.299, 0.587, 0.114])


def _is_clipped(text_object: Any) -> bool:
    clip = raw.FPDFPageObj_GetClipPath(text_object)
    count = raw.FPDFClipPath_CountPaths(clip)
    box = object_box(text_object, None) if count > 0 else None
    if box is None:
        return False
    x, y = c_float(), c_float()
    for path in range(count):
        points = []
        for index in range(raw.FPDFClipPath_CountPathSegments(clip, path)):
            raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(clip, path, index), x, y)
            points.append(Box(x.value, y.value, x.value, y.value))
        if not points or not bounding_box(points).encloses(box):
            return True
    return False


class PagePicture:
    """The page as a viewer shows it, in grey, without the pictures among `objects`: these take most of the time."""

    def __init__(self, page: PdfPage, objects: Sequence[PageObject]) -> None:
        self._page = page
        self._images = [page_object for page_object, kind, _ in objects if kind == raw.FPDF_PAGEOBJ_IMAGE]
        width, height = page.get_size()
        self._scale = min(1.0, sqrt(_MAX_PIXELS / max(width * height, 1.0)))
        self.pixels = self._draw()
        self._edges = np.zeros(self.pixels.shape, bool)
        self._edges[:, 1:] = _differ(self.pixels[:, 1:], self.pixels[:, :-1])
        self._edges[1:] |= _differ(self.pixels[1:], self.pixels[:-1])

    @property
    def is_blank(self) -> bool:
        """Whether the page shows nothing."""
        return not self._edges.any()

    def has_ink(self, glyphs: Sequence[Glyph]) -> list[bool]:
        """Return for each character whether something is drawn in its box."""
        rows, columns = self.pixels.shape
        sums = np.zeros((rows + 1, columns + 1), np.int32)  # of the edges above and to the left
        np.cumsum(np.cumsum(self._edges, axis=1, dtype=np.int32), axis=0, out=sums[1:, 1:])
        boxes = np.array([glyph[1:5] for glyph in glyphs], np.float64).reshape(-1, 4)
        margins = (boxes[:, 2:] - boxes[:, :2]) * _BOX_MARGIN
        pixel_boxes = self._pixel_boxes(boxes + np.hstack([margins, -margins]), 0)
        left, top, right, bottom = pixel_boxes.T
        counts = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return [bool(count > 0) for count in counts]

    def shows_unread_text(self, glyphs: Sequence[Glyph], drawing: Drawing) -> bool:
        """Whether something looks like lines of text where no character, picture or line is.

        With 60 characters taken away it says so on 30 of 40 pages, with none taken away on 1 of 158 (a chart).
        """
        rest = self._edges.copy()
        sides = [side for area in drawing.areas for side in _sides(area.box)]
        known = [glyph[1:5] for glyph in glyphs] + [*drawing.pictures, *drawing.horizontal, *drawing.vertical, *sides]
        for left, top, right, bottom in self._pixel_boxes(np.array(known, np.float64).reshape(-1, 4), _KNOWN_MARGIN):
            rest[top:bottom, left:right] = False
        if np.count_nonzero(rest) < _MIN_UNREAD_PIXELS:
            return False
        from scipy import ndimage  # noqa: PLC0415 -- imported on use: 0.3 s and 22 MB

        joined = rest.copy()
        for shift in range(1, _LETTER_GAP // 2 + 1):
            joined[:, shift:] |= rest[:, :-shift]
            joined[:, :-shift] |= rest[:, shift:]
        labels, _ = ndimage.label(joined)
        lines = (region for region in ndimage.find_objects(labels) if _is_line_of_text(rest[region]))
        letters = sum((region[1].stop - region[1].start) // (region[0].stop - region[0].start) for region in lines)
        return bool(letters >= _MIN_UNREAD_LETTERS)

    def hidden_layer_positions(self, objects: Sequence[PageObject], text: PdfTextPage) -> set[int]:
        """Return the positions of the characters on layers without which the page looks the same."""
        layers: dict[str, list[Any]] = {}
        for page_object, kind, _ in objects:
            if kind == raw.FPDF_PAGEOBJ_TEXT and (name := _layer_name(page_object)) is not None:
                layers.setdefault(name, []).append(page_object)
        hidden: set[int] = set()
        for members in list(layers.values())[:_MAX_LAYERS]:
            _set_active(members, is_active=False)
            if np.array_equal(self._draw(), self.pixels):
                hidden |= {addressof(member.contents) for member in members}
            _set_active(members, is_active=True)
        if not hidden:
            return set()
        owners = ((index, raw.FPDFText_GetTextObject(text, index)) for index in range(text.count_chars()))
        return {index for index, owner in owners if owner and addressof(owner.contents) in hidden}

    def _draw(self) -> Any:
        _set_active(self._images, is_active=False)
        pixels = self._page.render(scale=self._scale, grayscale=True).to_numpy()
        _set_active(self._images, is_active=True)
        return pixels.reshape(pixels.shape[:2])

    # Left, top, right and bottom; `margin` is in pixels.
    def _pixel_boxes(self, boxes: Any, margin: int) -> Any:
        corners = np.stack([self._to_pixels(boxes[:, :2]), self._to_pixels(boxes[:, 2:])])
        limits = self.pixels.shape[::-1]
        first = np.clip(np.floor(corners.min(axis=0)) - margin, 0, limits)
        last = np.clip(np.ceil(corners.max(axis=0)) + margin, 0, limits)
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


def _set_active(objects: Sequence[Any], *, is_active: bool) -> None:
    for page_object in objects:
        raw.FPDFPageObj_SetIsActive(page_object, is_active)


def _differ(pixels: Any, neighbours: Any) -> Any:
    return np.maximum(pixels, neighbours) - np.minimum(pixels, neighbours) > _MIN_CONTRAST


def _sides(box: Box) -> Iterator[Box]:
    left, bottom, right, top = box
    yield from (Box(left, bottom, right, bottom), Box(left, top, right, top))
    yield from (Box(left, bottom, left, top), Box(right, bottom, right, top))


# Wide and low, neither empty nor full, a stroke for each letter, and rows that differ, unlike those of bars.
def _is_line_of_text(pixels: Any) -> bool:
    height, width = pixels.shape
    if not (_MIN_LETTER <= height <= _MAX_LETTER and width >= _MIN_LINE_LETTERS * height):
        return False
    strokes = np.median((np.diff(pixels.astype(np.int8), axis=1) == 1).sum(axis=1))
    has_letters = strokes * height >= width and _MIN_FILLED <= pixels.mean() <= _MAX_FILLED
    return bool(has_letters and (pixels[1:] != pixels[:-1]).mean() > _MIN_CHANGE)


def _layer_name(page_object: Any) -> str | None:
    length = c_ulong()
    for index in range(raw.FPDFPageObj_CountMarks(page_object)):
        mark = raw.FPDFPageObj_GetMark(page_object, index)
        raw.FPDFPageObjMark_GetName(mark, None, 0, byref(length))
        if length.value != len(_LAYER_MARK):
            continue
        buffer = create_string_buffer(512)
        wide = cast(buffer, POINTER(c_ushort))
        raw.FPDFPageObjMark_GetName(mark, wide, 512, byref(length))
        if buffer.raw[: length.value] == _LAYER_MARK:
            key = cast(create_string_buffer(b"Name"), POINTER(c_char))
            found = raw.FPDFPageObjMark_GetParamStringValue(mark, key, wide, 512, byref(length))
            name = buffer.raw[: length.value].decode("utf-16-le", "replace") if found else ""
            return name or str(addressof(mark.contents))
    return None


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
