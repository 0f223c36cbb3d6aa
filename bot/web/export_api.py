"""Routes of exports for programs: audit log, recorded questions, and the dictionary with its import."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from bot.auth import current_person
from bot.question.dictionary import DictionaryEntry
from bot.spreadsheet import CSV, to_csv
from bot.storage.usage_records import USAGE
from ingest.configuration.audit import AUDIT_COLUMNS, event_row, read_events

DICTIONARY_PATH = "/api/dictionary"
router = APIRouter(include_in_schema=False)


def _csv_response(name: str, content: bytes) -> Response:
    return Response(content, media_type=CSV, headers={"content-disposition": f'attachment; filename="{name}.csv"'})


@router.get("/api/export/audit.csv")
def audit_csv(request: Request) -> Response:
    """Return the events of the audit log, oldest first, for a spreadsheet."""
    rows = map(event_row, read_events(request.app.state.settings))
    return _csv_response("audit", to_csv(AUDIT_COLUMNS, [[row[name] for name in AUDIT_COLUMNS] for row in rows]))


@router.get("/api/export/usage.csv")
def usage_csv(request: Request) -> Response:
    """Return the recorded questions, oldest first, with personal data masked, for a spreadsheet."""
    return _csv_response("usage", to_csv(USAGE.selected_columns.keys(), request.app.state.service.usage.rows()))


@router.get("/api/export/dictionary.csv")
def dictionary_csv(request: Request) -> Response:
    """Return the entries for a spreadsheet, in the form in which they are imported."""
    return _csv_response("dictionary", request.app.state.service.dictionary.export_csv())


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
    changes = {"added": plan.added, "changed": [entry for _, entry in plan.changed], "removed": plan.removed}
    listed = {name: [_to_json(entry) for entry in entries] for name, entries in changes.items()}
    return JSONResponse({"imported": not check, **listed, "unchanged": plan.unchanged})


def _to_json(entry: DictionaryEntry) -> dict[str, str]:
    return {"name": entry.name, "official": entry.official, "kind": entry.kind, "note": entry.note}
