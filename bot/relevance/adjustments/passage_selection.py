"""Weighs and selects passages by their section, repetition and weight."""

from collections import defaultdict
from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.adjusted_ranking import Ranking, section_key
from bot.state import ScoredPassage


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
