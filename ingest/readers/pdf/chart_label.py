"""Labels in and around charts: names, values and axis ticks."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ingest.readers.pdf.geometry import Box, Glyph, bounding_box
from ingest.readers.pdf.pdf_text import decode_pdf_text, join_line_parts, to_display_text
from ingest.readers.pdf.text_rows import TextRow

# In character sizes: gap between two texts of a row.
_TEXT_GAP = 1.0
# In character sizes: gap between two figures of a row.
_FIGURE_GAP = 0.15
# A longer row without a wide gap is prose and stays one label.
_MIN_PROSE_LENGTH = 40
# In character sizes: gap that a break of the text layer leaves inside a name.
_MAX_BREAK_GAP = 0.4
# In character sizes: gap between lines of one name.
_MAX_LINE_GAP = 0.6
# In character sizes: tolerance of their alignment.
_ALIGNMENT = 0.8
# Fewer ticks may be evenly spaced by chance.
_MIN_TICKS = 3
# Tolerance of the steps between ticks, in points.
_STEP_TOLERANCE = 1.5
# Tolerance of the values of ticks, as a share of the step.
_VALUE_TOLERANCE = 0.01
_AMOUNT = re.compile(
    r"[▲△+\-－−]?\s?[\d０-９][\d０-９,，]*(?:[.．][\d０-９]+)?\s?[^\d\s０-９]{0,2}(?:[(（][^()（）]{1,4}[)）])?"
)
# 2019年, 3月末 and 4～6月 are points in time, which name values.
_TIME = re.compile(r"[年月日][度末期中]?$|[~〜～-]")
_NAME = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ\u3041-\u30ff\u3400-\u9fff]")
_LEADER = re.compile(r"[.．・…‥]{3}")
_FIGURES = re.compile(r"[\d０-９.．,，%％)）]")


class ChartLabel(NamedTuple):
    """A name, figure or other text with its box; `positions` are its characters' in the text layer."""

    text: str
    box: Box
    size: float
    positions: frozenset[int]

    @property
    def is_vertical(self) -> bool:
        """Whether its characters run downwards."""
        return self.box.top - self.box.bottom > 2 * (self.box.right - self.box.left)

    @property
    def is_amount(self) -> bool:
        """Whether it is a figure with or without a unit."""
        return bool(_AMOUNT.fullmatch(self.text)) and not _TIME.search(self.text)

    @property
    def is_name(self) -> bool:
        """Whether it is a word or a point in time."""
        return bool(_NAME.search(self.text)) and not self.is_amount and not _LEADER.search(self.text)

    @property
    def value(self) -> float:
        """Its figure without unit and scale."""
        is_negative = self.text[0] in "▲△-－−"
        digits = re.sub(r"[,，]", "", re.split(r"[(（]", self.text)[0])
        match = re.search(r"\d+(?:\.\d+)?", digits.replace("．", "."))
        return (-1 if is_negative else 1) * float(match[0]) if match else 0.0


def split_labels(rows: Iterable[TextRow]) -> list[ChartLabel]:
    """Return the texts of the rows, split at gaps and between figures."""
    labels: list[ChartLabel] = []
    for label in (label for row in rows for label in _row_labels(row) if label.text):
        if labels and _continues_rotated_label(labels[-1], label):
            labels[-1] = _merge_labels(labels[-1], label)
        else:
            labels.append(label)
    return labels


def _continues_rotated_label(first: ChartLabel, second: ChartLabel) -> bool:
    width = second.box.right - second.box.left
    is_aligned = abs(second.box.left - first.box.left) + abs(second.box.right - first.box.right) < width / 4
    return len(second.text) == 1 and is_aligned and abs(second.box.bottom - first.box.top) < _MAX_BREAK_GAP * width


def _merge_labels(first: ChartLabel, second: ChartLabel) -> ChartLabel:
    return ChartLabel(
        first.text + second.text, bounding_box([first.box, second.box]), first.size, first.positions | second.positions
    )


def _row_labels(row: TextRow) -> Iterator[ChartLabel]:
    if row.is_vertical or (len(row.glyphs) > _MIN_PROSE_LENGTH and not row.parts):
        yield ChartLabel(row.text, row.box, row.size, frozenset(glyph.position for glyph in row.glyphs))
        return
    run: list[Glyph] = []
    for glyph in row.glyphs:
        if run and _is_gap_between(run[-1], glyph, row.size):
            yield _make_label(run, row.size)
            run = []
        run.append(glyph)
    yield _make_label(run, row.size)


def _is_gap_between(first: Glyph, second: Glyph, size: float) -> bool:
    gap = second.left - first.right
    are_figures = _FIGURES.match(first.char) and second.char.isdigit()
    return not -size < gap < (_FIGURE_GAP if are_figures else _TEXT_GAP) * size


def _make_label(glyphs: Sequence[Glyph], size: float) -> ChartLabel:
    text = ""
    for previous, glyph in zip([None, *glyphs], glyphs, strict=False):
        has_space = previous is not None and glyph.left - previous.right > size / 4 and not _FIGURES.match(glyph.char)
        text += f" {glyph.char}" if has_space else glyph.char
    return ChartLabel(
        to_display_text(decode_pdf_text(text)),
        bounding_box(glyphs),
        size,
        frozenset(glyph.position for glyph in glyphs),
    )


def join_labels(labels: Sequence[ChartLabel]) -> ChartLabel:
    """Return one label for the lines of a name, from the top; vertical ones from the right."""
    text = ""
    has_columns = any(label.is_vertical for label in labels)
    column_edges: list[float] = []
    for label in sorted(labels, key=lambda label: -label.box.right):
        if not column_edges or label.box.right < column_edges[-1] + label.size / 4:
            column_edges.append(label.box.left)
    for label in sorted(
        labels,
        key=lambda x: (
            (sum(x.box.right < edge + x.size / 4 for edge in column_edges), -x.box.top)
            if has_columns
            else (-round(x.box.centre_y), x.box.left)
        ),
    ):
        text = join_line_parts(text, label.text)
    glyphs = frozenset(position for label in labels for position in label.positions)
    return ChartLabel(text, bounding_box([label.box for label in labels]), labels[0].size, glyphs)


def continues_label(above: ChartLabel, below: ChartLabel) -> bool:
    """Whether a label is right below another, aligned at a side or the centre."""
    size = max(above.size, below.size)
    offset = min(
        abs(above.box.left - below.box.left),
        abs(above.box.right - below.box.right),
        abs(above.box.centre_x - below.box.centre_x),
    )
    is_next_line = (
        below.box.centre_y < above.box.centre_y and -size / 2 < above.box.bottom - below.box.top < _MAX_LINE_GAP * size
    )
    return is_next_line and offset < _ALIGNMENT * size


def axis_ticks(labels: Sequence[ChartLabel]) -> set[ChartLabel]:
    """Return the figures along axes: equal steps of position and of value."""
    amounts = [label for label in labels if label.is_amount]
    by_x: Callable[[ChartLabel], float] = lambda label: label.box.centre_x  # noqa: E731
    by_y: Callable[[ChartLabel], float] = lambda label: label.box.centre_y  # noqa: E731
    by_right_end: Callable[[ChartLabel], float] = lambda label: label.box.right  # noqa: E731
    ticks: set[ChartLabel] = set()
    for level, along in ((by_y, by_x), (by_right_end, by_y), (by_x, by_y)):
        for run in _levels(amounts, level):
            ordered = sorted(run, key=along)
            if len(run) >= _MIN_TICKS and _is_axis([(along(label), label.value) for label in ordered]):
                ticks.update(ordered)
    return ticks


def _levels(labels: Sequence[ChartLabel], level: Callable[[ChartLabel], float]) -> Iterator[list[ChartLabel]]:
    run: list[ChartLabel] = []
    for label in sorted(labels, key=level):
        if run and level(label) - level(run[-1]) > _STEP_TOLERANCE:
            yield run
            run = []
        run.append(label)
    yield from [run] if run else []


def _is_axis(run: Sequence[tuple[float, float]]) -> bool:
    (first, value), (second, other) = run[:2]
    step = second - first
    rise = other - value
    if not step or not rise:
        return False
    are_even = all(abs(position - first - n * step) < _STEP_TOLERANCE for n, (position, _) in enumerate(run))
    return are_even and all(
        abs(v - value - n * rise) < _VALUE_TOLERANCE * abs(rise) and abs(v / rise - round(v / rise)) < _VALUE_TOLERANCE
        for n, (_, v) in enumerate(run)
    )
