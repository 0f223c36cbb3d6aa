"""Drops passages that are much weaker than the best."""

from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking


def drop_weak_passages(ranking: Ranking, _query: Query) -> Ranking:
    """Keep the leading passages and those that are nearly as good as the best (decision 018)."""
    leading, others = ranking.passages[: ranking.leading], ranking.passages[ranking.leading :]
    return replace(ranking, passages=(*leading, *(scored for scored in others if ranking.is_nearly_best(scored))))
