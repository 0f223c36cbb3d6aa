"""Starts passages of minutes at the office's reply, if a question names no speaker (decision 078)."""

from dataclasses import replace
from itertools import takewhile

from bot.question.query import Query
from bot.relevance.adjustments.adjusted_ranking import Ranking
from bot.state import ScoredPassage, Unit
from ingest.minutes import Kind, SpeakerRole, Speech, read_speeches

# The factor for a member's words (.3 to .7 give the same answers: decision 022).
_MEMBER_FACTOR = 0.5


def start_at_speaker(ranking: Ranking, query: Query) -> Ranking:
    """Drop units before the answering speech; prefer the office's reply to the member's question."""
    if query.mentions_members:
        return ranking
    return replace(ranking, passages=tuple(map(_from_answering_speech, ranking.passages)))


def _from_answering_speech(scored: ScoredPassage) -> ScoredPassage:
    passage = scored.hit.passage
    speeches = [speech for speech in read_speeches(passage) if speech.person] if passage.kind != "row" else []
    office_count = sum(map(_is_office, speeches))
    if office_count in {0, len(speeches)}:
        return scored
    units = [_units_of(scored, speech) for speech in speeches]
    scores = [max((unit.probability for unit in speech_units), default=0.0) for speech_units in units]
    best = scores.index(max(scores))
    replies = list(takewhile(lambda n: _is_office(speeches[n]), range(best + 1, len(units))))
    if speeches[best].kind is Kind.QUESTION and replies:
        best = max(replies, key=scores.__getitem__)
    if not units[best]:
        return scored
    following = [unit for speech_units in units[best:] for unit in speech_units]
    return replace(scored, units=tuple(dict.fromkeys(following)))


def _units_of(scored: ScoredPassage, speech: Speech) -> list[Unit]:
    factor = 1.0 if _is_office(speech) or speech.kind is Kind.QUESTION else _MEMBER_FACTOR
    return [
        replace(unit, probability=factor * unit.probability)
        for unit in scored.units
        if any(unit.start < span.end and span.start < unit.end for span in speech.spans)
    ]


def _is_office(speech: Speech) -> bool:
    return speech.person is not None and speech.person.role is SpeakerRole.OFFICE
