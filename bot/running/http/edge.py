"""Middleware around every request: its number, its work, the size of its body, security headers, and crashes."""

import logging
import re
from collections.abc import Mapping
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.answering.privacy.personal import mask_personal_data
from bot.running.http.limits import RateLimits, serve_request
from bot.running.http.log import begin_request
from bot.running.http.problems import ProblemDetails, UserFacingError, make_problem, problem_response

log = logging.getLogger(__name__)
# A question needs three kilobytes; chat clients also send the history.
MAX_BODY_BYTES = 1_000_000
NO_STORE = "no-store"
# One year, the least for browsers' preload lists; without subdomains, which may belong to others (RFC 6797).
HSTS = "max-age=31536000"
# The pages use a microphone, if the reader speaks a question, and no other device.
_PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()"
# A request id from a proxy or client; anything else could put text into the log.
_REQUEST_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{7,63}")
_TWO_LENGTHS = "Content-Length と Transfer-Encoding は、どちらか一方だけを付けて送ってください。"


class Edge:
    """Outermost middleware; `larger` has the paths whose bodies may exceed `MAX_BODY_BYTES`, in bytes.

    A well-formed `X-Request-Id` is kept, so that one id leads from the proxy to the log. Only this site may frame a
    response, unless its policy names other sites (the pages that may be embedded). A response is not stored unless it
    is a cacheable file.
    """

    def __init__(self, app: ASGIApp, limits: RateLimits, larger: Mapping[str, int]) -> None:
        self._app = app
        self._limits = limits
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        claimed = Headers(scope=scope).get("x-request-id", "")
        is_usable = _REQUEST_ID.fullmatch(claimed) and mask_personal_data(claimed) == claimed
        number = claimed if is_usable else uuid4().hex
        begin_request(number)
        scope["limits"] = self._limits
        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                headers["x-request-id"] = number
                _set_security_headers(headers, scope)
            await send(message)

        most = self._larger.get(scope["path"].removeprefix(scope.get("root_path", "")), MAX_BODY_BYTES)
        try:
            if problem := _refusal(Headers(scope=scope), most):
                await problem_response(problem, {"Connection": "close"})(scope, receive, send_with_headers)
                return
            with serve_request(Request(scope)):
                await self._app(scope, _limit_body(receive, most), send_with_headers)
        except Exception:
            log.exception("request %s failed", number)
            if has_begun:  # the server closes the connection instead
                raise
            crash = make_problem(500)
            crash.detail += f"続くときは、番号 {number} を添えてお知らせください。"
            crash.instance = f"urn:shirube:request:{number}"
            await problem_response(crash)(scope, receive, send_with_headers)


def _set_security_headers(headers: MutableHeaders, scope: Scope) -> None:
    headers["x-content-type-options"] = "nosniff"
    headers["permissions-policy"] = _PERMISSIONS
    if scope["scheme"] == "https":
        headers["strict-transport-security"] = HSTS
    if "://" not in headers.get("content-security-policy", "").partition("frame-ancestors")[2]:
        headers["x-frame-options"] = "SAMEORIGIN"
    caching = headers.get("cache-control")
    is_file = "etag" in headers or "last-modified" in headers
    # Pages for signed-in people that ask for `no-cache` are not stored either.
    if not is_file and (caching is None or (caching == "no-cache" and "person" in scope)):
        headers["cache-control"] = NO_STORE


def _refusal(headers: Headers, most: int) -> ProblemDetails | None:
    if "content-length" in headers and "transfer-encoding" in headers:
        # Request smuggling: a proxy that uses the other length takes the rest for another person's request.
        return make_problem(400, _TWO_LENGTHS)
    declared = headers.get("content-length", "0")
    return None if declared.isdigit() and int(declared) <= most else make_problem(413)


def _limit_body(receive: Receive, most: int) -> Receive:
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise UserFacingError(413, make_problem(413).detail)
        return message

    return receive_limited
