"""Contextual token features from the frozen default encoder, projected for the token model.

The encoder (`ingest.embedding.use_encoder`) saw far more text than the reader; it is frozen, and the reader learns
only which directions of its features count (as ELMo is used in Peters et al. 2018, arXiv:1802.05365). It is opened for
that whatever encoder an index is built with.
"""

from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from sys import maxsize
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.relevance.tokens import QUESTION, Array, Token, Window
from ingest.embedding.use_encoder import piece_head, pieces_in_context

Tokens = tuple[Token, ...]
# Features of a token, before the reader's directions.
RAW = 512
# Texts whose features are remembered: 6 KB each.
_REMEMBERED = 4096


class TokenContext:
    """Tokens to their features, (tokens, d); safe to share between threads.

    `table` (2 + d, 512) holds mean and spread of the encoder's features, and d directions of them that count. Those of
    as many texts as `remembered` are kept.
    """

    def __init__(self, table: NDArray[np.floating[Any]], remembered: int = _REMEMBERED) -> None:
        (mean, spread), directions = table[:2].astype(np.float32), table[2:].astype(np.float32)
        weight, bias = piece_head()
        # One product for three.
        self._weight = np.ascontiguousarray(weight @ (directions / spread).T)
        self._bias = directions @ ((bias - mean) / spread)
        self.table, self._remembered = table, remembered
        self._known: OrderedDict[Tokens, NDArray[np.float16]] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def from_texts(cls, texts: Iterable[Tokens]) -> Self:
        """Return one of all the encoder's features, with mean 0 and spread 1 over the pieces of `texts`, at least one.

        It forgets nothing: a training reads the same texts again and again.
        """
        weight, bias = piece_head()
        features = pieces_in_context([*map(_words, texts)], weight)[1] + bias
        table = np.concatenate([[features.mean(axis=0), features.std(axis=0) + 1e-6], np.eye(RAW, dtype=np.float32)])
        return cls(table, maxsize)

    @classmethod
    def read(cls, written: str) -> Self:
        """Return what `written` holds; raises ValueError where it holds nothing of the kind."""
        return cls(np.frombuffer(b64decode(written), np.float16).reshape(-1, RAW))

    def encode_directions(self, directions: Array) -> str:
        """Return, as `read` takes it, one with these directions (d, 512) of an undirected one's features."""
        return b64encode(np.concatenate([self.table[:2], directions]).astype(np.float16).tobytes()).decode()

    @property
    def size(self) -> int:
        """How many features a token has."""
        return int(self._bias.size)

    def features(self, texts: Sequence[Tokens]) -> list[NDArray[np.float16]]:
        """Return the features of the tokens of each text, (tokens, d); not to be written to."""
        with self._lock:
            known = {text: found for text in texts if (found := self._known.get(text)) is not None}
            for text in known:
                self._known.move_to_end(text)
        if new := [*dict.fromkeys(text for text in texts if text not in known)]:
            ends = np.cumsum([len(text) for text in new])
            read = dict(zip(new, np.split(self._read(new), ends[:-1]), strict=True))
            known |= read
            with self._lock:
                self._known |= read
                while len(self._known) > self._remembered:
                    self._known.popitem(last=False)
        return [known[text] for text in texts]

    def _read(self, texts: Sequence[Tokens]) -> NDArray[np.float16]:
        """Return of the tokens of all texts, in order, the mean of their pieces' features; zeros without any piece."""
        counts, of_pieces = pieces_in_context([*map(_words, texts)], self._weight)
        features = np.zeros((len(counts), self.size), np.float16)
        if len(of_pieces):
            has = counts > 0
            starts = (np.cumsum(counts) - counts)[has]
            features[has] = np.add.reduceat(of_pieces, starts) / counts[has, None] + self._bias
        features.flags.writeable = False
        return features

    def beside(self, pairs: Sequence[tuple[Tokens, Window]]) -> tuple[Array, Array]:
        """Return the features of the tokens of (question, window), at least one, as a `Batch` has them side by side.

        (b, q, d) and (b, t, d); zeros where it pads, and between headings and text.
        """
        lines = [(question[:QUESTION], window.headings, *window.texts) for question, window in pairs]
        found = iter(self.features([text for line in lines for text in line]))
        asked, told = [], []
        for line in lines:
            asked.append(next(found))
            headings, *texts = (next(found) for _ in line[1:])
            told.append(np.concatenate([headings, np.zeros((1, self.size), np.float16), *texts]))
        return _padded(asked), _padded(told)


def _words(text: Tokens) -> list[str]:
    return [token.surface for token in text]


def _padded(lines: Sequence[NDArray[np.float16]]) -> Array:
    table = np.zeros((len(lines), max(1, *map(len, lines)), lines[0].shape[1]), np.float32)
    for row, line in zip(table, lines, strict=True):
        row[: len(line)] = line
    return table
