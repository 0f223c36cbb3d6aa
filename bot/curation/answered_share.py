"""Asks a month's unanswered questions again and counts how they are answered now."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from bot.curation.answers import GENERATOR
from bot.curation.groups import AnsweredShare, State
from bot.curation.served_pipeline import ServedPipeline
from bot.state import Question, Status, Turn
from ingest.japanese.today import JAPAN


def month_bounds(day: date) -> tuple[date, date]:
    """Return the first and the last day of a calendar month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def period_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the time at which `first` begins and that at which `last` has ended, here, in UTC."""
    midnights = (datetime.combine(day, time.min, JAPAN) for day in (first, last + timedelta(days=1)))
    start, end = (midnight.astimezone(UTC) for midnight in midnights)
    return start, end


def count_answered_now(
    first: date, last: date, asked: Iterable[tuple[str, State]], pipeline: ServedPipeline, today: date
) -> AnsweredShare:
    """Return what becomes of questions, each with the state of its group, when they are asked `today`."""
    ends: dict[str, str] = {}
    counts = {"by_curated": 0, "by_documents": 0, "dismissed": 0, "open": 0}
    for question, state in asked:
        if question not in ends:
            ends[question] = _answered_by(question, pipeline, today)
        end = "dismissed" if ends[question] == "open" and state == "dismissed" else ends[question]
        counts[end] += 1
    return AnsweredShare(first, last, n=sum(counts.values()), **counts)


def _answered_by(question: str, pipeline: ServedPipeline, today: date) -> str:
    """Return by whom a question is answered, without a language model: it says nothing that the documents do not."""
    turn, _ = pipeline.answer(Turn(Question(question=question, by_model=False), today))
    if turn.draft is None or turn.draft.status is not Status.ANSWERED:
        return "open"
    return "by_curated" if turn.draft.generator == GENERATOR else "by_documents"
