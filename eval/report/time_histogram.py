"""Histogram of answer times."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

import numpy as np

_EDGES_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


@dataclass(frozen=True, slots=True)
class TimeBin:
    """`n` answers within a range of time, labelled like 20 ms–50 ms."""

    label: str
    n: int


def time_bins(times_ms: Sequence[float]) -> list[TimeBin]:
    """Return the non-empty range of times in steps of 1, 2 and 5 per power of ten."""
    if not times_ms:
        return []
    first = max((edge for edge in _EDGES_MS if edge <= min(times_ms)), default=0)
    last = min((edge for edge in _EDGES_MS if edge > max(times_ms)), default=_EDGES_MS[-1] * 10)
    edges = [first, *(edge for edge in _EDGES_MS if first < edge < last), last]
    counts = np.histogram(times_ms, edges)[0]
    return [
        TimeBin(f"{_format_time(low)}–{_format_time(high)}", int(n))
        for low, high, n in zip(edges, edges[1:], counts, strict=False)
    ]


def _format_time(milliseconds: float) -> str:
    return f"{milliseconds:g} ms" if log10(max(milliseconds, 1)) < 3 else f"{milliseconds / 1000:g} s"
