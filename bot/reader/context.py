"""What the default encoder says of tokens as they read among their neighbours: 手続き near 電子 is not that near 欠席.

Its features of each piece of a text (`ingest.encoders.use`) have learned from far more text than the reader itself;
the reader learns only which directions of them count (as ELMo is used in Peters et al. 2018, arXiv:1802.05365).
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from sys import maxsize
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.reader.tokens import QUESTION, Array, Token, Window
from ingest.encoders.use import in_context, piece_head

Tokens = tuple[Token, ...]
# Numbers that the encoder tells of a token, before the reader's directions.
RAW = 512
# Texts of which what was said is remembered: 6 KB each.
_REMEMBERED = 4096


class Context:
    """Tokens to what is said of each, (tokens, d); safe to share between threads.

    `table` (2 + d, 512) holds the mean and spread of what the encoder says, and d directions of it that count. What was
    said is remembered of as many texts as `remembered`.
    """

    def __init__(self, table: NDArray[np.floating[Any]], remembered: int = _REMEMBERED) -> None:
        (mean, spread), directions = table[:2].astype(np.float32), table[2:].astype(np.float32)
        weight, bias = piece_head()
        # One product for three.
        self._weight = np.ascontiguousarray(weight @ (directions / spread).T)
        self._bias = directions @ ((bias - mean) / spread)
        self.table, self._remembered = table, remembered
        self._said: OrderedDict[Tokens, NDArray[np.float16]] = OrderedDict()

    @classmethod
    def undirected(cls, texts: Iterable[Tokens]) -> Self:
        """Return what says all that the encoder does, with mean 0 and spread 1 over the pieces of `texts`.

        It forgets nothing: a training reads the same texts again and again.
        """
        weight, bias = piece_head()
        said = in_context([*map(_words, texts)], weight)[1] + bias
        table = np.concatenate([[said.mean(axis=0), said.std(axis=0) + 1e-6], np.eye(RAW, dtype=np.float32)])
        return cls(table, maxsize)

    def of(self, texts: Sequence[Tokens]) -> list[NDArray[np.float16]]:
        """Return what is said of the tokens of each text, (tokens, d)."""
        known = {text: said for text in texts if (said := self._said.get(text)) is not None}
        if new := [*dict.fromkeys(text for text in texts if text not in known)]:
            ends = np.cumsum([len(text) for text in new])
            read = dict(zip(new, np.split(self._read(new), ends[:-1]), strict=True))
            known |= read
            self._said.update(read)
        while len(self._said) > self._remembered:
            self._said.popitem(last=False)
        return [known[text] for text in texts]

    def _read(self, texts: Sequence[Tokens]) -> NDArray[np.float16]:
        """Return of the tokens of all texts, in order, the mean of what is said of their pieces; zero without any."""
        counts, of_pieces = in_context([*map(_words, texts)], self._weight)
        said = np.zeros((len(counts), self._bias.size), np.float16)
        if len(of_pieces):
            has = counts > 0
            starts = (np.cumsum(counts) - counts)[has]
            said[has] = np.add.reduceat(of_pieces, starts) / counts[has, None] + self._bias
        return said

    def beside(self, pairs: Sequence[tuple[Tokens, Window]]) -> tuple[Array, Array]:
        """Return what is said of the tokens of (question, window), at least one, as a `Batch` has them side by side.

        (b, q, d) and (b, t, d); what pads and parts says nothing.
        """
        lines = [(question[:QUESTION], window.headings, *window.texts) for question, window in pairs]
        said = iter(self.of([text for line in lines for text in line]))
        asked, told = [], []
        for line in lines:
            asked.append(next(said))
            headings, *texts = (next(said) for _ in line[1:])
            told.append(np.concatenate([headings, np.zeros((1, self._bias.size), np.float16), *texts]))
        return _padded(asked), _padded(told)


def _words(text: Tokens) -> list[str]:
    return [token.surface for token in text]


def _padded(lines: Sequence[NDArray[np.float16]]) -> Array:
    table = np.zeros((len(lines), max(1, *map(len, lines)), lines[0].shape[1]), np.float32)
    for row, line in zip(table, lines, strict=True):
        row[: len(line)] = line
    return table
