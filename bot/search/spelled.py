"""What of the question passages spell as it does: its names and numbers, and stretches of it, letter by letter.

How much they tell is weighed by the passages that share most of its words: what none of these holds cannot be found,
what all hold tells nothing. They are the same for a question whichever passages are scored.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.search.asked_words import Array, AskedWords

# A number with the counter or noun behind it, Latin letters, katakana, kanji.
_RUNS = re.compile(r"[0-9]+(?:\.[0-9]+)?[一-龥]?|[a-z][a-z0-9.\-]*|[ァ-ヶー]{2,}|[一-龥々]{2,}")
_KANJI = re.compile("[一-龥]")
_TRIGRAM, _STRETCH = 3, 5


def runs(asked: AskedWords, texts: Sequence[str]) -> Array:
    """Return the share of the question's runs of one script in each of `texts` (letters of passages), (len(texts),).

    Each weighs by how few of the passages that share most words hold it; what is no kanji (names, codes, numbers)
    weighs double. Compounds count as a whole, other than in words: 第20回 is not 20 and 回.
    """
    found = list(dict.fromkeys(_RUNS.findall(asked.letters)))
    if not found:
        return np.zeros(len(texts), np.float32)
    around = _held(found, asked.nearest)
    frequency = around.sum(axis=0)
    weights = np.log1p((len(around) - frequency + 0.5) / (frequency + 0.5))
    weights *= [1 if _KANJI.match(run) else 2 for run in found]
    shares: Array = (_held(found, texts) @ weights / max(weights.sum(), 1e-6)).astype(np.float32)
    return shares


def trigrams(asked: AskedWords, texts: Sequence[str]) -> Array:
    """Return the share of the question's runs of three letters in each of `texts`, (len(texts),).

    They hold where Sudachi cuts one word in two ways, and where a letter of a long word is wrong.
    """
    return _share(_cut(asked.letters, _TRIGRAM), texts)


def stretches(asked: AskedWords, texts: Sequence[str]) -> Array:
    """Return the share of the question's runs of five letters in each of `texts`, (len(texts),).

    Counted are only those that some passage holds of those that share most words; without any, all have 0.
    """
    seen = [run for run in _cut(asked.letters, _STRETCH) if any(run in text for text in asked.nearest)]
    return _share(seen, texts) if seen else np.zeros(len(texts), np.float32)


def _cut(letters: str, size: int) -> list[str]:
    """Return the distinct runs of `size` letters, in order; a shorter text is one."""
    return list(dict.fromkeys(letters[i : i + size] for i in range(max(1, len(letters) - size + 1))))


def _share(pieces: Sequence[str], texts: Sequence[str]) -> Array:
    shares: Array = _held(pieces, texts).mean(axis=1, dtype=np.float32)
    return shares


def _held(pieces: Sequence[str], texts: Sequence[str]) -> NDArray[np.bool_]:
    """Return whether each text holds each piece, (len(texts), len(pieces))."""
    return np.array([[piece in text for piece in pieces] for text in texts], bool).reshape(len(texts), len(pieces))
