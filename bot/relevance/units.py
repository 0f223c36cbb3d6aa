"""Splits passages into units (sentences, items, rows) and computes their text features."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.notation import WEEKDAYS
from ingest.japanese.sentences import split_document_sentences
from ingest.japanese.tokenise import words

# Runs of letters are known by their hash; two of 8,192 that share one are told apart by the others around them.
RUNS = 8192
_LONGEST_RUN = 3
# Letters of a text that are looked at; the longest question has 1,000, the median unit 20.
_LETTERS = 300
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# Dates, times, sums, telephone numbers, shares, counts, addresses on the net, figures, offices: forms of writing.
_KINDS = (
    re.compile(rf"\d月\d|\d年|元年|年度|曜|[(][{WEEKDAYS}祝]"),
    re.compile(r"\d時|\d:\d\d|午前|午後|正午"),
    re.compile(r"\d円|[万千億]円|無料"),
    re.compile(r"\d-\d{3,4}(?!\d)|電話"),
    re.compile(r"\d(?:\.\d+)?(?:%|割|ポイント)"),
    re.compile(r"\d[人名件回個台所校歳戸本枚kmgt]"),
    re.compile(r"https?:|www\.|@|ホームページ|HP"),
    re.compile(r"\d"),
    re.compile(r"[課係室局部署所館](?:[^一-龥]|$)|センター"),
)
KINDS, FIGURE = len(_KINDS), 7
# What an item says before its colon (対象:) is what it tells; so is what stands over a cell of a row.
_LABEL = re.compile(r"^[^:。]{1,14}:")
_HEAD = re.compile(r"^[^:。]{1,40}:")


def unit_spans(passage: Passage) -> tuple[tuple[int, int], ...]:
    """Return (start, end) of each unit in `passage.text`, in order; none is blank, and together they hold all of it.

    A row is one unit, else each line is cut into its sentences. White space belongs to none where a line ends.
    """
    return _cut(passage.text, passage.kind == "row")


@lru_cache(maxsize=4096)
def _cut(text: str, whole: bool) -> tuple[tuple[int, int], ...]:  # noqa: FBT001 -- a key of the cache
    if whole:
        return ((0, len(text)),) if text.strip() else ()
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        at = start
        for sentence in split_document_sentences(line):
            if sentence.strip():
                found.append((at, at + len(sentence.rstrip())))
            at += len(sentence)
        start += len(line)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class UnitText:
    """The unit `text[start:end]`: terms in order, those of its label, runs of letters, which kinds of tokens it has.

    `cells` are the terms of each cell of a row, with those of the column's head; another unit is one cell.
    """

    start: int
    end: int
    terms: tuple[str, ...]
    label: frozenset[str]
    cells: tuple[frozenset[str], ...]
    runs: NDArray[np.int32]
    kinds: tuple[bool, ...]
    labelled: bool
    asks: bool

    def has_counter(self, counter: str) -> bool:
        """Whether a number stands before `counter`; never where none is asked for."""
        return bool(counter) and _run(f"0{counter}"[:_LONGEST_RUN]) in self.runs


@lru_cache(maxsize=4096)
def unit_texts(text: str, *, is_row: bool) -> Sequence[UnitText]:
    """Return the units of a passage's text; remembered, for passages are read again and again."""
    passage = Passage("", "", "row" if is_row else "text", (), text, ())
    return tuple(_unit_text(nfkc(text[start:end]), start, end, is_row=is_row) for start, end in unit_spans(passage))


def _unit_text(normal: str, start: int, end: int, *, is_row: bool) -> UnitText:
    lines = normal.splitlines() if is_row else [normal]
    label = _LABEL.match(normal)
    heads = filter(None, map(_HEAD.match, lines)) if is_row else filter(None, [label])
    terms = tuple(words(normal))
    return UnitText(
        start,
        end,
        terms,
        frozenset(words("\n".join(head[0] for head in heads))),
        tuple(frozenset(words(line)) for line in lines) if len(lines) > 1 else (frozenset(terms),),
        letter_runs(normal),
        tuple(bool(kind.search(normal)) for kind in _KINDS),
        bool(label),
        normal.rstrip("。 」").endswith(("か", "?")),
    )


@lru_cache(maxsize=4096)
def heading_terms(text: str) -> tuple[str, ...]:
    """Return the index terms of headings; remembered, for the passages of a section share them."""
    return tuple(words(text))


def letter_runs(text: str) -> NDArray[np.int32]:
    """Return the distinct runs of one to three letters of normalised `text`, by hash; a number is one letter, 0."""
    plain = "".join(_NUMBER.sub("0", text.casefold()).split())[:_LETTERS]
    found = {plain[i : i + n] for n in range(1, _LONGEST_RUN + 1) for i in range(len(plain) - n + 1)}
    return np.fromiter(map(_run, sorted(found)), np.int32, len(found))


def _run(letters: str) -> int:
    return crc32(letters.encode("utf-8", "replace")) % RUNS
