"""Splits the blocks of a document into passages."""

from collections.abc import Iterable

from ingest.chunking.confidence import with_confidence
from ingest.chunking.passage_collector import PassageCollector
from ingest.chunking.splitter import Splitter
from ingest.documents import DroppedLines, Passage
from ingest.structure import Block

__all__ = ["split", "with_confidence"]


def split(doc_id: str, title: str, blocks: Iterable[Block]) -> tuple[tuple[Passage, ...], tuple[DroppedLines, ...]]:
    """Return the passages of a document in order, and the dropped lines with the reasons.

    `title` is the heading of text without one. Every line of `blocks` belongs to a passage or to a dropped piece.
    """
    collected = PassageCollector(doc_id, title)
    Splitter(collected).take(blocks)
    return tuple(collected.passages), tuple(collected.dropped)
