"""Tokens, windows and batches in the input format of the token model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.words.word_vectors import shipped_word_vectors
from ingest.japanese import nfkc
from ingest.japanese.tokenise import morphemes

Array = NDArray[np.float32]
Places = NDArray[np.int64]

# Hashes of runs of letters (0 pads), and how many of a token are kept: the whole, its letters, twos and threes.
RUNS, RUNS_OF_TOKEN = 16_384, 10
# Numbers that tell a token's form; tokens of a question, of headings and of a window that are looked at.
FORMS, QUESTION, HEADING, WINDOW = 6, 48, 24, 100
# A unit longer than a window is looked at a little beyond.
_BEYOND = 20
# What a token of a window is part of.
PAD, HEADINGS, TEXT = 0, 1, 2
_LONGEST_RUN, _LONG_TOKEN = 3, 6
_DIGIT = re.compile(r"\d")
BREAK = ("SEP", "SEP", "SEP")
"""The part of speech of the mark between headings and text."""


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """A token as written (NFKC): row of the word vectors or -1, runs of letters by hash, part of speech, form, term.

    `term` is what it is to an index, "" where it is nothing to one.
    """

    surface: str
    row: int
    runs: tuple[int, ...]
    part: tuple[str, ...]
    form: tuple[float, ...]
    term: str


@dataclass(frozen=True, slots=True)
class Window:
    """Units of a passage that find room together, `units` by number, under its headings."""

    headings: tuple[Token, ...]
    texts: tuple[tuple[Token, ...], ...]
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """b questions with a window each; k distinct tokens, of which the first pads.

    `vectors` (k, d) of length 1 or zero, `runs` (k, 10), `parts` (k,) and `forms` (k, 6) tell the tokens; `asked`
    (b, q) and `told` (b, t) name them, `segments` (b, t) say what each is part of and `units` (b, t) of which unit, n
    for none; `exact` (b, t, q) is 1 where two are one term; `places` (n,) count the units.
    """

    vectors: Array
    runs: Places
    parts: Places
    forms: Array
    asked: Places
    told: Places
    segments: Places
    units: Places
    exact: Array
    places: Places


@lru_cache(maxsize=8192)
def tokenise_text(text: str) -> tuple[Token, ...]:
    """Return the tokens of `text`; remembered, for passages are read again and again."""
    found = morphemes(nfkc(text))
    return tuple(_token(m.surface, m.term, m.pos[:3], is_content=m.is_content) for m in found if m.pos[0] != "空白")


@lru_cache(maxsize=65_536)
def _token(surface: str, term: str, part: tuple[str, ...], *, is_content: bool) -> Token:
    row = shipped_word_vectors().terms.get(term, -1)
    plain = _DIGIT.sub("0", surface.casefold())
    runs = {plain[i : i + n] for n in range(1, _LONGEST_RUN + 1) for i in range(len(plain) - n + 1)}
    hashed = [_hash(run) for run in (f"={plain}", *sorted(runs, key=lambda run: (len(run), run)))][:RUNS_OF_TOKEN]
    form = (
        float(_importance()[row]) if row >= 0 else 0.0,
        float(row < 0),
        float(is_content),
        min(len(surface), _LONG_TOKEN) / _LONG_TOKEN,
        float(bool(_DIGIT.search(surface))),
        float(surface in "。!?"),
    )
    return Token(surface, row, (*hashed, *[0] * (RUNS_OF_TOKEN - len(hashed))), part, form, term if is_content else "")


def _hash(run: str) -> int:
    return 1 + crc32(run.encode("utf-8", "replace")) % (RUNS - 1)


@cache
def _importance() -> Array:
    """Return how long each word's vector is, which tells how rare it is, as a share of the longest."""
    lengths = np.linalg.norm(np.asarray(shipped_word_vectors().vectors, np.float32), axis=1)
    share: Array = (lengths / lengths.max()).astype(np.float32)
    return share


_PAD = Token("", -1, (0,) * RUNS_OF_TOKEN, ("PAD",) * 3, (0.0,) * FORMS, "")
_BREAK = _token("<h>", "", BREAK, is_content=False)


def make_windows(headings: Sequence[str], units: Sequence[str]) -> list[Window]:
    """Return the windows of a passage: those of its units that have tokens, in order, as many together as find room."""
    above = tokenise_text("\n".join(headings[-3:]))[-HEADING:]
    found: list[Window] = []
    texts: list[tuple[Token, ...]] = []
    numbers: list[int] = []
    for number, text in enumerate(map(tokenise_text, units)):
        if texts and sum(map(len, texts)) + len(text) > WINDOW:
            found.append(Window(above, tuple(texts), tuple(numbers)))
            texts, numbers = [], []
        if text:
            texts.append(text[: WINDOW + _BEYOND])
            numbers.append(number)
    return [*found, Window(above, tuple(texts), tuple(numbers))] if texts else found


def make_batch(pairs: Sequence[tuple[tuple[Token, ...], Window]], parts: dict[tuple[str, ...], int]) -> Batch:
    """Put (question, window) side by side, at least one; `parts` numbers the parts of speech, unknown ones are 0."""
    place: dict[Token, int] = {_PAD: 0}
    asked = _padded([[place.setdefault(t, len(place)) for t in question[:QUESTION]] for question, _ in pairs], 0)
    lines = [[*window.headings, _BREAK, *(t for text in window.texts for t in text)] for _, window in pairs]
    told = _padded([[place.setdefault(t, len(place)) for t in line] for line in lines], 0)
    n = max(len(window.texts) for _, window in pairs)
    of_units, segments = [], []
    for _, window in pairs:
        above = len(window.headings) + 1
        of_units.append([n] * above + [i for i, text in enumerate(window.texts) for _ in text])
        segments.append([HEADINGS] * above + [TEXT] * (len(of_units[-1]) - above))
    distinct = list(place)
    terms: dict[str, int] = {"": 0}
    number = np.array([terms.setdefault(token.term, len(terms)) for token in distinct])
    same = (number[told][:, :, None] == number[asked][:, None, :]) & (number[told] > 0)[:, :, None]
    rows = np.array([token.row for token in distinct])
    vectors = shipped_word_vectors().rows(np.maximum(rows, 0)) * (rows >= 0)[:, None]
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return Batch(
        np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0),
        np.array([token.runs for token in distinct], np.int64),
        np.array([parts.get(token.part, 0) for token in distinct], np.int64),
        np.array([token.form for token in distinct], np.float32),
        asked,
        told,
        _padded(segments, PAD),
        _padded(of_units, n),
        same.astype(np.float32),
        np.arange(n),
    )


def _padded(lines: Sequence[Sequence[int]], fill: int) -> Places:
    table = np.full((len(lines), max(1, *map(len, lines)) if lines else 1), fill, np.int64)
    for row, line in zip(table, lines, strict=True):
        row[: len(line)] = line
    return table
