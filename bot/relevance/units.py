"""Splits passages into units (sentences, items, rows) and computes their text features."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.notation import WEEKDAYS
from ingest.japanese.sentences import sentence_spans
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import words, words_with_starts

NGRAM_BUCKETS = 8192
"""Hash buckets of character n-grams; a collision matters little among all n-grams of a text."""
_MAX_NGRAM_LENGTH = 3
# The median unit has 20 characters.
_MAX_CHARACTERS = 300
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Kinds of tokens that an answer may need; their order is part of the trained model.
TOKEN_KINDS = {
    "date": re.compile(rf"\d月\d|\d年|元年|年度|曜|[(][{WEEKDAYS}祝]"),
    "time": re.compile(r"\d時|\d:\d\d|午前|午後|正午"),
    "amount": re.compile(r"\d円|[万千億]円|無料"),
    "telephone": re.compile(r"\d-\d{3,4}(?!\d)|電話"),
    "share": re.compile(r"\d(?:\.\d+)?(?:%|割|ポイント)"),
    "count": re.compile(r"\d[人名件回個台所校歳戸本枚kmgt]"),
    "web_address": re.compile(r"https?:|www\.|@|ホームページ|HP"),
    "figure": re.compile(r"\d"),
    "department": re.compile(r"[課係室局部署所館](?:[^一-龥]|$)|センター"),
}
# The label of a list item (対象:).
_LABEL = re.compile(r"^[^:。]{1,14}:")
# The column head of a cell.
_COLUMN_HEAD = re.compile(r"^[^:。\n]{1,40}:", re.MULTILINE)
_LINE_END = re.compile(r"\n(?!$)")


def unit_spans(passage: Passage) -> tuple[tuple[int, int], ...]:
    """Return (start, end) of each unit in `passage.text`, in order; none is blank.

    A row is one unit; other text is split into lines and these into sentences.
    """
    if passage.kind == "row":
        return ((0, len(passage.text)),) if passage.text.strip() else ()
    return sentence_spans(passage.text)


@dataclass(frozen=True, slots=True)
class UnitText:
    """The features of the unit `text[start:end]`.

    Attributes:
        terms: its index terms in order.
        label: the terms of its label or column heads.
        cells: the terms of each cell of a row with its column head; any other unit is one cell.
        runs: distinct hashed character n-grams.
        kinds: whether it has each of TOKEN_KINDS, in their order.
    """

    start: int
    end: int
    terms: tuple[str, ...]
    label: frozenset[str]
    cells: tuple[frozenset[str], ...]
    runs: NDArray[np.int32]
    kinds: tuple[bool, ...]
    has_label: bool
    is_question: bool

    def has_counter(self, counter: str) -> bool:
        """Whether it has a number with `counter`; False for no counter."""
        return bool(counter) and _hash_ngram(f"0{counter}"[:_MAX_NGRAM_LENGTH]) in self.runs


@lru_cache(maxsize=4096)
def unit_texts(text: str, *, is_row: bool) -> Sequence[UnitText]:
    """Return the units of a passage's text, cached because the same passages are hits of many questions."""
    passage = Passage("", "", "row" if is_row else "text", (), text, ())
    return tuple(_unit_text(nfkc(text[start:end]), start, end, is_row=is_row) for start, end in unit_spans(passage))


def _unit_text(normal: str, start: int, end: int, *, is_row: bool) -> UnitText:
    label = _LABEL.match(normal)
    # Tokenising takes most of the time of a passage that is read for the first time: each character once.
    placed = words_with_starts(normal)
    labels = _COLUMN_HEAD.finditer(normal) if is_row else filter(None, [label])
    label_spans = Spans(match.span() for match in labels)
    line_ends = [match.start() for match in _LINE_END.finditer(normal)] if is_row else []
    cells: list[set[str]] = [set() for _ in range(len(line_ends) + 1)]
    for at, word in placed:
        cells[bisect_right(line_ends, at)].add(word)
    return UnitText(
        start=start,
        end=end,
        terms=tuple(word for _, word in placed),
        label=frozenset(word for at, word in placed if label_spans.meet(at, at + 1)),
        cells=tuple(map(frozenset, cells)),
        runs=np.unique(letter_runs(normal)),
        kinds=tuple(bool(pattern.search(normal)) for pattern in TOKEN_KINDS.values()),
        has_label=bool(label),
        is_question=normal.rstrip("。 」").endswith(("か", "?")),
    )


@lru_cache(maxsize=4096)
def heading_terms(text: str) -> tuple[str, ...]:
    """Return the index terms of headings, cached because the passages of a section share them."""
    return tuple(words(text))


def letter_runs(text: str) -> NDArray[np.int32]:
    """Return the hashes of the distinct 1- to 3-grams of normalised `text`, in which each number counts as one 0."""
    plain = "".join(_NUMBER.sub("0", text.casefold()).split())[:_MAX_CHARACTERS]
    ngrams = {plain[i : i + n] for n in range(1, _MAX_NGRAM_LENGTH + 1) for i in range(len(plain) - n + 1)}
    return np.fromiter(map(_hash_ngram, sorted(ngrams)), np.int32, len(ngrams))


def _hash_ngram(ngram: str) -> int:
    return crc32(ngram.encode("utf-8", "replace")) % NGRAM_BUCKETS
