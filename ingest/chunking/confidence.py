"""Adds the mean OCR confidence to passages."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.documents import Line, Passage


def with_confidence(passages: Sequence[Passage], lines: Iterable[Line]) -> tuple[Passage, ...]:
    """Return the passages with the mean confidence of their OCR characters."""
    weights = {line.number: (line.confidence, len(line.text)) for line in lines if line.confidence is not None}
    return tuple(
        replace(passage, confidence=_weighted_mean([weights[n] for n in passage.lines if n in weights]))
        for passage in passages
    )


def _weighted_mean(weights: Sequence[tuple[float, int]]) -> float | None:
    n_characters = sum(length for _, length in weights)
    return round(sum(confidence * length for confidence, length in weights) / n_characters, 3) if n_characters else None
