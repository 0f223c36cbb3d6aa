"""What one caller may ask for: so many questions a minute, so many bytes a request."""

import time
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.problems import ReaderError, problem, response

# A thousand characters are three kilobytes; the rest is room for the history that chat clients send along.
MAX_BODY_BYTES = 1_000_000
# An IPv6 caller commands a whole network of addresses, of at least this prefix (RFC 6177).
IPV6_PREFIX_BITS = 64
MINUTE_S = 60.0


class RateLimit:
    """At most `per_minute` calls a minute and caller, in bursts too; counted in this process.

    The generic cell rate algorithm (ITU-T I.371, annex A): one number a caller, the theoretical arrival time.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = MINUTE_S / per_minute
        self._tolerance = MINUTE_S - self._interval
        self._clock = clock
        self._arrivals: dict[str, float] = {}
        self._lock = Lock()
        self._swept = clock()

    def wait_s(self, caller: str) -> float:
        """Count a call; return 0 when it may pass, else the seconds to wait, and then it is not counted."""
        with self._lock:
            now = self._clock()
            self._sweep(now)
            arrival = max(self._arrivals.get(caller, now), now)
            if arrival - now > self._tolerance:
                return arrival - now - self._tolerance
            self._arrivals[caller] = arrival + self._interval
            return 0

    def take_back(self, caller: str) -> None:
        """Count the last call of a caller no more."""
        with self._lock:
            if caller in self._arrivals:
                self._arrivals[caller] -= self._interval

    def _sweep(self, now: float) -> None:
        """Forget once a minute who has not called of late: memory stays bounded by the calls of two minutes."""
        if now - self._swept > MINUTE_S:
            self._arrivals = {caller: at for caller, at in self._arrivals.items() if at > now}
            self._swept = now


def caller(request: Request) -> str:
    """Return whom a request is counted for: the address, of IPv6 its network."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(int(address) >> (128 - IPV6_PREFIX_BITS)) if isinstance(address, IPv6Address) else host


async def limited(request: Request) -> None:
    """Count a request of the app's limit; raises 429 with `Retry-After`."""
    limit: RateLimit = request.app.state.limit
    count(limit, caller(request))


def count(limit: RateLimit, caller: str) -> None:
    """Count what one caller asks for; raises 429 with `Retry-After`."""
    wait = limit.wait_s(caller)
    if wait > 0:
        seconds = ceil(wait)
        detail = f"質問が続けて届いています。{seconds}秒ほど待ってから、もう一度お試しください。"
        raise ReaderError(429, detail, {"Retry-After": str(seconds)})


class BodyLimit:
    """Middleware: a body that is too large is refused before it is parsed, whether or not its length is declared.

    `larger` are the addresses at which more may be sent, with how many bytes.
    """

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger if larger is not None else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._larger.get(scope["path"], self._max_bytes)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > most:
            await response(problem(413))(scope, receive, send)
            return
        await self._app(scope, self._counted(receive, most), send)

    def _counted(self, receive: Receive, most: int) -> Receive:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise ReaderError(413, problem(413).detail)
            return message

        return counted
