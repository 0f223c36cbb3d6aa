"""Word vectors adapted to a corpus: which words stand for one another in its passages, and which of them matter.

No question is needed: the passages' own headings and spans are asked for their passages.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np

from ingest.words.importance import log_importance
from ingest.words.parts import made
from ingest.words.spans import cut, span_and_rest
from ingest.words.training import Schedule, train
from ingest.words.vectors import Ids, WordVectors

STEPS = 200
_BATCH = 512
_SCHEDULE = Schedule(STEPS, temperature=0.15, rate=1e-3, importance_rate=5e-3)
# A heading is asked for its passage this often, where so many of the headings differ; a span otherwise.
_BY_HEADING, _DISTINCT = 0.6, 0.5

Words = Sequence[Sequence[str]]
Pair = tuple[Ids, Ids]


def adapt(
    base: WordVectors,
    headings: Words,
    bodies: Words,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> WordVectors:
    """Return vectors of exactly the terms of passages, given as the index terms of their headings and bodies.

    Terms that `base` lacks are made of their parts. `progress` is told (steps done, of how many). The same seed gives
    the same vectors.
    """
    rng = np.random.default_rng(seed)
    counts = Counter(chain.from_iterable(chain(headings, bodies)))
    terms = {term: row for row, term in enumerate(counts)}
    start = made(list(terms), base.terms, base.directions(), rng)
    importance = log_importance(list(counts.values()))
    passages = _Passages.of(terms, headings, bodies)
    vectors = train(
        start, importance, passages.draw, _SCHEDULE, seed=seed, told=lambda done: progress(done, _SCHEDULE.steps)
    )
    return WordVectors(terms, vectors)


@dataclass(frozen=True, slots=True)
class _Passages:
    headings: Sequence[Ids]
    bodies: Sequence[Ids]
    by_heading: float

    @classmethod
    def of(cls, terms: Mapping[str, int], headings: Words, bodies: Words) -> Self:
        distinct = len(set(map(tuple, headings)))
        by_heading = _BY_HEADING if distinct > _DISTINCT * len(headings) else 0.0
        return cls(_rows(terms, headings), _rows(terms, bodies), by_heading)

    def draw(self, rng: np.random.Generator) -> tuple[list[Ids], list[Ids]]:
        """Return pairs of passages that are drawn without putting back: another's text would not be another's."""
        pairs = [self._pair(place, rng) for place in rng.permutation(len(self.bodies))[:_BATCH]]
        return [left for left, _ in pairs], [right for _, right in pairs]

    def _pair(self, place: int, rng: np.random.Generator) -> Pair:
        heading, body = self.headings[place], self.bodies[place]
        if len(heading) and rng.random() < self.by_heading:
            return heading, cut(body, rng)
        return span_and_rest(body, rng, heading)


def _rows(terms: Mapping[str, int], texts: Words) -> list[Ids]:
    return [np.array([terms[word] for word in text], np.int64) for text in texts]
