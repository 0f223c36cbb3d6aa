"""The words of some passages laid out one after the other, for counting in all of them at once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.find.asked_words import AskedWords
from ingest.flow import BODY, SENTENCE

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class LaidOut:
    """Passages of an index as their flow: `terms` (m,), and of which passage each is, `places` (m,), below `size`."""

    terms: NDArray[np.int32]
    places: Places
    size: int

    @classmethod
    def of(cls, asked: AskedWords, rows: Places) -> Self:
        """Lay out the passages at `rows` of the question's index."""
        return cls(*asked.index.flow.of(rows), len(rows))

    @cached_property
    def starts(self) -> Places:
        """Where each passage begins, (size,)."""
        return np.flatnonzero(np.diff(self.places, prepend=-1) > 0)

    @cached_property
    def bodies(self) -> Places:
        """Where each passage's headings end, (size,)."""
        return np.flatnonzero(self.terms == BODY)

    @cached_property
    def is_word(self) -> Flags:
        """Whether it is a word rather than a mark, (m,)."""
        flags: Flags = self.terms >= 0
        return flags

    @cached_property
    def in_heading(self) -> Flags:
        """Whether it is a word of the headings, (m,)."""
        flags: Flags = np.arange(len(self.terms)) < np.repeat(
            self.bodies, np.bincount(self.places, minlength=self.size)
        )
        return flags

    @cached_property
    def stretch(self) -> Places:
        """Of which stretch each is, (m,): the headings of a passage are one, and each sentence of it."""
        breaks = (self.terms == SENTENCE) | (self.terms == BODY)
        breaks[self.starts] = True
        breaks[self.starts[self.terms[self.starts] == BODY]] = True
        return np.cumsum(breaks) - 1

    def asked_at(self, asked: AskedWords) -> Places:
        """Return which of the question's distinct words each is, (m,), -1 for others."""
        known = np.flatnonzero(asked.numbers >= 0)
        if not len(known):
            return np.full(len(self.terms), -1, np.int64)
        order = known[np.argsort(asked.numbers[known])]
        numbers = asked.numbers[order]
        at = np.minimum(np.searchsorted(numbers, self.terms), len(numbers) - 1)
        which: Places = np.where(numbers[at] == self.terms, order[at], -1)
        return which
