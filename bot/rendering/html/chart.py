"""Computes the geometry of bar and line charts for SVG templates.

A chart shows what stands in the table beside it; who does not see it reads that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

# The drawing's own units; it grows with the page. What is written needs room above, at the sides and below.
WIDTH, HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 75, 75, 40, 36
# Names of years that fit under the lines, lines that can be told apart, figures that make a line.
_MOST_NAMES, MOST_LINES, LEAST_POINTS = 4, 4, 3
# How much of a scale a figure of another sign leaves free above and below.
_FLAT = Decimal(1)


class Bar(NamedTuple):
    """A bar of `width` percent, and where the mark of the target stands; None without one."""

    width: float
    goal: float | None = None


class Point(NamedTuple):
    """A figure of a line where it is drawn, with what is written at it, "" for nothing."""

    x: float
    y: float
    told: str


@dataclass(frozen=True, slots=True)
class Line:
    """A series: its name, its figures, and the strokes between those that follow each other, as SVG writes points."""

    name: str
    points: tuple[Point, ...]
    strokes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over one axis of names, each with where it stands; `zero` is the height of naught, None out of sight."""

    lines: tuple[Line, ...]
    names: tuple[Point, ...]
    zero: float | None
    width: int = WIDTH
    height: int = HEIGHT


def make_bar(came: Decimal, greatest: Decimal, wanted: Decimal | None = None) -> Bar | None:
    """Return a bar on the scale from 0 to `greatest`; None where that is no scale, or a figure lies below it."""
    if greatest <= 0 or came < 0 or (wanted is not None and wanted < 0):
        return None
    return Bar(_percent(came, greatest), None if wanted is None else _percent(wanted, greatest))


def make_line_chart(
    times: Sequence[tuple[date, str]], series: Sequence[tuple[str, Sequence[Decimal | None]]], unit: str = ""
) -> Chart | None:
    """Return the series over `times`, days with what is written at them; a figure that is missing leaves a gap.

    None where lines would say nothing: too few figures, too many series, days out of order.
    """
    told = [figure for _, figures in series for figure in figures if figure is not None]
    enough = all(sum(f is not None for f in figures) >= LEAST_POINTS for _, figures in series)
    days = [day.toordinal() for day, _ in times]
    if not series or not enough or len(series) > MOST_LINES or any(b <= a for a, b in pairwise(days)):
        return None
    low, high = min(told), max(told)
    # From naught where that is near: what is drawn as half as high is half as much.
    low = min(low, Decimal(0)) if low < (high - low) * 2 else low
    if low == high:
        low, high = low - _FLAT, high + _FLAT
    xs = [_LEFT + (WIDTH - _LEFT - _RIGHT) * (day - days[0]) / (days[-1] - days[0]) for day in days]

    def height(figure: Decimal) -> float:
        return round(HEIGHT - _BOTTOM - float((figure - low) / (high - low)) * (HEIGHT - _TOP - _BOTTOM), 1)

    drawn = tuple(
        _line(name, xs, [None if f is None else (height(f), f) for f in figures], unit) for name, figures in series
    )
    told_at = {round(at * (len(times) - 1) / (_MOST_NAMES - 1)) for at in range(_MOST_NAMES)}
    shown = tuple(Point(round(xs[at], 1), HEIGHT - 8, times[at][1]) for at in sorted(told_at))
    return Chart(drawn, shown, height(Decimal(0)) if low <= 0 <= high else None)


def _percent(part: Decimal, whole: Decimal) -> float:
    return round(float(part / whole * 100), 1)


def _line(name: str, xs: Sequence[float], figures: Sequence[tuple[float, Decimal] | None], unit: str) -> Line:
    held = [at for at, figure in enumerate(figures) if figure is not None]
    points = tuple(
        Point(round(xs[at], 1), figure[0], f"{figure[1]:,f}{unit}" if at in (held[0], held[-1]) else "")
        for at, figure in enumerate(figures)
        if figure is not None
    )
    return Line(name, points, tuple(_connect_points(xs, figures)))


def _connect_points(xs: Sequence[float], figures: Sequence[tuple[float, Decimal] | None]) -> Iterator[str]:
    run: list[str] = []
    for x, figure in [*zip(xs, figures, strict=True), (0.0, None)]:
        if figure is not None:
            run.append(f"{x:.1f},{figure[0]}")
            continue
        if len(run) > 1:
            yield " ".join(run)
        run = []
