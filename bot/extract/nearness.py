"""Where the words of a question stand in a text: in which sentences, and how far from each candidate."""

from collections.abc import Collection, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.extract.span import Text

# Morphemes: farther than any word of the same sentence.
_FAR = 10**6
_FARTHEST = 300

Floats = NDArray[np.float64]


class Nearness:
    """The places of the question's words in `text`; `weights` says what each word counts for."""

    def __init__(self, weights: Mapping[str, float], text: Text) -> None:
        self._text = text
        self._row = {word: row for row, word in enumerate(weights)}
        total = sum(weights.values()) or 1.0
        self._weights: Floats = np.array(list(weights.values()), dtype=np.float64) / total
        self._at = np.zeros((len(weights), len(text.morphemes)), dtype=np.bool_)
        for place, words in enumerate(text.words):
            for word in words:
                if word in self._row:
                    self._at[self._row[word], place] = True

    @cached_property
    def _in_sentence(self) -> NDArray[np.bool_]:
        """Which words stand in which sentence, (words, sentences)."""
        starts = [sentence.start for sentence in self._text.sentences]
        found: NDArray[np.bool_] = np.logical_or.reduceat(self._at, starts, axis=1)
        return found

    def covered(self, *, with_before: bool = False) -> Floats:
        """Return the share (0-1) of the question's words in each sentence (and the one before it), (sentences,)."""
        found = self._in_sentence
        if with_before:
            found = found.copy()
            found[:, 1:] |= self._in_sentence[:, :-1]
        covered: Floats = self._weights @ found
        return covered

    def covered_anywhere(self) -> float:
        """Return the share (0-1) of the question's words in the text."""
        return float(self._weights @ self._at.any(axis=1))

    def inside(self) -> Floats:
        """Return the share of each candidate's morphemes with content that hold a word of the question."""
        text = self._text
        asked = _running(np.logical_or.reduce(self._at, axis=0))
        content = _running(np.array([bool(words) for words in text.words]))
        within = asked[text.last + 1] - asked[text.first]
        shares: Floats = within / np.maximum(1, content[text.last + 1] - content[text.first])
        return shares

    @cached_property
    def left(self) -> Floats:
        """Morphemes from each candidate back to each word in its sentence, (words, candidates), from 1 on."""
        places = np.arange(self._at.shape[1])
        latest = np.maximum.accumulate(np.where(self._at, places, -_FAR), axis=1)[
            :, np.maximum(self._text.first - 1, 0)
        ]
        starts = np.array([s.start for s in self._text.sentences])[self._text.sentence_of[self._text.first]]
        return np.where((latest >= starts) & (latest < self._text.first), self._text.first - latest, _FARTHEST)

    @cached_property
    def right(self) -> Floats:
        """Morphemes from each candidate on to each word in its sentence, (words, candidates), from 1 on."""
        places, size = np.arange(self._at.shape[1]), self._at.shape[1]
        next_ = np.minimum.accumulate(np.where(self._at, places, _FAR)[:, ::-1], axis=1)[:, ::-1]
        next_ = next_[:, np.minimum(self._text.last + 1, size - 1)]
        stops = np.array([s.stop for s in self._text.sentences])[self._text.sentence_of[self._text.first]]
        return np.where((next_ < stops) & (next_ > self._text.last), next_ - self._text.last, _FARTHEST)

    def weigh(self, distances: Floats, reach: float) -> Floats:
        """Return the question's words by weight, each fading with its distance, (candidates,)."""
        weighed: Floats = self._weights @ np.exp(-(distances - 1) / reach)
        return weighed

    def any_within(self, distances: Floats, words: Collection[str], most: int) -> NDArray[np.bool_]:
        """Return whether one of `words` is at most `most` morphemes away, (candidates,)."""
        rows = [self._row[word] for word in words if word in self._row]
        found: NDArray[np.bool_] = np.logical_or.reduce(distances[rows] <= min(most, _FARTHEST - 1), axis=0)
        return found


def _running(found: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many are found before each place, one place more than there are."""
    return np.concatenate([[0], np.cumsum(found)])
