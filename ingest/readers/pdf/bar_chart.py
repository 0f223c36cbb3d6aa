"""Reads bar and line charts: printed values, named by the legend and the axis labels."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from statistics import median

from ingest.readers.pdf.category_axis import MIN_FIGURES, ChartBar, PlacedLabel, label_chart, rotate_box
from ingest.readers.pdf.chart_label import ChartLabel
from ingest.readers.pdf.drawing import Fill
from ingest.readers.pdf.geometry import Box, bounding_box
from ingest.readers.pdf.legend import ALIGNMENT, MAX_LINE_WIDTH, WHITE, LegendKey, PdfChart, is_to_scale
from ingest.readers.pdf.line_chart import find_line_charts

# Points: gap between two segments of a bar.
_MAX_SEAM = 2.5
# In character sizes: distance of a figure from the end of its bar.
_MAX_END_DISTANCE = 1.6
# In median steps: gap between charts.
_CHART_GAP = 2.6
# No page has more charts.
_MAX_CHARTS = 20


def find_bar_charts(
    labels: Sequence[ChartLabel], amounts: Sequence[ChartLabel], fills: Sequence[Fill], keys: Sequence[LegendKey]
) -> Iterator[PdfChart]:
    """Yield the bar and line charts of a page; `amounts` are the labels that may be their figures."""
    remaining = list(amounts)
    rectangles = _distinct_rectangles(fills)
    for _ in range(_MAX_CHARTS):
        largest = _largest_chart(rectangles, remaining) if len(remaining) >= MIN_FIGURES else None
        if largest is None:
            break
        bars, is_horizontal = largest
        used = {label for bar in bars for _, label in bar.figures}
        remaining = [label for label in remaining if label not in used]
        if chart := label_chart(
            bars, [label for label in labels if label not in used], keys, is_horizontal=is_horizontal
        ):
            yield chart
    for bars in find_line_charts(fills, remaining):
        used = {label for bar in bars for _, label in bar.figures}
        if chart := label_chart(bars, [label for label in labels if label not in used], keys, is_horizontal=False):
            yield chart


def _distinct_rectangles(fills: Iterable[Fill]) -> list[Fill]:
    rectangles = {}
    for fill in fills:
        box = fill.box
        if not (fill.outline or fill.is_line) and min(box.right - box.left, box.top - box.bottom) > MAX_LINE_WIDTH:
            corners = tuple(map(round, box))
            if fill.colour != WHITE or corners not in rectangles:
                rectangles[corners] = fill
    return list(rectangles.values())


def _largest_chart(rectangles: Sequence[Fill], amounts: Sequence[ChartLabel]) -> tuple[list[ChartBar], bool] | None:
    best_chart: tuple[list[ChartBar], bool] | None = None
    best_count = (MIN_FIGURES - 1, 0)
    for is_horizontal in (True, False):
        upright_fills = [fill._replace(box=rotate_box(fill.box, is_horizontal=is_horizontal)) for fill in rectangles]
        placed = [PlacedLabel(label, rotate_box(label.box, is_horizontal=is_horizontal)) for label in amounts]
        for bars, sizes in _aligned_bars(upright_fills, placed):
            count = len(sizes), sum(len(bar.figures) > 1 for bar in bars)
            if count > best_count and is_to_scale(sizes):
                best_chart = (bars, is_horizontal)
                best_count = count
    return best_chart


def _aligned_bars(
    rectangles: Sequence[Fill], amounts: Sequence[PlacedLabel]
) -> Iterator[tuple[list[ChartBar], list[tuple[float, ChartLabel]]]]:
    amounts = sorted(amounts, key=lambda item: item.box.centre_x)
    middles = [item.box.centre_x for item in amounts]
    widest = max(item.label.size for item in amounts)
    columns = _stack_columns(rectangles)
    bars_by_line: dict[int, list[tuple[ChartBar, list[tuple[float, ChartLabel]]]]] = defaultdict(list)
    for column, line in zip(columns, _line_numbers([column[0].box.bottom for column in columns]), strict=True):
        box = bounding_box([fill.box for fill in column])
        nearby = amounts[bisect_left(middles, box.left - widest) : bisect_right(middles, box.right + widest)]
        if nearby and (figures := _bar_figures(column, box, nearby)):
            bar = ChartBar(
                box, frozenset(fill.colour for fill in column), [(fill.colour, label) for fill, label in figures]
            )
            bars_by_line[line].append((bar, [(fill.box.top - fill.box.bottom, label) for fill, label in figures]))
    for bars in bars_by_line.values():
        bars.sort(key=lambda item: item[0].box.left)
        steps = [b[0].box.left - a[0].box.left for a, b in pairwise(bars)]
        max_step = _CHART_GAP * median(steps) if steps else 0.0
        run: list[tuple[ChartBar, list[tuple[float, ChartLabel]]]] = []
        for item, step in zip(bars, [0.0, *steps], strict=True):
            if step > max_step + 2 * (item[0].box.right - item[0].box.left):
                yield [bar for bar, _ in run], [size for _, sizes in run for size in sizes]
                run = []
            run.append(item)
        yield [bar for bar, _ in run], [size for _, sizes in run for size in sizes]


def _stack_columns(rectangles: Sequence[Fill]) -> list[list[Fill]]:
    lefts = _line_numbers([fill.box.left for fill in rectangles])
    rights = _line_numbers([fill.box.right for fill in rectangles])
    columns: list[list[Fill]] = []
    line_numbers = itemgetter(0, 1)
    stacks = sorted(
        zip(lefts, rights, rectangles, strict=True), key=lambda entry: (*line_numbers(entry), entry[2].box.bottom)
    )
    for _, stack in groupby(stacks, key=line_numbers):
        column: list[Fill] = []
        for _, _, fill in stack:
            if column and abs(fill.box.bottom - column[-1].box.top) > _MAX_SEAM:
                columns.append(column)
                column = []
            column.append(fill)
        columns.append(column)
    return columns


def _line_numbers(numbers: Sequence[float]) -> list[int]:
    lines = [0] * len(numbers)
    line = 0
    last = float("-inf")
    for index in sorted(range(len(numbers)), key=numbers.__getitem__):
        line += numbers[index] - last > ALIGNMENT
        last = numbers[index]
        lines[index] = line
    return lines


def _bar_figures(column: Sequence[Fill], box: Box, amounts: Sequence[PlacedLabel]) -> list[tuple[Fill, ChartLabel]]:
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
