"""The units of passages (sentences, items, rows) and what of them needs no question, as arrays that a build stores."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.contacts import LINK_TARGET
from ingest.japanese.notation import WEEKDAYS
from ingest.japanese.sentences import sentence_spans

CELL = np.dtype([(name, "<i4") for name in ("start", "end", "flags", "terms", "label_terms", "words", "letters")])
"""A cell of a unit; a unit that is no row has one.

`start` and `end` are those of its unit in the passage's text, `flags` has a bit for each of UNIT_FLAGS, `terms` is the
number of its index terms, of which the first `label_terms` are its label or column head, `words` that of all its words.
The first cell of a unit has the number of its `letters` (`plain_letters`).
"""
TOKEN_KINDS = {
    "date": re.compile(rf"\d月\d|\d年|元年|年度|曜|[(][{WEEKDAYS}祝]"),
    "time": re.compile(r"\d時|\d:\d\d|午前|午後|正午"),
    "amount": re.compile(r"\d円|[万千億]円|無料"),
    "telephone": re.compile(r"\d-\d{3,4}(?!\d)|電話"),
    "share": re.compile(r"\d(?:\.\d+)?(?:%|割|ポイント)"),
    "count": re.compile(r"\d[人名件回個台本所校歳戸本枚kmgt]"),
    "web_address": re.compile(r"https?:|www\.|@|ホームページ|HP"),
    "figure": re.compile(r"\d"),
    "department": re.compile(r"[課係室局部署所館](?:[^一-龥]|$)|センター"),
}
"""Kinds of tokens that an answer may need; their order is part of the trained relevance model."""
UNIT_FLAGS = (*(f"has_{kind}" for kind in TOKEN_KINDS), "has_label", "is_question")
"""What is known of a unit without a question."""
# The label of a list item (対象:).
_LABEL = re.compile(r"[^:。]{1,14}:")
# The column head of a cell.
_COLUMN_HEAD = re.compile(r"[^:。\n]{1,40}:")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# The median unit has 20 letters.
_MAX_LETTERS = 300
_LINE_END = re.compile(r"\n(?!$)")


def unit_spans(passage: Passage) -> tuple[tuple[int, int], ...]:
    """Return (start, end) of each unit in `passage.text`, in order; none is blank.

    A row is one unit; other text is split into lines and these into sentences.
    """
    if passage.kind == "row":
        return ((0, len(passage.text)),) if passage.text.strip() else ()
    return sentence_spans(passage.text)


def plain_letters(normal: str) -> str:
    """Return the first letters of normalised text without spaces and case, in which each number counts as one 0."""
    return "".join(_NUMBER.sub("0", normal.casefold()).split())[:_MAX_LETTERS]


class UnitReader:
    """The units of a passage in its normalised text, which is `normal`; targets of links are not in it."""

    def __init__(self, passage: Passage) -> None:
        text = passage.text
        self._is_row = passage.kind == "row"
        self._spans = unit_spans(passage)
        # Units are normalised one by one, so that it is known where each of them is in the result.
        pieces = [
            text[start:end] for start, end in pairwise((0, *(at for span in self._spans for at in span), len(text)))
        ]
        # What is between them is white space.
        normal = [LINK_TARGET.sub(r"\g<kind>", nfkc(piece)) if n % 2 else piece for n, piece in enumerate(pieces)]
        self.normal = "".join(normal)
        ends = np.cumsum([0, *map(len, normal)]).tolist()
        self.spans = [(ends[n], ends[n + 1]) for n in range(1, len(normal) - 1, 2)]
        """(start, end) of each unit in `normal`."""
        self._letters = [plain_letters(self.normal[start:end]) for start, end in self.spans]
        self.letters = "".join(self._letters)

    def cells(self, term_starts: Sequence[int], word_starts: Sequence[int]) -> NDArray[np.void]:
        """Return the cells of all units, (c,) of CELL.

        `term_starts` and `word_starts` are where in `normal` the index terms and all words start, ascending.
        """
        return np.array(list(self._cells(term_starts, word_starts)), CELL)

    def _cells(self, term_starts: Sequence[int], word_starts: Sequence[int]) -> Iterator[tuple[int, ...]]:
        pattern = _COLUMN_HEAD if self._is_row else _LABEL
        for (start, end), (first, last), letters in zip(self._spans, self.spans, self._letters, strict=True):
            unit = self.normal[first:last]
            label = _LABEL.match(unit)
            kinds = (bool(kind.search(unit)) for kind in TOKEN_KINDS.values())
            is_question = unit.rstrip("。 」").endswith(("か", "?"))
            flags = sum(is_set << bit for bit, is_set in enumerate((*kinds, bool(label), is_question)))
            line_ends = [match.start() + 1 for match in _LINE_END.finditer(unit)] if self._is_row else []
            for at, to in pairwise((0, *line_ends, len(unit))):
                head = pattern.match(unit, at, to)
                places = (first + at, first + (head.end() if head else at), first + to)
                begins, labelled, ends = (bisect_left(term_starts, place) for place in places)
                word_count = bisect_left(word_starts, places[2]) - bisect_left(word_starts, places[0])
                letter_count = 0 if at else len(letters)
                yield start, end, flags, ends - begins, labelled - begins, word_count, letter_count
