"""Drops passages that are much weaker than the best, and decides how many share the space of the answer."""

from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking

# Of the best weight, the share from which on a third passage shares the space (decision 018).
_THIRD_SHARES = 0.8


def drop_weak_passages(ranking: Ranking, _query: Query) -> Ranking:
    """Keep the leading passages and those that are nearly as good as the best."""
    leading, others = ranking.passages[: ranking.leading], ranking.passages[ranking.leading :]
    return replace(ranking, passages=(*leading, *(one for one in others if ranking.is_nearly_best(one))))


def share_with_third(ranking: Ranking, _query: Query) -> Ranking:
    """Let a third passage share the space if it is about as good as the best."""
    third = ranking.passages[ranking.sharing : ranking.sharing + 1]
    if ranking.leading > ranking.sharing or not third:
        return ranking
    is_as_good = ranking.weight(third[0]) >= _THIRD_SHARES * ranking.best_weight
    return replace(ranking, sharing=ranking.sharing + 1) if is_as_good else ranking
