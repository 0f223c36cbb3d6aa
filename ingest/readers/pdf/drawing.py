"""Extracts lines, areas and filled shapes from the paths of a page."""

from collections.abc import Iterable, Iterator, Sequence
from ctypes import byref, c_float, c_int, c_uint
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.readers.pdf.geometry import SLANT, Box

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# More objects, points of one shape, or forms inside forms than these are a map or a bomb, and no table.
_MOST_OBJECTS, _MOST_POINTS, _DEEPEST = 20_000, 400, 4
# Points. What is thinner is a line, and a smaller area holds no text.
_THIN, _SMALLEST = 2.5, 6.0
# An area that takes this share of the page is its background.
_WHOLE_PAGE = 0.85
_WHITE, _WHITEST = 250, 0xFFFFFF
# A rectangle has four sides.
_SIDES = 4

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Area(NamedTuple):
    """A surface or frame that may hold something.

    Its `colour` (0xRRGGBB) is None where white or nothing fills it, `straight` says that it is a rectangle, `framed`
    that a line runs around it.
    """

    box: Box
    colour: int | None
    straight: bool
    framed: bool


class Fill(NamedTuple):
    """A shape in one colour (0xRRGGBB): a bar, slice or line of a chart or a key of its legend.

    A rectangle has no `outline`; of a line that is drawn slanting, `is_line`, it is the points.
    """

    box: Box
    colour: int
    outline: tuple[tuple[float, float], ...]
    is_line: bool = False


class Drawing(NamedTuple):
    """What is drawn on a page: straight lines (across, upright) as thin boxes, areas that may hold something, fills."""

    across: list[Box]
    upright: list[Box]
    areas: list[Area]
    fills: list[Fill]


def drawing_of(page: "PdfPage", whole: Box) -> Drawing:
    """Return what is drawn on a page whose box is `whole`; nothing where it is a map or a bomb."""
    from pypdfium2 import raw  # noqa: PLC0415

    found = Drawing([], [], [], [])
    objects = list(islice(_objects(page), _MOST_OBJECTS))
    if len(objects) == _MOST_OBJECTS:
        return found
    for one, kind, matrix in objects:
        if kind == raw.FPDF_PAGEOBJ_PATH:
            _add(found, one, matrix, whole)
    return found


def pictures_of(page: "PdfPage") -> list[Box]:
    """Return the places of the pictures on a page, of the first ones where it is a map or a bomb."""
    from pypdfium2 import raw  # noqa: PLC0415

    found = islice(_objects(page), _MOST_OBJECTS)
    boxes = [_bounds(one, matrix) for one, kind, matrix in found if kind == raw.FPDF_PAGEOBJ_IMAGE]
    return [box for box in boxes if box]


def _objects(page: "PdfPage") -> Iterator[tuple[Any, int, Matrix | None]]:
    from pypdfium2 import raw  # noqa: PLC0415

    top_level = (raw.FPDFPage_GetObject(page.raw, at) for at in range(raw.FPDFPage_CountObjects(page.raw)))
    return _with_inner(top_level, None, 0)


def _with_inner(objects: Iterable[Any], outer: Matrix | None, depth: int) -> Iterator[tuple[Any, int, Matrix | None]]:
    """Yield `objects`, and behind each form those in it: each with its kind and the matrix of the forms around it."""
    from pypdfium2 import raw  # noqa: PLC0415

    for one in objects:
        kind = raw.FPDFPageObj_GetType(one)
        yield one, kind, outer
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            inside = (raw.FPDFFormObj_GetObject(one, at) for at in range(raw.FPDFFormObj_CountObjects(one)))
            yield from _with_inner(inside, _product(_matrix(one), outer), depth + 1)


def _matrix(one: Any) -> Matrix:
    from pypdfium2 import raw  # noqa: PLC0415

    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(one, byref(matrix)):
        return _IDENTITY
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _product(inner: Matrix, outer: Matrix | None) -> Matrix:
    if outer is None:
        return inner
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _add(found: Drawing, shape: Any, outer: Matrix | None, whole: Box) -> None:
    """Add the lines, the areas and the fills that a path draws on the page to `found`; white on white is no area."""
    fill, stroked = _painted(shape)
    colour = None if fill is None or _is_white(fill) else fill
    box = _bounds(shape, outer)
    if box is None or not (stroked or fill is not None) or _is_background(box, whole):
        return
    if min(box.right - box.left, box.top - box.bottom) <= _THIN:
        if stroked or colour is not None:
            _add_line(found, box)
        found.fills.append(Fill(box, _stroke(shape), (), is_line=True) if fill is None else Fill(box, fill, ()))
        return
    parts = _parts(shape, outer)
    for outline, part, sides in parts:
        if fill is None and (sides is None or min(part.right - part.left, part.top - part.bottom) <= _THIN):
            found.fills.append(Fill(part, _stroke(shape), outline, is_line=True))
        if fill is not None or (stroked and sides is not None and len(sides) == _SIDES):
            found.fills.append(Fill(part, _WHITEST if fill is None else fill, () if sides is not None else outline))
        if stroked or colour is not None:
            _add_part(found, part, sides, colour if len(parts) == 1 else None, stroked=stroked)


def _add_line(found: Drawing, box: Box) -> None:
    width, height = box.right - box.left, box.top - box.bottom
    if max(width, height) > _THIN:
        (found.across if width > height else found.upright).append(box)


def _add_part(found: Drawing, box: Box, sides: Sequence[Box] | None, colour: int | None, *, stroked: bool) -> None:
    """Add one of the outlines of a path: `sides` are its straight ones, None where it has others."""
    if min(box.right - box.left, box.top - box.bottom) <= _THIN:
        _add_line(found, box)
        return
    if (sides is None or len(sides) == _SIDES) and min(box.right - box.left, box.top - box.bottom) >= _SMALLEST:
        found.areas.append(Area(box, colour, straight=sides is not None, framed=stroked))
    if stroked:
        for side in sides or ():
            _add_line(found, side)


def _painted(shape: Any) -> tuple[int | None, bool]:
    """Return the colour that fills a path, None for none, and whether its line is drawn."""
    from pypdfium2 import raw  # noqa: PLC0415

    fill, stroke = c_int(), c_int()
    raw.FPDFPath_GetDrawMode(shape, byref(fill), byref(stroke))
    if not fill.value:
        return None, bool(stroke.value)
    red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
    known = raw.FPDFPageObj_GetFillColor(shape, byref(red), byref(green), byref(blue), byref(alpha))
    if known and not alpha.value:
        return None, bool(stroke.value)
    return red.value << 16 | green.value << 8 | blue.value, bool(stroke.value)


def _stroke(shape: Any) -> int:
    """Return the colour of the line of a path."""
    from pypdfium2 import raw  # noqa: PLC0415

    red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
    raw.FPDFPageObj_GetStrokeColor(shape, byref(red), byref(green), byref(blue), byref(alpha))
    return red.value << 16 | green.value << 8 | blue.value


def _is_white(colour: int) -> bool:
    """Whether a colour is not seen on white."""
    return min(colour.to_bytes(3, "big")) >= _WHITE


def _bounds(shape: Any, outer: Matrix | None) -> Box | None:
    from pypdfium2 import raw  # noqa: PLC0415

    left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
    if not raw.FPDFPageObj_GetBounds(shape, byref(left), byref(bottom), byref(right), byref(top)):
        return None
    corners = [(x.value, y.value) for x in (left, right) for y in (bottom, top)]
    return _bounding_box([_transform_point(x, y, outer) for x, y in corners])


def _transform_point(x: float, y: float, matrix: Matrix | None) -> tuple[float, float]:
    if matrix is None:
        return x, y
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _bounding_box(points: Sequence[tuple[float, float]]) -> Box:
    across, up = zip(*points, strict=True)
    return Box(min(across), min(up), max(across), max(up))


def _is_background(box: Box, whole: Box) -> bool:
    width, height = min(box.right, whole.right) - max(box.left, whole.left), box.top - box.bottom
    return width * height > _WHOLE_PAGE * (whole.right - whole.left) * (whole.top - whole.bottom)


def _parts(shape: Any, outer: Matrix | None) -> list[tuple[tuple[tuple[float, float], ...], Box, list[Box] | None]]:
    """Return the outlines of a path, each with its box and its sides, None where not all run across or upright."""
    parts = []
    for outline, straight in _outlines(shape, _product(_matrix(shape), outer)):
        sides: list[Box] = []
        slanted = False
        for (x, y), (u, v) in pairwise(outline) if straight else ():
            width, height = abs(u - x), abs(v - y)
            slanted = slanted or (width > SLANT and height > SLANT)
            if width > SLANT or height > SLANT:
                sides.append(Box(min(x, u), min(y, v), max(x, u), max(y, v)))
        parts.append((tuple(outline), _bounding_box(outline), sides if straight and not slanted else None))
    return parts


def _outlines(shape: Any, matrix: Matrix) -> Iterator[tuple[list[tuple[float, float]], bool]]:
    """Yield the points of each outline of a path, and whether all lines between them are straight."""
    from pypdfium2 import raw  # noqa: PLC0415

    count = raw.FPDFPath_CountSegments(shape)
    if count > _MOST_POINTS:
        return
    outline: list[tuple[float, float]] = []
    straight = True
    x, y = c_float(), c_float()
    for at in range(count):
        segment = raw.FPDFPath_GetPathSegment(shape, at)
        raw.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO and outline:
            yield outline, straight
            outline, straight = [], True
        outline.append(_transform_point(x.value, y.value, matrix))
        straight = straight and kind != raw.FPDF_SEGMENT_BEZIERTO
        if raw.FPDFPathSegment_GetClose(segment):
            outline.append(outline[0])
    if outline:
        yield outline, straight
