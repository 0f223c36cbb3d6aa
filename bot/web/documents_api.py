"""`/api/search`, `/api/passages` and `/api/documents`: the passages that a question finds, and their documents."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from bot.errors import UnknownDocumentError
from bot.web.limits import limited
from bot.web.problems import documented
from bot.web.shapes import Day, DocumentEntry, Documents, Found, WholePassage, WithdrawnEntry
from ingest.withdrawn import withdrawn

router = APIRouter(tags=["資料"])


@router.get(
    "/api/search",
    summary="資料の箇所を探す",
    description="質問に近い箇所を、点数とその内訳を付けて近い順に返します。",
    dependencies=[Depends(limited)],
    responses=documented(404, 413, 422, 429, 503),
)
def search(
    request: Request,
    q: Annotated[str, Query(description="探すことば、または質問", json_schema_extra={"minLength": 1})],
    k: Annotated[int, Query(ge=1, le=100, description="返す箇所の数")] = 10,
    as_of: Day = None,
    doc_id: Annotated[str | None, Query(description="この文書の中だけを探す")] = None,
) -> Found:
    """Return ranked passages."""
    service = request.app.state.service
    return Found.of(service.search(q, k, as_of, doc_id), service.documents(as_of))


@router.get(
    "/api/passages/{passage_id:path}",
    summary="ひとつの箇所",
    description="回答の出典や検索の結果が指す箇所を、索引にあるとおりに返します。",
    responses=documented(404, 422, 503),
)
def passage(request: Request, passage_id: str) -> WholePassage:
    """Return one passage, whole."""
    return WholePassage.of(request.app.state.service.passage(passage_id))


@router.get(
    "/api/documents",
    summary="文書の一覧",
    description="索引にある文書と、その時点で効力のあるもの、置き換えられたものを返します。",
    responses=documented(422, 503),
)
def documents(request: Request, as_of: Day = None) -> Documents:
    """Return all documents."""
    out = withdrawn(request.app.state.settings)
    return Documents(
        documents=[DocumentEntry.of(state) for state in request.app.state.service.documents(as_of)],
        withdrawn=[
            WithdrawnEntry(id=doc_id, title=one.title, reason=one.reason, at=one.at) for doc_id, one in out.items()
        ],
    )


@router.get(
    "/api/documents/{doc_id}",
    summary="ひとつの文書",
    description="文書の題名、種類、期間、置き換えの関係を返します。",
    responses=documented(404, 422, 503),
)
def document(request: Request, doc_id: str, as_of: Day = None) -> DocumentEntry:
    """Return one document."""
    for state in request.app.state.service.documents(as_of):
        if state.document.id == doc_id:
            return DocumentEntry.of(state)
    if one := withdrawn(request.app.state.settings).get(doc_id):
        raise UnknownDocumentError(f"文書「{one.title}」は取り下げられました（理由: {one.reason}）。")
    raise UnknownDocumentError(f"文書「{doc_id}」は見つかりません。/api/documents で一覧を確かめてください。")
