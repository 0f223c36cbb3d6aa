"""Reads pie charts: printed shares, named by the legend or by adjacent labels."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot
from typing import NamedTuple

from ingest.readers.pdf.chart_label import ChartLabel, continues_label, join_labels
from ingest.readers.pdf.drawing import Fill
from ingest.readers.pdf.geometry import Box, bounding_box
from ingest.readers.pdf.legend import ALIGNMENT, LegendKey, PdfChart, is_to_scale, name_of_colour

# Sum of all shares.
_TOTAL = 100.0
# Tolerance of the sum for rounding.
_ROUNDING = 1.6
# In character sizes: maximum distance between labels of one pie.
_MAX_LABEL_DISTANCE = 14.0
# In radii: maximum distance of a label from the centre.
_MAX_RADII = 2.0
# Distances from the centre at which slices are tested, in radii.
_INNER_RIM = 0.85
# In radii: tolerance of a circle's height and width.
_MAX_ECCENTRICITY = 0.12
# Maximum ratio of type sizes within a name.
_SAME_SIZE = 1.15
# Points: minimum side of a slice with a figure.
_MIN_SLICE_SIDE = 2.0
# More shapes are a drawing or letters.
_MAX_SHAPES = 200
# Fewer slices may be to scale by chance.
_MIN_SLICES = 3
_SHARE_MARK = re.compile(r"[%％.．]")
_NAME_AND_SHARE = re.compile(r"(\D*[^\W\d]\D*?)[\s,、:：(（]*(\d+(?:\.\d+)?\s?[%％])[)）]?")


class _Pie(NamedTuple):
    """The slices of a circle, each with its colour and outline."""

    centre_x: float
    centre_y: float
    radius: float
    slices: list[Fill]

    def slice_of(self, label: ChartLabel) -> Fill | None:
        dx = label.box.centre_x - self.centre_x
        dy = label.box.centre_y - self.centre_y
        distance = hypot(dx, dy)
        if not 0 < distance < _MAX_RADII * self.radius:
            return None
        scale = _INNER_RIM * self.radius / distance
        return next(
            (
                fill
                for fill in self.slices
                if _contains_point(fill.outline, self.centre_x + scale * dx, self.centre_y + scale * dy)
            ),
            None,
        )


def _find_circles(fills: Sequence[Fill]) -> Iterator[_Pie]:
    """Yield the touching shapes that form a circle."""
    remaining = [fill for fill in fills if fill.outline and not fill.is_line and _is_large(fill.box)]
    while len(remaining) <= _MAX_SHAPES and remaining:
        slices = [remaining.pop()]
        has_grown = True
        while has_grown:
            touching = [fill for fill in remaining if any(_boxes_meet(fill.box, other.box) for other in slices)]
            remaining = [fill for fill in remaining if not any(fill is added for added in touching)]
            slices += touching
            has_grown = bool(touching)
        left, bottom, right, top = bounding_box([fill.box for fill in slices])
        if len(slices) > 1 and abs(right - left - top + bottom) < _MAX_ECCENTRICITY * (right - left):
            yield _Pie((left + right) / 2, (bottom + top) / 2, (right - left) / 2, slices)


def _is_large(box: Box) -> bool:
    return min(box.right - box.left, box.top - box.bottom) > _MIN_SLICE_SIDE


def _boxes_meet(first: Box, second: Box) -> bool:
    return (
        min(first.right, second.right) - max(first.left, second.left) > -ALIGNMENT
        and min(first.top, second.top) - max(first.bottom, second.bottom) > -ALIGNMENT
    )


def find_pie_charts(
    fills: Sequence[Fill], amounts: Sequence[ChartLabel], labels: Sequence[ChartLabel], keys: Sequence[LegendKey]
) -> Iterator[PdfChart]:
    """Yield the pie charts; each figure is named by its colour in the legend or an adjacent label."""
    names = [label for label in labels if label.is_name]
    for pie in _find_circles(fills):
        rows = []
        sizes = []
        labelled = [(fill, label) for label in amounts if (fill := pie.slice_of(label))]
        for fill in pie.slices:
            own_labels = [label for other, label in labelled if other is fill]
            name = name_of_colour(fill.colour, fill.box, keys) if keys else None
            name = name or (_adjacent_name(own_labels[0], names) if own_labels else None)
            if name and len(own_labels) == 1:
                rows.append((name, {0: own_labels[0]}))
                sizes.append((_surface(fill.outline), own_labels[0]))
        if len(rows) > 1 and (
            _is_complete([label for _, label in sizes]) or (len(rows) >= _MIN_SLICES and is_to_scale(sizes))
        ):
            yield PdfChart(rows, [])


def find_named_shares(labels: Sequence[ChartLabel]) -> Iterator[PdfChart]:
    """Yield groups of shares that add up to 100 % and have their names beside or right above them."""
    pairs: list[tuple[ChartLabel, ChartLabel]] = []
    names = [label for label in labels if label.is_name]
    for label in labels:
        if label.is_amount and _SHARE_MARK.search(label.text) and (name := _adjacent_name(label, names)):
            pairs.append((name, label))
        elif match := _NAME_AND_SHARE.fullmatch(label.text):
            pairs.append((label._replace(text=match[1]), label._replace(text=match[2])))
    while pairs:
        group = [pairs.pop()]
        remaining = pairs
        has_grown = True
        while has_grown:
            nearby = [pair for pair in remaining if any(_is_near(pair[1], other[1]) for other in group)]
            remaining = [pair for pair in remaining if pair not in nearby]
            group += nearby
            has_grown = bool(nearby)
        pairs = remaining
        group.sort(key=lambda pair: (-pair[1].box.top, pair[1].box.left))
        if len(group) > 1 and _is_complete([amount for _, amount in group]):
            yield PdfChart([(name, {0: amount}) for name, amount in group], [])


def _adjacent_name(amount: ChartLabel, names: Sequence[ChartLabel]) -> ChartLabel | None:
    names_before = [
        name
        for name in names
        if abs(name.box.centre_y - amount.box.centre_y) < amount.size / 2
        and -amount.size / 2 < amount.box.left - name.box.right < amount.size
    ]
    lines = names_before[:1] or [name for name in names if continues_label(name, amount)][:1]
    while lines and (following := next((name for name in names if _is_line_above(name, lines[-1])), None)):
        lines.append(following)
    if not lines:
        return None
    name = join_labels(lines)
    return name._replace(text=name.text.rstrip(" ,、:："))


def _is_line_above(name: ChartLabel, below: ChartLabel) -> bool:
    return continues_label(name, below) and name.size < _SAME_SIZE * below.size


def _is_near(first: ChartLabel, second: ChartLabel) -> bool:
    max_distance = _MAX_LABEL_DISTANCE * max(first.size, second.size)
    return (
        abs(first.box.centre_x - second.box.centre_x) < 2 * max_distance
        and abs(first.box.centre_y - second.box.centre_y) < max_distance
    )


def _is_complete(shares: Sequence[ChartLabel]) -> bool:
    return abs(sum(label.value for label in shares) - _TOTAL) < _ROUNDING


def _surface(outline: Sequence[tuple[float, float]]) -> float:
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairwise([*outline, outline[0]]))) / 2


def _contains_point(outline: Sequence[tuple[float, float]], x: float, y: float) -> bool:
    inside = False
    for (a, b), (c, d) in pairwise([*outline, outline[0]]):
        if (b > y) != (d > y) and x < (c - a) * (y - b) / (d - b) + a:
            inside = not inside
    return inside
