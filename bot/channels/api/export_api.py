"""Exports for staff and programs as CSV or JSON: the recorded questions in three tables, audit log, dictionary."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.answering.privacy.personal import mask_personal_data
from bot.answering.question.office_dictionary import COLUMNS
from bot.running.auth.person import current_person
from bot.running.server_state import server_state
from bot.running.storage.usage_records import USAGE
from bot.spreadsheet import CSV, to_csv
from ingest.configuration.audit import AUDIT_COLUMNS, event_row, read_events, record_event
from ingest.japanese.today import JAPAN, to_japan_date

router = APIRouter(include_in_schema=False)
Form = Literal["csv", "json"]
_Record = dict[str, Any]


@router.get("/api/export/audit.{form}", response_model=None)
def export_audit(request: Request, form: Form) -> dict[str, Any] | Response:
    events = [event_row(event).values() for event in read_events(server_state(request.app).settings)]
    return _response(request, "audit", form, AUDIT_COLUMNS, events)


@router.get("/api/export/dictionary.{form}", response_model=None)
def export_dictionary(request: Request, form: Form) -> dict[str, Any] | Response:
    entries = server_state(request.app).service.names.dictionary.read().entries
    return _response(request, "dictionary", form, COLUMNS, map(astuple, entries))


@router.get("/api/export/answers.{form}", response_model=None)
def export_answers(request: Request, form: Form) -> dict[str, Any] | Response:
    rows = (row | {"created": row["created"].astimezone(JAPAN).isoformat()} for row in _records(request))
    return _response(request, "answers", form, USAGE.selected_columns.keys(), [row.values() for row in rows])


@router.get("/api/export/questions.{form}", response_model=None)
def export_questions(request: Request, form: Form) -> dict[str, Any] | Response:
    counts = _count(_records(request), lambda row: (row["question"],))
    return _response(request, "questions", form, ("question", *_COUNTED), counts)


@router.get("/api/export/statistics.{form}", response_model=None)
def export_statistics(request: Request, form: Form) -> dict[str, Any] | Response:
    by_month = _count(
        _records(request), lambda row: (f"{to_japan_date(row['created']):%Y-%m}", row["audience"], row["status"])
    )
    return _response(request, "statistics", form, ("month", "audience", "status", *_COUNTED), by_month)


def _records(request: Request) -> list[_Record]:
    rows = [dict(row) for row in server_state(request.app).service.usage.rows()]
    return [row | {text: mask_personal_data(row[text]) for text in ("question", "answer")} for row in rows]


_COUNTED = ("count", "answered", "up", "down")


def _count(rows: Iterable[_Record], key: Callable[[_Record], tuple[str, ...]]) -> list[tuple[object, ...]]:
    groups = defaultdict[tuple[str, ...], list[_Record]](list)
    for row in rows:
        groups[key(row)].append(row)
    wanted = (("status", "answered"), ("rating", "up"), ("rating", "down"))
    return [
        (*group, len(same), *(sum(row[column] == value for row in same) for column, value in wanted))
        for group, same in groups.items()
    ]


def _response(
    request: Request, name: str, form: Form, columns: Sequence[str], rows: Iterable[Iterable[object]]
) -> dict[str, Any] | Response:
    record_event(server_state(request.app).settings, current_person(request).name, "export", (), f"{name}.{form}")
    if form == "json":
        return {"table": name, "rows": [dict(zip(columns, row, strict=True)) for row in rows]}
    named = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(to_csv(columns, [tuple(row) for row in rows]), media_type=CSV, headers=named)
