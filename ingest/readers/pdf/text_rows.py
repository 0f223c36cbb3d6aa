"""Groups the characters of a page into rows, split into cells at wide gaps."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from ingest.readers.pdf.content import is_upright, lines_of, page_content
from ingest.readers.pdf.geometry import Box, Glyph
from ingest.readers.pdf.text import clean

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

# A gap of this many characters inside a line parts cells.
_CELL_GAP = 1.5
# … and one of this many parts words; a part of a line has no fewer characters.
_WORD, _FEWEST = 0.6, 2
# Characters of a vertical label stand no further apart, in their size; they may be spread over several rows.
_LONGEST_STEP, _FIGURE_STEP = 4, 0.4
# … and characters of a word stand no further apart, and share so much of the smaller one's height.
_WITHIN, _LEVEL = 0.4, 0.25
# What stands for such a gap in the text of a line.
CELL_MARK = "\u3000"
_JAPANESE = re.compile(r"[\u3001-\u30ff\u3400-\u9fff]")


class Cell(NamedTuple):
    """A part of a line between wide gaps, with its two ends."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it stands on the page; `size` is the height of its characters, `inner` the left end of its last cell.

    `at` is its place in the text layer, `cells` are its parts where wide gaps part it, `glyphs` what is seen of it.

    A line that no wide gap parts is one cell. Bottom and top are those of most characters: one in another font may
    have a box as high as the page.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    inner: float
    at: int
    cells: tuple["Cell", ...] = ()
    glyphs: tuple[Glyph, ...] = ()

    @property
    def parted(self) -> bool:
        """Whether the line holds several cells."""
        return self.inner > self.left

    @property
    def is_upright(self) -> bool:
        """Whether its characters stand below each other."""
        return self.top - self.bottom > _CELL_GAP * self.size and self.right - self.left < _CELL_GAP * self.size

    @property
    def box(self) -> Box:
        """The place of the line."""
        return Box(self.left, self.bottom, self.right, self.top)


def rows(page: "PdfPage") -> list[Row]:
    """Return the lines of the page's text layer in its own order; lines of white space are left out."""
    return rows_of(page_content(page).glyphs)


def rows_of(glyphs: Iterable[Glyph]) -> list[Row]:
    """Return the lines of characters in the order of the text layer; lines of white space are left out."""
    return _join_upright_columns(
        _join_upright_characters([row for line in _join_broken_words(lines_of(glyphs)) if (row := _row(line))])
    )


def _join_broken_words(lines: Iterable[list[Glyph]]) -> Iterator[list[Glyph]]:
    """Yield the lines, those that the text layer breaks within a word joined, as behind a figure in another font."""
    whole: list[Glyph] = []
    for line in lines:
        first = next((glyph for glyph in line if not glyph.char.isspace()), None)
        if first and whole and _continues_word(whole[-1], first):
            whole = [*whole, *line]
        elif first:
            yield whole
            whole = line
    yield whole


def _continues_word(one: Glyph, other: Glyph) -> bool:
    size = min(one.top - one.bottom, other.top - other.bottom)
    level = min(one.top, other.top) - max(one.bottom, other.bottom) > _LEVEL * size
    figures = one.char.isdigit() and other.char.isdigit()
    return level and not figures and abs(other.left - one.right) < _WITHIN * size


def split_by_frames(row: Row, frames: Sequence[Box], glyphs: Sequence[Glyph]) -> Iterator[Row]:
    """Yield the parts of a line that runs over boxes beside each other, of all `glyphs` of its page: what each holds.

    `frames`, also rooms over lines, come the outer ones first. A box within a box, as for what is to be filled in,
    parts nothing; nor does a colour behind some words of a sentence, between which there is no room.
    """
    room = _WORD * row.size
    apart = (at for at, (a, b) in enumerate(pairwise(row.glyphs), start=1) if not -room < b.left - a.right < room)
    cuts = [at for at in apart if _are_beside(*(_innermost(frames, glyph) for glyph in row.glyphs[at - 1 : at + 1]))]
    bounds = list(pairwise([0, *cuts, len(row.glyphs)]))
    if row.is_upright or not cuts or any(end - start < _FEWEST for start, end in bounds):
        yield row
        return
    for start, end in bounds:
        first, last = row.glyphs[start].at, row.glyphs[end - 1].at
        part = [glyph for glyph in glyphs if first <= glyph.at <= last and glyph.char not in "\r\n"]
        yield from filter(None, [_row(part)])


def _innermost(frames: Sequence[Box], glyph: Glyph) -> Box | None:
    return next((frame for frame in reversed(frames) if frame.holds(glyph)), None)


def _are_beside(one: Box | None, other: Box | None) -> bool:
    """Whether two boxes are two, and neither stands in the other."""
    return one is not None and other is not None and not (one.holds(other) or other.holds(one))


def is_blank(page: "PdfPage") -> bool:
    """Whether nothing is to be seen on a page."""
    shown = page.render(scale=0.25, grayscale=True).to_numpy()
    return bool(shown.min() == shown.max())


def _row(line: Sequence[Glyph]) -> Row | None:
    seen = [glyph for glyph in line if not glyph.char.isspace()]
    if not seen:
        return None
    size = median(glyph.top - glyph.bottom for glyph in seen)
    if len(seen) > 1 and abs(seen[0].left - seen[-1].left) < size and is_upright(seen, size):
        text = clean("".join(glyph.char for glyph in line))
        left, right = min(glyph.left for glyph in seen), max(glyph.right for glyph in seen)
        bottom, top = min(glyph.bottom for glyph in seen), max(glyph.top for glyph in seen)
        return Row(text, left, bottom, right, top, size, left, seen[0].at, (), tuple(seen)) if text else None
    cells = [cell for cell in _cells(seen, line, size) if cell.text]
    if not cells:
        return None
    left = min(glyph.left for glyph in seen)
    return Row(
        CELL_MARK.join(cell.text for cell in cells),
        left,
        median(glyph.bottom for glyph in seen),
        max(glyph.right for glyph in seen),
        median(glyph.top for glyph in seen),
        size,
        cells[-1].left if len(cells) > 1 else left,
        seen[0].at,
        tuple(cells) if len(cells) > 1 else (),
        tuple(seen),
    )


def _cells(seen: Sequence[Glyph], line: Sequence[Glyph], size: float) -> Iterator[Cell]:
    """Yield the parts of a line: a wide gap parts two of them."""
    starts = {b.at for a, b in pairwise(seen) if b.left - a.right > _CELL_GAP * size}
    left, right, units = seen[0].left, seen[0].right, ""
    for glyph in line:
        if glyph.at in starts:
            yield Cell(clean(units), left, right)
            left, units = glyph.left, ""
        units += glyph.char
        right = glyph.right
    yield Cell(clean(units), left, right)


def _join_upright_characters(found: Sequence[Row]) -> list[Row]:
    """Join single characters that stand below each other: a label that is set vertically."""
    joined: list[Row] = []
    single = False
    for row in found:
        if single and len(row.text) == 1 and _is_below(joined[-1], row):
            last = joined[-1]
            joined[-1] = replace(last, text=last.text + row.text, bottom=row.bottom, glyphs=last.glyphs + row.glyphs)
        else:
            joined.append(row)
            single = len(row.text) == 1
    return joined


def _join_upright_columns(found: Sequence[Row]) -> list[Row]:
    """Join upright columns that stand beside each other, from right to left."""
    joined: list[Row] = []
    for row in found:
        last = joined[-1] if joined else None
        if last and last.is_upright and row.is_upright and _is_beside(last, row):
            right, left = (last, row) if last.left > row.left else (row, last)
            joined[-1] = replace(
                left,
                text=right.text + left.text,
                right=right.right,
                bottom=min(left.bottom, right.bottom),
                top=max(left.top, right.top),
                glyphs=right.glyphs + left.glyphs,
            )
        else:
            joined.append(row)
    return joined


def _is_beside(one: Row, other: Row) -> bool:
    gap = max(one.left, other.left) - min(one.right, other.right)
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return gap < one.size and abs(one.top - other.top) < one.size and shared > 0


def _is_below(above: Row, below: Row) -> bool:
    """Whether a character goes on with an upright label: a figure (10～19人) stands right below."""
    shift = abs((above.left + above.right) - (below.left + below.right)) / 2
    gap = above.bottom - below.top
    letters = _JAPANESE.fullmatch(above.text[-1]) and _JAPANESE.fullmatch(below.text)
    step = _LONGEST_STEP if letters else _FIGURE_STEP
    return -above.size < gap < step * above.size and shift < above.size / 2
