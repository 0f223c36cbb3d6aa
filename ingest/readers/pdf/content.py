"""Extracts the characters and drawings of a page and corrects its rotation.

All places are in points from the lower left corner of the page as it is looked at: a page that is stored turned, or
whose text runs upwards or downwards, is turned back.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from ctypes import addressof, c_float
from itertools import pairwise
from math import pi
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from ingest.readers.pdf.drawing import Drawing, drawing_of
from ingest.readers.pdf.geometry import Box, Glyph

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

# Of so many characters in lines of this length, this share shows in which direction the text of a page runs.
_SAMPLE, _LONG, _MOST = 40, 12, 0.6
# A quarter back, of four.
_BACK = 3
# In sizes of a character: the longest step down to the next of an upright column; and the fewest that make a column.
_STEP, _COLUMN = 3.0, 5
# So much room parts two tiers of columns.
_ROOM = 1.5
# In widths of a Japanese letter: the room that word processors leave between it and a Latin one (a quarter, 四分アキ).
_QUARTER = 0.4
_NUMBER = frozenset("0123456789.-")
_JAPANESE, _LATIN = re.compile(r"[\u3005-\u30ff\u3400-\u9fff]"), re.compile(r"[A-Za-z0-9]")


class Content(NamedTuple):
    """The characters of a page in the order of its text layer, CR and LF between its lines, and what is drawn.

    `is_wide` says that it is wider than high, as slides are.
    """

    glyphs: list[Glyph]
    drawing: Drawing
    is_wide: bool


def page_content(page: "PdfPage") -> Content:
    """Return what stands on a page; nothing drawn where it is a map or a bomb."""
    left, bottom, right, top = page.get_bbox()
    whole = Box(left, bottom, right, top)
    with closing(page.get_textpage()) as text:
        found = _glyphs(text)
        turns = _turns(text, found)
        made_up = quarter_spaces(text, found)
        found = [glyph for glyph in found if glyph.at not in made_up]
    if turns is None:
        turns = page.get_rotation() // 90
    is_wide = page.get_width() > page.get_height()
    drawing = drawing_of(page, whole)
    if not turns and _is_set_upright(found):  # columns from right to left become lines from top to bottom
        turns, found, is_wide = _BACK, _right_to_left(found), False
    if not turns:
        return Content(found, drawing, is_wide)
    return Content(
        [Glyph(glyph.char, *_turn_box(Box(*glyph[1:5]), turns, whole), glyph.at) for glyph in found],
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


def _right_to_left(found: Sequence[Glyph]) -> list[Glyph]:
    """Return the characters by tiers (段) from top to bottom, in each the columns from right to left.

    PDFium gives the columns from left to right, those of several tiers as one.
    """
    columns = [part for line in lines_of(found) for part in _split_column(line)]
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


def _split_column(line: Sequence[Glyph]) -> Iterator[list[Glyph]]:
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

    count, page = max(text.count_chars(), 0), text.raw
    boxes = (raw.FS_RECTF * count)()
    for at, box in enumerate(boxes):
        raw.FPDFText_GetLooseCharBox(page, at, box)
    flat = (c_float * (4 * count)).from_address(addressof(boxes))[:]
    codes = [raw.FPDFText_GetUnicode(page, at) for at in range(count)]
    found = []
    last = Glyph("", 0.0, 0.0, 0.0, 0.0, 0)
    for at, (char, left, top, right, bottom) in enumerate(
        zip(map(chr, codes), flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True)
    ):
        if char.isspace():  # often made up by PDFium, and without a place
            found.append(Glyph(char, last.right, last.bottom, last.right, last.top, at))
        else:
            last = Glyph(char, left, bottom, right, top, at)
            found.append(last)
    return found


def quarter_spaces(text: "PdfTextPage", found: Sequence[Glyph]) -> set[int]:
    """Return which characters are spaces that PDFium made of the room around a figure: 令和 8 年, 第 1 章.

    Behind the number that opens a line (3.1 目的) such a space may have been written, and stays.
    """
    from pypdfium2 import raw  # noqa: PLC0415 -- as in `_glyphs`

    spaces, opening = set(), True
    for one, space, other in zip(found, found[1:], found[2:], strict=False):
        opening = one.char in "\r\n" or (opening and one.char in _NUMBER)
        if space.char != " " or opening:
            continue
        japanese = one if _JAPANESE.match(one.char) else other
        latin = other if japanese is one else one
        if not (_JAPANESE.match(japanese.char) and _LATIN.match(latin.char)):
            continue
        narrow = other.left - one.right < _QUARTER * (japanese.right - japanese.left)
        if narrow and raw.FPDFText_IsGenerated(text, space.at) == 1:
            spaces.add(space.at)
    return spaces


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


def _turn_box(box: Box, turns: int, whole: Box) -> Box:
    """Return `box` on a page that is turned clockwise by quarters."""
    left, bottom, right, top = box
    if turns == 1:
        return Box(bottom - whole.bottom, whole.right - right, top - whole.bottom, whole.right - left)
    if turns == 2:  # noqa: PLR2004 - half a turn
        return Box(whole.right - right, whole.top - top, whole.right - left, whole.top - bottom)
    return Box(whole.top - top, left - whole.left, whole.top - bottom, right - whole.left)


def _turn(drawing: Drawing, turns: int, whole: Box) -> Drawing:
    across, upright = ([_turn_box(box, turns, whole) for box in boxes] for boxes in drawing[:2])
    areas = [area._replace(box=_turn_box(area.box, turns, whole)) for area in drawing.areas]
    fills = [
        fill._replace(
            box=_turn_box(fill.box, turns, whole),
            outline=tuple(_turn_box(Box(x, y, x, y), turns, whole)[:2] for x, y in fill.outline),
        )
        for fill in drawing.fills
    ]
    return Drawing(upright, across, areas, fills) if turns % 2 else Drawing(across, upright, areas, fills)
