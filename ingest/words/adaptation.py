"""Word vectors adapted to a corpus: which words stand for one another in its passages, and which of them matter.

No question is needed: the passages' own headings and spans are asked for their passages.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.words.importance import log_importance
from ingest.words.parts import made
from ingest.words.spans import cut, span_and_rest
from ingest.words.training import Schedule, train
from ingest.words.vectors import Ids, WordVectors

# Fewer are not enough, and with more a FAQ's queries find less while spans find more: R@10 .736 at 150, .735 at 250,
# .721 at 400 (eval/LOG.md, 2026-11-20).
_STEPS = 200
_BATCH = 512
_SCHEDULE = Schedule(_STEPS, temperature=0.15, rate=1e-3, importance_rate=5e-3)
# A heading is asked for its passage this often, where so many of the headings differ; a span otherwise.
_BY_HEADING, _DISTINCT = 0.6, 0.5
# Words of a corpus that tell as much of importance as `base` does. Without it small corpora lose: -.05 at 20 passages
# (eval/LOG.md, 2026-11-20).
_AS_SURE = 10_000
# Keeps the logarithm of a zero vector's length finite.
_SMALLEST = 1e-3

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
    the same vectors. It is worth doing from ten passages on: mean reciprocal rank over draws of 10, 40 and 80 passages
    of a city's FAQ .928 → .946, .896 → .918, .815 → .854 (eval/LOG.md, 2026-11-20).
    """
    counts = Counter(chain.from_iterable(chain(headings, bodies)))
    if not counts:
        return WordVectors({}, np.zeros((0, base.dimension), np.float32))
    rng = np.random.default_rng(seed)
    terms = {term: row for row, term in enumerate(counts)}
    start = made(list(terms), base.terms, base.directions(), rng)
    importance = _importance(base, counts)
    passages = _Passages.of(terms, headings, bodies)
    vectors = train(
        start, importance, passages.draw, _SCHEDULE, seed=seed, told=lambda done: progress(done, _SCHEDULE.steps)
    )
    return WordVectors(terms, vectors)


def unadapted(base: WordVectors, texts: Words, known: Collection[str], seed: int = 0) -> WordVectors:
    """Return vectors of the terms of `texts` that are not `known`, as adapting to these texts would begin with them."""
    counts = Counter(chain.from_iterable(texts))
    terms = {term: row for row, term in enumerate(term for term in counts if term not in known)}
    if not terms:
        return WordVectors({}, np.zeros((0, base.dimension), np.float32))
    directions = made(list(terms), base.terms, base.directions(), np.random.default_rng(seed))
    importance = dict(zip(counts, _importance(base, counts).tolist(), strict=True))
    lengths = np.exp(np.array([importance[term] for term in terms], np.float32))
    return WordVectors(terms, directions * lengths[:, np.newaxis])


def _importance(base: WordVectors, counts: Counter[str]) -> NDArray[np.float32]:
    """Return how much each word of `counts` counts to begin with: what `base` learned, and what the corpus shows.

    Few passages show little of how frequent a word is: the more words they have, the more they weigh.
    """
    shown = log_importance(list(counts.values()))
    learned = shown.copy()
    known = np.array([place for place, term in enumerate(counts) if term in base.terms], np.int64)
    lengths = np.linalg.norm(base.rows(base.ids(list(counts))), axis=1)
    learned[known] = np.log(lengths + _SMALLEST)
    share = np.float32(counts.total() / (counts.total() + _AS_SURE))
    mixed: NDArray[np.float32] = share * shown + (1 - share) * learned
    return mixed


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
