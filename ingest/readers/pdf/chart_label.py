"""Labels in and around charts: names, values and axis ticks."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.text import clean, join, legible
from ingest.readers.pdf.text_rows import Row

# In sizes of a character: the gap that parts two texts of a line, and of two figures.
_GAP, _BETWEEN_FIGURES = 1.0, 0.15
# Characters: a longer line without a wide gap is prose, one label as it stands.
_PROSE = 40
# In sizes of a character: the gap that a break of the text layer leaves inside a name.
_ONE = 0.4
# In sizes of a character: how far lines of one name stand apart, and how straight below each other.
_APART, _STRAIGHT = 0.6, 0.8
# Fewer figures at equal steps may stand so by chance; points that a step may be off, and its share of the whole.
_FEWEST_TICKS, _OFF, _UNEVEN = 3, 1.5, 0.01
_AMOUNT = re.compile(
    r"[▲△+\-－−]?\s?[\d０-９][\d０-９,，]*(?:[.．][\d０-９]+)?\s?[^\d\s０-９]{0,2}(?:[(（][^()（）]{1,4}[)）])?"
)
# 2019年, 3月末 and 4～6月 are points of time, and name what is counted there.
_TIME = re.compile(r"[年月日][度末期中]?$|[~〜～-]")
_NAME = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ\u3041-\u30ff\u3400-\u9fff]")
_LEADER = re.compile(r"[.．・…‥]{3}")
_FIGURES = re.compile(r"[\d０-９.．,，%％)）]")


class Label(NamedTuple):
    """A name, a figure or other text with its place; `glyphs` are its characters' places in the text layer."""

    text: str
    box: Box
    size: float
    glyphs: frozenset[int]

    @property
    def is_upright(self) -> bool:
        """Whether its characters stand below each other."""
        return self.box.top - self.box.bottom > 2 * (self.box.right - self.box.left)

    @property
    def is_amount(self) -> bool:
        """Whether it is a figure with or without its unit."""
        return bool(_AMOUNT.fullmatch(self.text)) and not _TIME.search(self.text)

    @property
    def is_name(self) -> bool:
        """Whether it is a word or a point of time."""
        return bool(_NAME.search(self.text)) and not self.is_amount and not _LEADER.search(self.text)

    @property
    def value(self) -> float:
        """The figure that it is, without its unit and scale."""
        negative = self.text[0] in "▲△-－−"
        digits = re.sub(r"[,，]", "", re.split(r"[(（]", self.text)[0])
        found = re.search(r"\d+(?:\.\d+)?", digits.replace("．", "."))
        return (-1 if negative else 1) * float(found[0]) if found else 0.0


def labels(rows: Iterable[Row]) -> list[Label]:
    """Return the texts of lines, parted where a gap or two figures are."""
    found: list[Label] = []
    for label in (label for row in rows for label in _row_labels(row) if label.text):
        if found and _is_turned(found[-1], label):
            found[-1] = _merge_beside(found[-1], label)
        else:
            found.append(label)
    return found


def _is_turned(one: Label, other: Label) -> bool:
    """Whether a character goes on with a label that runs upwards, as those along an axis may be turned."""
    width = other.box.right - other.box.left
    same = abs(other.box.left - one.box.left) + abs(other.box.right - one.box.right) < width / 4
    return len(other.text) == 1 and same and abs(other.box.bottom - one.box.top) < _ONE * width


def _merge_beside(one: Label, other: Label) -> Label:
    return Label(one.text + other.text, bounding_box([one.box, other.box]), one.size, one.glyphs | other.glyphs)


def _row_labels(row: Row) -> Iterator[Label]:
    if row.is_upright or (len(row.glyphs) > _PROSE and not row.cells):
        yield Label(row.text, row.box, row.size, frozenset(glyph.at for glyph in row.glyphs))
        return
    part: list[Glyph] = []
    for glyph in row.glyphs:
        if part and _is_gap_between(part[-1], glyph, row.size):
            yield _label(part, row.size)
            part = []
        part.append(glyph)
    yield _label(part, row.size)


def _is_gap_between(one: Glyph, other: Glyph, size: float) -> bool:
    gap = other.left - one.right
    figures = _FIGURES.match(one.char) and other.char.isdigit()
    return not -size < gap < (_BETWEEN_FIGURES if figures else _GAP) * size


def _label(part: Sequence[Glyph], size: float) -> Label:
    text = ""
    for before, glyph in zip([None, *part], part, strict=False):
        spaced = before is not None and glyph.left - before.right > size / 4 and not _FIGURES.match(glyph.char)
        text += f" {glyph.char}" if spaced else glyph.char
    return Label(legible(clean(text)), bounding_box(part), size, frozenset(glyph.at for glyph in part))


def join_labels(found: Sequence[Label]) -> Label:
    """Return one name for its lines, from top to bottom; for upright ones from right to left."""
    text = ""
    columns = any(label.is_upright for label in found)
    edges: list[float] = []
    for label in sorted(found, key=lambda label: -label.box.right):
        if not edges or label.box.right < edges[-1] + label.size / 4:
            edges.append(label.box.left)
    for label in sorted(
        found,
        key=lambda x: (
            (sum(x.box.right < edge + x.size / 4 for edge in edges), -x.box.top)
            if columns
            else (-round(x.box.height), x.box.left)
        ),
    ):
        text = join(text, label.text)
    glyphs = frozenset(at for label in found for at in label.glyphs)
    return Label(text, bounding_box([label.box for label in found]), found[0].size, glyphs)


def continues_label(above: Label, below: Label) -> bool:
    """Whether a label stands close below another, on one of its sides or its middle."""
    size = max(above.size, below.size)
    straight = min(
        abs(above.box.left - below.box.left),
        abs(above.box.right - below.box.right),
        abs(above.box.middle - below.box.middle),
    )
    lower = below.box.height < above.box.height and -size / 2 < above.box.bottom - below.box.top < _APART * size
    return lower and straight < _STRAIGHT * size


def axis_ticks(found: Sequence[Label]) -> set[Label]:
    """Return the figures along axes: as many steps of one length apart as their values are."""
    amounts = [label for label in found if label.is_amount]
    across: Callable[[Label], float] = lambda label: label.box.middle  # noqa: E731
    upright: Callable[[Label], float] = lambda label: label.box.height  # noqa: E731
    ends: Callable[[Label], float] = lambda label: label.box.right  # noqa: E731
    taken: set[Label] = set()
    for level, along in ((upright, across), (ends, upright), (across, upright)):
        for run in _levels(amounts, level):
            ordered = sorted(run, key=along)
            if len(run) >= _FEWEST_TICKS and _is_axis([(along(label), label.value) for label in ordered]):
                taken.update(ordered)
    return taken


def _levels(found: Sequence[Label], level: Callable[[Label], float]) -> Iterator[list[Label]]:
    run: list[Label] = []
    for label in sorted(found, key=level):
        if run and level(label) - level(run[-1]) > _OFF:
            yield run
            run = []
        run.append(label)
    yield from [run] if run else []


def _is_axis(run: Sequence[tuple[float, float]]) -> bool:
    """Whether places are one step apart, and values too, of which each is a multiple of their step."""
    (first, value), (second, other) = run[:2]
    step, rise = second - first, other - value
    if not step or not rise:
        return False
    even = all(abs(at - first - n * step) < _OFF for n, (at, _) in enumerate(run))
    return even and all(
        abs(v - value - n * rise) < _UNEVEN * abs(rise) and abs(v / rise - round(v / rise)) < _UNEVEN
        for n, (_, v) in enumerate(run)
    )
