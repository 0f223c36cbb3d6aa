"""Database access for usage: the recorded questions as a table, telephone calls, and the months they lie in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine, Row, RowMapping, and_, func, select

from bot.answering.state import Status
from bot.running.storage.tables import feedback, turns
from ingest.japanese.today import JAPAN

_ANSWERED = {Status.ANSWERED.value, Status.SMALLTALK.value}
_RATING = select(feedback.c.rating).where(feedback.c.answer_id == turns.c.answer_id)
USAGE = (
    select(
        turns.c.created,
        turns.c.audience,
        func.coalesce(func.nullif(turns.c.understood, ""), turns.c.question).label("question"),
        turns.c.status,
        turns.c.generator,
        turns.c.answer["answer"].as_string().label("answer"),
        turns.c.timings_ms["total"].as_float().label("milliseconds"),
        _RATING.order_by(feedback.c.number.desc()).limit(1).scalar_subquery().label("rating"),
    )
    .where(~turns.c.repeated)
    .order_by(turns.c.number)
)
"""The recorded questions without repetitions, oldest first, with personal data masked: time (UTC), who asked, the
question as understood, status, generator and text of its answer, and the last vote."""


def period_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the beginning of `first` and the end of `last` in Japan, as UTC times."""
    start, end = (datetime.combine(day, time.min, JAPAN) for day in (first, last + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A telephone call: its questions in order, the time of the first (UTC), and the number of unanswered ones."""

    id: str
    began: datetime
    questions: tuple[str, ...]
    unanswered: int


class UsageRecords:
    """The recorded questions; safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(self) -> Sequence[RowMapping]:
        with self._engine.connect() as connection:
            return connection.execute(USAGE).mappings().all()

    def calls(self, start: datetime, end: datetime) -> list[RecordedCall]:
        """Return the calls that staff answered from `start` until before `end`, the newest first."""
        began = func.min(turns.c.created)
        call_ids = (
            select(turns.c.conversation_id)
            .where(turns.c.audience == "staff")
            .group_by(turns.c.conversation_id)
            .having(and_(began >= start, began < end))
        )
        rows_by_call = defaultdict[str, list[Row[Any]]](list)
        recorded = select(turns).where(turns.c.conversation_id.in_(call_ids), ~turns.c.repeated)
        with self._engine.connect() as connection:
            for row in connection.execute(recorded.order_by(turns.c.number)):
                rows_by_call[row.conversation_id].append(row)
        calls = []
        for call_id, rows in rows_by_call.items():
            unanswered = sum(row.status not in _ANSWERED for row in rows)
            questions = tuple(row.question for row in rows)
            calls.append(RecordedCall(call_id, rows[0].created, questions, unanswered))
        return sorted(calls, key=lambda call: call.began, reverse=True)
