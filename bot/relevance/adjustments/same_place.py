"""Drops passages that would show the same table or text again."""

from dataclasses import replace

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking, section_key
from bot.state import ScoredPassage


def drop_same_place(ranking: Ranking, _query: Query) -> Ranking:
    """Keep the best row of each table, which is shown as a whole, and the best of passages with the same text.

    It improves no case (decision 055), but without it a table would be shown twice.
    """
    kept: list[ScoredPassage] = []
    for passage in ranking.passages:
        if not any(_is_same_place(passage, other, ranking) for other in kept):
            kept.append(passage)
    return replace(ranking, passages=tuple(kept))


def _is_same_place(passage: ScoredPassage, other: ScoredPassage, ranking: Ranking) -> bool:
    first, second, tables = passage.hit.passage, other.hit.passage, ranking.catalogue.tables
    are_rows = first.kind == second.kind == "row" and section_key(passage) == section_key(other)
    is_same_table = are_rows and tables.find_table(first) is tables.find_table(second)
    return is_same_table or first.text.strip() == second.text.strip()
