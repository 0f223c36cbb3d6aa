"""How much of the question stands in passages: its words, in one sentence, as neighbours, letter by letter."""

import numpy as np
from numpy.typing import NDArray

from bot.search.asked_words import Array, AskedWords
from bot.search.laid_out import LaidOut
from ingest.fields import letters as letters_of
from ingest.flow import Flow

_LETTERS = 3


def coverage(laid: LaidOut) -> tuple[Array, Array]:
    """Return the share of the question's words, by rarity, in each passage, and in its best sentence, (rows,) each.

    The headings belong to each sentence below them.
    """
    asked, stretches = laid.asked, laid.stretches
    hits = np.flatnonzero(laid.which >= 0)
    held = np.zeros((len(stretches), len(asked.distinct)), bool)
    held[np.searchsorted(stretches, hits, side="right") - 1, laid.which[hits]] = True
    first = np.searchsorted(stretches, laid.starts)
    in_passage = np.logical_or.reduceat(held, first, axis=0)
    # Without headings the first stretch is a sentence like the others.
    headings = held[first] & (laid.bodies > laid.starts)[:, np.newaxis]
    with_heading = (held | headings[laid.places[stretches]]) @ asked.rarity
    return in_passage @ asked.rarity, np.maximum.reduceat(with_heading, first)


def adjacency(laid: LaidOut) -> Array:
    """Return the share of the question's neighbouring words that are neighbours in each passage, by rarity, (rows,)."""
    pairs, which, count = laid.asked.pairs, laid.which, len(laid.asked.distinct)
    near = np.flatnonzero((which[:-1] >= 0) & (which[1:] >= 0) & (laid.places[:-1] == laid.places[1:]))
    met = which[near] * count + which[near + 1]
    found = np.zeros((len(laid.rows), len(pairs)), bool)
    for i, (a, b) in enumerate(pairs):
        found[laid.places[near[met == a * count + b]], i] = True
    weights = np.array(list(pairs.values()), np.float32)
    shares: Array = found @ weights / np.float32(max(float(weights.sum()), 1e-6))
    return shares


def letters(asked: AskedWords, rows: NDArray[np.int64]) -> Array:
    """Return the share of the question's runs of three letters in each passage with its headings, (len(rows),).

    They hold where Sudachi cuts one word in two ways, and where a letter of a long word is wrong.
    """
    of_question, of_passages = Flow.of_letters([letters_of(asked.text)]).terms, asked.index.letters.of(rows)
    size = max(1, min(_LETTERS, len(of_question)))
    runs, found = np.unique(_runs(of_question, size)), _runs(of_passages[0], size)
    places = of_passages[1][: len(found)]
    # A run that begins in one passage and ends in the next counts for neither.
    inside = places == of_passages[1][size - 1 :]
    at = np.minimum(np.searchsorted(runs, found), len(runs) - 1)
    hits = np.flatnonzero(inside & (runs[at] == found))
    held = np.zeros((len(rows), len(runs)), bool)
    held[places[hits], at[hits]] = True
    shares: Array = held.mean(axis=1, dtype=np.float32)
    return shares


def _runs(codes: NDArray[np.int32], size: int) -> NDArray[np.uint64]:
    """Return the runs of `size` (1 to 3) letters among `codes`, in order, a number each."""
    runs = np.zeros(max(0, len(codes) - size + 1), np.uint64)
    for place in range(size):
        # 21 bits hold any letter of Unicode.
        runs = (runs << np.uint64(21)) | codes[place : place + len(runs)].astype(np.uint64)
    return runs
