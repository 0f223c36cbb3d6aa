"""Chooses the passage that is shown second: the other side of a comparison, or an older alternative."""

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking
from ingest.japanese.markers import strip_heading_number


def place_compared_document(ranking: Ranking, query: Query) -> Ranking:
    """In a comparison, put the other document's passage under the same heading second, or else its best passage."""
    compared = query.scope.compared
    if not compared or len(ranking.passages) == 1:
        return ranking
    first, *others = ranking.passages
    in_other = [scored for scored in others if scored.hit.passage.doc_id in compared - {first.hit.passage.doc_id}]
    heading = strip_heading_number(first.hit.passage.section)
    best = max((ranking.weight(scored) for scored in in_other), default=0.0)
    under_heading = [
        scored
        for scored in in_other
        if heading
        and ranking.is_nearly_best(scored, best)
        and strip_heading_number(scored.hit.passage.section) == heading
    ]
    return ranking.with_leading((under_heading or in_other or others)[0])


def place_older_alternative(ranking: Ranking, query: Query) -> Ranking:
    """Put a passage of a document that is not preferred second, if it is at least as likely as the first."""
    if query.scope.compared or ranking.leading > 1:
        return ranking
    first, *others = ranking.passages
    older = [
        scored
        for scored in others
        if scored.hit.passage.doc_id not in query.scope.preferred
        and ranking.is_nearly_best(scored)
        and scored.probability >= first.probability
    ]
    return ranking.with_leading(older[0]) if older else ranking
