"""Routes of the open data, `/api/export/{questions,answers,statistics}.csv` and `.json`.

Open to staff, or to everybody if the office publishes the data (SHIRUBE_OPEN_DATA).
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse, Response

from bot.http.limits import enforce_rate_limit
from bot.http.problems import openapi_responses
from bot.spreadsheet import CSV, to_csv
from bot.usage import COLUMNS, MIN_COUNT, export_table
from bot.usage.open_data import Table

router = APIRouter(tags=["公開"], dependencies=[Depends(enforce_rate_limit)])
_Table = Annotated[Table, Path(description="questions は質問、answers は質問と回答、statistics は月ごとの数")]
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@router.get(
    "/api/export/{table}.csv",
    summary="公開データ（CSV）",
    description=f"個人の情報を伏せ、{MIN_COUNT}未満の数を空にした表を、CSV（UTF-8、BOM付き）で返します。",
    responses=openapi_responses(401, 403, 404, 422, 429, 503),
    response_class=Response,
)
def table_csv(request: Request, table: _Table) -> Response:
    """Return a table for a spreadsheet."""
    columns = COLUMNS[table]
    content = to_csv(columns, [[row[name] for name in columns] for row in _rows(request, table)])
    return Response(content, media_type=CSV, headers={"content-disposition": f'attachment; filename="{table}.csv"'})


@router.get(
    "/api/export/{table}.json",
    summary="公開データ（JSON）",
    description=f"CSV と同じ表です。{MIN_COUNT}未満の数は null です。",
    responses=openapi_responses(401, 403, 404, 422, 429, 503),
)
def table_json(request: Request, table: _Table) -> Response:
    """Return a table for programs."""
    return JSONResponse({"table": table, "least_count": MIN_COUNT, "rows": _rows(request, table)})


def _rows(request: Request, table: Table) -> list[dict[str, Any]]:
    return export_table(table, request.app.state.service.usage.questions(_BEGINNING, datetime.now(UTC)))
