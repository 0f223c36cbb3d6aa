"""Rate limits per caller and in total, counted in a database, and limits on the size and duration of a request."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cached_property
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil
from sqlite3 import Connection

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.storage.base import SlidingWindowCounterSupport, TimestampedSlidingWindow
from limits.strategies import SlidingWindowCounterRateLimiter
from sqlalchemy import Delete, Engine, create_engine, delete, event, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool
from sqlalchemy.schema import CreateTable
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.http.problems import UserFacingError, make_problem, problem_response
from bot.storage.database import database_url, open_database
from bot.storage.tables import request_counts
from bot.storage.tables import request_counts as counts
from bot.work_budget import open_work_budget
from ingest.configuration.settings import Settings
from ingest.errors import StorageError

_MAX_KEY_CHARS = 200
_UNBOUNDED = 2**31 - 1
_SWEEP_S = 60.0

# A single statement, valid in SQLite and PostgreSQL, so that concurrent processes never count beyond `room`.
_INCREMENT = text(
    "INSERT INTO request_counts (key, times, expires) VALUES (:key, :times, :expires) "
    "ON CONFLICT (key) DO UPDATE SET times = request_counts.times + excluded.times "
    "WHERE request_counts.times < :room RETURNING times"
)


class DatabaseCounters(Storage, SlidingWindowCounterSupport, TimestampedSlidingWindow):
    """Counters by key that expire, with the methods that `limits` calls. They raise StorageError."""

    STORAGE_SCHEME = None

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._engine = engine
        self._clock = clock
        self._swept = 0.0
        if engine.dialect.name == "sqlite":
            # In WAL mode a power cut may then lose the latest counts, but does not damage the file.
            event.listen(engine, "connect", lambda one, _record: one.execute("PRAGMA synchronous = NORMAL"))

    @property
    def base_exceptions(self) -> type[Exception]:
        return DatabaseError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        return self._count(key, expiry, amount, _UNBOUNDED) or amount

    def get(self, key: str) -> int:
        alive = select(counts.c.times).where(counts.c.key == _stored_key(key), counts.c.expires > self._clock())
        with self._engine.connect() as connection:
            return connection.scalar(alive) or 0

    def get_expiry(self, key: str) -> float:
        """Return when a counter expires, in seconds of the clock."""
        expiry = select(counts.c.expires).where(counts.c.key == _stored_key(key))
        with self._engine.connect() as connection:
            return connection.scalar(expiry) or self._clock()

    def check(self) -> bool:
        self.get("")
        return True

    def reset(self) -> int:
        return self._delete_counts(delete(counts))

    def close(self) -> None:
        self._engine.dispose()

    def clear(self, key: str) -> None:
        self._delete_counts(delete(counts).where(counts.c.key == _stored_key(key)))

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count if the current window plus the weighted previous one stay within the limit; return whether counted."""
        now = self._clock()
        previous, current = self.sliding_window_keys(key, expiry, now)
        weight = self.get(previous) * (1 - (now / expiry) % 1)
        room = limit - amount + 1 - weight  # from floor(weight + count) + amount <= limit
        return room > 0 and self._count(current, 2 * expiry, amount, room) is not None

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return count and remaining seconds of the previous window, then of the current one."""
        now = self._clock()
        previous, current = self.sliding_window_keys(key, expiry, now)
        left = (1 - (now / expiry) % 1) * expiry
        last = self.get(previous)
        return last, left if last else 0.0, self.get(current), left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        for window_key in self.sliding_window_keys(key, expiry, self._clock()):
            self.clear(window_key)

    def take_back(self, key: str, expiry: int) -> None:
        current = self.sliding_window_keys(key, expiry, self._clock())[1]
        decrement = (
            update(counts)
            .where(counts.c.key == _stored_key(current), counts.c.times > 0)
            .values(times=counts.c.times - 1)
        )
        with self._engine.begin() as connection:
            connection.execute(decrement)

    def _count(self, key: str, expiry: float, amount: int, room: float) -> int | None:
        now = self._clock()
        if abs(now - self._swept) > _SWEEP_S:
            self._swept = now
            self._delete_counts(delete(counts).where(counts.c.expires <= now))
        row = {"key": _stored_key(key), "times": amount, "expires": now + expiry, "room": room}
        with self._engine.begin() as connection:
            return connection.execute(_INCREMENT, row).scalar()

    def _delete_counts(self, statement: Delete) -> int:
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount


def _stored_key(key: str) -> str:
    # A key ends with its window, so a long one is replaced by its digest instead of being cut.
    return key if len(key) <= _MAX_KEY_CHARS else sha256(key.encode(errors="surrogatepass")).hexdigest()


# A question needs three kilobytes; chat clients also send the history.
MAX_BODY_BYTES = 1_000_000
# Time for a body, plus its bytes at the lowest accepted rate; a mobile phone on a bad line is ten times as fast.
BODY_S = 20.0
BODY_BYTES_PER_S = 50_000
# One IPv6 subscriber gets at least a /64 network (RFC 6177), so addresses within it are one caller.
IPV6_PREFIX_BITS = 64


_TWO_LENGTHS = "Content-Length と Transfer-Encoding は、どちらか一方だけを付けて送ってください。"


class RateLimits:
    """Counts calls per minute in sliding windows; `shared` counts for all processes over the same records.

    One object (`app.state.limits`) serves all routes of an application. Raises StorageError if the records cannot be
    opened.
    """

    def __init__(self, settings: Settings, *, shared: bool = False, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        in_records = shared or settings.database_url is not None
        self._engine = open_database(database_url(settings)) if in_records else _memory_database()
        self._counters = DatabaseCounters(self._engine, clock)

    def wait_s(self, kind: str, caller: str, per_minute: int) -> float:
        """Count a call and return 0; at the limit, return the seconds to wait instead of counting."""
        try:
            return self._wait_s(self._counters, kind, caller, per_minute)
        except StorageError:  # for example a full disk; each process then counts for itself
            return self._wait_s(self._process_counters, kind, caller, per_minute)

    def _wait_s(self, counters: DatabaseCounters, kind: str, caller: str, per_minute: int) -> float:
        window = RateLimitItemPerMinute(per_minute)
        limiter = SlidingWindowCounterRateLimiter(counters)
        if limiter.hit(window, kind, caller):
            return 0
        return max(limiter.get_window_stats(window, kind, caller).reset_time - self._clock(), 1.0)

    def take_back(self, kind: str, caller: str, per_minute: int) -> None:
        """Undo the count of the last call."""
        window = RateLimitItemPerMinute(per_minute)
        for counters in (self._counters, self._process_counters):
            with suppress(StorageError):
                counters.take_back(window.key_for(kind, caller), window.get_expiry())

    def count(self, caller: str, per_minute: int | None = None) -> None:
        """Count a question of one caller and of all callers; raises 429 or 503 with `Retry-After`."""
        if wait := self.wait_s("asks", caller, per_minute or self._settings.requests_per_minute):
            detail = f"質問や閲覧が続けて届いています。{ceil(wait)}秒ほど待ってから、もう一度お試しください。"
            raise UserFacingError(429, detail, {"Retry-After": str(ceil(wait))})
        overall = self._settings.requests_per_minute_overall
        if overall and (wait := self.wait_s("asks", "", overall)):
            detail = f"ただいま混み合っています。{ceil(wait)}秒ほど待ってから、もう一度お試しください。"
            raise UserFacingError(503, detail, {"Retry-After": str(ceil(wait))})

    def close(self) -> None:
        """Close every connection; counts that are not shared are lost."""
        self._engine.dispose()
        if "_process_counters" in self.__dict__:
            self._process_counters.close()

    @cached_property
    def _process_counters(self) -> DatabaseCounters:
        return DatabaseCounters(_memory_database(), self._clock)


def _memory_database() -> Engine:
    single = {"pool_size": 1, "max_overflow": 0, "connect_args": {"check_same_thread": False}}
    engine = create_engine("sqlite://", poolclass=QueuePool, **single)

    # Each connection to `sqlite://` opens a new, empty database.
    @event.listens_for(engine, "connect")
    def make_tables(connection: Connection, _record: object) -> None:
        connection.execute(str(CreateTable(request_counts).compile(engine)))

    return engine


def caller_key(request: Request) -> str:
    """Return the key that a caller is counted by: the IPv4 address or the IPv6 network."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(int(address) >> (128 - IPV6_PREFIX_BITS)) if isinstance(address, IPv6Address) else host


def enforce_rate_limit(request: Request) -> None:
    """Count a request, with the limit of its API key if it has one; raises 429 or 503 with `Retry-After`."""
    limits: RateLimits = request.app.state.limits
    key = request.scope.get("key")
    limits.count(f"key {key.name}", key.per_minute) if key else limits.count(caller_key(request))


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


def current_caller() -> str:
    """Return who sent the request that is served, for a share of what all callers use.

    It is "" outside a request, for a program with an API key, which has a limit of its own, and for an address of this
    machine, which may be a proxy before all citizens.
    """
    request = _SERVED.get()
    if request is None or request.scope.get("key"):
        return ""
    if person := request.scope.get("person"):
        return f"person {person.name}"
    with suppress(ValueError):
        if request.client and ip_address(request.client.host).is_loopback:
            return ""
    return caller_key(request)


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
    """Middleware that refuses bodies that are too large or too slow, before they are parsed.

    `larger` has the paths with a higher limit, in bytes.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int = MAX_BODY_BYTES,
        larger: Mapping[str, int] | None = None,
        body_s: float = BODY_S,
    ) -> None:
        self._app = app
        self._body_s = body_s
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
        is_complete = False
        start = time.monotonic()

        async def receive_limited() -> Message:
            nonlocal received, is_complete
            if is_complete:  # the next message is the disconnect, which may come at any time
                return await receive()
            try:
                deadline = start + self._body_s + received / BODY_BYTES_PER_S
                message = await asyncio.wait_for(receive(), deadline - time.monotonic())
            except TimeoutError as error:
                raise UserFacingError(408, make_problem(408).detail, {"Connection": "close"}) from error
            received += len(message.get("body", b""))
            is_complete = not message.get("more_body")
            if received > max_bytes:
                raise UserFacingError(413, make_problem(413).detail)
            return message

        return receive_limited
