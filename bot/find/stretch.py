"""The stretch of a passage that most likely holds the answer, no longer than an answer may be."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.find.span import Text

_PAUSES = frozenset("、，,")
# Candidates at whose own ends a stretch may begin or end, where no sentence does.
_BEST = 5


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters `start` to `end` of a text, and the probability that the answer stands in them."""

    start: int
    end: int
    probability: float


def best_stretch(text: Text, probabilities: NDArray[np.float64], most: int) -> Stretch | None:
    """Return the stretch of the body, at most `most` characters, that holds most probability; None without candidates.

    Of equal ones the first, which is the longest. It begins and ends with a sentence, at a comma or with a candidate.
    """
    body = ~text.in_heading
    if not body.any() or most <= 0:
        return None
    starts, ends, weights = text.starts[body], text.ends[body], probabilities[body]
    likely = np.argsort(-weights)[:_BEST]
    begins, stops = _edges(text)
    begins, stops = np.union1d(begins, starts[likely]), np.union1d(stops, ends[likely])
    held = (starts[None, :] >= begins[:, None]) * weights @ (ends[:, None] <= stops[None, :])
    lengths = stops[None, :] - begins[:, None]
    # A longer stretch of the same probability tells more; the addition is below any probability that matters.
    value = np.where((lengths > 0) & (lengths <= most), held + lengths * 1e-9, -1.0)
    row, column = np.unravel_index(int(value.argmax()), value.shape)
    if value[row, column] < 0:
        return None
    return Stretch(int(begins[row]), int(stops[column]), float(held[row, column]))


def _edges(text: Text) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where in the body sentences and clauses begin, and where they end."""
    ms = text.morphemes
    pauses = [m.end for m in ms if m.surface in _PAUSES]
    begins = [ms[s.start].start for s in text.sentences]
    stops = [_without_break(text, ms[s.stop - 1].end) for s in text.sentences]
    return _of_body(text, [*begins, *pauses]), _of_body(text, [*stops, *pauses])


def _without_break(text: Text, end: int) -> int:
    return len(text.text[:end].rstrip())


def _of_body(text: Text, places: Iterable[int]) -> NDArray[np.int64]:
    return np.array(sorted({place for place in places if place >= text.body}), dtype=np.int64)
