"""Routes of `/api/documents/{id}/tables`: tables as typed data."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from bot.errors import UnknownDocumentError
from bot.http.limits import enforce_rate_limit
from bot.http.problems import openapi_responses
from bot.spreadsheet import CSV, to_csv
from bot.work_budget import charge_work
from ingest.tables.table import Table
from ingest.tables.table_data import FACT_COLUMNS, Kind, Role, fact_rows, table_outline, table_to_json
from ingest.tables.table_reading import split_tables

router = APIRouter(tags=["資料"], dependencies=[Depends(enforce_rate_limit)])
_Number = Annotated[int, Path(ge=1, description="表の番号（1から）")]


class TableColumn(BaseModel):
    """A column of a table."""

    name: str
    role: Annotated[Role, Field(description="目標・実績・現状などの別（見出しから）")]
    kind: Kind
    when: Annotated[str, Field(description="見出しの年や日。なければ空")]
    unit: str


class TableOutline(BaseModel):
    """A table without its rows."""

    n: int
    caption: Annotated[str, Field(description="すぐ上の見出し")]
    path: Annotated[list[str], Field(description="見出し（外側から）")]
    page: int | None
    columns: list[TableColumn]
    row_count: int
    notes: Annotated[list[str], Field(description="表の注")]


class TableCell(BaseModel):
    """The text of a cell, and the figure or date at its beginning."""

    text: str
    value: int | float | str | None
    unit: str


class TableData(TableOutline):
    """A table with its rows."""

    rows: list[list[TableCell]]


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
    found = _document_tables(request, doc_id)
    charge_work("cells", sum(len(table.rows) * len(table.columns) for table in found))
    outlines = [TableOutline.model_validate(table_outline(table)) for table in found]
    return TableOutlines(doc_id=doc_id, tables=outlines)


@router.get(
    "/api/documents/{doc_id}/tables/{n}.json",
    summary="ひとつの表（JSON）",
    description="表のすべての行を、書かれたままの文字と、数値・日付・単位で返します。",
    responses=openapi_responses(404, 422, 429, 503),
    response_model=TableData,
)
def table_json(request: Request, doc_id: str, n: _Number) -> Response:
    return JSONResponse(table_to_json(_find_table(request, doc_id, n)))


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


def _document_tables(request: Request, doc_id: str) -> list[Table]:
    passages: Any = request.app.state.service.passages(doc_id)
    return split_tables([passage for passage in passages if not passage.withheld])


def _find_table(request: Request, doc_id: str, n: int) -> Table:
    tables = _document_tables(request, doc_id)
    if n > len(tables):
        raise UnknownDocumentError(
            f"文書「{doc_id}」に表{n}はありません（表は{len(tables)}件）。"
            f"/api/documents/{doc_id}/tables で確かめてください。"
        )
    table = tables[n - 1]
    charge_work("cells", len(table.rows) * len(table.columns))
    return table
