"""Reads recorded questions and calls for usage counts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, and_, exists, func, select

from bot.state import Status
from bot.storage.answer_content import load_content
from bot.storage.database import translate_database_errors, with_utc
from bot.storage.recorded_usage import RecordedCall, RecordedQuestion
from bot.storage.tables import askings, feedback, repeats, turns
from bot.verification import render_text
from ingest.japanese.today import to_japan_date

_ANSWERED = {Status.ANSWERED.value, Status.SMALLTALK.value}
_AGAIN = exists().where(repeats.c.answer_id == turns.c.answer_id)


class UsageRecords:
    """Safe to share between threads and processes. Raises StorageError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def asked(self, start: datetime, end: datetime) -> list[RecordedQuestion]:
        """Return what was asked from `start` until before `end`, the oldest first."""
        vote = select(feedback.c.rating).where(feedback.c.answer_id == turns.c.answer_id)
        last_vote = vote.order_by(feedback.c.number.desc()).limit(1).scalar_subquery().label("rating")
        wanted = _select_turns(_is_in_period(start, end), askings.c.audience, last_vote).where(~_AGAIN)
        return [_to_recorded_question(row) for row in self._fetch_rows(wanted)]

    def calls(self, start: datetime, end: datetime) -> list[RecordedCall]:
        """Return the calls at the console that began from `start` until before `end`, the newest first."""
        by_staff = select(turns.c.conversation_id).join(askings, askings.c.answer_id == turns.c.answer_id)
        among = by_staff.where(askings.c.audience == "staff").group_by(turns.c.conversation_id)
        began = func.min(turns.c.created)
        of_time = among.having(and_(began >= start, began < end))
        found: dict[str, list[Row[Any]]] = {}
        for row in self._fetch_rows(_select_turns(turns.c.conversation_id.in_(of_time)).where(~_AGAIN)):
            found.setdefault(row.conversation_id, []).append(row)
        calls = [_to_recorded_call(call_id, rows) for call_id, rows in found.items()]
        return sorted(calls, key=lambda call: call.began, reverse=True)

    def days(self) -> tuple[date, date] | None:
        """Return the first and the last day on which anything was asked; None before the first question."""
        (row,) = self._fetch_rows(
            select(func.min(turns.c.created).label("first"), func.max(turns.c.created).label("last"))
        )
        return (to_japan_date(with_utc(row.first)), to_japan_date(with_utc(row.last))) if row.first else None

    def _fetch_rows(self, wanted: Select[Any]) -> Sequence[Row[Any]]:
        with translate_database_errors(), self._engine.connect() as connection:
            return connection.execute(wanted).all()


def _select_turns(which: ColumnElement[bool], *more: ColumnElement[Any]) -> Select[Any]:
    joined = select(turns, *more).outerjoin(askings, askings.c.answer_id == turns.c.answer_id)
    return joined.where(which).order_by(turns.c.number)


def _is_in_period(start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(turns.c.created >= start, turns.c.created < end)


def _to_recorded_question(row: Row[Any]) -> RecordedQuestion:
    answer, content = row.answer, load_content(row.content, row.answer)
    cited = _documents(answer)
    return RecordedQuestion(
        day=to_japan_date(with_utc(row.created)),
        question=row.understood or row.question,
        audience=row.audience,
        status=Status(row.status),
        answer=render_text(content.parts, content.language, marks=False),
        generator=row.generator,
        cited=tuple(dict.fromkeys((one["doc_id"], one["title"]) for one in cited)),
        sections=tuple(dict.fromkeys(one["section"] for one in answer.get("citations", ()) if one["section"])),
        seconds=float(row.timings_ms.get("total", 0)) / 1000,
        rating=row.rating,
    )


def _to_recorded_call(call_id: str, rows: Sequence[Row[Any]]) -> RecordedCall:
    unanswered = sum(row.status not in _ANSWERED for row in rows)
    cited = frozenset(one["doc_id"] for row in rows for one in _documents(row.answer))
    return RecordedCall(call_id, with_utc(rows[0].created), tuple(row.question for row in rows), unanswered, cited)


def _documents(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the places that an answer cites, then those that it tells as near."""
    return [*answer.get("citations", ()), *answer.get("nearest", ())]
