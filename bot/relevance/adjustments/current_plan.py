"""Lowers the weight of superseded plans, or of the plan in force where the question asks for an older one."""

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking

# The factor for a document that is not preferred, and that for a later one where the question asks for an older one: at
# twice the factor both are shown, at a sixth of it what only the later one says is lost (decision 018).
_NOT_PREFERRED_FACTOR, _LATER_FACTOR = 0.6, 0.19


def prefer_current_plan(ranking: Ranking, query: Query) -> Ranking:
    """Lower the weight of documents that are not preferred (decision 019)."""
    preferred = query.scope.preferred
    asks_for_older = all(ranking.catalogue.is_superseded(doc_id, query.scope) for doc_id in preferred)
    factor = _LATER_FACTOR if asks_for_older else _NOT_PREFERRED_FACTOR
    return ranking.reweighted(
        {
            scored.hit.passage.id: factor * ranking.weight(scored)
            for scored in ranking.passages
            if scored.hit.passage.doc_id not in preferred
        }
    )
