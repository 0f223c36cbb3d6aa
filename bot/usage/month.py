"""The monthly usage report for a council."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from bot.state import CURATED, Status
from bot.storage.usage_records import RecordedQuestion
from ingest.japanese.today import JAPAN

MIN_COUNT = 5
"""The least count that is published, because smaller ones may identify people. NHS Digital and many statistics offices
suppress counts from 1 to 4; Japan's database of health insurance claims (NDB) suppresses those up to 9."""
OUTCOMES = {
    Status.ANSWERED: "答えた",
    Status.PARTIAL: "近いことを示した",
    Status.CLARIFY: "聞き返した",
    Status.NO_ANSWER: "資料から答えられなかった",
    Status.OUT_OF_SCOPE: "対象の外だった",
    Status.BLOCKED: "受け付けなかった",
    Status.SMALLTALK: "あいさつ",
}
"""The outcome of a question, as named in the report."""
ASKED_BY = {"citizen": "市民", "staff": "職員", None: "わからない"}
RATED = {"up": "役に立った", "down": "役に立たなかった"}
# Rows of a list, so that the report fits on a page.
_MAX_ROWS = 10


def month_bounds(day: date) -> tuple[date, date]:
    """Return the first and the last day of a calendar month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def period_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the beginning of `first` and the end of `last` in Japan, as UTC times."""
    start, end = (datetime.combine(day, time.min, JAPAN) for day in (first, last + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


class Count(NamedTuple):
    """How often something occurred; `n` is None if it is suppressed."""

    name: str
    n: int | None


@dataclass(frozen=True, slots=True)
class MonthlyUsage:
    """Usage from `first` to `last`; counts that are too small to publish are None. Times are in seconds.

    `days` lists every day; `subjects` counts departments by their subjects, `documents` those cited or related.
    `frequent` are the questions asked often enough to be published; `unanswered` those of them without an answer.
    """

    first: date
    last: date
    n: int | None
    by_outcome: list[Count]
    by_audience: list[Count]
    by_rating: list[Count]
    days: list[Count]
    documents: list[Count]
    subjects: list[Count]
    frequent: list[Count]
    unanswered: list[Count]
    by_staff: int | None
    median_s: float | None
    slow_s: float | None


def count_month(
    first: date, last: date, recorded: Sequence[RecordedQuestion], subject: Callable[[str], str | None]
) -> MonthlyUsage:
    """Count the recorded questions; `subject` returns the department of a question, or None."""
    questions = [question for question in recorded if question.status is not Status.SMALLTALK]
    every_day = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
    outcomes = [name for status, name in OUTCOMES.items() if status is not Status.SMALLTALK]
    times = sorted(q.seconds for q in questions)
    unanswered = [q for q in questions if q.status in {Status.NO_ANSWER, Status.PARTIAL}]
    return MonthlyUsage(
        first,
        last,
        n=publishable_count(len(questions)),
        by_outcome=count_names((OUTCOMES[q.status] for q in questions), order=outcomes),
        by_audience=count_names(ASKED_BY[q.audience] for q in questions),
        by_rating=count_names((RATED[q.rating] for q in questions if q.rating), order=RATED.values()),
        days=count_names((q.day.isoformat() for q in questions), order=every_day),
        documents=count_names((title for q in questions for title in dict(q.cited).values()), _MAX_ROWS),
        subjects=count_names(filter(None, (subject(q.question) for q in questions)), _MAX_ROWS),
        frequent=frequent_questions(q.question for q in questions)[:_MAX_ROWS],
        unanswered=frequent_questions(q.question for q in unanswered)[:_MAX_ROWS],
        by_staff=publishable_count(sum(q.generator == CURATED for q in questions)),
        median_s=_quantile(times, 0.5),
        slow_s=_quantile(times, 0.95),
    )


def count_names(names: Iterable[str], limit: int | None = None, order: Iterable[str] = ()) -> list[Count]:
    """Return the counts of names, the greatest first or in the given `order` (including zeros), small ones suppressed.

    If only one is small, the next greater one is suppressed too, because the sum would reveal it.
    """
    counts = Counter(names)
    listed = dict.fromkeys(order) or dict.fromkeys(name for name, _ in counts.most_common())
    suppressed = {name for name in listed if 0 < counts[name] < MIN_COUNT}
    others = sorted((counts[name], name) for name in listed if counts[name] >= MIN_COUNT)
    if len(suppressed) == 1 and others:
        suppressed.add(others[0][1])
    return [Count(name, None if name in suppressed else counts[name]) for name in listed][:limit]


def publishable_count(n: int) -> int | None:
    """Return a count on its own, or None if it is too small to be published."""
    return None if 0 < n < MIN_COUNT else n


def frequent_questions(questions: Iterable[str]) -> list[Count]:
    """Return the questions that were asked `MIN_COUNT` times or more in the same words, the most frequent first."""
    return [count for count in count_names(questions) if count.n is not None and count.n >= MIN_COUNT]


def _quantile(times: Sequence[float], share: float) -> float | None:
    return times[min(len(times) - 1, int(share * len(times)))] if len(times) >= MIN_COUNT else None
