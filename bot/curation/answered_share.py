"""Asks the unanswered questions of a month again and counts how they are answered now."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from bot.curation.groups import AnsweredShare, State
from bot.curation.served_pipeline import ServedPipeline
from bot.state import CURATED, Question, Status, Turn
from ingest.japanese.today import JAPAN


def month_bounds(day: date) -> tuple[date, date]:
    """Return the first and the last day of a calendar month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def period_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the beginning of `first` and the end of `last` in Japan, as UTC times."""
    start, end = (datetime.combine(day, time.min, JAPAN) for day in (first, last + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def count_answered_now(
    first: date, last: date, questions: Iterable[tuple[str, State]], pipeline: ServedPipeline, today: date
) -> AnsweredShare:
    """Ask questions again on `today` and count the outcomes; each comes with the state of its group."""
    outcomes: dict[str, str] = {}
    counts = {"by_curated": 0, "by_documents": 0, "dismissed": 0, "open": 0}
    for question, state in questions:
        if question not in outcomes:
            outcomes[question] = _outcome(question, pipeline, today)
        is_dismissed = outcomes[question] == "open" and state == "dismissed"
        counts["dismissed" if is_dismissed else outcomes[question]] += 1
    return AnsweredShare(first, last, n=sum(counts.values()), **counts)


def _outcome(question: str, pipeline: ServedPipeline, today: date) -> str:
    # Without a language model, which can answer only what the documents say.
    turn, _ = pipeline.answer(Turn(Question(question=question, by_model=False), today))
    if turn.draft is None or turn.draft.status is not Status.ANSWERED:
        return "open"
    return "by_curated" if turn.draft.generator == CURATED else "by_documents"
