"""Weighs and selects passages by their town, section, repetition and weight."""

from collections import defaultdict
from dataclasses import replace

from bot.relevance.adjustments.adjusted_ranking import Ranking, section_key
from bot.state import ScoredPassage
from bot.state.query import Query
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


def add_section_support(ranking: Ranking, _query: Query) -> Ranking:
    """Add the weight of a section's second passage to that of its best (decision 018)."""
    sections: defaultdict[tuple[str, tuple[str, ...]], list[ScoredPassage]] = defaultdict(list)
    for scored in ranking.passages:
        sections[section_key(scored)].append(scored)
    return ranking.reweighted(
        {
            section[0].hit.passage.id: ranking.weight(section[0]) + ranking.weight(section[1])
            for section in sections.values()
            if len(section) > 1
        }
    )


def drop_same_place(ranking: Ranking, _query: Query) -> Ranking:
    """Keep the best row of each table, which is shown as a whole, and the best of passages with the same text.

    It improves no case (decision 055), but without it a table would be shown twice.
    """
    distinct: list[ScoredPassage] = []
    for scored in ranking.passages:
        if not any(_is_same_place(scored, better, ranking) for better in distinct):
            distinct.append(scored)
    return replace(ranking, passages=tuple(distinct))


def _is_same_place(scored: ScoredPassage, better: ScoredPassage, ranking: Ranking) -> bool:
    first = scored.hit.passage
    second = better.hit.passage
    if first.text.strip() == second.text.strip():
        return True
    tables = ranking.catalogue.tables
    are_rows_of_section = first.kind == second.kind == "row" and section_key(scored) == section_key(better)
    return are_rows_of_section and tables.find_table(first) is tables.find_table(second)


def drop_weak_passages(ranking: Ranking, _query: Query) -> Ranking:
    """Keep the leading passages and those that are nearly as good as the best (decision 018)."""
    leading = ranking.passages[: ranking.leading]
    others = ranking.passages[ranking.leading :]
    return replace(ranking, passages=(*leading, *filter(ranking.is_nearly_best, others)))
