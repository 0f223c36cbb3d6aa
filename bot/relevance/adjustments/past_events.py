"""Lowers the probability of notices about past days where others are about days to come (decision 020)."""

from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking
from bot.relevance.event_dates import is_upcoming
from bot.relevance.recency import asks_about_past, named_months
from bot.state import ScoredPassage

# The odds of a past event are multiplied by this ratio, where one of so many best passages is upcoming (decision 020).
_ODDS_RATIO, _BEST = 0.37, 6


def demote_past_events(ranking: Ranking, query: Query) -> Ranking:
    """Lower the probability of notices whose days have all passed, if a notice among the best is about days to come.

    Not where the question names a document or a time.
    """
    if query.scope.named or query.dates or named_months(query.text) or asks_about_past(query):
        return ranking
    documents, day = ranking.catalogue.documents, query.scope.as_of
    upcoming = [
        is_upcoming(documents[one.hit.passage.doc_id], (one.hit.passage.text,), day) for one in ranking.passages
    ]
    if not any(upcoming[:_BEST]):
        return ranking
    return ranking.with_scored(
        [_demote(one) if is_ahead is False else one for one, is_ahead in zip(ranking.passages, upcoming, strict=True)]
    )


def _demote(passage: ScoredPassage) -> ScoredPassage:
    probability = passage.probability
    return replace(passage, probability=probability * _ODDS_RATIO / (1 - probability + probability * _ODDS_RATIO))
