"""Routes of the audit log, `/api/export/audit.csv` and `.json`, for editors."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from bot.spreadsheet import CSV, to_csv
from ingest.configuration.audit import AUDIT_COLUMNS, event_row, read_events

router = APIRouter(include_in_schema=False)


@router.get("/api/export/audit.csv")
def audit_csv(request: Request) -> Response:
    """Return the events, oldest first, for a spreadsheet."""
    rows = _rows(request)
    content = to_csv(AUDIT_COLUMNS, [[row[name] for name in AUDIT_COLUMNS] for row in rows])
    return Response(content, media_type=CSV, headers={"content-disposition": 'attachment; filename="audit.csv"'})


@router.get("/api/export/audit.json")
def audit_json(request: Request) -> Response:
    """Return the events, oldest first."""
    return JSONResponse({"acts": _rows(request)})


def _rows(request: Request) -> list[dict[str, str]]:
    return [event_row(event) for event in read_events(request.app.state.settings)]
