"""A fixed computation timed with each answer, to correct latency for load on the machine."""

import re
from dataclasses import dataclass
from time import perf_counter, thread_time

import numpy as np

# Operations like those of answering, about 3 ms on an idle machine. They use no code of the product, so that a slower
# product does not change the unit it is measured in.
_TEXT = "令和8(2026)年度の目標値は1,500人、計画期間は4か年です。" * 40
_CUT = re.compile(r"\d[\d,.]*|[一-龥]+|[ァ-ヶー]+|[ぁ-ん]+")
_VECTORS = np.linspace(-1, 1, 256 * 256, dtype=np.float32).reshape(256, 256)
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class ElapsedTime:
    """Elapsed milliseconds: wall clock, and CPU time of the thread."""

    wall_ms: float
    cpu_ms: float


class Stopwatch:
    """Starts when it is created."""

    def __init__(self) -> None:
        self._wall = perf_counter()
        self._thread = thread_time()

    def elapsed(self) -> ElapsedTime:
        """Return the time since the start, to the microsecond."""
        return ElapsedTime(
            round((perf_counter() - self._wall) * 1000, 3), round((thread_time() - self._thread) * 1000, 3)
        )


def time_reference_work() -> ElapsedTime:
    """Do the computation once and return how long it took."""
    clock = Stopwatch()
    for _ in range(_ROUNDS):
        counts: dict[str, int] = {}
        for word in _CUT.findall(_TEXT):
            counts[word] = counts.get(word, 0) + len(word)
        sorted(counts, key=lambda word: (counts[word], word))
        (_VECTORS @ _VECTORS[0]).argsort()
    return clock.elapsed()
