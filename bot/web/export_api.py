"""Routes of exports for programs: audit log, recorded questions, and the dictionary."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.question.office_dictionary import export_csv
from bot.spreadsheet import CSV, to_csv
from bot.storage.usage_records import USAGE
from ingest.configuration.audit import AUDIT_COLUMNS, event_row, read_events

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
    """Return the rows of the dictionary for a spreadsheet, in the form in which they are read. Raises NoIndexError."""
    return _csv_response("dictionary", export_csv(request.app.state.service.names.dictionary.read().entries))
