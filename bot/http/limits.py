"""Rate limits per person, per address and in total, and limits on the size of a request."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Literal

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.admission import NOBODY, Caller
from bot.http.problems import UserFacingError, make_problem, problem_response
from bot.work_budget import open_work_budget
from ingest.configuration.settings import Settings

# A question needs three kilobytes; chat clients also send the history.
MAX_BODY_BYTES = 1_000_000
# One IPv6 subscriber gets at least a /64 network (RFC 6177), so addresses within it are one caller.
IPV6_PREFIX_BITS = 64


_TWO_LENGTHS = "Content-Length と Transfer-Encoding は、どちらか一方だけを付けて送ってください。"


class RateLimits:
    """Counts calls per minute in sliding windows; each process counts for itself.

    One object (`app.state.limits`) serves all routes of an application.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._counters = MemoryStorage()
        self._limiter = SlidingWindowCounterRateLimiter(self._counters)

    def wait_s(self, kind: str, caller: str, per_minute: int) -> float:
        """Count a call and return 0; at the limit, return the seconds to wait instead of counting."""
        window = RateLimitItemPerMinute(per_minute)
        if self._limiter.hit(window, kind, caller):
            return 0
        return max(self._limiter.get_window_stats(window, kind, caller).reset_time - time.time(), 1.0)

    def take_back(self, kind: str, caller: str, per_minute: int) -> None:
        """Undo the count of the last call."""
        window = RateLimitItemPerMinute(per_minute)
        keys = self._counters.sliding_window_keys(window.key_for(kind, caller), window.get_expiry(), time.time())
        self._counters.decr(keys[1])

    def count(self, caller: str, per_minute: int, status: Literal[429, 503] = 429) -> None:
        """Count a call; raises an error of this status, with `Retry-After`, if there were too many."""
        if wait := self.wait_s("asks", caller, per_minute):
            why = {429: "質問や閲覧が続けて届いています", 503: "ただいま混み合っています"}[status]
            detail = f"{why}。{ceil(wait)}秒ほど待ってから、もう一度お試しください。"
            raise UserFacingError(status, detail, {"Retry-After": str(ceil(wait))})

    def count_question(self, conversation_id: str | None = None) -> None:
        """Count a question of the person who sent the request that is served; raises 429 with `Retry-After`.

        A person is who has signed in, or a conversation. Outside of any only the address counts, as it does for who
        invents a conversation for each question (`enforce_rate_limit`).
        """
        scope = request.scope if (request := _SERVED.get()) else {}
        person, conversation = scope.get("person"), scope.get("conversation") or conversation_id
        if (person or conversation) and not scope.get("key"):
            name = f"person {person.name}" if person else f"conversation {conversation}"
            self.count(name, self.settings.requests_per_minute)


def caller_key(request: Request) -> str:
    """Return the key that a caller is counted by: the IPv4 address or the IPv6 network."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or int(address) >> (128 - IPV6_PREFIX_BITS))
    return host


def enforce_rate_limit(request: Request) -> None:
    """Count a request of an API key or of an address; raises 429 or 503 with `Retry-After`."""
    limits: RateLimits = request.app.state.limits
    if key := request.scope.get("key"):
        limits.count(f"key {key.name}", key.per_minute)
    else:
        limits.count(caller_key(request), limits.settings.requests_per_minute_address)
    if overall := limits.settings.requests_per_minute_overall:
        limits.count("", overall, 503)


_SERVED: ContextVar[Request | None] = ContextVar("served_request", default=None)


@contextmanager
def serve_request(request: Request | None) -> Iterator[None]:
    """Count the work of a request (`bot.work_budget`) and know its caller, in the body and copies of its context."""
    token = _SERVED.set(request)
    try:
        with open_work_budget():
            yield
    finally:
        _SERVED.reset(token)


def current_caller(conversation_id: str | None = None) -> Caller:
    """Return who sent the request that is served, to share with others what all callers use; nobody outside a request.

    The address is an API key or a person who is signed in where there is one. The conversation is the session of the
    chat's page, else the one with this id, else the connection, so that a proxy which forwards no address is not one.
    """
    request = _SERVED.get()
    if request is None:
        return NOBODY
    connection = f"connection {request.client.port if request.client else 0}"
    key, person = request.scope.get("key"), request.scope.get("person")
    address = f"key {key.name}" if key else f"person {person.name}" if person else caller_key(request)
    return Caller(address, request.scope.get("conversation") or conversation_id or connection)


class RequestWork:
    """Middleware that serves each request with `serve_request`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with serve_request(Request(scope)):
            await self._app(scope, receive, send)


class BodyLimit:
    """Middleware that refuses bodies that are too large, before they are parsed.

    `larger` has the paths with a higher limit, in bytes.
    """

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger if larger is not None else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        max_bytes = self._larger.get(scope["path"].removeprefix(scope.get("root_path", "")), self._max_bytes)
        headers = dict(scope["headers"])
        if b"content-length" in headers and b"transfer-encoding" in headers:
            # Request smuggling: a proxy that uses the other length takes the rest for another person's request.
            refused = problem_response(make_problem(400, _TWO_LENGTHS), {"Connection": "close"})
            await refused(scope, receive, send)
            return
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > max_bytes:
            await problem_response(make_problem(413))(scope, receive, send)
            return
        await self._app(scope, self._limit_body(receive, max_bytes), send)

    def _limit_body(self, receive: Receive, max_bytes: int) -> Receive:
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > max_bytes:
                raise UserFacingError(413, make_problem(413).detail)
            return message

        return receive_limited
