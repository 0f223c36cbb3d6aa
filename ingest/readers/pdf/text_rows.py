"""Groups the characters of a page into rows, split into parts at wide gaps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.readers.pdf.content import is_vertical, text_lines
from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.pdf_text import decode_pdf_text

# In character sizes: gap between parts and between words of a line.
_PART_GAP = 1.5
_WORD_GAP = 0.6
_MIN_PART_LENGTH = 2
_PART_SEPARATOR = "\u3000"


@dataclass(frozen=True, slots=True)
class TextRow:
    """A line of text on the page.

    `position` is that in the text layer, `last_part_left` the left end of the text after the last wide gap,
    `glyphs` the visible characters. Bottom, top and `size` (the height) are medians, since a single character in
    another font may have a box as high as the page.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    last_part_left: float
    position: int
    glyphs: tuple[Glyph, ...] = ()

    @property
    def has_parts(self) -> bool:
        return self.last_part_left > self.left

    @property
    def is_vertical(self) -> bool:
        return self.top - self.bottom > _PART_GAP * self.size and self.right - self.left < _PART_GAP * self.size

    @property
    def box(self) -> Box:
        return Box(self.left, self.bottom, self.right, self.top)


def group_rows(glyphs: Iterable[Glyph]) -> list[TextRow]:
    """Return the rows of characters in text layer order, without blank ones."""
    return [row for line in text_lines(glyphs) if (row := _make_row(line))]


def split_by_frames(row: TextRow, frames: Sequence[Box], glyphs: Sequence[Glyph]) -> Iterator[TextRow]:
    """Yield the parts of a row that runs over several frames or column heads side by side.

    `frames` are ordered from outer to inner, `glyphs` are those of the page. Nested boxes do not split a row, nor does
    a coloured background behind words without a gap.
    """
    max_gap = _WORD_GAP * row.size
    gaps = (
        index for index, (a, b) in enumerate(pairwise(row.glyphs), start=1) if not -max_gap < b.left - a.right < max_gap
    )
    cuts = [index for index in gaps if _are_separate(frames, *row.glyphs[index - 1 : index + 1])]
    bounds = list(pairwise([0, *cuts, len(row.glyphs)]))
    if row.is_vertical or not cuts or any(end - start < _MIN_PART_LENGTH for start, end in bounds):
        yield row
        return
    for start, end in bounds:
        first = row.glyphs[start].position
        last = row.glyphs[end - 1].position
        part = [glyph for glyph in glyphs if first <= glyph.position <= last and glyph.char not in "\r\n"]
        yield from filter(None, [_make_row(part)])


def _are_separate(frames: Sequence[Box], left: Glyph, right: Glyph) -> bool:
    first, second = (
        next((frame for frame in reversed(frames) if frame.contains_centre(glyph)), None) for glyph in (left, right)
    )
    if first is None or second is None:
        return False
    return not (first.contains_centre(second) or second.contains_centre(first))


def _make_row(line: Sequence[Glyph]) -> TextRow | None:
    visible = [glyph for glyph in line if not glyph.char.isspace()]
    if not visible:
        return None
    size = median(glyph.top - glyph.bottom for glyph in visible)
    if len(visible) > 1 and abs(visible[0].left - visible[-1].left) < size and is_vertical(visible, size):
        text = decode_pdf_text("".join(glyph.char for glyph in line))
        box = bounding_box(visible)
        return TextRow(text, *box, size, box.left, visible[0].position, tuple(visible)) if text else None
    parts = [(text, left) for text, left in _split_into_parts(visible, line, size) if text]
    if not parts:
        return None
    left = min(glyph.left for glyph in visible)
    return TextRow(
        _PART_SEPARATOR.join(text for text, _ in parts),
        left,
        median(glyph.bottom for glyph in visible),
        max(glyph.right for glyph in visible),
        median(glyph.top for glyph in visible),
        size,
        parts[-1][1] if len(parts) > 1 else left,
        visible[0].position,
        tuple(visible),
    )


def _split_into_parts(visible: Sequence[Glyph], line: Sequence[Glyph], size: float) -> Iterator[tuple[str, float]]:
    starts = {b.position for a, b in pairwise(visible) if b.left - a.right > _PART_GAP * size}
    left = visible[0].left
    units = ""
    for glyph in line:
        if glyph.position in starts:
            yield decode_pdf_text(units), left
            left = glyph.left
            units = ""
        units += glyph.char
    yield decode_pdf_text(units), left
