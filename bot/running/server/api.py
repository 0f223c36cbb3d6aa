"""Creates the HTTP API application, with health, readiness and metrics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_fastapi_instrumentator import Instrumentator

from bot.channels import openai_api
from bot.channels.api import chat_api, documents_api, export_api
from bot.channels.api.schemas import Accepted, Ready
from bot.channels.embed import embed_routes
from bot.channels.pages.reading import document_routes, page_responses
from bot.channels.sign_in import sign_in_routes
from bot.channels.sign_in.access_gate import AccessGate
from bot.desk.plans import plan_routes
from bot.running.auth.access import Access
from bot.running.auth.sign_in import SignIn
from bot.running.http import problems
from bot.running.http.edge import Edge
from bot.running.http.limits import RateLimits
from bot.running.http.problems import UserFacingError, make_problem, openapi_responses
from bot.running.http.site import ProxyHeaders
from bot.running.office.office import read_office
from bot.running.server.entrance import ServerEntrance, StateCollector, admit_answers
from bot.running.server_state import ServerState, server_state
from bot.running.service.service import Service
from ingest.configuration.settings import Settings

DESCRIPTION = """\
自治体が公開している文書（計画、会議の資料、広報など）から、根拠の箇所を付けて日本語で答えます。

- 回答は機械が作ります。正しいのは資料の本文です。回答の `[n]` は `citations` の番号です。
- 見つからない、対象外などは HTTP のエラーではなく `status` で示します。
- エラーは RFC 9457 の `application/problem+json` で、`detail` に直し方を書きます。
"""
# Threads for all requests that are no questions, and for refusing questions.
SPARE_THREADS = 24
router = APIRouter(tags=["運用"])
_PARTS = (chat_api, documents_api, openai_api, export_api, embed_routes, page_responses, document_routes, plan_routes)


def create_app(service: Service, settings: Settings) -> FastAPI:
    """Return the API over an open service, without pages; all that asks the service is counted and limited from now on.

    Raises OfficeError for invalid settings of the office.
    """
    app = ShirubeApi(
        title=f"{settings.service_name} API",
        description=DESCRIPTION,
        docs_url=None,  # both viewers load scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,  # redirects would use the client's Host header
        lifespan=_lifespan,
    )
    state = ServerState(
        settings=settings,
        service=service,
        office=read_office(settings),
        admission=admit_answers(settings),
        sign_in=SignIn(settings),
        access=Access(),
        larger_bodies={},  # bot/channels/pages/mount.py adds to it
    )
    app.state.server = state
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(StateCollector(service))
    service.entrance = ServerEntrance(state.admission, registry)
    for part in (*(module.router for module in _PARTS), router, sign_in_routes.router):
        app.include_router(part)
    problems.install_handlers(app)
    if settings.mcp:
        from bot.channels.assistants import create_mcp_server, mount_assistants  # noqa: PLC0415 - importing the SDK takes 1 s

        mount_assistants(app, create_mcp_server(service, settings.service_name))
    # The middleware added last is the outermost.
    if state.sign_in.provider:
        from bot.running.auth.oidc import keep_state  # noqa: PLC0415 - its library takes a while to import

        app.add_middleware(keep_state, settings=settings)
    app.add_middleware(AccessGate, access=state.access, sign_in=state.sign_in, office=state.office)
    instrumentator = Instrumentator(should_group_status_codes=False, registry=registry)
    instrumentator.instrument(app).expose(
        app,
        tags=["運用"],
        summary="計測値",
        description="Prometheus の形式で計測値を返します。",
        response_class=Response,
    )
    app.add_middleware(Edge, limits=RateLimits(settings), larger=state.larger_bodies)
    app.add_middleware(ProxyHeaders, settings=settings)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state, limiter = server_state(app), to_thread.current_default_thread_limiter()
    limiter.total_tokens = max(limiter.total_tokens, state.admission.most + SPARE_THREADS)
    with closing(state.sign_in):
        yield


class ShirubeApi(FastAPI):
    """FastAPI whose OpenAPI document also describes problems."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["schemas"].update(problems.openapi_schemas())
        return document


@router.get("/health", summary="動いているか", description="プロセスが動いていれば 200 を返します。")
async def health() -> Accepted:
    return Accepted()


@router.get(
    "/ready",
    summary="答えられるか",
    description="索引・ベクトルの保管先・埋め込みモデルが使えれば 200、使えなければ 503 を、2秒以内に返します。"
    "記録のデータベースが使えないときは `records` が、文を確かめる言語モデルが見本の試験に通らないあいだは `judge` が、"
    "200 のまま `degraded` になります。",
    responses=openapi_responses(503),
)
def ready(request: Request) -> Ready:
    health = server_state(request.app).service.health()
    if not health.answers:
        raise UserFacingError(HTTPStatus.SERVICE_UNAVAILABLE, make_problem(HTTPStatus.SERVICE_UNAVAILABLE).detail)
    return Ready(records="ok" if health.records else "degraded", judge="ok" if health.judge else "degraded")
