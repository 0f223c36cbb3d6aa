"""Where the marks of the plots stand, in units of the drawing; `templates/plots.html` draws them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

import numpy as np

from eval.metrics.calibration import Bin

WIDTH = 440
# The frame of a plot: left, right, top, bottom.
LEFT, RIGHT, TOP, BOTTOM = 56, 414, 14, 250
# Bars lie under each other: where they begin and end, and the height of a row.
BAR_LEFT, BAR_RIGHT, ROW = 132, 352, 28
_TIMES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


@dataclass(frozen=True, slots=True)
class Bar:
    """A named rate as a bar with its error: one standard error each way, inside 0-1."""

    name: str
    text: str
    y: float
    width: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Point:
    """A mark with an error bar from `low` to `high`; `title` is what it tells."""

    x: float
    y: float
    low: float
    high: float
    size: float
    title: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a histogram: `n` answers from `low` to `high` milliseconds."""

    low: float
    high: float
    n: int
    x: float
    y: float
    width: float


def bars(rates: Sequence[tuple[str, float, float, int]]) -> list[Bar]:
    """Return a bar for each (name, rate, standard error, n)."""
    return [
        Bar(
            name,
            f"{100 * rate:.0f}±{100 * se:.0f} ({n})",
            ROW * at + 8,
            _across(rate) - BAR_LEFT,
            _across(max(rate - se, 0)),
            _across(min(rate + se, 1)),
        )
        for at, (name, rate, se, n) in enumerate(rates)
    ]


def reliability(bins: Sequence[Bin]) -> list[Point]:
    """Return the points of a reliability diagram: mean probability across, share up, larger where more cases are."""
    most = max(one.n for one in bins)
    return [
        Point(
            _right(one.mean),
            _up(one.share),
            _up(max(one.share - one.se, 0)),
            _up(min(one.share + one.se, 1)),
            3 + 6 * (one.n / most) ** 0.5,
            f"{one.mean:.2f} → {one.share:.2f} (n={one.n})",
        )
        for one in bins
    ]


def histogram(times_ms: Sequence[float]) -> list[Column]:
    """Return the columns of a histogram with steps of 1, 2 and 5 over each power of ten; none without times."""
    if not times_ms:
        return []
    first = max((edge for edge in _TIMES if edge <= min(times_ms)), default=0)
    last = min((edge for edge in _TIMES if edge > max(times_ms)), default=_TIMES[-1] * 10)
    edges = [first, *(edge for edge in _TIMES if first < edge < last), last]
    counts = [int(n) for n in np.histogram(times_ms, edges)[0]]
    width = (RIGHT - LEFT) / len(counts)
    return [
        Column(low, high, n, LEFT + at * width, BOTTOM - (BOTTOM - TOP) * n / max(counts), width - 3)
        for at, (low, high, n) in enumerate(zip(edges, edges[1:], counts, strict=False))
    ]


def line(rates: Sequence[tuple[str, float, float]]) -> list[Point]:
    """Return the points of rates in time, each (title, rate, standard error), between the lowest and 1."""
    low = floor_of(rates)

    def up(rate: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (min(max(rate, low), 1) - low) / (1 - low)

    step = (RIGHT - LEFT - 40) / max(len(rates) - 1, 1)
    return [
        Point(LEFT + 20 + at * step, up(rate), up(rate - se), up(rate + se), 4, title)
        for at, (title, rate, se) in enumerate(rates)
    ]


def floor_of(rates: Sequence[tuple[str, float, float]]) -> float:
    """Return where the axis of rates in time begins: a tenth below the lowest error, so that changes can be seen."""
    lowest = min((rate - se for _, rate, se in rates), default=0.0)
    return max(int(lowest * 10) / 10 - (0.1 if round(lowest, 3) == round(lowest, 1) else 0), 0.0) if rates else 0.0


def time_said(milliseconds: float) -> str:
    """Return a time as an axis names it: 50 ms, 2 s."""
    return f"{milliseconds:g} ms" if log10(max(milliseconds, 1)) < 3 else f"{milliseconds / 1000:g} s"  # noqa: PLR2004


def _across(rate: float) -> float:
    return BAR_LEFT + (BAR_RIGHT - BAR_LEFT) * rate


def _right(share: float) -> float:
    return LEFT + (RIGHT - LEFT) * share


def _up(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share
