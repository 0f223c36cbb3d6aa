"""What passages mean by their words, each of which has a vector."""

import numpy as np

from bot.search.asked_words import Array
from bot.search.laid_out import LaidOut
from ingest.encoders import unit


def likeness(laid: LaidOut) -> Array:
    """Return how well the question's words are met by like words of each passage, (rows,), 0–1.

    The mean, by importance, of each word's greatest cosine with a word there: late interaction (Khattab and Zaharia
    2020, arXiv:2004.12832) over static vectors.
    """
    directions, importance = laid.asked.vectors
    known = laid.asked.index.lexicon.directions
    # Each word once: a table of all words is quicker than sorting those that stand here. Marks (-1, -2) are its end.
    place = np.zeros(len(known) + 2, np.int64)
    place[laid.terms] = 1
    distinct = np.flatnonzero(place[:-2])
    place[distinct] = np.arange(len(distinct))
    place[-2:] = len(distinct)
    cosines = np.zeros((len(distinct) + 1, len(importance)), np.float32)
    np.maximum(known[distinct] @ directions.T, 0, out=cosines[:-1])
    met: Array = np.maximum.reduceat(cosines[place[laid.terms]], laid.starts, axis=0) @ importance
    return met


def heading_meaning(laid: LaidOut) -> Array:
    """Return the cosine of the question with the headings, by their pooled word vectors, (rows,)."""
    lexicon = laid.asked.index.lexicon
    lengths = laid.bodies - laid.starts
    spans = [laid.terms[start:end] for start, end in zip(laid.starts, laid.bodies, strict=True)]
    words = np.concatenate([np.zeros(0, np.int32), *spans])
    weighted = lexicon.directions[words] * lexicon.importance[words, np.newaxis]
    pooled = np.zeros((len(laid.rows), weighted.shape[1]), np.float32)
    named = lengths > 0
    if named.any():
        pooled[named] = np.add.reduceat(weighted, np.cumsum(lengths[named]) - lengths[named])
    cosines: Array = unit(pooled) @ laid.asked.pooled
    return cosines
