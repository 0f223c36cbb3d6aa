"""The words of some passages laid out one after the other, and what is counted in all of them at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.search.asked_words import Array, AskedWords
from ingest.flow import BODY, SENTENCE

Places = NDArray[np.int64]


@dataclass(frozen=True)
class LaidOut:
    """The passages at `rows` of the question's index as their flow; m is its length."""

    asked: AskedWords
    rows: Places

    @cached_property
    def flow(self) -> tuple[NDArray[np.int32], Places]:
        """The words and marks, (m,), and of which of the `rows` each is, (m,)."""
        return self.asked.index.flow.of(self.rows)

    @property
    def terms(self) -> NDArray[np.int32]:
        """The words and marks, (m,)."""
        return self.flow[0]

    @property
    def places(self) -> Places:
        """Of which of the `rows` each is, (m,)."""
        return self.flow[1]

    @cached_property
    def starts(self) -> Places:
        """Where each passage begins, (rows,): each has a mark, so none is empty."""
        return np.flatnonzero(np.diff(self.places, prepend=-1))

    @cached_property
    def bodies(self) -> Places:
        """Where each passage's headings end, (rows,)."""
        return np.flatnonzero(self.terms == BODY)

    @cached_property
    def stretches(self) -> Places:
        """Where each stretch begins: the headings of a passage are one, so is each sentence with the mark before."""
        breaks = (self.terms == SENTENCE) | (self.terms == BODY)
        breaks[self.starts] = True
        return np.flatnonzero(breaks)

    @cached_property
    def which(self) -> Places:
        """Which of the question's distinct words each is, (m,), -1 for others."""
        numbers = self.asked.numbers
        order = np.argsort(numbers, kind="stable")
        order = order[numbers[order] >= 0]
        if not len(order):
            return np.full(len(self.terms), -1, np.int64)
        known = numbers[order]
        at = np.minimum(np.searchsorted(known, self.terms), len(known) - 1)
        which: Places = np.where(known[at] == self.terms, order[at], -1)
        return which


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
