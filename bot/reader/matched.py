"""Which of a question's terms are met where: by themselves, or by words of like meaning."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.query.query import Query
from ingest.index import Index

Array = NDArray[np.float32]
Places = NDArray[np.int64]

_EPSILON = 1e-6


class Matched:
    """How p headings and u units, each given as its terms, meet the t terms of a question.

    `exact` and `like` (u, t), `heading` and `heading_like` (p, t) are 1 or 0, and the greatest cosine with a word
    there (0-1; Khattab and Zaharia 2020, arXiv:2004.12832); `weights` (t,) sum to 1, `cosine` (u,) is that of all
    words of the unit with the question. `terms` (t, d + 2) are vector, weight and place of each term. A question
    without terms has one that nothing meets. `owners` (u,) says of which passage each unit is.
    """

    def __init__(
        self,
        index: Index,
        query: Query,
        units: Sequence[Sequence[str]],
        headings: Sequence[Sequence[str]],
        owners: Places,
    ) -> None:
        self.owners, self.count = owners, len(headings)
        self.asked = [term.text for term in query.terms] or [""]
        weights = np.array([0.0 if term.asks else term.weight for term in query.terms] or [0.0], np.float32)
        self.weights: Array = weights / max(float(weights.sum()), _EPSILON)
        place = {word: i for i, word in enumerate(dict.fromkeys(chain(*units, *headings)))}
        directions, importance = index.lexicon.look_up(list(place))
        wanted, wanted_importance = index.lexicon.look_up(self.asked)
        order = np.linspace(0, 1, len(self.asked), dtype=np.float32)
        self.terms: Array = np.column_stack([wanted, self.weights, order]).astype(np.float32)
        likeness = np.zeros((len(place) + 1, len(self.asked)), np.float32)
        np.maximum(directions @ wanted.T, 0, out=likeness[:-1])
        same = np.zeros_like(likeness)
        for column, word in enumerate(self.asked):
            if word in place:
                same[place[word], column] = likeness[place[word], column] = 1
        in_units, in_headings = _places(units, place), _places(headings, place)
        self.exact, self.like = _most(same, in_units), _most(likeness, in_units)
        self.heading, self.heading_like = _most(same, in_headings), _most(likeness, in_headings)
        vectors = np.vstack([directions * importance[:, np.newaxis], np.zeros((1, wanted.shape[1]), np.float32)])
        self.cosine = _cosine(_sums(vectors, in_units), wanted_importance @ wanted)

    def met_by(self, texts: Sequence[Sequence[str]]) -> Array:
        """Return which terms stand in each of other texts, given as their terms, (texts, t)."""
        held = [set(text) for text in texts]
        return np.array([[word in each for word in self.asked] for each in held], np.float32)

    def by_passage(self, table: Array) -> Array:
        """Return the greatest of the units of each passage, (p, columns), 0 where it has none."""
        found = np.zeros((self.count, table.shape[1]), np.float32)
        np.maximum.at(found, self.owners, table)
        return found

    def around(self) -> tuple[Array, Array]:
        """Return which terms stand in each unit or the one before it, and in those or the one behind it, (u, t)."""
        before, same = self.exact.copy(), (self.owners[1:] == self.owners[:-1])[:, np.newaxis]
        before[1:] = np.maximum(before[1:], self.exact[:-1] * same)
        around = before.copy()
        around[:-1] = np.maximum(around[:-1], self.exact[1:] * same)
        return before, around


def _places(texts: Sequence[Sequence[str]], place: dict[str, int]) -> list[Places]:
    """Return the places of the words of each text, and behind them that of none, which meets nothing."""
    return [np.array([*(place[word] for word in text), len(place)], np.int64) for text in texts]


def _most(table: Array, places: Sequence[Places]) -> Array:
    if not places:
        return np.zeros((0, table.shape[1]), np.float32)
    most: Array = np.maximum.reduceat(table[np.concatenate(places)], _starts(places), axis=0)
    return most


def _sums(table: Array, places: Sequence[Places]) -> Array:
    if not places:
        return np.zeros((0, table.shape[1]), np.float32)
    sums: Array = np.add.reduceat(table[np.concatenate(places)], _starts(places), axis=0)
    return sums


def _starts(places: Sequence[Places]) -> Places:
    return np.cumsum([0, *map(len, places[:-1])])


def _cosine(rows: Array, vector: Array) -> Array:
    lengths = np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(vector)), _EPSILON)
    cosine: Array = (rows @ vector / np.maximum(lengths, _EPSILON)).astype(np.float32)
    return cosine
