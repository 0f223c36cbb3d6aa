"""The nouns of reading: what of the passages found answers, and how surely. Frozen data, nothing else."""

from dataclasses import dataclass

from bot.turn import Hit
from ingest.documents import Passage


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, an item or a row, `passage.text[start:end]`, and the `probability` (0-1) that it answers."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage that was read: its `probability` (0-1) of answering, and its units in the order of the text."""

    hit: Hit
    probability: float
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The answer proper, `passage.text[start:end]`; `probability` (0-1) is that its unit answers."""

    passage: Passage
    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The passages, best first, the probability (0-1) that they answer at all, and the answer proper where it is sure.

    Nothing was found: no passages, and a confidence of 0.
    """

    passages: tuple[ReadPassage, ...]
    confidence: float
    span: Span | None = None
