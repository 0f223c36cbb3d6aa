"""Scores passages for questions in other languages by encoder similarity alone."""

from collections.abc import Sequence

import numpy as np

from bot.relevance.term_matches import Array
from bot.relevance.units import unit_spans
from bot.state import Hit, Reading, ScoredPassage, Unit
from bot.state.query import Query
from ingest.embedding import Encoder
from ingest.index.index import Index

# Encoding the units of a passage takes time.
_MAX_PASSAGES = 5
# Slope and intercept of Platt scaling (1999) of a lead to a probability, fitted to 30 English questions over two texts.
_SLOPE = 28.0
_INTERCEPT = -4.0
# The correct passage is first for only .7 of the questions (decision 017).
_MAX_CONFIDENCE = 0.7


def read_by_embedding(index: Index, encoder: Encoder, query: Query, hits: Sequence[Hit]) -> Reading:
    """Return the best of at least one hit, scored by the lead of their cosine over the median.

    Encoders differ in the cosine of unrelated texts, so the lead is more telling than the cosine. The topic ranks the
    passages, and the whole question gives the confidence.
    """
    topic = encoder.encode_query(query.topic)
    median = index.median_cosine(topic)
    rows = [index.passage_row(hit.passage.id) for hit in hits[:_MAX_PASSAGES]]
    leads = np.maximum(index.vectors[rows] @ topic - median, 0)
    passages = tuple(
        ScoredPassage(hit, float(lead), _score_units(encoder, topic, median, hit))
        for hit, lead in sorted(zip(hits, leads, strict=False), key=lambda pair: -pair[1])
    )
    question = encoder.encode_query(query.text)
    best_lead = float((index.vectors[rows] @ question).max() - index.median_cosine(question))
    probability = 1 / (1 + float(np.exp(-(_SLOPE * best_lead + _INTERCEPT))))
    return Reading(passages, min(_MAX_CONFIDENCE, probability))


def _score_units(encoder: Encoder, topic: Array, median: float, hit: Hit) -> tuple[Unit, ...]:
    spans = unit_spans(hit.passage)
    vectors = encoder.encode_documents([hit.passage.text[start:end] for start, end in spans])
    leads = np.maximum(vectors @ topic - median, 0)
    return tuple(Unit(start, end, float(lead)) for (start, end), lead in zip(spans, leads, strict=True))
