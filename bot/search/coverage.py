"""How much of the question stands together in passages: its words in one sentence."""

import numpy as np

from bot.search.asked_words import Array
from bot.search.laid_out import LaidOut


def best_sentence(laid: LaidOut) -> Array:
    """Return the share of the question's words, by rarity, in the sentence of each passage with most, (rows,).

    The headings belong to each sentence below them.
    """
    asked, stretches = laid.asked, laid.stretches
    hits = np.flatnonzero(laid.which >= 0)
    held = np.zeros((len(stretches), len(asked.distinct)), bool)
    held[np.searchsorted(stretches, hits, side="right") - 1, laid.which[hits]] = True
    first = np.searchsorted(stretches, laid.starts)
    # Without headings the first stretch is a sentence like the others.
    headings = held[first] & (laid.bodies > laid.starts)[:, np.newaxis]
    shares: Array = np.maximum.reduceat((held | headings[laid.places[stretches]]) @ asked.rarity, first)
    return shares
