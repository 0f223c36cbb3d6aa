"""Drops passages that were published after the day in the question (decision 070)."""

from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking
from bot.relevance.recency import states_day


def drop_later_documents(ranking: Ranking, query: Query) -> Ranking:
    """Drop passages of documents published after the day in the question, unless they state something of that day.

    A report of July states the population of the last of March; a notice of July does not tell what held in March.
    """
    day, later = query.scope.day, query.scope.later
    if day is None or not later:
        return ranking
    documents = ranking.catalogue.documents
    known = (
        hit
        for hit in ranking.hits
        if hit.passage.doc_id not in later or states_day(hit.passage, documents[hit.passage.doc_id], day)
    )
    return replace(ranking, hits=tuple(known))
