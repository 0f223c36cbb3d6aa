"""What PDFium knows of a page: its characters with their places, and what is drawn around them.

All places are in points from the lower left corner of the page as it is looked at: a page that is stored turned, or
whose text runs upwards or downwards, is turned back.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from ctypes import addressof, byref, c_float, c_int, c_uint
from itertools import islice, pairwise
from math import pi
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

# More objects, points of one shape, or forms inside forms than these are a map or a bomb, and no table.
_MOST_OBJECTS, _MOST_POINTS, _DEEPEST = 20_000, 400, 4
# Points. What is thinner is a line, a side that is further off is slanted, and a smaller area holds no text.
_THIN, _SLANT, _SMALLEST = 2.5, 0.7, 6.0
# An area that takes this share of the page is its background.
_WHOLE_PAGE = 0.85
_WHITE = 250
# A rectangle has four sides.
_SIDES = 4
# Of so many characters in lines of this length, this share shows in which direction the text of a page runs.
_SAMPLE, _LONG, _MOST = 40, 12, 0.6
# A quarter back, of four.
_BACK = 3
# In sizes of a character: the longest step down to the next of an upright column; and the fewest that make a column.
_STEP, _COLUMN = 3.0, 5
# So much room parts two tiers of columns.
_ROOM = 1.5

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Box(NamedTuple):
    """A rectangle on the page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def area(self) -> float:
        """Its surface."""
        return (self.right - self.left) * (self.top - self.bottom)

    def around(self, other: "Box") -> bool:
        """Whether all of `other` lies inside, or hardly outside."""
        return (
            self.left - _SLANT <= other.left
            and other.right <= self.right + _SLANT
            and self.bottom - _SLANT <= other.bottom
            and other.top <= self.top + _SLANT
        )

    def holds(self, other: "Box | Glyph") -> bool:
        """Whether the middle of `other` lies inside."""
        x, y = (other.left + other.right) / 2, (other.bottom + other.top) / 2
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    def held(self, glyphs: "Iterable[Glyph]") -> "list[Glyph]":
        """Return the characters of which the middle lies inside, without CR and LF."""
        left, bottom, right, top = 2 * self.left, 2 * self.bottom, 2 * self.right, 2 * self.top
        return [
            g
            for g in glyphs
            if left <= g.left + g.right <= right and bottom <= g.bottom + g.top <= top and g.char not in "\r\n"
        ]


class Glyph(NamedTuple):
    """A UTF-16 code unit with its box and its place `at` in the text layer.

    White space has no width and stands where the character before it ends.
    """

    char: str
    left: float
    bottom: float
    right: float
    top: float
    at: int


class Area(NamedTuple):
    """A surface or frame that may hold something.

    Its `colour` (0xRRGGBB) is None where white or nothing fills it, `straight` says that it is a rectangle, `framed`
    that a line runs around it.
    """

    box: Box
    colour: int | None
    straight: bool
    framed: bool


class Drawing(NamedTuple):
    """What is drawn on a page: straight lines across and upright as thin boxes, and areas that may hold something."""

    across: list[Box]
    upright: list[Box]
    areas: list[Area]


class Content(NamedTuple):
    """The characters of a page in the order of its text layer, CR and LF between its lines, and what is drawn.

    `is_wide` says that it is wider than high, as slides are.
    """

    glyphs: list[Glyph]
    drawing: Drawing
    is_wide: bool


def content(page: "PdfPage") -> Content:
    """Return what stands on a page; nothing drawn where it is a map or a bomb."""
    left, bottom, right, top = page.get_bbox()
    whole = Box(left, bottom, right, top)
    with closing(page.get_textpage()) as text:
        found = _glyphs(text)
        turns = _turns(text, found)
    if turns is None:
        turns = page.get_rotation() // 90
    is_wide = page.get_width() > page.get_height()
    drawing = _drawing(page, whole)
    if not turns and _is_set_upright(found):  # columns from right to left become lines from top to bottom
        turns, found, is_wide = _BACK, _from_the_right(found), False
    if not turns:
        return Content(found, drawing, is_wide)
    return Content(
        [Glyph(glyph.char, *_turned(Box(*glyph[1:5]), turns, whole), glyph.at) for glyph in found],
        _turn(drawing, turns, whole),
        is_wide,
    )


def lines_of(glyphs: Iterable[Glyph]) -> Iterator[list[Glyph]]:
    """Yield the lines of the text layer, which CR and LF part."""
    line: list[Glyph] = []
    for glyph in glyphs:
        if glyph.char in "\r\n":
            yield line
            line = []
        else:
            line.append(glyph)
    yield line


def _is_set_upright(found: Sequence[Glyph]) -> bool:
    """Whether most characters of a page stand in long columns of upright characters (縦書き)."""
    upright = total = 0
    for line in lines_of(found):
        seen = [glyph for glyph in line if not glyph.char.isspace()]
        total += len(seen)
        narrow = bool(seen) and abs(seen[0].left - seen[-1].left) < seen[0].right - seen[0].left
        if narrow and len(seen) >= _COLUMN and is_upright(seen, size_of(seen)):
            upright += len(seen)
    return upright > _MOST * total


def _from_the_right(found: Sequence[Glyph]) -> list[Glyph]:
    """Return the characters by tiers (段) from top to bottom, in each the columns from right to left.

    PDFium gives the columns from left to right, those of several tiers as one.
    """
    columns = [part for line in lines_of(found) for part in _parted(line)]
    tops: list[float] = []
    reached = 0.0
    for column in sorted(columns, key=lambda column: -column[0].top):
        if not tops or column[0].top < reached:
            tops.append(column[0].top)
            reached = column[-1].bottom
        reached = min(reached, column[-1].bottom)
    columns.sort(key=lambda column: (sum(column[0].top < top for top in tops), -column[0].right))
    ordered: list[Glyph] = []
    for column in columns:
        ordered += [*column, column[-1]._replace(char="\n")]
    return [glyph._replace(at=at) for at, glyph in enumerate(ordered)]


def _parted(line: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Yield the parts of an upright column that room parts."""
    part: list[Glyph] = []
    for glyph in line:
        if part and part[-1].bottom - glyph.top > _ROOM * (part[-1].top - part[-1].bottom):
            yield part
            part = []
        part.append(glyph)
    yield from [part] if part else []


def size_of(seen: Sequence[Glyph]) -> float:
    """Return the size of most characters, the longer side of their boxes."""
    return median(max(glyph.right - glyph.left, glyph.top - glyph.bottom) for glyph in seen)


def is_upright(seen: Sequence[Glyph], size: float) -> bool:
    """Whether most characters stand below the one before them."""
    down = right = 0
    for one, other in pairwise(seen):
        across = abs((one.left + one.right) - (other.left + other.right)) / 2
        fall = ((one.bottom + one.top) - (other.bottom + other.top)) / 2
        down += across < size / 2 and size / 2 < fall < _STEP * size
        right += abs(fall) < size / 2 and across < _STEP * size
    return down > right


def _glyphs(text: "PdfTextPage") -> list[Glyph]:
    # Imported here: 0.1 s that those who read no PDF need not pay.
    from pypdfium2 import raw  # noqa: PLC0415

    count = max(text.count_chars(), 0)
    boxes = (raw.FS_RECTF * count)()
    for at, box in enumerate(boxes):
        raw.FPDFText_GetLooseCharBox(text, at, byref(box))
    flat = (c_float * (4 * count)).from_address(addressof(boxes))[:]
    found = []
    last = Glyph("", 0.0, 0.0, 0.0, 0.0, 0)
    for at in range(count):
        char = chr(raw.FPDFText_GetUnicode(text, at))
        if char.isspace():  # often made up by PDFium, and without a place
            found.append(Glyph(char, last.right, last.bottom, last.right, last.top, at))
        else:
            left, top, right, bottom = flat[4 * at : 4 * at + 4]
            last = Glyph(char, left, bottom, right, top, at)
            found.append(last)
    return found


def _turns(text: "PdfTextPage", found: list[Glyph]) -> int | None:
    """Return by how many quarters (clockwise) the page has to be turned for its text to be upright; None if mixed.

    Only long lines count: the names on the axis of a chart are turned too.
    """
    from pypdfium2 import raw  # noqa: PLC0415

    ends = [-1, *(at for at, glyph in enumerate(found) if glyph.char in "\r\n"), len(found)]
    places = [at for a, b in pairwise(ends) if b - a > _LONG for at in range(a + 1, b) if not found[at].char.isspace()]
    sample = places[:: max(1, len(places) // _SAMPLE)]
    quarters = Counter(round(raw.FPDFText_GetCharAngle(text, at) / (pi / 2)) for at in sample)
    most, count = quarters.most_common(1)[0] if quarters else (0, 0)
    return -most % 4 if count > _MOST * len(sample) else None


def _turned(box: Box, turns: int, whole: Box) -> Box:
    """Return `box` on a page that is turned clockwise by quarters."""
    left, bottom, right, top = box
    if turns == 1:
        return Box(bottom - whole.bottom, whole.right - right, top - whole.bottom, whole.right - left)
    if turns == 2:  # noqa: PLR2004 - half a turn
        return Box(whole.right - right, whole.top - top, whole.right - left, whole.top - bottom)
    return Box(whole.top - top, left - whole.left, whole.top - bottom, right - whole.left)


def _drawing(page: "PdfPage", whole: Box) -> Drawing:
    from pypdfium2 import raw  # noqa: PLC0415

    found = Drawing([], [], [])
    top_level = [raw.FPDFPage_GetObject(page, at) for at in range(min(raw.FPDFPage_CountObjects(page), _MOST_OBJECTS))]
    shapes = list(islice(_shapes(top_level, None, 0), _MOST_OBJECTS))
    if len(shapes) == _MOST_OBJECTS:
        return found
    for shape, matrix in shapes:
        _add(found, shape, matrix, whole)
    return found


def _shapes(objects: Iterable[Any], outer: Matrix | None, depth: int) -> Iterator[tuple[Any, Matrix | None]]:
    """Yield the paths among `objects` and in the forms among them, each with the matrix of the forms around it.

    What is neither yields itself with None, so that who counts what comes has counted all.
    """
    from pypdfium2 import raw  # noqa: PLC0415

    for one in objects:
        kind = raw.FPDFPageObj_GetType(one)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            yield None, None
            inside = (raw.FPDFFormObj_GetObject(one, at) for at in range(raw.FPDFFormObj_CountObjects(one)))
            yield from _shapes(inside, _product(_matrix(one), outer), depth + 1)
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            yield one, outer
        else:
            yield None, None


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
    """Add the lines and the areas that a path draws on the page to `found`; white on white draws nothing."""
    if shape is None:
        return
    colour, stroked = _painted(shape)
    box = _bounds(shape, outer)
    if box is None or not (stroked or colour is not None) or _is_background(box, whole):
        return
    if min(box.right - box.left, box.top - box.bottom) <= _THIN:
        _add_line(found, box)
        return
    parts = _parts(shape, outer)
    for part, sides in parts:
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
    """Return the colour that fills a path, None where it is not seen on white, and whether its line is drawn."""
    from pypdfium2 import raw  # noqa: PLC0415

    fill, stroke = c_int(), c_int()
    raw.FPDFPath_GetDrawMode(shape, byref(fill), byref(stroke))
    if not fill.value:
        return None, bool(stroke.value)
    red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
    known = raw.FPDFPageObj_GetFillColor(shape, byref(red), byref(green), byref(blue), byref(alpha))
    if known and (not alpha.value or min(red.value, green.value, blue.value) >= _WHITE):
        return None, bool(stroke.value)
    return red.value << 16 | green.value << 8 | blue.value, bool(stroke.value)


def _bounds(shape: Any, outer: Matrix | None) -> Box | None:
    from pypdfium2 import raw  # noqa: PLC0415

    left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
    if not raw.FPDFPageObj_GetBounds(shape, byref(left), byref(bottom), byref(right), byref(top)):
        return None
    corners = [(x.value, y.value) for x in (left, right) for y in (bottom, top)]
    return _around([_mapped(x, y, outer) for x, y in corners])


def _mapped(x: float, y: float, matrix: Matrix | None) -> tuple[float, float]:
    if matrix is None:
        return x, y
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _around(points: Sequence[tuple[float, float]]) -> Box:
    across, up = zip(*points, strict=True)
    return Box(min(across), min(up), max(across), max(up))


def _is_background(box: Box, whole: Box) -> bool:
    width, height = min(box.right, whole.right) - max(box.left, whole.left), box.top - box.bottom
    return width * height > _WHOLE_PAGE * (whole.right - whole.left) * (whole.top - whole.bottom)


def _parts(shape: Any, outer: Matrix | None) -> list[tuple[Box, list[Box] | None]]:
    """Return the outlines of a path, each with its sides, or None where not all of them run across or upright."""
    parts = []
    for outline, straight in _outlines(shape, _product(_matrix(shape), outer)):
        sides: list[Box] = []
        slanted = False
        for (x, y), (u, v) in pairwise(outline) if straight else ():
            width, height = abs(u - x), abs(v - y)
            slanted = slanted or (width > _SLANT and height > _SLANT)
            if width > _SLANT or height > _SLANT:
                sides.append(Box(min(x, u), min(y, v), max(x, u), max(y, v)))
        parts.append((_around(outline), sides if straight and not slanted else None))
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
        outline.append(_mapped(x.value, y.value, matrix))
        straight = straight and kind != raw.FPDF_SEGMENT_BEZIERTO
        if raw.FPDFPathSegment_GetClose(segment):
            outline.append(outline[0])
    if outline:
        yield outline, straight


def _turn(drawing: Drawing, turns: int, whole: Box) -> Drawing:
    across, upright = ([_turned(box, turns, whole) for box in boxes] for boxes in drawing[:2])
    areas = [area._replace(box=_turned(area.box, turns, whole)) for area in drawing.areas]
    return Drawing(upright, across, areas) if turns % 2 else Drawing(across, upright, areas)
