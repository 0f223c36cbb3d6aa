"""What passages mean by their words, each of which has a vector."""

import numpy as np

from bot.search.asked_words import Array
from bot.search.laid_out import LaidOut


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
