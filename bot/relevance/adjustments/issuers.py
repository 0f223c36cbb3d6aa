"""Selects passages by the issuer that a question means."""

from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.adjusted_ranking import Ranking
from bot.state import ScoredPassage
from ingest.documents import Passage
from ingest.japanese import nfkc


def filter_absent_towns(ranking: Ranking, query: Query) -> Ranking:
    """Keep the passages that name a town without documents; without such passages, drop all for another city.

    For a prefecture, town, village or ward all passages stay, because it may contain the issuer or be part of it. They
    also stay if the question names an issuer as well.
    """
    if not query.scope.absent_towns:
        return ranking
    with_town = [scored for scored in ranking.passages if names_absent_town(scored.hit.passage, query)]
    if with_town:
        return ranking.limited_to(with_town)
    return ranking.limited_to([]) if asks_about_other_city(query) else ranking


def asks_about_other_city(query: Query) -> bool:
    """Whether the question names a city that published no document, and no issuer."""
    return not query.scope.issuers and any(town.endswith("市") for town in query.scope.absent_towns)


def names_absent_town(passage: Passage, query: Query) -> bool:
    """Whether a passage or its headings name a town that the question names and that published no document."""
    text = nfkc("\n".join((*passage.path, passage.text)))
    return any(town in text for town in query.scope.absent_towns)


def keep_best_of_issuers(ranking: Ranking, query: Query) -> Ranking:
    """Keep the first passage, and the best of each other issuer that is nearly as good or named.

    Nothing changes if one issuer is named or documents are compared.
    """
    scope = query.scope
    if len(scope.issuers) == 1 or scope.required:
        return ranking
    first = ranking.passages[0]
    issuers = {_issuer(first, ranking)}
    others: list[ScoredPassage] = []
    for scored in ranking.passages[1:]:
        is_candidate = bool(scope.issuers) or ranking.is_nearly_best(scored)
        issuer = _issuer(scored, ranking)
        if is_candidate and issuer not in issuers:
            issuers.add(issuer)
            others.append(scored)
    return replace(ranking, passages=(first, *others), leading=1 + len(others)) if others else ranking


def _issuer(passage: ScoredPassage, ranking: Ranking) -> str:
    return ranking.catalogue.documents[passage.hit.passage.doc_id].issuer
