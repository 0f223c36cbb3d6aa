"""The words of some passages laid out one after the other, for counting in all of them at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.search.asked_words import AskedWords
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
