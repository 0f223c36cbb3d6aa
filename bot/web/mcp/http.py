"""Mounts the MCP server at `/mcp` (streamable HTTP), with the API's limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.http.limits import MAX_BODY_BYTES, enforce_rate_limit
from bot.http.problems import UserFacingError

PATH = "/mcp"


def mount_assistants(app: FastAPI, server: MCPServer) -> None:
    """Mount the server at `/mcp`, without sessions, so that any process can take the next call."""
    inner = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=MAX_BODY_BYTES,
        # The check compares hosts, which depend on the proxy; `AssistantGuard` refuses browsers instead.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    # No GET: without sessions its event stream would stay empty.
    app.router.routes.append(Route(PATH, endpoint=AssistantGuard(inner), methods=["POST"], include_in_schema=False))
    outer = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(started: FastAPI) -> AsyncIterator[Any]:
        async with outer(started) as state, server.session_manager.run():
            yield state

    app.router.lifespan_context = lifespan


class AssistantGuard:
    """Applies the API's rate limit and refuses calls from web pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call of a program on. Raises UserFacingError (403, 429)."""
        request = Request(scope)
        # Browsers always send Origin, also from a page that uses DNS rebinding; programs do not.
        if "origin" in request.headers:
            detail = "この入口はプログラム用です。ウェブページからは /api を使ってください。"
            raise UserFacingError(HTTPStatus.FORBIDDEN, detail)
        await run_in_threadpool(enforce_rate_limit, request)
        await self._app(scope, receive, send)
