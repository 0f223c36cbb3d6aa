"""Drops passages that cannot answer for a town that published none of the documents."""

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking
from ingest.documents import Passage
from ingest.japanese import nfkc


def filter_absent_towns(ranking: Ranking, query: Query) -> Ranking:
    """Keep the passages that name the absent town; where none does, drop all for another city.

    For a prefecture, town, village or ward all passages stay, because it may contain the issuer or be part of it, and
    so they do where the question also names an issuer.
    """
    absent = query.scope.absent_towns
    if not absent:
        return ranking
    naming = [scored for scored in ranking.passages if names_absent_town(scored.hit.passage, query)]
    if naming:
        return ranking.limited_to(naming)
    return ranking.limited_to([]) if asks_about_other_city(query) else ranking


def asks_about_other_city(query: Query) -> bool:
    """Whether the question names a city that published no document, and no issuer."""
    return not query.scope.issuers and any(town.endswith("市") for town in query.scope.absent_towns)


def names_absent_town(passage: Passage, query: Query) -> bool:
    """Whether a passage or its headings name a town that the question names and that published no document."""
    text = nfkc("\n".join((*passage.path, passage.text)))
    return any(town in text for town in query.scope.absent_towns)
