"""Routes of `/api/documents/{id}/tables`: tables as typed data."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from bot.errors import UnknownDocumentError
from bot.http.limits import enforce_rate_limit
from bot.http.problems import openapi_responses
from bot.spreadsheet import CSV, to_csv
from bot.work_budget import charge_work
from ingest.tables.table import Table
from ingest.tables.table_data import FACT_COLUMNS, TableData, TableOutline, fact_rows, read_data
from ingest.tables.table_reading import written_table

router = APIRouter(tags=["資料"], dependencies=[Depends(enforce_rate_limit)])
_Number = Annotated[int, Path(ge=1, description="表の番号（1から）")]


class TableOutlines(BaseModel):
    """The tables of a document."""

    doc_id: str
    tables: list[TableOutline]


@router.get(
    "/api/documents/{doc_id}/tables",
    summary="文書の表の一覧",
    description="文書にある表と、その列の意味（目標・実績・年・単位）を返します。",
    responses=openapi_responses(404, 422, 429, 503),
)
def tables(request: Request, doc_id: str) -> TableOutlines:
    outlines = request.app.state.service.table_outlines(doc_id)
    return TableOutlines(doc_id=doc_id, tables=[each.outline for each in outlines])


@router.get(
    "/api/documents/{doc_id}/tables/{n}.json",
    summary="ひとつの表（JSON）",
    description="表のすべての行を、書かれたままの文字と、数値・日付・単位で返します。",
    responses=openapi_responses(404, 422, 429, 503),
)
def table_json(request: Request, doc_id: str, n: _Number) -> TableData:
    return read_data(_find_table(request, doc_id, n))


@router.get(
    "/api/documents/{doc_id}/tables/{n}.csv",
    summary="ひとつの表（CSV）",
    description="表計算ソフトで開ける CSV（UTF-8、BOM付き）で返します。",
    responses=openapi_responses(404, 422, 429, 503),
    response_class=Response,
)
def table_csv(
    request: Request,
    doc_id: str,
    n: _Number,
    shape: Annotated[
        Literal["table", "facts"],
        Query(description="table は表のまま、facts は1行にひとつの値（項目・列・年・値・単位）"),
    ] = "table",
) -> Response:
    table = _find_table(request, doc_id, n)
    if shape == "facts":
        content = to_csv(FACT_COLUMNS, fact_rows(table))
    else:
        content = to_csv([column.name for column in table.columns], table.texts)
    name = quote(f"{doc_id}-{n}.csv")
    return Response(content, media_type=CSV, headers={"content-disposition": f'attachment; filename="{name}"'})


def _find_table(request: Request, doc_id: str, n: int) -> Table:
    service: Any = request.app.state.service
    outlines = service.table_outlines(doc_id)
    if n > len(outlines):
        raise UnknownDocumentError(
            f"文書「{doc_id}」に表{n}はありません（表は{len(outlines)}件）。"
            f"/api/documents/{doc_id}/tables で確かめてください。"
        )
    place = outlines[n - 1]
    charge_work("cells", place.outline.row_count * len(place.outline.columns))
    rows = service.passages(doc_id)[place.first : place.end]
    return written_table(n, [row for row in rows if row.cells and not row.withheld])
