"""How alike two words are, by the encoder of the index: 年寄り and 高齢, 減る and 削減."""

from collections.abc import Collection, Mapping, Sequence
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

# The words that mean nearly the same as each, with their cosines, the most alike first.
Alike = Mapping[str, Sequence[tuple[str, float]]]


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

    def among(self, words: Collection[str], others: Collection[str]) -> Alike:
        """Return for each of `words` which of `others` mean nearly the same; a single letter means too much."""
        asked = sorted(word for word in words if len(word) > 1)
        stand = sorted(word for word in others if len(word) > 1)
        if not asked or not stand:
            return {}
        vectors = self._lookup([*asked, *stand])
        cosines = vectors[: len(asked)] @ vectors[len(asked) :].T
        alike = {}
        for word, row in zip(asked, cosines, strict=True):
            near = np.flatnonzero(row >= self.threshold)
            near = near[np.argsort(-row[near], kind="stable")]
            alike[word] = [(stand[place], float(row[place])) for place in near]
        return alike

    def _lookup(self, words: list[str]) -> NDArray[np.float32]:
        with self._lock:
            missing = [w for w in dict.fromkeys(words) if w not in self._vectors]
            if missing:
                if len(self._vectors) + len(missing) > _KEPT:
                    self._vectors.clear()
                    missing = list(dict.fromkeys(words))
                self._vectors |= dict(zip(missing, self._encoder.encode_documents(missing), strict=True))
            return np.array([self._vectors[w] for w in words], dtype=np.float32).reshape(len(words), -1)
