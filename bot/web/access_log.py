"""Middleware for a structured access log without questions or personal data."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.problems import make_problem, problem_response
from bot.monitoring.log import begin_request
from bot.monitoring.tracing import span
from bot.privacy.personal import mask_personal_data

log = logging.getLogger(__name__)
# The number that a proxy gave the request, or whoever calls: a token without a meaning, and no more than that.
_NUMBER = re.compile(rb"[0-9A-Za-z][0-9A-Za-z_-]{7,63}")


class AccessLog:
    """Outermost middleware: numbers each request, logs it without its query, turns a crash into a problem.

    `tenant` is the office, where there are several.
    A well-formed `X-Request-Id` that comes with it is its number, so that one number leads from the proxy to the model.
    """

    def __init__(self, app: ASGIApp, count: Callable[[int], None], tenant: str = "") -> None:
        self._app = app
        self._count = count
        self._office = {"tenant": tenant} if tenant else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; its number goes out as `X-Request-Id`, and into the problem if it crashes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started, status = _request_number(scope), time.perf_counter(), 0
        begin_request(request_id)

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            with span(scope["method"], http__request__method=scope["method"], shirube__request=request_id) as traced:
                try:
                    await self._app(scope, receive, numbered)
                finally:
                    traced.rename(f"{scope['method']} {_path(scope)}")
                    traced.note(http__route=_path(scope), http__response__status_code=status)
        except Exception:
            log.exception("request %s failed", request_id)
            if status:  # too late for another answer: the broken connection tells
                raise
            told = make_problem(500)
            told.detail += f"続くときは、番号 {request_id} を添えてお知らせください。"
            told.instance = f"urn:shirube:request:{request_id}"
            await problem_response(told)(scope, receive, numbered)
        finally:
            self._count(status)
            more = self._office | {"ms": round((time.perf_counter() - started) * 1000, 1)}
            _log_line(request_id, scope, status, more)


def _request_number(scope: Scope) -> str:
    """Return the number that the request has, or a new one; one in which personal data would be masked is none."""
    given = dict(scope["headers"]).get(b"x-request-id", b"")
    if _NUMBER.fullmatch(given) and mask_personal_data(given.decode()) == given.decode():
        return str(given.decode())
    return uuid4().hex


def _log_line(request_id: str, scope: Scope, status: int, more: dict[str, Any]) -> None:
    fields = {"request": request_id, "method": scope["method"], "path": _path(scope), "status": status}
    log.info("%(method)s %(path)s %(status)s", fields, extra={"fields": fields | more})


def _path(scope: Scope) -> str:
    """Return the path as the route names it: its parameters may lead to what somebody asked."""
    path = getattr(scope.get("route"), "path", "")
    return path or mask_personal_data(scope["path"])
