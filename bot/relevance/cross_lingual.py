"""Scores passages for questions in other languages by encoder similarity alone."""

from collections.abc import Sequence

import numpy as np

from bot.question.query import Query
from bot.relevance.evidence import Array
from bot.relevance.units import unit_spans
from bot.state import Hit, Reading, ScoredPassage, Unit
from ingest.embedding import Encoder
from ingest.index.index import Index

# Passages that are read: their units have to be encoded.
_READ = 5
# How a lead over the middle passage becomes a probability (Platt 1999), fitted to 30 English questions over two texts;
# and the most it may be, for the right passage is first for .7 of them only (decision 017).
_SLOPE, _SHIFT, _MOST = 28.0, -4.0, 0.7


def read_by_embedding(index: Index, encoder: Encoder, query: Query, hits: Sequence[Hit]) -> Reading:
    """Return the best of `hits`, at least one, each probability being how far its cosine leads that of most passages.

    Encoders differ in how like they find any two texts; by how much one stands out tells more. The whole question says
    whether anything answers, its topic which passage does.
    """
    asked = encoder.encode_query(query.topic)
    middle = index.median_cosine(asked)
    rows = [index.passage_row(hit.passage.id) for hit in hits[:_READ]]
    leads = np.maximum(index.vectors[rows] @ asked - middle, 0)
    read = [
        ScoredPassage(hit, float(lead), _units(encoder, asked, middle, hit))
        for hit, lead in sorted(zip(hits, leads, strict=False), key=lambda pair: -pair[1])
    ]
    whole = encoder.encode_query(query.text)
    lead = float((index.vectors[rows] @ whole).max() - index.median_cosine(whole))
    return Reading(tuple(read), min(_MOST, 1 / (1 + float(np.exp(-(_SLOPE * lead + _SHIFT))))))


def _units(encoder: Encoder, asked: Array, middle: float, hit: Hit) -> tuple[Unit, ...]:
    bounds = unit_spans(hit.passage)
    vectors = encoder.encode_documents([hit.passage.text[start:end] for start, end in bounds])
    leads = np.maximum(vectors @ asked - middle, 0)
    return tuple(Unit(start, end, float(lead)) for (start, end), lead in zip(bounds, leads, strict=True))
