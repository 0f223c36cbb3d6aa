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
Indices = NDArray[np.int64]

# Hash buckets of character n-grams (0 is padding), and the n-grams kept of a token, the whole token first.
RUNS, RUNS_OF_TOKEN = 16_384, 10
# Form features of a token.
FORMS = 6
# Tokens of a question, of headings and of a window; longer ones are truncated.
QUESTION, HEADING, WINDOW = 48, 24, 100
# A unit longer than a window is truncated this many tokens after it.
_WINDOW_OVERFLOW = 20
# Segments of a window.
PAD, HEADINGS, TEXT = 0, 1, 2
_MAX_NGRAM_LENGTH, _MAX_TOKEN_LENGTH = 3, 6
_DIGIT = re.compile(r"\d")
BREAK = ("SEP", "SEP", "SEP")
"""The part of speech of the mark between headings and text."""


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """A token of a text.

    Attributes:
        surface: as written (NFKC).
        row: its row of the word vectors, -1 for an unknown word.
        runs: hashed character n-grams.
        part: its part of speech.
        form: numbers on its rarity, length and characters.
        term: its index term, "" for a function word.
    """

    surface: str
    row: int
    runs: tuple[int, ...]
    part: tuple[str, ...]
    form: tuple[float, ...]
    term: str


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive units of a passage that fit together, with the headings; `units` are the units' numbers."""

    headings: tuple[Token, ...]
    texts: tuple[tuple[Token, ...], ...]
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """b pairs of question and window as inputs of the token model, named as in the ONNX file.

    Attributes:
        vectors: (k, d), the unit vector of each distinct token; the first token is padding.
        runs, parts, forms: (k, 10), (k,) and (k, 6), the n-grams, part of speech and form of each distinct token.
        asked, told: (b, q) and (b, t), the tokens of questions and windows as rows of `vectors`.
        segments: (b, t), whether a window's token is padding, heading or text.
        units: (b, t), the unit of a window's token, n for none.
        exact: (b, t, q), 1 where the tokens have the same term.
        places: (n,), the numbers from 0 to n - 1, for the most units of a window.
    """

    vectors: Array
    runs: Indices
    parts: Indices
    forms: Array
    asked: Indices
    told: Indices
    segments: Indices
    units: Indices
    exact: Array
    places: Indices


@lru_cache(maxsize=8192)
def tokenise_text(text: str) -> tuple[Token, ...]:
    """Return the tokens of `text`, cached because the same passages are hits of many questions."""
    ms = (m for m in morphemes(nfkc(text)) if m.pos[0] != "空白")
    return tuple(_token(m.surface, m.term, m.pos[:3], is_content=m.is_content) for m in ms)


@lru_cache(maxsize=65_536)
def _token(surface: str, term: str, part: tuple[str, ...], *, is_content: bool) -> Token:
    row = shipped_word_vectors().terms.get(term, -1)
    plain = _DIGIT.sub("0", surface.casefold())
    runs = {plain[i : i + n] for n in range(1, _MAX_NGRAM_LENGTH + 1) for i in range(len(plain) - n + 1)}
    hashed = [_hash(run) for run in (f"={plain}", *sorted(runs, key=lambda run: (len(run), run)))][:RUNS_OF_TOKEN]
    form = (
        float(_importance()[row]) if row >= 0 else 0.0,
        float(row < 0),
        float(is_content),
        min(len(surface), _MAX_TOKEN_LENGTH) / _MAX_TOKEN_LENGTH,
        float(bool(_DIGIT.search(surface))),
        float(surface in "。!?"),
    )
    return Token(surface, row, (*hashed, *[0] * (RUNS_OF_TOKEN - len(hashed))), part, form, term if is_content else "")


def _hash(run: str) -> int:
    return 1 + crc32(run.encode("utf-8", "replace")) % (RUNS - 1)


@cache
def _importance() -> Array:
    """Return the length of each word's vector, which grows with the word's rarity, as a share of the longest."""
    lengths = np.linalg.norm(np.asarray(shipped_word_vectors().vectors, np.float32), axis=1)
    share: Array = (lengths / lengths.max()).astype(np.float32)
    return share


_PAD = Token("", -1, (0,) * RUNS_OF_TOKEN, ("PAD",) * 3, (0.0,) * FORMS, "")
_BREAK = _token("<h>", "", BREAK, is_content=False)


def make_windows(headings: Sequence[str], units: Sequence[str]) -> list[Window]:
    """Return the windows of a passage: as many consecutive units as fit; units without tokens are left out."""
    heading_tokens = tokenise_text("\n".join(headings[-3:]))[-HEADING:]
    windows: list[Window] = []
    texts: list[tuple[Token, ...]] = []
    numbers: list[int] = []
    for number, text in enumerate(map(tokenise_text, units)):
        if texts and sum(map(len, texts)) + len(text) > WINDOW:
            windows.append(Window(heading_tokens, tuple(texts), tuple(numbers)))
            texts, numbers = [], []
        if text:
            texts.append(text[: WINDOW + _WINDOW_OVERFLOW])
            numbers.append(number)
    return [*windows, Window(heading_tokens, tuple(texts), tuple(numbers))] if texts else windows


def make_batch(pairs: Sequence[tuple[tuple[Token, ...], Window]], parts: dict[tuple[str, ...], int]) -> Batch:
    """Return at least one (question, window) as a batch; `parts` numbers the parts of speech, unknown ones are 0."""
    numbers: dict[Token, int] = {_PAD: 0}
    questions = _pad([[numbers.setdefault(t, len(numbers)) for t in question[:QUESTION]] for question, _ in pairs], 0)
    lines = [[*window.headings, _BREAK, *(t for text in window.texts for t in text)] for _, window in pairs]
    windows = _pad([[numbers.setdefault(t, len(numbers)) for t in line] for line in lines], 0)
    unit_count = max(len(window.texts) for _, window in pairs)
    units, segments = [], []
    for _, window in pairs:
        heading_count = len(window.headings) + 1
        text_units = [i for i, text in enumerate(window.texts) for _ in text]
        units.append([unit_count] * heading_count + text_units)
        segments.append([HEADINGS] * heading_count + [TEXT] * len(text_units))
    distinct = list(numbers)
    term_numbers: dict[str, int] = {"": 0}
    terms = np.array([term_numbers.setdefault(token.term, len(term_numbers)) for token in distinct])
    is_same_term = (terms[windows][:, :, None] == terms[questions][:, None, :]) & (terms[windows] > 0)[:, :, None]
    rows = np.array([token.row for token in distinct])
    vectors = shipped_word_vectors().rows(np.maximum(rows, 0)) * (rows >= 0)[:, None]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return Batch(
        np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0),
        np.array([token.runs for token in distinct], np.int64),
        np.array([parts.get(token.part, 0) for token in distinct], np.int64),
        np.array([token.form for token in distinct], np.float32),
        questions,
        windows,
        _pad(segments, PAD),
        _pad(units, unit_count),
        is_same_term.astype(np.float32),
        np.arange(unit_count),
    )


def _pad(lines: Sequence[Sequence[int]], fill: int) -> Indices:
    table = np.full((len(lines), max(1, *map(len, lines)) if lines else 1), fill, np.int64)
    for row, line in zip(table, lines, strict=True):
        row[: len(line)] = line
    return table
