"""Recency adjustment: prefers upcoming and newer passages that are about as relevant."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from bot.question.query import Query
from bot.relevance.event_dates import is_upcoming
from bot.retrieval.recurring_notices import RecurringNotices
from bot.state import Reading, ScoredPassage, Turn
from ingest.documents import Document
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words

# The share of an older passage's probability that one in force must have to speak to the question as well (decision
# 019).
_AS_WELL = 0.4
# The same of a notice that comes back (.1 to .4 alike: decision 020).
_COMES_BACK = 0.25
# How much less likely, as a ratio of odds, a notice of days that have passed is than one of days ahead (decision 020),
# and among how many.
_PASSED, _BEST = 0.37, 6
# What was, whatever has been told since.
_OF_THEN = re.compile(
    r"(?<!午)[先前]月(?!曜)|[先前]回|前号|[昨去]年|一昨年|おととし|この前|先日|[年月週日]前(?!後|半)|(?<!年)以前|過去|当時|昔(?!話)"
    r"|先々?週|昨[日晩夜]|きのう|おととい|この間|終わっ"
)
# 6月, also of 2024年6月号, and 6/8.
_MONTH = re.compile(r"(?<![\d/])(1[0-2]|[1-9])(?:月|/\d)")


def is_as_relevant_in_force(newer: ScoredPassage, older: ScoredPassage, query: Query) -> bool:
    """Whether a passage in force speaks to what one that is not answers, and no time is asked for."""
    preferred = query.scope.preferred
    in_force = newer.hit.passage.doc_id in preferred and older.hit.passage.doc_id not in preferred
    return in_force and _is_as_relevant(newer, older, query, _AS_WELL)


class RecencyAdjustment:
    """Puts what is ahead before what has passed, and the latest of notices that come back in the place of earlier ones.

    Where the latest speaks to the question as well.
    """

    def __init__(self, repeated: RecurringNotices, documents: Sequence[Document]) -> None:
        self._repeated = repeated
        self._documents = {document.id: document for document in documents}

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with them; one that names a paper, or asks for what was, as it is."""
        query, reading = turn.query, turn.reading
        if query is None or reading is None or query.scope.named or _OF_THEN.search(query.text):
            return turn
        reading = self._demote_past_events(reading, query)
        turn = replace(turn, reading=reading)
        told = {read.hit.passage.id: read for read in reading.passages}
        again = {older: newer for older, read in told.items() if (newer := self._latest(read, told, query))}
        # What is itself told again stands for nothing else.
        latest = {older: newer for older, newer in again.items() if newer not in again}
        if not latest:
            return turn
        # It is the same notice: as likely as the likeliest of them.
        likely = {passage_id: read.probability for passage_id, read in told.items()}
        for older, newer in latest.items():
            likely[newer] = max(likely[newer], likely[older])
        left = [replace(told[one], probability=likely[one]) for one in told.keys() - latest.keys()]
        hits = tuple(hit for hit in turn.hits if hit.passage.id not in latest)
        return replace(turn, hits=hits, reading=replace(reading, passages=_best_first(left)))

    def _demote_past_events(self, reading: Reading, query: Query) -> Reading:
        """Return the reading, what has passed less likely than what is to come; as it is where a time is asked for."""
        if query.dates or _MONTH.search(query.text):
            return reading
        reads, day = reading.passages, query.scope.as_of
        ahead = [is_upcoming(self._documents[one.hit.passage.doc_id], (one.hit.passage.text,), day) for one in reads]
        if not any(ahead[:_BEST]):
            return reading
        both = zip(reads, ahead, strict=True)
        found = [_demote_past_event(one) if to_come is False else one for one, to_come in both]
        return replace(reading, passages=_best_first(found))

    def _latest(self, older: ScoredPassage, told: Mapping[str, ScoredPassage], query: Query) -> str | None:
        """Return the id of what stands in the place of a passage, if anything does."""
        for of_paper in self._repeated.later(older.hit.passage, query.scope.allowed):
            alike = [
                one for one in of_paper.keys() & told.keys() if _is_as_relevant(told[one], older, query, _COMES_BACK)
            ]
            if alike:
                return max(alike, key=lambda one: (told[one].probability, one))
        return None


def _best_first(reads: Sequence[ScoredPassage]) -> tuple[ScoredPassage, ...]:
    return tuple(sorted(reads, key=lambda read: (-read.probability, read.hit.passage.id)))


def _demote_past_event(read: ScoredPassage) -> ScoredPassage:
    likely = read.probability
    return replace(read, probability=likely * _PASSED / (1 - likely + likely * _PASSED))


def _is_as_relevant(newer: ScoredPassage, older: ScoredPassage, query: Query, share: float) -> bool:
    """Whether one is nearly as likely and has as much of the question's words and its months; no year is asked for."""
    likely = newer.probability >= share * older.probability
    if (
        not likely
        or query.dates
        or not set(_MONTH.findall(query.text)).issubset(_MONTH.findall(_text_with_headings(newer)))
    ):
        return False
    return _matched_term_weight(newer, query) >= _matched_term_weight(older, query)


def _matched_term_weight(read: ScoredPassage, query: Query) -> float:
    """Return how much of a question's words, by weight, a passage has with its headings."""
    own = _words(_text_with_headings(read))
    return sum(term.weight for term in query.terms if term.text in own and not term.asks)


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))


def _text_with_headings(read: ScoredPassage) -> str:
    return nfkc("\n".join((*read.hit.passage.path, read.hit.passage.text)))
