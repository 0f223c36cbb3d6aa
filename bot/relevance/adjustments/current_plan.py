"""Puts the plan in force before the one that it replaces (decision 019)."""

from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking
from bot.relevance.recency import is_as_relevant
from bot.state import ScoredPassage

# What a passage of a document that is not preferred counts, and where the question asks for an older one (decision
# 018): at twice as much both are shown, at a sixth what only the later one has is lost.
_NOT_PREFERRED, _NOT_OF_THEN = 0.6, 0.19
# The share of the older passage's probability that one in force needs (decision 019).
_MIN_SHARE = 0.4


def prefer_current_plan(ranking: Ranking, query: Query) -> Ranking:
    """Lower the weight of documents that are not preferred, and put an equally relevant passage in force first.

    The latter only before a passage of a superseded plan, where the question neither compares nor asks for an older
    plan.
    """
    scope, catalogue = query.scope, ranking.catalogue
    asks_for_older = all(catalogue.is_superseded(doc_id, scope) for doc_id in scope.preferred)
    factor = _NOT_OF_THEN if asks_for_older else _NOT_PREFERRED
    ranking = ranking.reweighted(
        {
            one.hit.passage.id: factor * ranking.weight(one)
            for one in ranking.passages
            if one.hit.passage.doc_id not in scope.preferred
        }
    )
    first = ranking.passages[0]
    if scope.compared or asks_for_older or not catalogue.is_superseded(first.hit.passage.doc_id, scope):
        return ranking
    current = next((one for one in ranking.passages if is_current_alternative(one, first, query)), None)
    if current is None:
        return ranking
    return replace(ranking, passages=(current, *(one for one in ranking.passages if one is not current)))


def is_current_alternative(current: ScoredPassage, older: ScoredPassage, query: Query) -> bool:
    """Whether a passage is of a preferred document, the other is not, and it is about as relevant."""
    preferred = query.scope.preferred
    is_current = current.hit.passage.doc_id in preferred and older.hit.passage.doc_id not in preferred
    return is_current and is_as_relevant(current, older, query, _MIN_SHARE)
