"""Middleware for a structured access log without questions or personal data."""

import logging
import re
import time
from collections.abc import Callable
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.problems import make_problem, problem_response
from bot.monitoring.log import begin_request
from bot.monitoring.tracing import span
from bot.privacy.personal import mask_personal_data

log = logging.getLogger(__name__)
# A request id from a proxy or client; anything else could put text into the log.
_REQUEST_ID = re.compile(rb"[0-9A-Za-z][0-9A-Za-z_-]{7,63}")


class AccessLog:
    """Outermost middleware that gives each request an id, logs it without its query, and reports crashes as problems.

    A well-formed `X-Request-Id` is kept, so that one id leads from the proxy to the model calls.
    """

    def __init__(self, app: ASGIApp, count: Callable[[int], None]) -> None:
        self._app = app
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; its id is in the `X-Request-Id` of the response, and in the problem if it crashes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        started = time.perf_counter()
        status = 0
        begin_request(request_id)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            with span(scope["method"], http__request__method=scope["method"], shirube__request=request_id) as traced:
                try:
                    await self._app(scope, receive, send_with_id)
                finally:
                    traced.rename(f"{scope['method']} {_path(scope)}")
                    traced.note(http__route=_path(scope), http__response__status_code=status)
        except Exception:
            log.exception("request %s failed", request_id)
            if status:  # the response has begun; the server closes the connection instead
                raise
            problem = make_problem(500)
            problem.detail += f"続くときは、番号 {request_id} を添えてお知らせください。"
            problem.instance = f"urn:shirube:request:{request_id}"
            await problem_response(problem)(scope, receive, send_with_id)
        finally:
            self._count(status)
            fields = {"request": request_id, "method": scope["method"], "path": _path(scope), "status": status}
            duration = {"ms": round((time.perf_counter() - started) * 1000, 1)}
            log.info("%(method)s %(path)s %(status)s", fields, extra={"fields": fields | duration})


def _request_id(scope: Scope) -> str:
    """Return the id that came with the request unless it looks like personal data, else a new one."""
    header: bytes = dict(scope["headers"]).get(b"x-request-id", b"")
    if _REQUEST_ID.fullmatch(header) and mask_personal_data(header.decode()) == header.decode():
        return header.decode()
    return uuid4().hex


def _path(scope: Scope) -> str:
    path = getattr(scope.get("route"), "path", "")
    return path or mask_personal_data(scope["path"])
