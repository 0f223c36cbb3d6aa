"""Reads bar and line charts: printed values, named by the legend and the axis labels.

Horizontal bars are rotated first: right becomes up, and down becomes right.
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
from ingest.readers.pdf.legend import ALIGNMENT, MAX_LINE_WIDTH, WHITE, Chart, LegendKey, is_to_scale, name_of_colour

# Points: gap between two segments of a bar.
_MAX_SEAM = 2.5
# In character sizes: distance of a figure from the end of its bar and from a point of a line; gap between lines of a
# name.
_MAX_END_DISTANCE, _MAX_POINT_DISTANCE, _MAX_LINE_GAP = 1.6, 2.5, 0.6
# A category label may be off the centre by this share of the bars' width, and one character.
_MAX_OFFSET = 0.5
# Gap inside a group as a share of the bars' thickness; gap between charts in median steps.
_MAX_GROUP_GAP, _CHART_GAP = 0.2, 2.6
# Fewer figures may match by chance; no page has more charts.
_MIN_FIGURES, _MAX_CHARTS = 3, 20


class _PlacedLabel(NamedTuple):
    """A label with its box after rotation."""

    label: Label
    box: Box


class _Bar(NamedTuple):
    """A bar with its box, the colours of its segments, and its figures with their colours."""

    box: Box
    colours: frozenset[int]
    figures: list[tuple[int, Label]]


def find_bar_charts(
    labels: Sequence[Label], amounts: Sequence[Label], fills: Sequence[Fill], keys: Sequence[LegendKey]
) -> Iterator[Chart]:
    """Yield the bar and line charts of a page; `amounts` are the labels that may be their figures."""
    remaining = list(amounts)
    rectangles = _distinct_rectangles(fills)
    for _ in range(_MAX_CHARTS):
        largest = _largest_chart(rectangles, remaining) if len(remaining) >= _MIN_FIGURES else None
        if largest is None:
            break
        bars, is_horizontal = largest
        used = {label for bar in bars for _, label in bar.figures}
        remaining = [label for label in remaining if label not in used]
        if chart := _label_chart(
            bars, [label for label in labels if label not in used], keys, is_horizontal=is_horizontal
        ):
            yield chart
    for bars in _line_charts(fills, remaining):
        used = {label for bar in bars for _, label in bar.figures}
        if chart := _label_chart(bars, [label for label in labels if label not in used], keys, is_horizontal=False):
            yield chart


def _distinct_rectangles(fills: Iterable[Fill]) -> list[Fill]:
    """Return rectangles without lines, other outlines and repeated drawings."""
    rectangles = {}
    for fill in fills:
        box = fill.box
        if not (fill.outline or fill.is_line) and min(box.right - box.left, box.top - box.bottom) > MAX_LINE_WIDTH:
            corners = tuple(map(round, box))
            if fill.colour != WHITE or corners not in rectangles:
                rectangles[corners] = fill
    return list(rectangles.values())


def _largest_chart(rectangles: Sequence[Fill], amounts: Sequence[Label]) -> tuple[list[_Bar], bool] | None:
    """Return the aligned bars with the most figures, and whether they are horizontal; None without any."""
    best_chart: tuple[list[_Bar], bool] | None = None
    best_count = (_MIN_FIGURES - 1, 0)
    for is_horizontal in (True, False):
        upright_fills = [fill._replace(box=_rotate_box(fill.box, is_horizontal=is_horizontal)) for fill in rectangles]
        placed = [_PlacedLabel(label, _rotate_box(label.box, is_horizontal=is_horizontal)) for label in amounts]
        for bars, sizes in _aligned_bars(upright_fills, placed):
            count = len(sizes), sum(len(bar.figures) > 1 for bar in bars)
            if count > best_count and is_to_scale(sizes):
                best_chart, best_count = (bars, is_horizontal), count
    return best_chart


def _rotate_box(box: Box, *, is_horizontal: bool) -> Box:
    """Return a box after rotation of horizontal bars."""
    return Box(-box.top, box.left, -box.bottom, box.right) if is_horizontal else box


def _aligned_bars(
    rectangles: Sequence[Fill], amounts: Sequence[_PlacedLabel]
) -> Iterator[tuple[list[_Bar], list[tuple[float, Label]]]]:
    """Yield the bars with figures on one base line, split at large gaps, and each figure with its size."""
    amounts = sorted(amounts, key=lambda item: item.box.centre_x)
    middles, widest = [item.box.centre_x for item in amounts], max(item.label.size for item in amounts)
    columns = _stack_columns(rectangles)
    bars_by_line: dict[int, list[tuple[_Bar, list[tuple[float, Label]]]]] = defaultdict(list)
    for column, line in zip(columns, _line_numbers([column[0].box.bottom for column in columns]), strict=True):
        box = bounding_box([fill.box for fill in column])
        nearby = amounts[bisect_left(middles, box.left - widest) : bisect_right(middles, box.right + widest)]
        if nearby and (figures := _bar_figures(column, box, nearby)):
            bar = _Bar(
                box, frozenset(fill.colour for fill in column), [(fill.colour, label) for fill, label in figures]
            )
            bars_by_line[line].append((bar, [(fill.box.top - fill.box.bottom, label) for fill, label in figures]))
    for bars in bars_by_line.values():
        bars.sort(key=lambda item: item[0].box.left)
        steps = [b[0].box.left - a[0].box.left for a, b in pairwise(bars)]
        max_step = _CHART_GAP * median(steps) if steps else 0.0
        run: list[tuple[_Bar, list[tuple[float, Label]]]] = []
        for item, step in zip(bars, [0.0, *steps], strict=True):
            if step > max_step + 2 * (item[0].box.right - item[0].box.left):
                yield [bar for bar, _ in run], [size for _, sizes in run for size in sizes]
                run = []
            run.append(item)
        yield [bar for bar, _ in run], [size for _, sizes in run for size in sizes]


def _stack_columns(rectangles: Sequence[Fill]) -> list[list[Fill]]:
    """Return rectangles stacked into columns of equal width without gaps, from the lowest."""
    lefts, rights = (
        _line_numbers([fill.box.left for fill in rectangles]),
        _line_numbers([fill.box.right for fill in rectangles]),
    )
    columns: list[list[Fill]] = []
    place = itemgetter(0, 1)
    stacks = sorted(zip(lefts, rights, rectangles, strict=True), key=lambda one: (*place(one), one[2].box.bottom))
    for _, stack in groupby(stacks, key=place):
        column: list[Fill] = []
        for _, _, fill in stack:
            if column and abs(fill.box.bottom - column[-1].box.top) > _MAX_SEAM:
                columns.append(column)
                column = []
            column.append(fill)
        columns.append(column)
    return columns


def _line_numbers(numbers: Sequence[float]) -> list[int]:
    """Return for each number the index of its line; numbers that differ little share one."""
    lines, line, last = [0] * len(numbers), 0, float("-inf")
    for at in sorted(range(len(numbers)), key=numbers.__getitem__):
        line += numbers[at] - last > ALIGNMENT
        last = numbers[at]
        lines[at] = line
    return lines


def _bar_figures(column: Sequence[Fill], box: Box, amounts: Sequence[_PlacedLabel]) -> list[tuple[Fill, Label]]:
    """Return the figures in the segments of a bar; for a single segment, the one in it or at its end."""
    middle = (box.left + box.right) / 2
    nearby = sorted(
        (
            placed
            for placed in amounts
            if (
                box.left <= placed.box.centre_x <= box.right
                or abs(middle - placed.box.centre_x) < placed.label.size / 2
            )
            and box.bottom <= placed.box.centre_y
            and placed.box.bottom < box.top + _MAX_END_DISTANCE * placed.label.size
        ),
        key=lambda placed: placed.box.centre_y,
    )
    inside = [placed for placed in nearby if placed.box.centre_y <= box.top]
    if len(column) == 1 and not inside and nearby:
        return [
            (
                column[0],
                min(nearby, key=lambda placed: (abs(placed.box.centre_x - middle) // 2, placed.box.bottom)).label,
            )
        ]
    for candidates in (inside, nearby):
        if len(candidates) == len(column):
            return [(fill, placed.label) for fill, placed in zip(column, candidates, strict=True)]
    figures = []
    for fill in column:
        own_labels = [placed.label for placed in inside if fill.box.bottom <= placed.box.centre_y <= fill.box.top]
        figures += [(fill, own_labels[0])] if len(own_labels) == 1 else []
    return figures


def _line_charts(fills: Sequence[Fill], amounts: Sequence[Label]) -> Iterator[list[_Bar]]:
    """Yield the points of lines as bars, the points of all lines at one x as one bar."""
    lines = [
        fill for fill in fills if fill.is_line and len(fill.outline) >= _MIN_FIGURES and _has_even_steps(fill.outline)
    ]
    amounts = sorted(amounts, key=lambda label: label.box.centre_x)
    lines.sort(key=lambda line: [round(x / 2) for x, _ in line.outline])
    for steps, same_steps in groupby(lines, key=lambda line: [round(x / 2) for x, _ in line.outline]):
        points = list(same_steps)
        lowest, step = min(line.box.bottom for line in points), (steps[-1] - steps[0]) / (len(steps) - 1)
        bars, sizes = [], []
        for index in range(len(steps)):
            above = [(line.outline[index], line.colour) for line in points]
            figures = _figures_at_points([place for place, _ in above], amounts, step)
            if figures:
                x, y = above[0][0]
                box = Box(x - 1, lowest, x + 1, max(y, lowest + 1))
                colours = [colour for _, colour in above]
                bars.append(_Bar(box, frozenset(colours), list(zip(colours, figures, strict=True))))
                sizes += [(y, label) for ((_, y), _), label in zip(above, figures, strict=True)]
        if len(bars) >= _MIN_FIGURES and is_to_scale(sizes):
            yield bars


def _has_even_steps(points: Sequence[tuple[float, float]]) -> bool:
    """Whether a line runs to the right in equal steps."""
    steps = [b[0] - a[0] for a, b in pairwise(points)]
    return min(steps) > ALIGNMENT and max(steps) - min(steps) < 2 * ALIGNMENT


def _figures_at_points(points: Sequence[tuple[float, float]], amounts: Sequence[Label], step: float) -> list[Label]:
    """Return the figures at points above each other, the largest at the highest, ordered as the points.

    Empty if a point has no figure.
    """
    x, low, high = points[0][0], min(y for _, y in points), max(y for _, y in points)
    start = bisect_left(amounts, x - step, key=lambda label: label.box.centre_x)
    end = bisect_right(amounts, x + step, key=lambda label: label.box.centre_x)
    nearby = [
        label
        for label in amounts[start:end]
        if abs(label.box.centre_x - x) < _MIN_FIGURES * label.size
        and low - _MAX_POINT_DISTANCE * label.size < label.box.centre_y < high + _MAX_POINT_DISTANCE * label.size
    ]
    if len(nearby) != len(points):
        return []
    ordered = sorted(nearby, key=lambda label: label.value)
    heights = sorted(y for _, y in points)
    return [ordered[heights.index(y)] for _, y in points] if len(set(heights)) == len(heights) else []


def _label_chart(
    bars: Sequence[_Bar], labels: Sequence[Label], keys: Sequence[LegendKey], *, is_horizontal: bool
) -> Chart | None:
    """Return the chart with the names of its bars and colours; None if some have no name."""
    box = bounding_box([bar.box for bar in bars])
    chart_box = Box(box.bottom, -box.right, box.top, -box.left) if is_horizontal else box
    colours = list(dict.fromkeys(colour for bar in bars for colour, _ in bar.figures))
    legend = {colour: name for colour in colours if (name := name_of_colour(colour, chart_box, keys))}
    groups = list(_bar_groups(bars, by_colour=len(legend) > 1))
    has_several_colours = any(len({colour for bar in group for colour, _ in bar.figures}) > 1 for group in groups)
    if has_several_colours and len(legend) < len(colours):
        return None
    legend_positions = {at for name in legend.values() for at in name.positions}
    names = _category_labels(
        groups, [label for label in labels if not label.positions & legend_positions], is_horizontal=is_horizontal
    )
    if len(groups) > 1 and None in names:
        return None
    rows = [
        (
            name,
            {
                colours.index(colour) if has_several_colours else 0: label
                for bar in group
                for colour, label in bar.figures
            },
        )
        for name, group in zip(names, groups, strict=True)
    ]
    return Chart(rows, [legend[colour] for colour in colours] if has_several_colours else [])


def _bar_groups(bars: Sequence[_Bar], *, by_colour: bool) -> Iterator[list[_Bar]]:
    """Yield the bars that share a category: single ones, or different colours side by side."""
    group: list[_Bar] = []
    for bar in bars:
        gap = bar.box.left - group[-1].box.right if group else 0.0
        repeats_colour = any(bar.colours & other.colours for other in group)
        if group and (not by_colour or repeats_colour or gap > _MAX_GROUP_GAP * (bar.box.right - bar.box.left)):
            yield group
            group = []
        group.append(bar)
    yield group


def _category_labels(
    groups: Sequence[Sequence[_Bar]], labels: Sequence[Label], *, is_horizontal: bool
) -> list[Label | None]:
    """Return the label below each group of bars."""
    middles = [(group[0].box.left + group[-1].box.right) / 2 for group in groups]
    foot = min(group[0].box.bottom for group in groups)
    wide = max(group[-1].box.right - group[0].box.left for group in groups)
    max_offset = min((b - a for a, b in pairwise(middles)), default=wide) / 2
    labels_below: list[list[_PlacedLabel]] = [[] for _ in groups]
    for label in labels:
        placed = _PlacedLabel(label, _rotate_box(label.box, is_horizontal=is_horizontal))
        nearest = min(range(len(groups)), key=lambda nearest: abs(middles[nearest] - placed.box.centre_x))
        # Bars without a figure have a label of their own; a wide label below the chart is a note.
        is_own = abs(middles[nearest] - placed.box.centre_x) < min(max_offset, _MAX_OFFSET * wide + label.size)
        is_note = len(groups) > 1 and placed.box.right - placed.box.left > 2 * max_offset + label.size
        if is_own and not is_note and placed.box.top < foot + label.size / 2:
            labels_below[nearest].append(placed)
    return [
        _category_label(sorted(near, key=lambda placed: -placed.box.top), is_horizontal=is_horizontal)
        for near in labels_below
    ]


def _category_label(candidates: Sequence[_PlacedLabel], *, is_horizontal: bool) -> Label | None:
    """Return the first label with the other lines of the same name."""
    lines = list(candidates[:1])
    for placed in candidates[1:]:
        if lines[0].label.is_vertical and placed.label.is_amount:  # another row of figures below vertical names
            continue
        is_beside = min(placed.box.top, lines[0].box.top) > max(placed.box.bottom, lines[0].box.bottom)
        if is_beside if is_horizontal else any(_are_adjoining(placed.label, other.label) for other in lines):
            lines.append(placed)
    return join_labels([placed.label for placed in lines]) if lines else None


def _are_adjoining(one: Label, other: Label) -> bool:
    """Whether two labels are as close as lines of one name."""
    across = max(one.box.left, other.box.left) - min(one.box.right, other.box.right)
    up = max(one.box.bottom, other.box.bottom) - min(one.box.top, other.box.top)
    return max(across, up) < _MAX_LINE_GAP * max(one.size, other.size)
