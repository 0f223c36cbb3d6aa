"""How much of the question stands in passages: its words, in one sentence, as neighbours, letter by letter."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.find.asked_words import Array, AskedWords, compact
from bot.find.laid_out import LaidOut

_compact = lru_cache(maxsize=20_000)(compact)


def coverage(asked: AskedWords, laid: LaidOut) -> tuple[Array, Array]:
    """Return the share of the question's words, by rarity, in each passage, and in its best sentence, (size,) each.

    The headings belong to each sentence below them.
    """
    which = laid.asked_at(asked)
    hits = np.flatnonzero(which >= 0)
    stretches = int(laid.stretch[-1]) + 1 if len(laid.stretch) else 0
    held = np.zeros((stretches, len(asked.distinct)), bool)
    held[laid.stretch[hits], which[hits]] = True
    owner = np.zeros(stretches, np.int64)
    owner[laid.stretch] = laid.places
    headings = laid.stretch[laid.starts]
    in_passage, best = np.zeros((laid.size, len(asked.distinct)), bool), np.zeros(laid.size, np.float32)
    np.logical_or.at(in_passage, owner, held)
    np.maximum.at(best, owner, (held | held[headings][owner]) @ asked.rarity)
    return in_passage @ asked.rarity, best


def adjacency(asked: AskedWords, laid: LaidOut) -> Array:
    """Return the share of the question's neighbouring words that are neighbours in each passage, by rarity, (size,)."""
    which = laid.asked_at(asked)
    before, after = which[:-1], which[1:]
    near = np.flatnonzero((before >= 0) & (after >= 0) & (laid.places[:-1] == laid.places[1:]))
    found = np.zeros((laid.size, len(asked.pairs)), bool)
    for i, (a, b) in enumerate(asked.pairs):
        found[laid.places[near[(before[near] == a) & (after[near] == b)]], i] = True
    weights = np.array(list(asked.pairs.values()), np.float32)
    shares: Array = found @ weights / max(float(weights.sum()), 1e-6)
    return shares


def letters(asked: AskedWords, rows: NDArray[np.int64]) -> tuple[Array, Array]:
    """Return the share of the question's runs of three letters in each passage, and in its headings, (len(rows),) each.

    They hold where Sudachi cuts one word in two ways, and where a letter of a long word is wrong.
    """
    passages = [asked.index.passages[row] for row in rows]
    in_headings = [_found(asked, _compact("\n".join(passage.path))) for passage in passages]
    in_either = [
        found | _found(asked, _compact(passage.text)) for found, passage in zip(in_headings, passages, strict=True)
    ]
    return _shares(asked, in_either), _shares(asked, in_headings)


def _found(asked: AskedWords, text: str) -> frozenset[str]:
    return frozenset(run for run in asked.trigrams if run in text)


def _shares(asked: AskedWords, found: list[frozenset[str]]) -> Array:
    return np.array([len(runs) for runs in found], np.float32) / len(asked.trigrams)
