"""Reads chart legends, and checks that shapes are to the scale of their values."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import dist
from statistics import correlation
from typing import NamedTuple

from ingest.readers.pdf.chart_label import Label, continues_label, join_labels
from ingest.readers.pdf.drawing import Fill
from ingest.readers.pdf.geometry import Box

# Points: what is thinner is a line; sides of bars on one line differ less.
THIN, LINE = 0.9, 1.2
WHITE = 0xFFFFFF
# In sizes of a character: a key of a legend is no higher and no wider, and stands no further from its name.
_KEY_HEIGHT, _KEY_WIDTH, _KEY_GAP = 1.6, 5.0, 1.5
# A hand-made legend may differ from its chart by so much in colour (steps of 255).
_ALIKE = 30.0
# Pearson's coefficient of sizes and figures, which stacks that are drawn equally long lower.
_TO_SCALE = 0.8


class Key(NamedTuple):
    """An entry of a legend: a name and its colour."""

    name: Label
    colour: int


class Chart(NamedTuple):
    """The figures of a chart: `rows` by what stands at the foot of its bars, `names` of the columns by its legend."""

    rows: Sequence[tuple[Label | None, dict[int, Label]]]
    names: Sequence[Label]

    @property
    def labels(self) -> list[Label]:
        """All that is printed of it."""
        return [*self.names, *(x for name, told in self.rows for x in (*([name] if name else []), *told.values()))]


def legend_keys(found: Sequence[Label], fills: Sequence[Fill]) -> Iterator[Key]:
    """Yield the names of legends, each with the shape in its colour at its left."""
    names = [label for label in found if label.is_name]
    tallest = max((name.size for name in names), default=0.0)
    small = sorted(
        (
            fill
            for fill in fills
            if fill.box.top - fill.box.bottom < _KEY_HEIGHT * tallest
            and fill.box.right - fill.box.left < _KEY_WIDTH * tallest
            and (fill.is_line or fill.box.top - fill.box.bottom > THIN)
        ),
        key=_height,
    )
    heights = [_height(fill) for fill in small]
    near: list[list[Fill]] = []
    for name in names:
        level = slice(
            bisect_left(heights, name.box.height - name.size / 2), bisect_left(heights, name.box.height + name.size / 2)
        )
        near.append([fill for fill in small[level] if _is_key(fill, name)])
    for name, keys in zip(names, near, strict=True):
        if keys:
            lines = [name]
            while more := next(
                (x for x, own in zip(names, near, strict=True) if not own and _is_below(lines[-1], x)), None
            ):
                lines.append(more)
            nearest = min(keys, key=lambda fill: (fill.colour == WHITE, name.box.left - fill.box.right))
            yield Key(join_labels(lines), nearest.colour)


def _height(fill: Fill) -> float:
    return (fill.box.bottom + fill.box.top) / 2


def _is_key(fill: Fill, name: Label) -> bool:
    return (
        fill.box.top - fill.box.bottom < _KEY_HEIGHT * name.size
        and fill.box.right - fill.box.left < _KEY_WIDTH * name.size
        and -name.size / 4 < name.box.left - fill.box.right < _KEY_GAP * name.size
    )


def _is_below(above: Label, name: Label) -> bool:
    """Whether a name is the next line of the one above, with which it begins."""
    return abs(name.box.left - above.box.left) < name.size / 2 and continues_label(above, name)


def name_of_colour(colour: int, around: Box, keys: Sequence[Key]) -> Label | None:
    """Return the name of a colour, or one very like it, in the legend nearest to a chart."""

    def far(key: Key) -> float:
        box = key.name.box
        across, up = (
            max(0.0, box.left - around.right, around.left - box.right),
            max(0.0, box.bottom - around.top, around.bottom - box.top),
        )
        return across + up + _ALIKE * _colour_distance(colour, key.colour)

    alike = [key for key in keys if _colour_distance(colour, key.colour) < _ALIKE]
    return min(alike, key=far).name if alike else None


def _colour_distance(one: int, other: int) -> float:
    """Return how far two colours are apart."""
    return dist(one.to_bytes(3, "big"), other.to_bytes(3, "big"))


def is_to_scale(told: Sequence[tuple[float, Label]]) -> bool:
    """Whether the sizes of what is drawn go with the figures printed at it, as no table's cells do."""
    sizes, values = [size for size, _ in told], [label.value for _, label in told]
    if max(sizes) - min(sizes) < LINE or max(values) == min(values):
        return False
    return correlation(sizes, values) > _TO_SCALE
