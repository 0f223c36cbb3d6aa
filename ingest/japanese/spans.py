"""Spans of a text: where a word occurs, and a set of spans with fast overlap tests."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator


def occurrences(word: str, text: str) -> Iterator[int]:
    """Yield the positions of a word in a text, overlapping ones too."""
    start = text.find(word)
    while start >= 0:
        yield start
        start = text.find(word, start + 1)


class Spans:
    """Spans (start, end) of a text; `meet` tests for overlap in logarithmic time."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._disjoint: list[tuple[int, int]] = []
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        if start >= end:
            return
        first = bisect_left(self._disjoint, (start, start))
        if first and self._disjoint[first - 1][1] >= start:
            first -= 1
        last = bisect_left(self._disjoint, (end + 1, end + 1))
        if merged := self._disjoint[first:last]:
            start = min(start, merged[0][0])
            end = max(end, merged[-1][1])
            del self._disjoint[first:last]
        insort(self._disjoint, (start, end))

    def meet(self, start: int, end: int) -> bool:
        last = bisect_left(self._disjoint, (end, end)) - 1
        return last >= 0 and self._disjoint[last][1] > start
