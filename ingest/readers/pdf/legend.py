"""Reads chart legends and checks that shapes are drawn to the scale of their values."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import dist
from statistics import correlation
from typing import NamedTuple

from ingest.readers.pdf.chart_label import ChartLabel, continues_label, join_labels
from ingest.readers.pdf.drawing import Fill
from ingest.readers.pdf.geometry import Box

# Points: maximum width of a line.
MAX_LINE_WIDTH = 0.9
# Points: tolerance of bars on one line.
ALIGNMENT = 1.2
WHITE = 0xFFFFFF
# In character sizes: maximum height of a legend key.
_KEY_HEIGHT = 1.6
# In character sizes: maximum width of a legend key.
_KEY_WIDTH = 5.0
# In character sizes: maximum distance of a legend key from its name.
_KEY_GAP = 1.5
# Colour difference (of 255) between a hand-made legend and its chart.
_COLOUR_TOLERANCE = 30.0
# Minimum Pearson correlation of sizes and figures; stacks of equal length lower it.
_MIN_CORRELATION = 0.8


class LegendKey(NamedTuple):
    """A legend entry: a name and its colour."""

    name: ChartLabel
    colour: int


class PdfChart(NamedTuple):
    """The figures of a chart: `rows` by the label of the category axis, columns by the `names` of the legend."""

    rows: Sequence[tuple[ChartLabel | None, dict[int, ChartLabel]]]
    names: Sequence[ChartLabel]

    @property
    def labels(self) -> list[ChartLabel]:
        """All labels of the chart."""
        return [*self.names, *(x for name, values in self.rows for x in (*([name] if name else []), *values.values()))]


def find_legend_keys(labels: Sequence[ChartLabel], fills: Sequence[Fill]) -> Iterator[LegendKey]:
    """Yield the names of legends, each with the colour of the shape at its left."""
    names = [label for label in labels if label.is_name]
    tallest = max((name.size for name in names), default=0.0)
    small_fills = sorted(
        (
            fill
            for fill in fills
            if fill.box.top - fill.box.bottom < _KEY_HEIGHT * tallest
            and fill.box.right - fill.box.left < _KEY_WIDTH * tallest
            and (fill.is_line or fill.box.top - fill.box.bottom > MAX_LINE_WIDTH)
        ),
        key=_centre_y,
    )
    centres = [_centre_y(fill) for fill in small_fills]
    candidates: list[list[Fill]] = []
    for name in names:
        same_line = slice(
            bisect_left(centres, name.box.centre_y - name.size / 2),
            bisect_left(centres, name.box.centre_y + name.size / 2),
        )
        candidates.append([fill for fill in small_fills[same_line] if _is_key(fill, name)])
    for name, fills_of_name in zip(names, candidates, strict=True):
        if fills_of_name:
            lines = [name]
            while following := next(
                (
                    x
                    for x, own_candidates in zip(names, candidates, strict=True)
                    if not own_candidates and _is_below(lines[-1], x)
                ),
                None,
            ):
                lines.append(following)
            nearest = min(fills_of_name, key=lambda fill: (fill.colour == WHITE, name.box.left - fill.box.right))
            yield LegendKey(join_labels(lines), nearest.colour)


def _centre_y(fill: Fill) -> float:
    return (fill.box.bottom + fill.box.top) / 2


def _is_key(fill: Fill, name: ChartLabel) -> bool:
    return (
        fill.box.top - fill.box.bottom < _KEY_HEIGHT * name.size
        and fill.box.right - fill.box.left < _KEY_WIDTH * name.size
        and -name.size / 4 < name.box.left - fill.box.right < _KEY_GAP * name.size
    )


def _is_below(above: ChartLabel, name: ChartLabel) -> bool:
    return abs(name.box.left - above.box.left) < name.size / 2 and continues_label(above, name)


def name_of_colour(colour: int, chart_box: Box, keys: Sequence[LegendKey]) -> ChartLabel | None:
    """Return the name of a colour, or of a very similar one, in the nearest legend."""

    def distance(key: LegendKey) -> float:
        box = key.name.box
        across = max(0.0, box.left - chart_box.right, chart_box.left - box.right)
        up = max(0.0, box.bottom - chart_box.top, chart_box.bottom - box.top)
        return across + up + _COLOUR_TOLERANCE * _colour_distance(colour, key.colour)

    similar = [key for key in keys if _colour_distance(colour, key.colour) < _COLOUR_TOLERANCE]
    return min(similar, key=distance).name if similar else None


def _colour_distance(first: int, second: int) -> float:
    return dist(first.to_bytes(3, "big"), second.to_bytes(3, "big"))


def is_to_scale(sized_labels: Sequence[tuple[float, ChartLabel]]) -> bool:
    """Whether the sizes of shapes correlate with their figures, which those of table cells do not."""
    sizes = [size for size, _ in sized_labels]
    values = [label.value for _, label in sized_labels]
    if max(sizes) - min(sizes) < ALIGNMENT or max(values) == min(values):
        return False
    return correlation(sizes, values) > _MIN_CORRELATION
