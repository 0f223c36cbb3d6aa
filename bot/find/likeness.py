"""How alike two words are, by the encoder of the index: 年寄り and 高齢, 減る and 削減."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ingest.encoders import Encoder

# Standard deviations above the mean likeness of words picked at random from which on two words mean nearly the same.
# By the encoder's own spread: one calls unrelated words .3 alike and another .7 (eval/LOG.md, 2026-11-20).
_NEARLY_SAME = 2.2
_SAMPLE = 1000
# Words kept with their vectors, about 2 KB each.
_KEPT = 20_000


class Likeness:
    """Word vectors as they are needed; safe to share between threads."""

    def __init__(self, encoder: Encoder, vocabulary: Sequence[str]) -> None:
        self._encoder = encoder
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._lock = Lock()
        places = np.linspace(0, len(vocabulary) - 1, min(len(vocabulary), _SAMPLE), dtype=np.int64)
        words = [vocabulary[place] for place in places]
        sample = self._lookup(words) if words else np.zeros((0, encoder.dimension), dtype=np.float32)
        cosines = (sample @ sample.T)[np.triu_indices(len(sample), 1)] if len(sample) > 1 else np.zeros(1)
        self.threshold = min(0.95, float(cosines.mean() + _NEARLY_SAME * cosines.std()))

        self.best = lru_cache(maxsize=_KEPT)(self._best)

    def learn(self, words: Iterable[str]) -> None:
        """Encode these words together: asking for them one by one costs several times as much."""
        self._lookup(sorted({word for word in words if len(word) > 1}))

    def _best(self, word: str, others: frozenset[str]) -> float:
        """Return the cosine of `word` and the most alike of `others`, or 0 where none means nearly the same."""
        candidates = sorted(
            other for other in others if len(other) > 1
        )  # in one order, for the same rounding each time
        if len(word) == 1 or not candidates:
            return 0.0
        vectors = self._lookup([word, *candidates])
        cosine = float((vectors[1:] @ vectors[0]).max())
        return cosine if cosine >= self.threshold else 0.0

    def _lookup(self, words: list[str]) -> NDArray[np.float32]:
        with self._lock:
            missing = [w for w in dict.fromkeys(words) if w not in self._vectors]
            if missing:
                if len(self._vectors) + len(missing) > _KEPT:
                    self._vectors.clear()
                    missing = list(dict.fromkeys(words))
                self._vectors |= dict(zip(missing, self._encoder.encode_documents(missing), strict=True))
            return np.array([self._vectors[w] for w in words], dtype=np.float32).reshape(len(words), -1)
