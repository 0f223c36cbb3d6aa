"""Computes the geometry of bar and line charts for SVG templates.

Charts are hidden from screen readers, because the table next to them has the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

# In SVG units; the drawing scales with the page. The margins leave room for labels.
WIDTH = 640
HEIGHT = 220
_LEFT = 75
_RIGHT = 75
_TOP = 40
_BOTTOM = 36
# Labels that fit on the time axis.
_MAX_TIME_LABELS = 4
# Lines that can be distinguished.
_MAX_LINES = 4
# Figures that a line needs.
_MIN_POINTS = 3
# The range above and below a line of equal figures.
_FLAT_RANGE = Decimal(1)


class Bar(NamedTuple):
    """A bar of `width` percent, with a mark for the target at `goal` percent; None without a target."""

    width: float
    goal: float | None = None


class Point(NamedTuple):
    """A point of a line or an axis, with its label, "" for none."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class ChartLine:
    """A series: its name, its points, and SVG point lists of the strokes between consecutive figures."""

    name: str
    points: tuple[Point, ...]
    strokes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Series over one time axis; `zero` is the height of the zero line, None where it is out of range."""

    lines: tuple[ChartLine, ...]
    time_labels: tuple[Point, ...]
    zero: float | None
    width: int = WIDTH
    height: int = HEIGHT


def make_bar(value: Decimal, maximum: Decimal, target: Decimal | None = None) -> Bar | None:
    """Return a bar on the scale from 0 to `maximum`; None for negative figures or a maximum of 0."""
    if maximum <= 0 or value < 0 or (target is not None and target < 0):
        return None
    return Bar(_percent(value, maximum), None if target is None else _percent(target, maximum))


def make_line_chart(
    times: Sequence[tuple[date, str]], series: Sequence[tuple[str, Sequence[Decimal | None]]], unit: str = ""
) -> LineChart | None:
    """Return the chart of series (name, figures) over `times` (day, label); a missing figure leaves a gap.

    None where a line chart shows nothing: too few figures, too many series, days out of order.
    """
    figures = [figure for _, row in series for figure in row if figure is not None]
    has_points = all(sum(figure is not None for figure in row) >= _MIN_POINTS for _, row in series)
    days = [day.toordinal() for day, _ in times]
    is_ordered = all(earlier < later for earlier, later in pairwise(days))
    if not series or not has_points or len(series) > _MAX_LINES or not is_ordered:
        return None
    low, high = min(figures), max(figures)
    # A scale that starts near 0 starts at 0, so that heights are proportional to the figures.
    low = min(low, Decimal(0)) if low < (high - low) * 2 else low
    if low == high:
        low, high = low - _FLAT_RANGE, high + _FLAT_RANGE
    xs = [_LEFT + (WIDTH - _LEFT - _RIGHT) * (day - days[0]) / (days[-1] - days[0]) for day in days]

    def y(figure: Decimal) -> float:
        return round(HEIGHT - _BOTTOM - float((figure - low) / (high - low)) * (HEIGHT - _TOP - _BOTTOM), 1)

    lines = tuple(
        _make_line(name, xs, [None if figure is None else (y(figure), figure) for figure in row], unit)
        for name, row in series
    )
    labelled = sorted({round(i * (len(times) - 1) / (_MAX_TIME_LABELS - 1)) for i in range(_MAX_TIME_LABELS)})
    time_labels = tuple(Point(round(xs[i], 1), HEIGHT - 8, times[i][1]) for i in labelled)
    return LineChart(lines, time_labels, y(Decimal(0)) if low <= 0 <= high else None)


def _percent(part: Decimal, whole: Decimal) -> float:
    return round(float(part / whole * 100), 1)


def _make_line(name: str, xs: Sequence[float], figures: Sequence[tuple[float, Decimal] | None], unit: str) -> ChartLine:
    known = [(x, *figure) for x, figure in zip(xs, figures, strict=True) if figure is not None]
    ends = {known[0][0], known[-1][0]}
    points = tuple(Point(round(x, 1), y, f"{value:,f}{unit}" if x in ends else "") for x, y, value in known)
    strokes: list[list[str]] = [[]]
    for x, figure in zip(xs, figures, strict=True):
        if figure is None:
            strokes.append([])
        else:
            strokes[-1].append(f"{x:.1f},{figure[0]}")
    return ChartLine(name, points, tuple(" ".join(stroke) for stroke in strokes if len(stroke) > 1))
