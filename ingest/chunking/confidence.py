"""Adds the mean OCR confidence to passages."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.documents import Line, Passage


def with_confidence(passages: Sequence[Passage], lines: Iterable[Line]) -> tuple[Passage, ...]:
    """Return the passages with the mean confidence of their OCR characters."""
    read = {line.number: (line.confidence, len(line.text)) for line in lines if line.confidence is not None}
    return tuple(
        replace(passage, confidence=_mean([read[n] for n in passage.lines if n in read])) for passage in passages
    )


def _mean(read: Sequence[tuple[float, int]]) -> float | None:
    letters = sum(length for _, length in read)
    return round(sum(sure * length for sure, length in read) / letters, 3) if letters else None
