"""Reads bar and line charts: printed values, named by the legend and the axis labels.

Bars that lie across are looked at as if they stood: right becomes up, and down becomes right.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from statistics import median
from typing import NamedTuple

from ingest.readers.pdf.chart_label import Label, join_labels
from ingest.readers.pdf.drawing import Fill
from ingest.readers.pdf.geometry import Box, bounding_box
from ingest.readers.pdf.legend import LINE, THIN, WHITE, Chart, Key, is_to_scale, name_of_colour

# Points: the gap between two segments of a bar.
_SEAM = 2.5
# In sizes of a character: a figure stands no further from the end of its bar, nor from the points of lines; lines of
# one name no further apart.
_AT_END, _AT_POINT, _APART = 1.6, 2.5, 0.6
# The name of bars stands in their middle but for this share of their width, and a character.
_OFF = 0.5
# Bars of one group stand closer together than this share of their thickness; so many usual steps part two charts.
_GROUPED, _PARTED = 0.2, 2.6
# Fewer figures may stand in boxes by chance; no page has more charts.
_FEWEST, _MOST_CHARTS = 3, 20


class _PlacedLabel(NamedTuple):
    """A label and its place where bars stand."""

    label: Label
    box: Box


class _Bar(NamedTuple):
    """A bar with its place, the colours of its segments, and its figures with theirs."""

    box: Box
    colours: frozenset[int]
    told: list[tuple[int, Label]]


def bar_charts(
    found: Sequence[Label], amounts: Sequence[Label], fills: Sequence[Fill], keys: Sequence[Key]
) -> Iterator[Chart]:
    """Yield the charts of bars and of lines on a page with these labels, of which `amounts` may be their figures."""
    left = list(amounts)
    solid = _solid(fills)
    for _ in range(_MOST_CHARTS):
        most = _largest(solid, left) if len(left) >= _FEWEST else None
        if most is None:
            break
        bars, across = most
        taken = {label for bar in bars for _, label in bar.told}
        left = [label for label in left if label not in taken]
        if chart := _name_chart(bars, [label for label in found if label not in taken], keys, across=across):
            yield chart
    for bars in _lines(fills, left):
        taken = {label for bar in bars for _, label in bar.told}
        if chart := _name_chart(bars, [label for label in found if label not in taken], keys, across=False):
            yield chart


def _solid(fills: Iterable[Fill]) -> list[Fill]:
    """Return rectangles but lines, frames of other shapes, and what is drawn twice."""
    found = {}
    for fill in fills:
        box = fill.box
        if not (fill.outline or fill.is_line) and min(box.right - box.left, box.top - box.bottom) > THIN:
            place = tuple(map(round, box))
            if fill.colour != WHITE or place not in found:
                found[place] = fill
    return list(found.values())


def _largest(solid: Sequence[Fill], amounts: Sequence[Label]) -> tuple[list[_Bar], bool] | None:
    """Return the bars on one line with the most figures, and whether they lie across; None where no chart is left."""
    best: tuple[list[_Bar], bool] | None = None
    most = (_FEWEST - 1, 0)
    for across in (True, False):
        standing = [fill._replace(box=_rotate_box(fill.box, across=across)) for fill in solid]
        told = [_PlacedLabel(label, _rotate_box(label.box, across=across)) for label in amounts]
        for bars, sizes in _charts(standing, told):
            count = len(sizes), sum(len(bar.told) > 1 for bar in bars)
            if count > most and is_to_scale(sizes):
                best, most = (bars, across), count
    return best


def _rotate_box(box: Box, *, across: bool) -> Box:
    """Return a place as it is where bars that lie `across` stand."""
    return Box(-box.top, box.left, -box.bottom, box.right) if across else box


def _charts(
    solid: Sequence[Fill], amounts: Sequence[_PlacedLabel]
) -> Iterator[tuple[list[_Bar], list[tuple[float, Label]]]]:
    """Yield the bars with figures on one line, no further apart than usual, and each figure with its size."""
    amounts = sorted(amounts, key=lambda one: one.box.middle)
    middles, widest = [one.box.middle for one in amounts], max(one.label.size for one in amounts)
    columns = _columns(solid)
    standing: dict[int, list[tuple[_Bar, list[tuple[float, Label]]]]] = defaultdict(list)
    for column, line in zip(columns, _line_numbers([column[0].box.bottom for column in columns]), strict=True):
        box = bounding_box([fill.box for fill in column])
        near = amounts[bisect_left(middles, box.left - widest) : bisect_right(middles, box.right + widest)]
        if near and (told := _figures(column, box, near)):
            bar = _Bar(box, frozenset(fill.colour for fill in column), [(fill.colour, label) for fill, label in told])
            standing[line].append((bar, [(fill.box.top - fill.box.bottom, label) for fill, label in told]))
    for bars in standing.values():
        bars.sort(key=lambda one: one[0].box.left)
        steps = [b[0].box.left - a[0].box.left for a, b in pairwise(bars)]
        furthest = _PARTED * median(steps) if steps else 0.0
        run: list[tuple[_Bar, list[tuple[float, Label]]]] = []
        for one, step in zip(bars, [0.0, *steps], strict=True):
            if step > furthest + 2 * (one[0].box.right - one[0].box.left):
                yield [bar for bar, _ in run], [size for _, sizes in run for size in sizes]
                run = []
            run.append(one)
        yield [bar for bar, _ in run], [size for _, sizes in run for size in sizes]


def _columns(solid: Sequence[Fill]) -> list[list[Fill]]:
    """Return shapes in columns: equally wide ones that stand on each other without a gap, from the lowest."""
    lefts, rights = _line_numbers([fill.box.left for fill in solid]), _line_numbers([fill.box.right for fill in solid])
    columns: list[list[Fill]] = []
    place = itemgetter(0, 1)
    stacks = sorted(zip(lefts, rights, solid, strict=True), key=lambda one: (*place(one), one[2].box.bottom))
    for _, stack in groupby(stacks, key=place):
        column: list[Fill] = []
        for _, _, fill in stack:
            if column and abs(fill.box.bottom - column[-1].box.top) > _SEAM:
                columns.append(column)
                column = []
            column.append(fill)
        columns.append(column)
    return columns


def _line_numbers(numbers: Sequence[float]) -> list[int]:
    """Return for each number on which line it is, those a little apart on one."""
    lines, line, last = [0] * len(numbers), 0, float("-inf")
    for at in sorted(range(len(numbers)), key=numbers.__getitem__):
        line += numbers[at] - last > LINE
        last = numbers[at]
        lines[at] = line
    return lines


def _figures(column: Sequence[Fill], box: Box, amounts: Sequence[_PlacedLabel]) -> list[tuple[Fill, Label]]:
    """Return the figures in the segments of a bar; of one that is not parted, the one in it or at its end."""
    middle = (box.left + box.right) / 2
    near = sorted(
        (
            one
            for one in amounts
            if (box.left <= one.box.middle <= box.right or abs(middle - one.box.middle) < one.label.size / 2)
            and box.bottom <= one.box.height
            and one.box.bottom < box.top + _AT_END * one.label.size
        ),
        key=lambda one: one.box.height,
    )
    inside = [one for one in near if one.box.height <= box.top]
    if len(column) == 1 and not inside and near:
        return [(column[0], min(near, key=lambda one: (abs(one.box.middle - middle) // 2, one.box.bottom)).label)]
    for all_told in (inside, near):
        if len(all_told) == len(column):
            return [(fill, one.label) for fill, one in zip(column, all_told, strict=True)]
    found = []
    for fill in column:
        own = [one.label for one in inside if fill.box.bottom <= one.box.height <= fill.box.top]
        found += [(fill, own[0])] if len(own) == 1 else []
    return found


def _lines(fills: Sequence[Fill], amounts: Sequence[Label]) -> Iterator[list[_Bar]]:
    """Yield the points of lines as if they were bars: those of all lines above each other."""
    lines = [fill for fill in fills if fill.is_line and len(fill.outline) >= _FEWEST and _goes_right(fill.outline)]
    amounts = sorted(amounts, key=lambda label: label.box.middle)
    lines.sort(key=lambda line: [round(x / 2) for x, _ in line.outline])
    for steps, same in groupby(lines, key=lambda line: [round(x / 2) for x, _ in line.outline]):
        points = list(same)
        lowest, apart = min(line.box.bottom for line in points), (steps[-1] - steps[0]) / (len(steps) - 1)
        found, sizes = [], []
        for at in range(len(steps)):
            above = [(line.outline[at], line.colour) for line in points]
            told = _figures_at_points([place for place, _ in above], amounts, apart)
            if told:
                x, y = above[0][0]
                box = Box(x - 1, lowest, x + 1, max(y, lowest + 1))
                colours = [colour for _, colour in above]
                found.append(_Bar(box, frozenset(colours), list(zip(colours, told, strict=True))))
                sizes += [(y, label) for ((_, y), _), label in zip(above, told, strict=True)]
        if len(found) >= _FEWEST and is_to_scale(sizes):
            yield found


def _goes_right(points: Sequence[tuple[float, float]]) -> bool:
    """Whether a line goes to the right in steps of one length."""
    steps = [b[0] - a[0] for a, b in pairwise(points)]
    return min(steps) > LINE and max(steps) - min(steps) < 2 * LINE


def _figures_at_points(points: Sequence[tuple[float, float]], amounts: Sequence[Label], apart: float) -> list[Label]:
    """Return which of figures, in order from the left, stand at points above each other, the largest at the highest.

    None where a point has none.
    """
    x, low, high = points[0][0], min(y for _, y in points), max(y for _, y in points)
    start = bisect_left(amounts, x - apart, key=lambda label: label.box.middle)
    end = bisect_right(amounts, x + apart, key=lambda label: label.box.middle)
    near = [
        label
        for label in amounts[start:end]
        if abs(label.box.middle - x) < _FEWEST * label.size
        and low - _AT_POINT * label.size < label.box.height < high + _AT_POINT * label.size
    ]
    if len(near) != len(points):
        return []
    ordered = sorted(near, key=lambda label: label.value)
    heights = sorted(y for _, y in points)
    return [ordered[heights.index(y)] for _, y in points] if len(set(heights)) == len(heights) else []


def _name_chart(bars: Sequence[_Bar], found: Sequence[Label], keys: Sequence[Key], *, across: bool) -> Chart | None:
    """Return a chart with the names of its bars and of its colours; None where some have none."""
    whole = bounding_box([bar.box for bar in bars])
    around = Box(whole.bottom, -whole.right, whole.top, -whole.left) if across else whole
    colours = list(dict.fromkeys(colour for bar in bars for colour, _ in bar.told))
    legend = {colour: name for colour in colours if (name := name_of_colour(colour, around, keys))}
    groups = list(_groups(bars, coloured=len(legend) > 1))
    several = any(len({colour for bar in group for colour, _ in bar.told}) > 1 for group in groups)
    if several and len(legend) < len(colours):
        return None
    taken = {at for name in legend.values() for at in name.glyphs}
    names = _names_at_feet(groups, [label for label in found if not label.glyphs & taken], across=across)
    if len(groups) > 1 and None in names:
        return None
    rows = [
        (name, {colours.index(colour) if several else 0: label for bar in group for colour, label in bar.told})
        for name, group in zip(names, groups, strict=True)
    ]
    return Chart(rows, [legend[colour] for colour in colours] if several else [])


def _groups(bars: Sequence[_Bar], *, coloured: bool) -> Iterator[list[_Bar]]:
    """Yield the bars that have one name: each, or those of different colours side by side."""
    group: list[_Bar] = []
    for bar in bars:
        gap = bar.box.left - group[-1].box.right if group else 0.0
        again = any(bar.colours & other.colours for other in group)
        if group and (not coloured or again or gap > _GROUPED * (bar.box.right - bar.box.left)):
            yield group
            group = []
        group.append(bar)
    yield group


def _names_at_feet(groups: Sequence[Sequence[_Bar]], found: Sequence[Label], *, across: bool) -> list[Label | None]:
    """Return the name at the foot of each group of bars."""
    middles = [(group[0].box.left + group[-1].box.right) / 2 for group in groups]
    foot = min(group[0].box.bottom for group in groups)
    wide = max(group[-1].box.right - group[0].box.left for group in groups)
    reach = min((b - a for a, b in pairwise(middles)), default=wide) / 2
    below: list[list[_PlacedLabel]] = [[] for _ in groups]
    for label in found:
        one = _PlacedLabel(label, _rotate_box(label.box, across=across))
        at = min(range(len(groups)), key=lambda at: abs(middles[at] - one.box.middle))
        # Under a bar without a figure stands a name of its own, and below the chart a note.
        own = abs(middles[at] - one.box.middle) < min(reach, _OFF * wide + label.size)
        note = len(groups) > 1 and one.box.right - one.box.left > 2 * reach + label.size
        if own and not note and one.box.top < foot + label.size / 2:
            below[at].append(one)
    return [_name(sorted(near, key=lambda one: -one.box.top), across=across) for near in below]


def _name(near: Sequence[_PlacedLabel], *, across: bool) -> Label | None:
    """Return the first of labels with those that are lines of the same name."""
    lines = list(near[:1])
    for one in near[1:]:
        if lines[0].label.is_upright and one.label.is_amount:  # another row of figures below such names
            continue
        beside = min(one.box.top, lines[0].box.top) > max(one.box.bottom, lines[0].box.bottom)
        if beside if across else any(_are_adjoining(one.label, other.label) for other in lines):
            lines.append(one)
    return join_labels([one.label for one in lines]) if lines else None


def _are_adjoining(one: Label, other: Label) -> bool:
    """Whether two labels stand as close as lines of one name do, below or beside each other."""
    across = max(one.box.left, other.box.left) - min(one.box.right, other.box.right)
    up = max(one.box.bottom, other.box.bottom) - min(one.box.top, other.box.top)
    return max(across, up) < _APART * max(one.size, other.size)
