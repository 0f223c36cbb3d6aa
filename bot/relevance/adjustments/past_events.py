"""Lowers the probability of notices about past events where others are about upcoming ones (decision 020)."""

from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking
from bot.relevance.event_dates import is_upcoming
from bot.relevance.recency import asks_about_past, named_months
from bot.state import ScoredPassage

# The odds of a past event are multiplied by this (decision 020).
_ODDS_RATIO = 0.37
# One of this many best passages must be about an upcoming event.
_BEST_PASSAGES = 6


def demote_past_events(ranking: Ranking, query: Query) -> Ranking:
    """Lower the probability of notices whose dates have all passed, if one of the best is about an upcoming date.

    Not where the question names a document or a time.
    """
    if query.scope.named or query.dates or named_months(query.topic) or asks_about_past(query):
        return ranking
    documents, day = ranking.catalogue.documents, query.scope.as_of
    upcoming = [
        is_upcoming(documents[scored.hit.passage.doc_id], (scored.hit.passage.text,), day)
        for scored in ranking.passages
    ]
    if not any(upcoming[:_BEST_PASSAGES]):
        return ranking
    demoted = (
        _demote(scored) if is_upcoming is False else scored
        for scored, is_upcoming in zip(ranking.passages, upcoming, strict=True)
    )
    return ranking.with_scored(demoted)


def _demote(passage: ScoredPassage) -> ScoredPassage:
    probability = passage.probability
    return replace(passage, probability=probability * _ODDS_RATIO / (1 - probability + probability * _ODDS_RATIO))
