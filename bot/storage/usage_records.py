"""Database access for usage statistics."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Engine, Row, Select, and_, func, select

from bot.rendering.answer_text import render_text
from bot.state import Audience, Status
from bot.storage.record_store import CONTENT
from bot.storage.tables import feedback, turns
from ingest.japanese.today import to_japan_date

_ANSWERED = {Status.ANSWERED.value, Status.SMALLTALK.value}


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """A question with its outcome.

    `question` is the question as understood, with personal data masked; `answer` has no citation marks; `day` is in
    Japan's time zone. `cited` are ids and titles of the documents of citations and related passages. `seconds` is the
    time of answering.
    """

    day: date
    question: str
    audience: Audience
    status: Status
    answer: str
    generator: str
    cited: tuple[tuple[str, str], ...]
    sections: tuple[str, ...]
    seconds: float
    rating: Literal["up", "down"] | None = None


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A telephone call: its questions in order, the time of the first (UTC), and the number of unanswered ones.

    `cited` are the ids of the documents of citations and related passages.
    """

    id: str
    began: datetime
    questions: tuple[str, ...]
    unanswered: int
    cited: frozenset[str] = frozenset()


class UsageRecords:
    """The recorded questions; safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def questions(self, start: datetime, end: datetime) -> list[RecordedQuestion]:
        """Return the questions from `start` until before `end` without repetitions, the oldest first."""
        votes = select(feedback.c.rating).where(feedback.c.answer_id == turns.c.answer_id)
        last_vote = votes.order_by(feedback.c.number.desc()).limit(1).scalar_subquery().label("rating")
        query = _select_turns(and_(turns.c.created >= start, turns.c.created < end), last_vote)
        return [_to_recorded_question(row) for row in self._fetch_rows(query)]

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
        for row in self._fetch_rows(_select_turns(turns.c.conversation_id.in_(call_ids))):
            rows_by_call[row.conversation_id].append(row)
        calls = []
        for call_id, rows in rows_by_call.items():
            unanswered = sum(row.status not in _ANSWERED for row in rows)
            cited = frozenset(citation["doc_id"] for row in rows for citation in _shown_citations(row.answer))
            questions = tuple(row.question for row in rows)
            calls.append(RecordedCall(call_id, rows[0].created, questions, unanswered, cited))
        return sorted(calls, key=lambda call: call.began, reverse=True)

    def days(self) -> tuple[date, date] | None:
        """Return the days of the first and the last question, or None without questions."""
        (row,) = self._fetch_rows(
            select(func.min(turns.c.created).label("first"), func.max(turns.c.created).label("last"))
        )
        return (to_japan_date(row.first), to_japan_date(row.last)) if row.first else None

    def _fetch_rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with self._engine.connect() as connection:
            return connection.execute(query).all()


def _select_turns(condition: ColumnElement[bool], *columns: ColumnElement[Any]) -> Select[Any]:
    return select(turns, *columns).where(condition, ~turns.c.repeated).order_by(turns.c.number)


def _to_recorded_question(row: Row[Any]) -> RecordedQuestion:
    content = CONTENT.validate_python(row.content)
    return RecordedQuestion(
        day=to_japan_date(row.created),
        question=row.understood or row.question,
        audience=row.audience,
        status=Status(row.status),
        answer=render_text(content.parts, content.language, marks=False),
        generator=row.generator,
        cited=tuple(
            dict.fromkeys((citation["doc_id"], citation["title"]) for citation in _shown_citations(row.answer))
        ),
        sections=tuple(
            dict.fromkeys(citation["section"] for citation in row.answer["citations"] if citation["section"])
        ),
        seconds=float(row.timings_ms.get("total", 0)) / 1000,
        rating=row.rating,
    )


def _shown_citations(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*answer["citations"], *answer["nearest"]]
