"""Lets a council member's question in minutes count less than what was answered."""

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking
from ingest.structure.speeches import is_question_section

# What a member's question counts (.3 to .7 are alike: decision 022).
_WEIGHT = 0.5


def demote_member_questions(ranking: Ranking, _query: Query) -> Ranking:
    """Lower the weight of sections in which a council member asks."""
    return ranking.reweighted(
        {
            one.hit.passage.id: _WEIGHT * ranking.weight(one)
            for one in ranking.passages
            if is_question_section(one.hit.passage.path)
        }
    )
