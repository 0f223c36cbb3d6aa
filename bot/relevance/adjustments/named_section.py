"""Keeps to the section that a question asks for by its heading or number (decision 021)."""

from dataclasses import replace

from bot.question.query import AnswerType, Query
from bot.relevance.adjustments.ranking import Ranking
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.tokenise import words
from ingest.structure.lists import heading_number

# Answer types that a section answers as a whole.
_WHOLE_SECTION = frozenset({AnswerType.OTHER, AnswerType.LIST, AnswerType.DEFINITION})


def keep_named_section(ranking: Ranking, query: Query) -> Ranking:
    """Keep only passages of sections that the question names, if the first is one."""
    if not is_named_section(ranking.passages[0].hit.passage, query):
        return ranking
    passages = tuple(one for one in ranking.passages if is_named_section(one.hit.passage, query))
    return replace(ranking, passages=passages, sharing=min(ranking.sharing, len(passages)))


def is_named_section(passage: Passage, query: Query) -> bool:
    """Whether the question asks for nothing but the words of the section's heading, or of its number.

    行動指針について教えてください, 行動指針をすべて; 視点1とは for 【視点1】 利便性の向上.
    """
    heading = nfkc(passage.section)
    terms = {term.text for term in query.terms} - (query.operation.words if query.operation else frozenset())
    names = ({*words(name)} for name in (strip_heading_number(heading), heading_number(heading)))
    return query.answer_type in _WHOLE_SECTION and any(name and name == terms for name in names)
