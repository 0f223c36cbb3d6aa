"""The HTTP API as a whole: what it is made of, and whether it is well."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from bot.answering import Answering
from bot.embed import routes as embed
from bot.office import read_office
from bot.reading_room import documents, page, plans
from bot.sign_in import SignIn
from bot.sign_in.attempts import Attempts
from bot.sign_in.routes import router as sign_in_router
from bot.sign_in.staff_only import StaffOnly
from bot.web import audit_api, chat_api, documents_api, openai_api, problems, tables_api
from bot.web.access_log import AccessLog
from bot.web.limits import BodyLimit, RateLimit
from bot.web.metrics import Metrics
from bot.web.problems import ReaderError, documented, problem
from bot.web.shapes import Accepted
from bot.web.watched import Watched
from ingest.settings import Settings

DESCRIPTION = """\
自治体の計画や会議の資料から、根拠の箇所を付けて日本語で答えます。

- 回答は機械が作ります。正しいのは資料の本文です。回答の `[n]` は `citations` の番号です。
- 見つからない、対象外などは HTTP のエラーではなく `status` で示します。
- エラーは RFC 9457 の `application/problem+json` で、`detail` に直し方を書きます。
"""
router = APIRouter(tags=["運用"])


def create_app(service: Answering, settings: Settings) -> FastAPI:
    """Return the API over an open service, without pages; the pages ask `app.state.service`, so that all is counted.

    `app.state.office` is what the pages show of the office, `app.state.sign_in` knows who may see the pages for staff.
    Raises OfficeError where the settings of it cannot be used.
    """
    app = Api(title=f"{settings.service_name} API", description=DESCRIPTION, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.metrics = Metrics(service)
    app.state.service = Watched(service, app.state.metrics)
    app.state.office = read_office(settings)
    app.state.limit = RateLimit(settings.requests_per_minute)
    app.state.indicators = plans.Indicators()
    app.state.sign_in = SignIn(settings)
    app.state.sign_in_attempts = Attempts()
    for part in (chat_api, documents_api, tables_api, openai_api):
        app.include_router(part.router)
    app.include_router(router)
    app.include_router(sign_in_router)
    app.include_router(audit_api.router)
    app.router.routes.append(StaffOnly(app.router.routes.pop(), app.state.sign_in))
    problems.install(app)
    for part in (embed, page, documents, plans):
        app.include_router(part.router)
    if settings.mcp:
        from bot.mcp.http import mount_assistants  # noqa: PLC0415 - the SDK takes a second to import
        from bot.mcp.server import assistants_server  # noqa: PLC0415

        mount_assistants(app, assistants_server(app.state.service, settings.service_name))
    app.state.larger_bodies = {}  # the pages enter theirs (bot/ui/mount.py)
    app.add_middleware(BodyLimit, larger=app.state.larger_bodies)
    app.add_middleware(AccessLog, count=app.state.metrics.count_response)
    return app


class Api(FastAPI):
    """FastAPI whose OpenAPI document also describes problems; the viewers are off, they load from other hosts."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        document = super().openapi()
        document["components"]["schemas"].update(problems.schemas())
        return document


@router.get("/health", summary="動いているか", description="プロセスが動いていれば 200 を返します。")
async def health() -> Accepted:
    """Answer as long as the process lives."""
    return Accepted()


@router.get(
    "/ready",
    summary="答えられるか",
    description="索引と記録が使えれば 200、使えなければ 503 を返します。",
    responses=documented(503),
)
def ready(request: Request) -> Accepted:
    """Answer when index and records can be used."""
    if not request.app.state.service.ready():
        raise ReaderError(HTTPStatus.SERVICE_UNAVAILABLE, problem(HTTPStatus.SERVICE_UNAVAILABLE).detail)
    return Accepted()


@router.get("/metrics", summary="計測値", description="Prometheus の形式で計測値を返します。", response_class=Response)
def metrics(request: Request) -> Response:
    """Return the figures of this process."""
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)
