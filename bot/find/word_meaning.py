"""What passages mean by their words, each of which has a vector."""

import numpy as np

from bot.find.asked_words import Array, AskedWords
from bot.find.laid_out import LaidOut
from ingest.encoders import unit


def likeness(asked: AskedWords, laid: LaidOut) -> tuple[Array, Array, Array]:
    """Return how well the question's words are met by like words of headings, body, and either, (size,) each, 0–1.

    The mean, by importance, of each word's greatest cosine with a word there: late interaction (Khattab and Zaharia
    2020, arXiv:2004.12832) over static vectors.
    """
    distinct, inverse = np.unique(laid.terms[laid.is_word], return_inverse=True)
    cosines = np.maximum(unit(asked.index.lexicon.vectors_at(distinct)) @ asked.directions.T, 0)
    met = np.zeros((len(laid.terms), len(asked.distinct)), np.float32)  # zero for marks, which part the fields
    met[laid.is_word] = cosines[inverse]
    bounds = np.stack([laid.starts, laid.bodies], axis=1).ravel()
    greatest = np.maximum.reduceat(met, bounds, axis=0) if len(bounds) else met
    heading, body = greatest[::2], greatest[1::2]
    return heading @ asked.importance, body @ asked.importance, np.maximum(heading, body) @ asked.importance


def heading_meaning(asked: AskedWords, laid: LaidOut) -> Array:
    """Return the cosine of the question with the headings, by their pooled word vectors, (size,)."""
    words = laid.is_word & laid.in_heading
    pooled = np.zeros((laid.size, len(asked.pooled)), np.float32)
    np.add.at(pooled, laid.places[words], asked.index.lexicon.vectors_at(laid.terms[words]))
    cosines: Array = unit(pooled) @ asked.pooled
    return cosines
