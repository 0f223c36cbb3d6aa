"""Extracts lines, areas and pictures from the objects of a page."""

from collections.abc import Iterable, Iterator, Sequence
from ctypes import byref, c_float, c_int, c_uint
from itertools import islice, pairwise
from typing import Any, NamedTuple

from ingest.readers.pdf.geometry import TOLERANCE, Box
from ingest.readers.pdf.pdfium import PdfMatrix, PdfPage, raw

# More objects, points per shape or nested forms are a map or a malicious file.
_MAX_OBJECTS = 20_000
_MAX_POINTS = 400
_MAX_FORM_DEPTH = 4
# Points: thinner shapes are lines, smaller areas contain no text.
_MAX_LINE_WIDTH = 2.5
_MIN_AREA_SIDE = 6.0
# An area with this share of the page is its background.
_BACKGROUND_SHARE = 0.85
# Minimum of each colour component, of 255, that counts as white.
_MIN_WHITE = 250

PageObject = tuple[Any, int, PdfMatrix | None]
"""An object, its kind (FPDF_PAGEOBJ_…) and the matrix of the form that it is in."""


class Area(NamedTuple):
    """A surface or frame that may contain text.

    `colour` (0xRRGGBB) is None if it is white or not filled.
    """

    box: Box
    colour: int | None
    is_rectangle: bool
    has_border: bool


class Drawing(NamedTuple):
    """The drawing of a page: straight lines as thin boxes, areas that may contain text, pictures."""

    horizontal: list[Box]
    vertical: list[Box]
    areas: list[Area]
    pictures: Sequence[Box] = ()


def extract_drawing(objects: Sequence[PageObject], page_box: Box) -> Drawing:
    """Return the drawing of a page's objects, only its pictures if they are too many."""
    pictures: list[Box] = []
    drawing = Drawing([], [], [], pictures)
    for page_object, kind, matrix in objects:
        if kind == raw.FPDF_PAGEOBJ_PATH and len(objects) < _MAX_OBJECTS:
            fill, is_stroked = _paint(page_object)
            box = object_box(page_object, matrix) if is_stroked or fill is not None else None
            if box is None:
                continue
            width = min(box.right, page_box.right) - max(box.left, page_box.left)
            if width * (box.top - box.bottom) <= _BACKGROUND_SHARE * page_box.area:
                _add_shape(drawing, page_object, matrix, box, fill, is_stroked=is_stroked)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE and (box := object_box(page_object, matrix)):
            pictures.append(box)
    return drawing


def page_objects(page: PdfPage) -> list[PageObject]:
    """Return the first objects of a page, also those in forms."""
    top_level = (raw.FPDFPage_GetObject(page.raw, index) for index in range(raw.FPDFPage_CountObjects(page.raw)))
    return list(islice(_with_nested(top_level, None, 0), _MAX_OBJECTS))


def _with_nested(objects: Iterable[Any], outer_matrix: PdfMatrix | None, depth: int) -> Iterator[PageObject]:
    for page_object in objects:
        kind = raw.FPDFPageObj_GetType(page_object)
        yield page_object, kind, outer_matrix
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_FORM_DEPTH:
            nested = (
                raw.FPDFFormObj_GetObject(page_object, index)
                for index in range(raw.FPDFFormObj_CountObjects(page_object))
            )
            yield from _with_nested(nested, _page_matrix(page_object, outer_matrix), depth + 1)


def _page_matrix(page_object: Any, outer: PdfMatrix | None) -> PdfMatrix:
    matrix = raw.FS_MATRIX()
    own = PdfMatrix.from_raw(matrix) if raw.FPDFPageObj_GetMatrix(page_object, byref(matrix)) else PdfMatrix()
    return own.multiply(outer) if outer else own


def _add_shape(
    drawing: Drawing, shape: Any, outer: PdfMatrix | None, box: Box, fill: int | None, *, is_stroked: bool
) -> None:
    colour = None if fill is None or min(fill.to_bytes(3, "big")) >= _MIN_WHITE else fill
    if min(box.right - box.left, box.top - box.bottom) <= _MAX_LINE_WIDTH:
        if is_stroked or colour is not None:
            _add_line(drawing, box)
        return
    outlines = _shape_outlines(shape, outer)
    for part, sides in outlines:
        if is_stroked or colour is not None:
            _add_outline(drawing, part, sides, colour if len(outlines) == 1 else None, is_stroked=is_stroked)


def _add_line(drawing: Drawing, box: Box) -> None:
    width = box.right - box.left
    height = box.top - box.bottom
    if max(width, height) > _MAX_LINE_WIDTH:
        (drawing.horizontal if width > height else drawing.vertical).append(box)


def _add_outline(
    drawing: Drawing, box: Box, sides: Sequence[Box] | None, colour: int | None, *, is_stroked: bool
) -> None:
    if min(box.right - box.left, box.top - box.bottom) <= _MAX_LINE_WIDTH:
        _add_line(drawing, box)
        return
    if (sides is None or len(sides) == 4) and min(box.right - box.left, box.top - box.bottom) >= _MIN_AREA_SIDE:
        drawing.areas.append(Area(box, colour, is_rectangle=sides is not None, has_border=is_stroked))
    if is_stroked:
        for side in sides or ():
            _add_line(drawing, side)


def _paint(shape: Any) -> tuple[int | None, bool]:
    fill = c_int()
    stroke = c_int()
    raw.FPDFPath_GetDrawMode(shape, byref(fill), byref(stroke))
    if not fill.value:
        return None, bool(stroke.value)
    red, green, blue, alpha = colour = [c_uint() for _ in range(4)]
    if raw.FPDFPageObj_GetFillColor(shape, *map(byref, colour)) and not alpha.value:
        return None, bool(stroke.value)
    return red.value << 16 | green.value << 8 | blue.value, bool(stroke.value)


def object_box(page_object: Any, outer: PdfMatrix | None) -> Box | None:
    """Return the box of an object that is in a form with the matrix `outer`; None if it has none."""
    left, bottom, right, top = sides = [c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(page_object, *map(byref, sides)):
        return None
    box = left.value, bottom.value, right.value, top.value
    return Box(*(outer.on_rect(*box) if outer else box))


def _shape_outlines(shape: Any, outer: PdfMatrix | None) -> list[tuple[Box, list[Box] | None]]:
    outlines = []
    for outline, is_straight in _outlines(shape, _page_matrix(shape, outer)):
        sides: list[Box] = []
        is_slanted = False
        for (x, y), (u, v) in pairwise(outline) if is_straight else ():
            width = abs(u - x)
            height = abs(v - y)
            is_slanted = is_slanted or (width > TOLERANCE and height > TOLERANCE)
            if width > TOLERANCE or height > TOLERANCE:
                sides.append(Box(min(x, u), min(y, v), max(x, u), max(y, v)))
        xs, ys = zip(*outline, strict=True)
        box = Box(min(xs), min(ys), max(xs), max(ys))
        outlines.append((box, sides if is_straight and not is_slanted else None))
    return outlines


def _outlines(shape: Any, matrix: PdfMatrix) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    count = raw.FPDFPath_CountSegments(shape)
    if count > _MAX_POINTS:
        return
    outline: list[tuple[float, float]] = []
    is_straight = True
    x = c_float()
    y = c_float()
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(shape, index)
        raw.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO and outline:
            yield outline, is_straight
            outline = []
            is_straight = True
        outline.append(matrix.on_point(x.value, y.value))
        is_straight = is_straight and kind != raw.FPDF_SEGMENT_BEZIERTO
        if raw.FPDFPathSegment_GetClose(segment):
            outline.append(outline[0])
    if outline:
        yield outline, is_straight
