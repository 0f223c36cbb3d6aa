"""Routes of staff data for programs: the audit log, and the dictionary with its import."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from bot.auth import current_person
from bot.curation.dictionary.csv_file import ImportPlan
from bot.question.dictionary import DictionaryEntry
from bot.spreadsheet import CSV, to_csv
from ingest.configuration.audit import AUDIT_COLUMNS, event_row, read_events

DICTIONARY_PATH = "/api/dictionary"
router = APIRouter(include_in_schema=False)


@router.get("/api/export/audit.csv")
def audit_csv(request: Request) -> Response:
    """Return the events of the audit log, oldest first, for a spreadsheet."""
    rows = _audit_rows(request)
    content = to_csv(AUDIT_COLUMNS, [[row[name] for name in AUDIT_COLUMNS] for row in rows])
    return Response(content, media_type=CSV, headers={"content-disposition": 'attachment; filename="audit.csv"'})


@router.get("/api/export/audit.json")
def audit_json(request: Request) -> Response:
    """Return the events, oldest first."""
    return JSONResponse({"acts": _audit_rows(request)})


def _audit_rows(request: Request) -> list[dict[str, str]]:
    return [event_row(event) for event in read_events(request.app.state.settings)]


@router.get("/api/export/dictionary.csv")
def dictionary_csv(request: Request) -> Response:
    """Return the entries for a spreadsheet, in the form in which they are imported."""
    content = request.app.state.service.dictionary.export_csv()
    return Response(content, media_type=CSV, headers={"content-disposition": 'attachment; filename="dictionary.csv"'})


@router.get("/api/export/dictionary.json")
def dictionary_json(request: Request) -> Response:
    """Return the entries."""
    return JSONResponse({"entries": [_to_json(entry) for entry in request.app.state.service.dictionary.entries()]})


@router.put(DICTIONARY_PATH)
async def import_dictionary(
    request: Request,
    check: Annotated[bool, Query(description="何が変わるかを返すだけで、取り込まない")] = False,  # noqa: FBT002 -- a query field
    removes: Annotated[bool, Query(description="ファイルにない言葉を外す")] = False,  # noqa: FBT002 -- a query field
) -> Response:
    """Import a CSV file, or only say what it would change; a file with a wrong line changes nothing."""
    person = current_person(request).require_publisher()
    dictionary = request.app.state.service.dictionary
    content = await request.body()
    if check:
        plan = await run_in_threadpool(dictionary.plan, content, removes=removes)
    else:
        plan = await run_in_threadpool(dictionary.import_csv, content, person.name, removes=removes)
    return JSONResponse({"imported": not check} | _plan_to_json(plan))


def _plan_to_json(plan: ImportPlan) -> dict[str, Any]:
    return {
        "added": [_to_json(entry) for entry in plan.added],
        "changed": [_to_json(entry) for _, entry in plan.changed],
        "removed": [_to_json(entry) for entry in plan.removed],
        "unchanged": plan.unchanged,
    }


def _to_json(entry: DictionaryEntry) -> dict[str, str]:
    return {"name": entry.name, "official": entry.official, "kind": entry.kind, "note": entry.note}
