"""Contextual token features from the frozen default encoder, projected for the token model.

The encoder (`ingest.embedding.use_encoder`) was trained on far more text than the reader. It is frozen, and the reader
learns only a projection of its features (as ELMo is used in Peters et al. 2018, arXiv:1802.05365). It is the same
encoder for every index.
"""

from base64 import b64decode
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.answering.token_batches import MAX_QUESTION_TOKENS, Array, Token, Window
from ingest.embedding.use_encoder import piece_head, pieces_in_context

Tokens = tuple[Token, ...]
RAW_FEATURES = 512
"""Features of a token before the projection."""
# Cached texts, of 6 KB each; when there are more, the cache begins anew.
_MAX_CACHED_TEXTS = 4096


class TokenContext:
    """Computes the features of tokens, (tokens, d); safe to share between threads.

    `table` (2 + d, 512) is the mean and standard deviation of the encoder's features, and d directions to project them
    on.
    """

    def __init__(self, table: NDArray[np.floating[Any]], max_cached_texts: int = _MAX_CACHED_TEXTS) -> None:
        mean, spread = table[:2].astype(np.float32)
        directions = table[2:].astype(np.float32)
        weight, bias = piece_head()
        # The encoder's last layer, standardisation and projection as one product.
        self._weight = np.ascontiguousarray(weight @ (directions / spread).T)
        self._bias = directions @ ((bias - mean) / spread)
        self._max_cached_texts = max_cached_texts
        self._cache: dict[Tokens, NDArray[np.float16]] = {}

    @classmethod
    def decode(cls, encoded: str) -> Self:
        """Return the context of a model file's metadata; raises ValueError for other text."""
        return cls(np.frombuffer(b64decode(encoded), np.float16).reshape(-1, RAW_FEATURES))

    @property
    def size(self) -> int:
        return int(self._bias.size)

    def features(self, texts: Sequence[Tokens]) -> list[NDArray[np.float16]]:
        """Return the features of the tokens of each text, (tokens, d), as read-only arrays."""
        if len(self._cache) > self._max_cached_texts:
            self._cache = {}
        cache = self._cache
        if new := [*dict.fromkeys(text for text in texts if text not in cache)]:
            ends = np.cumsum([len(text) for text in new])
            cache |= zip(new, np.split(self._compute(new), ends[:-1]), strict=True)
        return [cache[text] for text in texts]

    def _compute(self, texts: Sequence[Tokens]) -> NDArray[np.float16]:
        # The mean of the pieces' features for each token; 0 for one without pieces.
        counts, piece_features = pieces_in_context([[token.surface for token in text] for text in texts], self._weight)
        features = np.zeros((len(counts), self.size), np.float16)
        if len(piece_features):
            has_pieces = counts > 0
            starts = (np.cumsum(counts) - counts)[has_pieces]
            features[has_pieces] = np.add.reduceat(piece_features, starts) / counts[has_pieces, None] + self._bias
        features.flags.writeable = False
        return features

    def batch_features(self, pairs: Sequence[tuple[Tokens, Window]]) -> tuple[Array, Array]:
        """Return the features of the tokens in the `Batch` of at least one (question, window).

        (b, q, d) for the questions and (b, t, d) for the windows; 0 for padding and the mark after the headings.
        """
        texts_of_pairs = [
            (question[:MAX_QUESTION_TOKENS], window.headings, *window.texts) for question, window in pairs
        ]
        all_features = iter(self.features(list(chain.from_iterable(texts_of_pairs))))
        questions: list[NDArray[np.float16]] = []
        windows: list[NDArray[np.float16]] = []
        mark_after_headings = np.zeros((1, self.size), np.float16)
        for texts in texts_of_pairs:
            question, headings, *units = islice(all_features, len(texts))
            questions.append(question)
            windows.append(np.concatenate([headings, mark_after_headings, *units]))
        return _pad(questions), _pad(windows)


def _pad(lines: Sequence[NDArray[np.float16]]) -> Array:
    table = np.zeros((len(lines), max(1, *map(len, lines)), lines[0].shape[1]), np.float32)
    for row, line in zip(table, lines, strict=True):
        row[: len(line)] = line
    return table
