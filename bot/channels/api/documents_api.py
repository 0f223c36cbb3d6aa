"""Routes of `/api/search` and `/api/documents`."""

from contextlib import suppress
from mimetypes import guess_type
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, Response

from bot.channels.api.schemas import (
    QUESTION_PATTERN,
    Day,
    DocumentEntry,
    Documents,
    Encodable,
    SearchResults,
    WithdrawnEntry,
)
from bot.running.http.limits import enforce_rate_limit
from bot.running.http.problems import openapi_responses
from bot.running.server_state import server_state
from ingest.metadata.document_states import read_withdrawals

router = APIRouter(tags=["資料"], dependencies=[Depends(enforce_rate_limit)])
# Media types that browsers display without running anything; files of other types are downloaded.
_INLINE_TYPES = {"text/csv", "text/plain", "application/pdf", "image/jpeg", "image/png", "image/tiff"}
Version = Annotated[
    str, Query(pattern="^(?:[0-9a-f]{16})?$", description="文書の版（citations の version）。空なら今の版")
]
_UTF_8 = "; charset=utf-8"
# Nothing in a file may run scripts or load other resources, whatever its type.
_SANDBOX_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
    "cache-control": "no-cache",
}
# Browsers do not display a PDF with `sandbox`; their PDF viewers are sandboxes themselves.
_PDF_HEADERS = _SANDBOX_HEADERS | {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"
}


@router.get(
    "/api/search",
    summary="資料の箇所を探す",
    description="質問に近い箇所を、点数とその内訳を付けて近い順に返します。",
    responses=openapi_responses(404, 413, 422, 429, 503),
)
def search(
    request: Request,
    q: Annotated[str, Encodable, Query(description="探すことば、または質問", json_schema_extra=QUESTION_PATTERN)],
    k: Annotated[int, Query(ge=1, le=100, description="返す箇所の数")] = 10,
    as_of: Day = None,
    doc_id: Annotated[str | None, Query(description="この文書の中だけを探す")] = None,
) -> SearchResults:
    service = server_state(request.app).service
    return SearchResults.from_hits(service.search(q, k, as_of, doc_id), service.documents(as_of))


@router.get(
    "/api/documents",
    summary="文書の一覧",
    description="索引にある文書と、その時点で効力のあるもの、置き換えられたものを返します。",
    responses=openapi_responses(422, 429, 503),
)
def documents(request: Request, as_of: Day = None) -> Documents:
    withdrawn = [
        WithdrawnEntry(id=doc_id, title=withdrawal.title, reason=withdrawal.reason, at=withdrawal.at)
        for doc_id, withdrawal in read_withdrawals(server_state(request.app).settings).items()
    ]
    entries = [DocumentEntry.from_state(state) for state in server_state(request.app).service.documents(as_of)]
    return Documents(documents=entries, withdrawn=withdrawn)


@router.get(
    "/api/documents/{doc_id}",
    summary="ひとつの文書",
    description="文書の題名、種類、期間、置き換えの関係を返します。",
    responses=openapi_responses(404, 422, 429, 503),
)
def document(request: Request, doc_id: str, as_of: Day = None) -> DocumentEntry:
    return DocumentEntry.from_state(server_state(request.app).service.document(doc_id, as_of))


@router.get(
    "/api/documents/{doc_id}/file",
    summary="文書の原本",
    description="文書を、受け取ったときのファイルのまま返します。PDF は `#page=4` を付けると、そのページが開きます。"
    '`version` を付けると、回答が示した版を返します。新しい版があれば、`Link: …; rel="latest-version"` で知らせます。',
    response_class=FileResponse,
    responses={200: {"content": {"*/*": {}}}, **openapi_responses(404, 422, 429, 503)},
)
def file(request: Request, doc_id: str, version: Version = "") -> FileResponse:
    original = server_state(request.app).service.original(doc_id, version)
    name = PurePosixPath(original.document.file).name
    media_type = "text/plain" if name.endswith(".md") else guess_type(name)[0] or "application/octet-stream"
    is_inline = media_type in _INLINE_TYPES
    if media_type.startswith("text/"):
        with suppress(UnicodeDecodeError):
            original.path.read_bytes().decode("utf-8")
            media_type += _UTF_8
    headers = _PDF_HEADERS if media_type == "application/pdf" else _SANDBOX_HEADERS
    if not original.is_current:
        headers = headers | {"link": f'<{request.url.path}>; rel="latest-version"'}
    return FileResponse(
        original.path,
        media_type=media_type,
        headers=headers,
        filename=name,
        content_disposition_type="inline" if is_inline else "attachment",
    )


@router.get(
    "/api/documents/{doc_id}/pages/{page:int}.png",
    summary="文書のページの画像",
    description="PDF の文書の1ページを、幅1,200ピクセルほどの画像で返します。"
    "`passage` を付けると、その箇所に色を付けます。",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, **openapi_responses(404, 422, 429, 503)},
)
def page_picture(
    request: Request,
    doc_id: str,
    page: int,
    passage: Annotated[str | None, Query(description="色を付ける箇所の番号（citations の passage_id）")] = None,
    version: Version = "",
) -> Response:
    picture = server_state(request.app).service.page_picture(doc_id, page, passage, version)
    return Response(picture, media_type="image/png", headers=_SANDBOX_HEADERS)
