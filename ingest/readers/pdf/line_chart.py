"""Finds line charts: lines with equal steps to the right and a printed value at each point."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from ingest.readers.pdf.category_axis import MIN_FIGURES, ChartBar
from ingest.readers.pdf.chart_label import ChartLabel
from ingest.readers.pdf.drawing import Fill
from ingest.readers.pdf.geometry import Box
from ingest.readers.pdf.legend import ALIGNMENT, is_to_scale

# Distance of a figure from its point along the axis, in character sizes.
_MAX_DISTANCE_ALONG = 3
# Distance of a figure from its point upwards, in character sizes.
_MAX_DISTANCE_UP = 2.5


def find_line_charts(fills: Sequence[Fill], amounts: Sequence[ChartLabel]) -> Iterator[list[ChartBar]]:
    """Yield the points of lines as bars, the points of all lines at one x as one bar."""
    lines = [
        fill for fill in fills if fill.is_line and len(fill.outline) >= MIN_FIGURES and _has_even_steps(fill.outline)
    ]
    amounts = sorted(amounts, key=lambda label: label.box.centre_x)
    lines.sort(key=lambda line: [round(x / 2) for x, _ in line.outline])
    for steps, same_steps in groupby(lines, key=lambda line: [round(x / 2) for x, _ in line.outline]):
        points = list(same_steps)
        lowest = min(line.box.bottom for line in points)
        step = (steps[-1] - steps[0]) / (len(steps) - 1)
        bars = []
        sizes = []
        for index in range(len(steps)):
            above = [(line.outline[index], line.colour) for line in points]
            figures = _figures_at_points([point for point, _ in above], amounts, step)
            if figures:
                x, y = above[0][0]
                box = Box(x - 1, lowest, x + 1, max(y, lowest + 1))
                colours = [colour for _, colour in above]
                bars.append(ChartBar(box, frozenset(colours), list(zip(colours, figures, strict=True))))
                sizes += [(y, label) for ((_, y), _), label in zip(above, figures, strict=True)]
        if len(bars) >= MIN_FIGURES and is_to_scale(sizes):
            yield bars


def _has_even_steps(points: Sequence[tuple[float, float]]) -> bool:
    steps = [b[0] - a[0] for a, b in pairwise(points)]
    return min(steps) > ALIGNMENT and max(steps) - min(steps) < 2 * ALIGNMENT


def _figures_at_points(
    points: Sequence[tuple[float, float]], amounts: Sequence[ChartLabel], step: float
) -> list[ChartLabel]:
    """Return the figures at points above each other, the largest at the highest, ordered as the points.

    Empty if a point has no figure.
    """
    x = points[0][0]
    low = min(y for _, y in points)
    high = max(y for _, y in points)
    start = bisect_left(amounts, x - step, key=lambda label: label.box.centre_x)
    end = bisect_right(amounts, x + step, key=lambda label: label.box.centre_x)
    nearby = [
        label
        for label in amounts[start:end]
        if abs(label.box.centre_x - x) < _MAX_DISTANCE_ALONG * label.size
        and low - _MAX_DISTANCE_UP * label.size < label.box.centre_y < high + _MAX_DISTANCE_UP * label.size
    ]
    if len(nearby) != len(points):
        return []
    ordered = sorted(nearby, key=lambda label: label.value)
    heights = sorted(y for _, y in points)
    return [ordered[heights.index(y)] for _, y in points] if len(set(heights)) == len(heights) else []
