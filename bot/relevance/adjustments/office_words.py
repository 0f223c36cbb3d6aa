"""Puts the office's words before a member's in minutes, where a question names no speaker (decision 078).

A citizen's words often match the member's question, and the reply (研究してまいりたい) hardly repeats them.
"""

import re
from dataclasses import replace
from itertools import takewhile

from bot.question.query import Query
from bot.relevance.adjustments.ranking import Ranking
from bot.state import ScoredPassage, Unit
from ingest.documents import Passage
from ingest.japanese.interrogatives import WHO
from ingest.minutes import Kind, Role, Speech, read_speeches

# The factor for a member's words (.3 to .7 give the same answers: decision 022).
_FACTOR = 0.5
# Words of questions about what a member said.
_ABOUT_MEMBER = re.compile(rf"議員|委員|質問|質疑|提案|要望|意見|主張|指摘|{WHO}")


def start_at_speaker(ranking: Ranking, query: Query) -> Ranking:
    """Leave out of each passage what comes before the words that answer; the office's answer, not the question."""
    if _ABOUT_MEMBER.search(query.text):
        return ranking
    return replace(ranking, passages=tuple(map(_from_speaker, ranking.passages)))


def _from_speaker(scored: ScoredPassage) -> ScoredPassage:
    speeches = [speech for speech in _labelled(scored.hit.passage) if speech.person]
    if not any(map(_is_office, speeches)) or all(map(_is_office, speeches)):
        return scored
    units = [_units_of(scored, speech) for speech in speeches]
    best = max(range(len(units)), key=lambda n: max((unit.probability for unit in units[n]), default=0.0))
    replies = list(takewhile(lambda n: _is_office(speeches[n]), range(best + 1, len(units))))
    if speeches[best].kind is Kind.QUESTION and replies:
        best = max(replies, key=lambda n: max((unit.probability for unit in units[n]), default=0.0))
    following = [unit for own in units[best:] for unit in own]
    return replace(scored, units=tuple(dict.fromkeys(following))) if units[best] else scored


def _labelled(passage: Passage) -> list[Speech]:
    return read_speeches(passage) if passage.kind != "row" else []


def _units_of(scored: ScoredPassage, speech: Speech) -> list[Unit]:
    """Return the units of a speech, those of a member with a lower probability."""
    factor = 1.0 if _is_office(speech) or speech.kind is Kind.QUESTION else _FACTOR
    return [
        replace(unit, probability=factor * unit.probability)
        for unit in scored.units
        if any(unit.start < span.end and span.start < unit.end for span in speech.spans)
    ]


def _is_office(speech: Speech) -> bool:
    return speech.person is not None and speech.person.role is Role.OFFICE
