"""Lets documents that are not meant count less: superseded plans, or the plan in force where an older one is meant."""

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking

# What a passage of a document that is not preferred counts, and where the question asks for an older one (decision
# 018): at twice as much both are shown, at a sixth what only the later one has is lost.
_NOT_PREFERRED, _NOT_OF_THEN = 0.6, 0.19


def prefer_current_plan(ranking: Ranking, query: Query) -> Ranking:
    """Lower the weight of documents that are not preferred (decision 019)."""
    preferred = query.scope.preferred
    asks_for_older = all(ranking.catalogue.is_superseded(doc_id, query.scope) for doc_id in preferred)
    factor = _NOT_OF_THEN if asks_for_older else _NOT_PREFERRED
    return ranking.reweighted(
        {
            one.hit.passage.id: factor * ranking.weight(one)
            for one in ranking.passages
            if one.hit.passage.doc_id not in preferred
        }
    )
