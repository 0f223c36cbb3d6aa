"""Raises the best passage of a section by the weight of its second one."""

from collections import defaultdict
from typing import TYPE_CHECKING

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking, section_key

if TYPE_CHECKING:
    from bot.state import ScoredPassage


def add_section_support(ranking: Ranking, _query: Query) -> Ranking:
    """Add the weight of a section's second passage to that of its best (decision 018)."""
    sections: dict[tuple[str, tuple[str, ...]], list[ScoredPassage]] = defaultdict(list)
    for scored in ranking.passages:
        sections[section_key(scored)].append(scored)
    pairs = [(section[0], section[1]) for section in sections.values() if len(section) > 1]
    return ranking.reweighted(
        {best.hit.passage.id: ranking.weight(best) + ranking.weight(second) for best, second in pairs}
    )
