"""Database access for usage statistics."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, and_, exists, func, select

from bot.rendering.answer_text import render_text
from bot.state import Status
from bot.storage.answer_content import load_content
from bot.storage.database import translate_database_errors, with_utc
from bot.storage.record_models import RecordedCall, RecordedQuestion
from bot.storage.record_tables import askings, feedback, repeats, turns
from ingest.japanese.today import to_japan_date

_ANSWERED = {Status.ANSWERED.value, Status.SMALLTALK.value}
_IS_REPEATED = exists().where(repeats.c.answer_id == turns.c.answer_id)


class UsageRecords:
    """Implements `Usage`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def questions(self, start: datetime, end: datetime) -> list[RecordedQuestion]:
        """Return the questions from `start` until before `end` without repetitions, the oldest first."""
        votes = select(feedback.c.rating).where(feedback.c.answer_id == turns.c.answer_id)
        last_vote = votes.order_by(feedback.c.number.desc()).limit(1).scalar_subquery().label("rating")
        query = _select_turns(_is_in_period(start, end), askings.c.audience, last_vote)
        return [_to_recorded_question(row) for row in self._fetch_rows(query)]

    def calls(self, start: datetime, end: datetime) -> list[RecordedCall]:
        """Return the calls that staff answered from `start` until before `end`, the newest first."""
        began = func.min(turns.c.created)
        call_ids = (
            select(turns.c.conversation_id)
            .join(askings, askings.c.answer_id == turns.c.answer_id)
            .where(askings.c.audience == "staff")
            .group_by(turns.c.conversation_id)
            .having(and_(began >= start, began < end))
        )
        rows_by_call: dict[str, list[Row[Any]]] = {}
        for row in self._fetch_rows(_select_turns(turns.c.conversation_id.in_(call_ids))):
            rows_by_call.setdefault(row.conversation_id, []).append(row)
        calls = [_to_recorded_call(call_id, rows) for call_id, rows in rows_by_call.items()]
        return sorted(calls, key=lambda call: call.began, reverse=True)

    def days(self) -> tuple[date, date] | None:
        """Return the days of the first and the last question, or None without questions."""
        (row,) = self._fetch_rows(
            select(func.min(turns.c.created).label("first"), func.max(turns.c.created).label("last"))
        )
        return (to_japan_date(with_utc(row.first)), to_japan_date(with_utc(row.last))) if row.first else None

    def _fetch_rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        with translate_database_errors(), self._engine.connect() as connection:
            return connection.execute(query).all()


def _select_turns(condition: ColumnElement[bool], *columns: ColumnElement[Any]) -> Select[Any]:
    """Return the query of turns without repetitions, in order."""
    joined = select(turns, *columns).outerjoin(askings, askings.c.answer_id == turns.c.answer_id)
    return joined.where(condition, ~_IS_REPEATED).order_by(turns.c.number)


def _is_in_period(start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(turns.c.created >= start, turns.c.created < end)


def _to_recorded_question(row: Row[Any]) -> RecordedQuestion:
    answer = row.answer
    content = load_content(row.content, row.answer)
    return RecordedQuestion(
        day=to_japan_date(with_utc(row.created)),
        question=row.understood or row.question,
        audience=row.audience,
        status=Status(row.status),
        answer=render_text(content.parts, content.language, marks=False),
        generator=row.generator,
        cited=tuple(dict.fromkeys((citation["doc_id"], citation["title"]) for citation in _shown_citations(answer))),
        sections=tuple(
            dict.fromkeys(citation["section"] for citation in answer.get("citations", ()) if citation["section"])
        ),
        seconds=float(row.timings_ms.get("total", 0)) / 1000,
        rating=row.rating,
    )


def _to_recorded_call(call_id: str, rows: Sequence[Row[Any]]) -> RecordedCall:
    unanswered = sum(row.status not in _ANSWERED for row in rows)
    cited = frozenset(citation["doc_id"] for row in rows for citation in _shown_citations(row.answer))
    return RecordedCall(call_id, with_utc(rows[0].created), tuple(row.question for row in rows), unanswered, cited)


def _shown_citations(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*answer.get("citations", ()), *answer.get("nearest", ())]
