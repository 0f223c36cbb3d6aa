"""Sessions of the token models (onnxruntime), and their input: tokens, windows and batches."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Passage
from ingest.embedding.words.word_vectors import shipped_word_vectors
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.tokenise import is_content, morphemes

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Array = NDArray[np.float32]
Indices = NDArray[np.int64]

# These figures are part of the trained models.
NGRAM_BUCKETS = 16_384
"""Hash buckets of character n-grams; 0 is padding."""
NGRAMS_PER_TOKEN = 10
"""Character n-grams of a token, the whole token first."""
FORM_FEATURES = 6
"""Numbers on the form of a token."""
MAX_QUESTION_TOKENS = 48
MAX_HEADING_TOKENS = 24
MAX_WINDOW_TOKENS = 100
# A unit longer than a window is truncated this many tokens after it.
_WINDOW_OVERFLOW = 20
_MAX_NGRAM_LENGTH = 3
# Longer tokens count as this long.
_MAX_TOKEN_LENGTH = 6
_DIGIT = re.compile(r"\d")
BREAK_POS = ("SEP", "SEP", "SEP")
"""The part of speech of the mark between headings and text."""


class Segment(IntEnum):
    """What a token of a window belongs to."""

    PADDING = 0
    HEADING = 1
    TEXT = 2


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
        segments: (b, t), the `Segment` of a window's token.
        units: (b, t), the unit of a window's token, n for none.
        exact: (b, t, q), 1 if the tokens have the same term.
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
    """Return the tokens of `text`, cached because passages share headings."""
    return tuple(
        _token(morpheme.surface, morpheme.term, morpheme.pos[:3], is_content=morpheme.is_content)
        for morpheme in morphemes(nfkc(text))
        if morpheme.pos[0] != "空白"
    )


class StoredTokens:
    """The tokens of an index's passages, which a build has stored; safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._tokens: list[Token | None] = [None] * len(index.written_words)

    def read_units(self, passage: Passage) -> list[tuple[Token, ...]]:
        """Return the tokens of each unit of a passage of the index."""
        row = np.array([self._index.passage_row(passage.id)])
        tokens = list(map(self._token, self._index.written_sequences.gather(row)[0].tolist()))
        cells, _ = self._index.units.gather(row)
        first_cells = np.flatnonzero(np.diff(cells["start"], prepend=-1))
        ends = np.cumsum(np.add.reduceat(cells["words"], first_cells)).tolist() if len(cells) else []
        return [tuple(tokens[start:end]) for start, end in pairwise([0, *ends])]

    def _token(self, number: int) -> Token:
        token = self._tokens[number]
        if token is None:
            surface, term, part = self._index.written_words[number]
            token = self._tokens[number] = _token(surface, term, part, is_content=is_content(part))
        return token


@lru_cache(maxsize=65_536)
def _token(surface: str, term: str, part: tuple[str, ...], *, is_content: bool) -> Token:
    row = shipped_word_vectors().terms.get(term, -1)
    form = (
        float(_importance()[row]) if row >= 0 else 0.0,
        float(row < 0),
        float(is_content),
        min(len(surface), _MAX_TOKEN_LENGTH) / _MAX_TOKEN_LENGTH,
        float(bool(_DIGIT.search(surface))),
        float(surface in "。!?"),
    )
    return Token(
        surface=surface, row=row, runs=_hash_ngrams(surface), part=part, form=form, term=term if is_content else ""
    )


def _hash_ngrams(surface: str) -> tuple[int, ...]:
    plain = _DIGIT.sub("0", surface.casefold())
    ngrams = {plain[i : i + n] for n in range(1, _MAX_NGRAM_LENGTH + 1) for i in range(len(plain) - n + 1)}
    by_length = sorted(ngrams, key=lambda ngram: (len(ngram), ngram))
    texts = (f"={plain}", *by_length)[:NGRAMS_PER_TOKEN]
    hashes = [1 + crc32(text.encode("utf-8", "replace")) % (NGRAM_BUCKETS - 1) for text in texts]
    return (*hashes, *[0] * (NGRAMS_PER_TOKEN - len(hashes)))


@cache
def _importance() -> Array:
    lengths = np.linalg.norm(np.asarray(shipped_word_vectors().vectors, np.float32), axis=1)
    share: Array = (lengths / lengths.max()).astype(np.float32)
    return share


_PADDING = Token(
    surface="", row=-1, runs=(0,) * NGRAMS_PER_TOKEN, part=("PAD",) * 3, form=(0.0,) * FORM_FEATURES, term=""
)
_BREAK = _token("<h>", "", BREAK_POS, is_content=False)


def make_windows(headings: Sequence[str], units: Iterable[tuple[Token, ...]]) -> list[Window]:
    """Return the windows of a passage: as many consecutive units as fit; units without tokens are left out."""
    heading_tokens = tokenise_text("\n".join(headings[-3:]))[-MAX_HEADING_TOKENS:]
    windows: list[Window] = []
    texts: list[tuple[Token, ...]] = []
    numbers: list[int] = []
    for number, text in enumerate(units):
        if texts and sum(map(len, texts)) + len(text) > MAX_WINDOW_TOKENS:
            windows.append(Window(heading_tokens, tuple(texts), tuple(numbers)))
            texts = []
            numbers = []
        if text:
            texts.append(text[: MAX_WINDOW_TOKENS + _WINDOW_OVERFLOW])
            numbers.append(number)
    return [*windows, Window(heading_tokens, tuple(texts), tuple(numbers))] if texts else windows


def make_batch(pairs: Sequence[tuple[tuple[Token, ...], Window]], parts: dict[tuple[str, ...], int]) -> Batch:
    """Return at least one (question, window) as a batch; `parts` numbers the parts of speech, unknown ones are 0."""
    numbers: dict[Token, int] = {_PADDING: 0}
    questions = _number_tokens([question[:MAX_QUESTION_TOKENS] for question, _ in pairs], numbers)
    windows = _number_tokens(
        [[*window.headings, _BREAK, *chain.from_iterable(window.texts)] for _, window in pairs], numbers
    )
    unit_count = max(len(window.texts) for _, window in pairs)
    units, segments = _number_units([window for _, window in pairs], unit_count)
    distinct = list(numbers)
    return Batch(
        vectors=_unit_vectors(distinct),
        runs=np.array([token.runs for token in distinct], np.int64),
        parts=np.array([parts.get(token.part, 0) for token in distinct], np.int64),
        forms=np.array([token.form for token in distinct], np.float32),
        asked=questions,
        told=windows,
        segments=segments,
        units=units,
        exact=_match_terms(distinct, questions, windows),
        places=np.arange(unit_count),
    )


def _number_tokens(lines: Sequence[Sequence[Token]], numbers: dict[Token, int]) -> Indices:
    return _pad([[numbers.setdefault(token, len(numbers)) for token in line] for line in lines], 0)


def _number_units(windows: Sequence[Window], unit_count: int) -> tuple[Indices, Indices]:
    units: list[list[int]] = []
    segments: list[list[int]] = []
    for window in windows:
        heading_count = len(window.headings) + 1
        text_units = [i for i, text in enumerate(window.texts) for _ in text]
        units.append([unit_count] * heading_count + text_units)
        segments.append([*[Segment.HEADING] * heading_count, *[Segment.TEXT] * len(text_units)])
    return _pad(units, unit_count), _pad(segments, Segment.PADDING)


def _match_terms(tokens: Sequence[Token], questions: Indices, windows: Indices) -> Array:
    numbers: dict[str, int] = {"": 0}
    terms = np.array([numbers.setdefault(token.term, len(numbers)) for token in tokens])
    has_term = (terms[windows] > 0)[:, :, None]
    is_same_term = (terms[windows][:, :, None] == terms[questions][:, None, :]) & has_term
    matches: Array = is_same_term.astype(np.float32)
    return matches


def _unit_vectors(tokens: Sequence[Token]) -> Array:
    rows = np.array([token.row for token in tokens])
    vectors: Array = shipped_word_vectors().rows(np.maximum(rows, 0)) * (rows >= 0)[:, None]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit_vectors: Array = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit_vectors


def _pad(lines: Sequence[Sequence[int]], fill: int) -> Indices:
    table = np.full((len(lines), max(1, *map(len, lines)) if lines else 1), fill, np.int64)
    for row, line in zip(table, lines, strict=True):
        row[: len(line)] = line
    return table


def open_session(model: bytes) -> "InferenceSession":
    """Return a single-threaded onnxruntime session; raises an onnxruntime error for another file."""
    from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415 -- the import takes a fifth of a second

    options = SessionOptions()
    # One thread for each question, because several questions run at the same time.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # errors are raised and logged by the caller
    return InferenceSession(model, options, providers=["CPUExecutionProvider"])
