"""Reads pie charts: printed shares, named by the legend or by nearby labels."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot
from typing import NamedTuple

from ingest.readers.pdf.chart_label import Label, continues_label, join_labels
from ingest.readers.pdf.drawing import Fill
from ingest.readers.pdf.geometry import Box, bounding_box
from ingest.readers.pdf.legend import LINE, Chart, Key, is_to_scale, name_of_colour

# What all shares make together, and how far rounding may leave it off.
_ALL, _ROUNDED = 100.0, 1.6
# In sizes of a character: labels of one pie stand no further apart.
_AROUND = 14.0
# In radii of a pie: what is printed at it stands no further from its middle, and all slices have this in them; the
# difference of height and width that a circle may have.
_BESIDE, _RIM, _ROUND = 2.0, 0.85, 0.12
# Lines of one name differ less in the size of their type.
_SAME_SIZE = 1.15
# Points: no slice with a figure is smaller; more shapes are a drawing, or letters.
_SMALLEST, _MOST = 2.0, 200
# Fewer slices are to scale by chance.
_FEWEST = 3
_PART = re.compile(r"[%％.．]")
_SHARE = re.compile(r"(\D*[^\W\d]\D*?)[\s,、:：(（]*(\d+(?:\.\d+)?\s?[%％])[)）]?")


class _Pie(NamedTuple):
    """Slices around a middle, with their radius; each has the colour and the outline of one."""

    x: float
    y: float
    radius: float
    slices: list[Fill]

    def slice_of(self, label: Label) -> Fill | None:
        """Return the slice in which a label stands, or outside which it does."""
        across, up = label.box.middle - self.x, label.box.height - self.y
        far = hypot(across, up)
        if not 0 < far < _BESIDE * self.radius:
            return None
        near = _RIM * self.radius / far
        return next(
            (fill for fill in self.slices if _contains_point(fill.outline, self.x + near * across, self.y + near * up)),
            None,
        )


def _find_circles(solid: Sequence[Fill]) -> Iterator[_Pie]:
    """Yield the shapes that make a circle together."""
    rest = [fill for fill in solid if fill.outline and not fill.is_line and _is_large(fill.box)]
    while len(rest) <= _MOST and rest:
        slices = [rest.pop()]
        grown = True
        while grown:
            more = [fill for fill in rest if any(_boxes_meet(fill.box, other.box) for other in slices)]
            rest = [fill for fill in rest if not any(fill is one for one in more)]
            slices += more
            grown = bool(more)
        left, bottom, right, top = bounding_box([fill.box for fill in slices])
        if len(slices) > 1 and abs(right - left - top + bottom) < _ROUND * (right - left):
            yield _Pie((left + right) / 2, (bottom + top) / 2, (right - left) / 2, slices)


def _is_large(box: Box) -> bool:
    return min(box.right - box.left, box.top - box.bottom) > _SMALLEST


def _boxes_meet(one: Box, other: Box) -> bool:
    return (
        min(one.right, other.right) - max(one.left, other.left) > -LINE
        and min(one.top, other.top) - max(one.bottom, other.bottom) > -LINE
    )


def pie_charts(
    solid: Sequence[Fill], amounts: Sequence[Label], found: Sequence[Label], keys: Sequence[Key]
) -> Iterator[Chart]:
    """Yield the charts of slices, the figure at each named by its colour in the legend or by what stands above it."""
    names = [label for label in found if label.is_name]
    for pie in _find_circles(solid):
        rows, sizes = [], []
        told = [(fill, label) for label in amounts if (fill := pie.slice_of(label))]
        for fill in pie.slices:
            own = [label for other, label in told if other is fill]
            name = name_of_colour(fill.colour, fill.box, keys) if keys else None
            name = name or (_name_of(own[0], names) if own else None)
            if name and len(own) == 1:
                rows.append((name, {0: own[0]}))
                sizes.append((_surface(fill.outline), own[0]))
        if len(rows) > 1 and (_is_all([label for _, label in sizes]) or (len(rows) >= _FEWEST and is_to_scale(sizes))):
            yield Chart(rows, [])


def named_shares(found: Sequence[Label]) -> Iterator[Chart]:
    """Yield the shares of a whole that have their name beside or right above them: what slices are."""
    pairs: list[tuple[Label, Label]] = []
    names = [label for label in found if label.is_name]
    for label in found:
        if label.is_amount and _PART.search(label.text) and (name := _name_of(label, names)):
            pairs.append((name, label))
        elif one_line := _SHARE.fullmatch(label.text):
            pairs.append((label._replace(text=one_line[1]), label._replace(text=one_line[2])))
    while pairs:
        near, rest = [pairs.pop()], pairs
        grown = True
        while grown:
            more = [pair for pair in rest if any(_is_near(pair[1], other[1]) for other in near)]
            rest = [pair for pair in rest if pair not in more]
            near += more
            grown = bool(more)
        pairs = rest
        near.sort(key=lambda pair: (-pair[1].box.top, pair[1].box.left))
        if len(near) > 1 and _is_all([amount for _, amount in near]):
            yield Chart([(name, {0: amount}) for name, amount in near], [])


def _name_of(amount: Label, names: Sequence[Label]) -> Label | None:
    """Return the name that ends right before a figure in its line, or else right above it."""
    beside = [
        name
        for name in names
        if abs(name.box.height - amount.box.height) < amount.size / 2
        and -amount.size / 2 < amount.box.left - name.box.right < amount.size
    ]
    above = beside[:1] or [name for name in names if continues_label(name, amount)][:1]
    while above and (more := next((name for name in names if _is_line_above(name, above[-1])), None)):
        above.append(more)
    if not above:
        return None
    name = join_labels(above)
    return name._replace(text=name.text.rstrip(" ,、:："))


def _is_line_above(name: Label, below: Label) -> bool:
    """Whether a name in type of one size goes on below; what is larger is a title."""
    return continues_label(name, below) and name.size < _SAME_SIZE * below.size


def _is_near(one: Label, other: Label) -> bool:
    far = _AROUND * max(one.size, other.size)
    return abs(one.box.middle - other.box.middle) < 2 * far and abs(one.box.height - other.box.height) < far


def _is_all(shares: Sequence[Label]) -> bool:
    """Whether shares make a whole, but for rounding."""
    return abs(sum(label.value for label in shares) - _ALL) < _ROUNDED


def _surface(outline: Sequence[tuple[float, float]]) -> float:
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairwise([*outline, outline[0]]))) / 2


def _contains_point(outline: Sequence[tuple[float, float]], x: float, y: float) -> bool:
    """Whether a point is inside an outline (even-odd rule)."""
    inside = False
    for (a, b), (c, d) in pairwise([*outline, outline[0]]):
        if (b > y) != (d > y) and x < (c - a) * (y - b) / (d - b) + a:
            inside = not inside
    return inside
