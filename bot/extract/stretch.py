"""The stretch of a passage that most likely holds the answer, no longer than an answer may be."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.extract.span import Ints, Text

_PAUSES = frozenset("、，,")
# Candidates at whose own ends a stretch may begin or end, where no sentence does.
_BEST = 5
# Probability that a cut within a sentence must gain: half a sentence is harder to read.
_CUT = 0.03


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters `start` to `end` of a text, and the probability that the answer stands in them."""

    start: int
    end: int
    probability: float


def best_stretch(text: Text, probabilities: NDArray[np.float64], most: int) -> Stretch | None:
    """Return the stretch of the body, at most `most` characters, that holds most probability; None without candidates.

    Of equal ones the longest. It begins and ends with a sentence; where that costs more than _CUT of probability, at a
    comma or with a candidate.
    """
    body = ~text.in_heading
    if not body.any() or most <= 0:
        return None
    starts, ends, weights = text.starts[body], text.ends[body], probabilities[body]
    likely = np.argsort(-weights)[:_BEST]
    whole_begins, whole_stops, pauses = _edges(text)
    begins = np.unique(np.concatenate([whole_begins, pauses, starts[likely]]))
    stops = np.unique(np.concatenate([whole_stops, pauses, ends[likely]]))
    held = (starts[None, :] >= begins[:, None]) * weights @ (ends[:, None] <= stops[None, :])
    lengths = stops[None, :] - begins[:, None]
    # A longer stretch of the same probability tells more; the addition is below any probability that matters.
    cuts = ~np.isin(begins, whole_begins)[:, None] + 0 + ~np.isin(stops, whole_stops)[None, :]
    value = np.where((lengths > 0) & (lengths <= most), held - _CUT * cuts + lengths * 1e-9, -np.inf)
    row, column = np.unravel_index(int(value.argmax()), value.shape)
    if np.isinf(value[row, column]):
        return None
    return Stretch(int(begins[row]), int(stops[column]), float(held[row, column]))


def _edges(text: Text) -> tuple[Ints, Ints, Ints]:
    """Return where in the body sentences begin, where they end, and where clauses meet."""
    ms = text.morphemes
    told = [(ms[s.start].start, said) for s, said in zip(text.sentences, text.said, strict=True) if said.strip()]
    begins = (start for start, _ in told)
    stops = (start + len(said.rstrip()) for start, said in told)
    return _of_body(text, begins), _of_body(text, stops), _of_body(text, (m.end for m in ms if m.surface in _PAUSES))


def _of_body(text: Text, places: Iterable[int]) -> Ints:
    return np.array(sorted({place for place in places if place >= text.body}), dtype=np.int64)
