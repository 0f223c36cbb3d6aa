"""Shows one passage of each issuer where the question does not say which is meant."""

from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking
from bot.state import ScoredPassage


def keep_best_of_issuers(ranking: Ranking, query: Query) -> Ranking:
    """Keep the first passage, and the best of each other issuer that is nearly as good or named.

    Not where one issuer is named, nor where documents are compared.
    """
    scope = query.scope
    if len(scope.issuers) == 1 or scope.compared:
        return ranking
    first = ranking.passages[0]
    issuers = {_issuer(first, ranking)}
    others: list[ScoredPassage] = []
    for scored in ranking.passages[1:]:
        if _issuer(scored, ranking) not in issuers and (scope.issuers or ranking.is_nearly_best(scored)):
            issuers.add(_issuer(scored, ranking))
            others.append(scored)
    if not others:
        return ranking
    return replace(ranking, passages=(first, *others), leading=1 + len(others))


def _issuer(passage: ScoredPassage, ranking: Ranking) -> str:
    return ranking.catalogue.documents[passage.hit.passage.doc_id].issuer
