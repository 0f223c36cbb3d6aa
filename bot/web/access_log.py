"""One structured line a request: what was called, how it ended, how long it took; never what was asked, nor by whom."""

import logging
import time
from collections.abc import Callable
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.guard.personal import mask
from bot.log import begin_request
from bot.web.problems import problem, response

log = logging.getLogger(__name__)


class AccessLog:
    """Outermost middleware: numbers each request, logs it without its query, turns a crash into a problem."""

    def __init__(self, app: ASGIApp, count: Callable[[int], None]) -> None:
        self._app = app
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; its number goes out as `X-Request-Id`, and into the problem if it crashes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started, status = uuid4().hex[:12], time.perf_counter(), 0
        begin_request(request_id)

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, numbered)
        except Exception:
            log.exception("request %s failed", request_id)
            if status:  # too late for another answer: the broken connection tells
                raise
            told = problem(500)
            told.detail += f"続くときは、番号 {request_id} を添えてお知らせください。"
            told.instance = f"urn:shirube:request:{request_id}"
            await response(told)(scope, receive, numbered)
        finally:
            self._count(status)
            _line(request_id, scope, status, (time.perf_counter() - started) * 1000)


def _line(request_id: str, scope: Scope, status: int, milliseconds: float) -> None:
    fields = {"request": request_id, "method": scope["method"], "path": _path(scope), "status": status}
    log.info("%(method)s %(path)s %(status)s", fields, extra={"fields": fields | {"ms": round(milliseconds, 1)}})


def _path(scope: Scope) -> str:
    """Return the path as the route names it: its parameters may lead to what somebody asked."""
    path = getattr(scope.get("route"), "path", "")
    return path or mask(scope["path"])
