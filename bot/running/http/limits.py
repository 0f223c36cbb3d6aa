"""How often one caller may ask, and who the caller of a request is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv6Address, ip_address
from math import ceil

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.errors import BusyError
from bot.running.http.problems import UserFacingError
from ingest.configuration.settings import Settings

# One IPv6 subscriber gets at least a /64 network (RFC 6177), so addresses within it are one caller.
IPV6_PREFIX_BITS = 64


class RateLimits:
    """Counts the calls of the last minute exactly; each process counts for itself.

    One object serves all routes of an application; `bot/running/http/edge.py` adds it to each request.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def wait_s(self, kind: str, caller: str, per_minute: int) -> float:
        """Count a call and return 0; at the limit, return the seconds to wait instead of counting."""
        window = RateLimitItemPerMinute(per_minute)
        if self._limiter.hit(window, kind, caller):
            return 0
        return max(self._limiter.get_window_stats(window, kind, caller).reset_time - time.time(), 1.0)


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
    """Count a request of an API key or of an address; raises 429 with `Retry-After`."""
    count_call(request, "asks")


def count_call(request: Request, kind: str, of_question: int = 1, least: int = 0) -> None:
    """Count a call of one kind, of which so many come with a question, at least so many a minute; raises 429."""
    limits: RateLimits = request.scope["limits"]
    key, per_minute = request.scope.get("key"), limits.settings.requests_per_minute_address
    caller, questions = (f"key {key.name}", key.per_minute) if key else (caller_key(request), per_minute)
    if wait := ceil(limits.wait_s(kind, caller, max(least, of_question * questions))):
        raise UserFacingError(429, str(BusyError(wait)), {"Retry-After": str(wait)})


_SERVED: ContextVar[Request | None] = ContextVar("served_request", default=None)


@contextmanager
def serve_request(request: Request | None) -> Iterator[None]:
    """Know the caller of this request in the body and copies of its context."""
    token = _SERVED.set(request)
    try:
        yield
    finally:
        _SERVED.reset(token)


def current_caller() -> str:
    """Return who sent the request that is served: an API key, a person who is signed in, or an address; else ""."""
    request = _SERVED.get()
    if request is None:
        return ""
    key, person = request.scope.get("key"), request.scope.get("person")
    return f"key {key.name}" if key else f"person {person.name}" if person else caller_key(request)
