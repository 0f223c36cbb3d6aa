"""Extracts the characters and drawings of a page and corrects its rotation.

Coordinates are in points from the lower left corner of the page as displayed: stored rotation and vertical writing are
undone.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from ctypes import addressof, c_float
from functools import partial
from itertools import pairwise
from math import pi
from statistics import median
from typing import NamedTuple

from ingest.readers.pdf.drawing import Drawing, extract_drawing, page_objects
from ingest.readers.pdf.geometry import Box, Glyph
from ingest.readers.pdf.pdf_text import decode_pdf_text
from ingest.readers.pdf.pdfium import PdfTextPage, raw
from ingest.readers.pdf.visible_text import (
    OpenPage,
    PagePicture,
    glyph_lines,
    insert_line,
    unseen_positions,
)

# Sampled characters for the orientation of a page, the shortest of their lines, and the share that must agree.
_ORIENTATION_SAMPLE = 40
_MIN_LINE_LENGTH = 12
_MAJORITY = 0.6
# Clockwise quarter turns that make one counterclockwise turn.
_COUNTERCLOCKWISE = 3
# Longest step to the next character of vertical text, in character sizes.
_MAX_STEP = 3.0
# Minimum characters of a column of vertical text.
_MIN_COLUMN_LENGTH = 5
# Gap between tiers, in character heights.
_TIER_GAP = 1.5
# Widest space that word processors put between Japanese and Latin letters (四分アキ), in letter widths.
_MAX_QUARTER_SPACE = 0.4
_NUMBER_CHARACTERS = frozenset("0123456789.-")
_JAPANESE = re.compile(r"[\u3005-\u30ff\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z0-9]")


class PageContent(NamedTuple):
    """What a person sees on a page: characters in text layer order, with CR and LF between lines, and drawings.

    Attributes:
        is_wide: landscape, as slides are.
        is_blank: whether it shows nothing at all.
        picture_shares: the share of the page's area that each picture covers.
        unseen: the lines of text that are not shown.
    """

    glyphs: list[Glyph]
    drawing: Drawing
    is_wide: bool
    is_blank: bool = False
    picture_shares: Sequence[float] = ()
    unseen: Sequence[str] = ()


def extract_content(opened: OpenPage) -> PageContent:
    """Return the content of a page; the drawing has only pictures if the page has too many objects."""
    page = opened.page
    page_box = Box(*page.get_bbox())
    objects = page_objects(page)
    drawing = extract_drawing(objects, page_box)
    with closing(page.get_textpage()) as text:
        glyphs = _glyphs(text)
        quarter_turns = _clockwise_turns(text, glyphs)
        generated = _quarter_spaces(text, glyphs)
        visible = [glyph for glyph in glyphs if not glyph.char.isspace()]
        unseen = {glyph.position for box in opened.struck for glyph in box.glyphs_inside(visible)}
        picture = PagePicture(page, objects if visible else ())
        are_seen = picture.has_ink(visible)
        if not all(are_seen):  # text of an OCR over a scan is where it was recognised, or near
            scanned = {glyph.position for box in drawing.pictures for glyph in box.glyphs_inside(visible)}
            are_seen = [is_seen or glyph.position in scanned for is_seen, glyph in zip(are_seen, visible, strict=True)]
        unseen |= unseen_positions(visible, are_seen)
    hidden_lines = text_lines(glyph for glyph in glyphs if glyph.position in unseen or glyph.char in "\r\n")
    hidden_texts = [decode_pdf_text("".join(glyph.char for glyph in line)) for line in hidden_lines]
    glyphs = [glyph for glyph in glyphs if glyph.position not in generated | unseen]
    if quarter_turns is None:
        quarter_turns = page.get_rotation() // 90
    is_wide = page.get_width() > page.get_height()
    shares = []
    for box in drawing.pictures:
        width = min(box.right, page_box.right) - max(box.left, page_box.left)
        height = min(box.top, page_box.top) - max(box.bottom, page_box.bottom)
        shares.append(max(width, 0.0) * max(height, 0.0) / max(page_box.area, 1.0))
    added = [line for text, box in opened.added for line in glyph_lines(text, box)]
    if opened.text_length >= 0:
        added += [line for line in text_lines(g for g in glyphs if g.position >= opened.text_length) if line]
        glyphs = [glyph for glyph in glyphs if glyph.position < opened.text_length]
    if not quarter_turns and _is_vertical_page(glyphs):  # vertical columns become horizontal lines
        quarter_turns = _COUNTERCLOCKWISE
        glyphs = _in_vertical_order(glyphs)
        is_wide = False
    if quarter_turns:
        glyphs = _rotate_glyphs(glyphs, quarter_turns, page_box)
        added = [_rotate_glyphs(line, quarter_turns, page_box) for line in added]
        turn = partial(_rotate_box, quarter_turns=quarter_turns, page_box=page_box)
        sides = list(map(turn, drawing.horizontal)), list(map(turn, drawing.vertical))
        areas = [area._replace(box=turn(area.box)) for area in drawing.areas]
        drawing = Drawing(*(sides[::-1] if quarter_turns % 2 else sides), areas, list(map(turn, drawing.pictures)))
    for line in added:
        glyphs = [glyph._replace(position=position) for position, glyph in enumerate(insert_line(glyphs, line))]
    texts = tuple(text for text in (*hidden_texts, *opened.hidden) if text)
    is_blank = picture.is_blank and not (added or (visible and drawing.pictures))
    return PageContent(glyphs, drawing, is_wide, is_blank, shares, texts)


def text_lines(glyphs: Iterable[Glyph]) -> Iterator[list[Glyph]]:
    """Yield the lines of the text layer, split at CR and LF."""
    line: list[Glyph] = []
    for glyph in glyphs:
        if glyph.char in "\r\n":
            yield line
            line = []
        else:
            line.append(glyph)
    yield line


def _is_vertical_page(glyphs: Sequence[Glyph]) -> bool:
    vertical = total = 0
    for line in text_lines(glyphs):
        visible = [glyph for glyph in line if not glyph.char.isspace()]
        total += len(visible)
        is_narrow = bool(visible) and abs(visible[0].left - visible[-1].left) < visible[0].right - visible[0].left
        if is_narrow and len(visible) >= _MIN_COLUMN_LENGTH and is_vertical(visible, glyph_size(visible)):
            vertical += len(visible)
    return vertical > _MAJORITY * total


# By tiers (段) from the top, in each the columns from the right: PDFium returns columns from the left and joins those
# of several tiers.
def _in_vertical_order(glyphs: Sequence[Glyph]) -> list[Glyph]:
    columns = [part for line in text_lines(glyphs) for part in _split_column(line)]
    tops: list[float] = []
    lowest = 0.0
    for column in sorted(columns, key=lambda column: -column[0].top):
        if not tops or column[0].top < lowest:
            tops.append(column[0].top)
            lowest = column[-1].bottom
        lowest = min(lowest, column[-1].bottom)
    columns.sort(key=lambda column: (sum(column[0].top < top for top in tops), -column[0].right))
    ordered: list[Glyph] = []
    for column in columns:
        ordered += [*column, column[-1]._replace(char="\n")]
    return [glyph._replace(position=position) for position, glyph in enumerate(ordered)]


def _split_column(line: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    run: list[Glyph] = []
    for glyph in line:
        if run and run[-1].bottom - glyph.top > _TIER_GAP * (run[-1].top - run[-1].bottom):
            yield run
            run = []
        run.append(glyph)
    yield from [run] if run else []


def glyph_size(glyphs: Sequence[Glyph]) -> float:
    """Return the median size of the characters, by the longer side of their boxes."""
    return median(max(glyph.right - glyph.left, glyph.top - glyph.bottom) for glyph in glyphs)


def is_vertical(glyphs: Sequence[Glyph], size: float) -> bool:
    """Whether most characters are below the one before them."""
    down = right = 0
    for previous, following in pairwise(glyphs):
        shift = abs((previous.left + previous.right) - (following.left + following.right)) / 2
        drop = ((previous.bottom + previous.top) - (following.bottom + following.top)) / 2
        down += shift < size / 2 and size / 2 < drop < _MAX_STEP * size
        right += abs(drop) < size / 2 and shift < _MAX_STEP * size
    return down > right


def _glyphs(text: PdfTextPage) -> list[Glyph]:
    count = max(text.count_chars(), 0)
    page = text.raw
    boxes = (raw.FS_RECTF * count)()
    for index, box in enumerate(boxes):
        raw.FPDFText_GetLooseCharBox(page, index, box)
    flat = (c_float * (4 * count)).from_address(addressof(boxes))[:]
    codes = [raw.FPDFText_GetUnicode(page, index) for index in range(count)]
    glyphs = []
    previous = Glyph("", 0.0, 0.0, 0.0, 0.0, 0)
    for index, (char, left, top, right, bottom) in enumerate(
        zip(map(chr, codes), flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True)
    ):
        if char.isspace():  # often generated by PDFium, without a box
            glyphs.append(Glyph(char, previous.right, previous.bottom, previous.right, previous.top, index))
        else:
            previous = Glyph(char, left, bottom, right, top, index)
            glyphs.append(previous)
    return glyphs


# Spaces that PDFium generated from the gap around a figure: 令和 8 年, 第 1 章. A space after the number that opens a
# line (3.1 目的) may be real and stays.
def _quarter_spaces(text: PdfTextPage, glyphs: Sequence[Glyph]) -> set[int]:
    spaces = set()
    is_opening = True
    for left_glyph, space, right_glyph in zip(glyphs, glyphs[1:], glyphs[2:], strict=False):
        is_opening = left_glyph.char in "\r\n" or (is_opening and left_glyph.char in _NUMBER_CHARACTERS)
        if space.char != " " or is_opening:
            continue
        japanese = left_glyph if _JAPANESE.match(left_glyph.char) else right_glyph
        latin = right_glyph if japanese is left_glyph else left_glyph
        if not (_JAPANESE.match(japanese.char) and _LATIN.match(latin.char)):
            continue
        is_narrow = right_glyph.left - left_glyph.right < _MAX_QUARTER_SPACE * (japanese.right - japanese.left)
        if is_narrow and raw.FPDFText_IsGenerated(text, space.position) == 1:
            spaces.add(space.position)
    return spaces


# Only long lines count, since chart axes have rotated labels too; None if they disagree.
def _clockwise_turns(text: PdfTextPage, glyphs: list[Glyph]) -> int | None:
    ends = [-1, *(index for index, glyph in enumerate(glyphs) if glyph.char in "\r\n"), len(glyphs)]
    indexes = [
        index
        for a, b in pairwise(ends)
        if b - a > _MIN_LINE_LENGTH
        for index in range(a + 1, b)
        if not glyphs[index].char.isspace()
    ]
    sample = indexes[:: max(1, len(indexes) // _ORIENTATION_SAMPLE)]
    quarters = Counter(round(raw.FPDFText_GetCharAngle(text, index) / (pi / 2)) for index in sample)
    quarter, count = quarters.most_common(1)[0] if quarters else (0, 0)
    return -quarter % 4 if count > _MAJORITY * len(sample) else None


def _rotate_box(box: Box, quarter_turns: int, page_box: Box) -> Box:
    left, bottom, right, top = box
    if quarter_turns == 1:
        return Box(bottom - page_box.bottom, page_box.right - right, top - page_box.bottom, page_box.right - left)
    if quarter_turns == 2:
        return Box(page_box.right - right, page_box.top - top, page_box.right - left, page_box.top - bottom)
    return Box(page_box.top - top, left - page_box.left, page_box.top - bottom, right - page_box.left)


def _rotate_glyphs(glyphs: Sequence[Glyph], quarter_turns: int, page_box: Box) -> list[Glyph]:
    return [Glyph(g.char, *_rotate_box(Box(*g[1:5]), quarter_turns, page_box), g.position) for g in glyphs]
