"""Which of two passages speaks to a question: the newer one, where it does so as well."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from bot.query.query import Query
from bot.reader.span import span_of
from bot.search.repeated import Repeated
from bot.turn import ReadPassage, Turn
from ingest.normalise import nfkc
from ingest.tokenise import words

# The share of an older passage's probability that one in force must have to speak to the question as well (eval/LOG.md,
# 2026-11-22).
_AS_WELL = 0.4
# What was, whatever has been told since.
_OF_THEN = re.compile(r"[先前]月|[先前]回|[昨去]年|一昨年|以前|過去|当時|昔")
# 6月, also of 2024年6月号, and 6/8.
_MONTH = re.compile(r"(?<![\d/])(1[0-2]|[1-9])(?:月|/\d)")


def speaks_as_well(newer: ReadPassage, older: ReadPassage, query: Query) -> bool:
    """Whether a passage in force speaks to what one that is not answers, and no time is asked for."""
    preferred = query.scope.preferred
    in_force = newer.hit.passage.doc_id in preferred and older.hit.passage.doc_id not in preferred
    return in_force and _as_well(newer, older, query)


class Latest:
    """Leaves out the notices that a later paper has again, where that speaks to the question as well."""

    def __init__(self, repeated: Repeated) -> None:
        self._repeated = repeated

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn without them; one that names a paper, or asks for what was, as it is."""
        query, reading = turn.query, turn.reading
        if query is None or reading is None or query.scope.named or _OF_THEN.search(query.text):
            return turn
        told = {read.hit.passage.id: read for read in reading.passages}
        gone = {read.hit.passage.id for read in reading.passages if self._is_told_again(read, told, query)}
        if not gone:
            return turn
        passages = tuple(read for read in reading.passages if read.hit.passage.id not in gone)
        hits = tuple(hit for hit in turn.hits if hit.passage.id not in gone)
        return replace(turn, hits=hits, reading=replace(reading, passages=passages, span=span_of(query, passages[0])))

    def _is_told_again(self, older: ReadPassage, told: Mapping[str, ReadPassage], query: Query) -> bool:
        later = self._repeated.later(older.hit.passage, query.scope.allowed)
        return any(_as_well(told[again], older, query) for of_paper in later for again in of_paper.keys() & told.keys())


def _as_well(newer: ReadPassage, older: ReadPassage, query: Query) -> bool:
    """Whether one is nearly as likely and has as much of the question's words and its months; no year is asked for."""
    likely = newer.probability >= _AS_WELL * older.probability
    if not likely or query.dates or not set(_MONTH.findall(query.text)).issubset(_MONTH.findall(_whole(newer))):
        return False
    return _said(newer, query) >= _said(older, query)


def _said(read: ReadPassage, query: Query) -> float:
    """Return how much of a question's words, by weight, a passage has with its headings."""
    own = _words(_whole(read))
    return sum(term.weight for term in query.terms if term.text in own and not term.asks)


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))


def _whole(read: ReadPassage) -> str:
    return nfkc("\n".join((*read.hit.passage.path, read.hit.passage.text)))
