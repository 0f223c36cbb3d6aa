"""Selects passages by the issuer that a question means."""

from bot.question.query import Query
from bot.relevance.adjustments.adjusted_ranking import Ranking
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
