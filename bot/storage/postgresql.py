"""Engines for PostgreSQL that give up on a server that does not answer, also through PgBouncer in transaction mode."""

from collections.abc import Callable, Generator
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import TimeoutError  # noqa: A004
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from bot.errors import RecordsAwayError

T = TypeVar("T")
# The query of a database address that says how many connections a process may open, and the default.
CONNECTIONS = "connections"
DEFAULT_CONNECTIONS = 8
# Time that a request waits for a free connection of its process.
_POOL_S = 2.0
# The least that libpq accepts as the time for connecting.
_CONNECT_S = 2
# A statement may take long, but a server that says nothing for this time is asked whether it is there.
_SILENT_S = 1.0
# After a server did not answer, one connection in this time finds out whether it is back; the others fail at once.
RETRY_S = 2.0
# Limits in the server: of a statement, and of a worker that stopped within a transaction and holds locks.
_STATEMENT_S = 30
_IDLE_TRANSACTION_S = 60
_CONNECTION_LIMITS: dict[str, Any] = {
    "connect_timeout": _CONNECT_S,
    # A host that vanished acknowledges nothing: noticed after 5 s without and 11 s with data in transit.
    "tcp_user_timeout": 5_000,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    # PgBouncer in transaction mode gives each transaction another connection, which lacks prepared statements.
    "prepare_threshold": None,
}


class ServerWatch:
    """Knows whether a database server answers; shared by all connections of an engine, safe to share by threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_away = False
        self._next_try = 0.0
        self._probing = Lock()

    def connect(self, connect: Callable[[], psycopg.Connection]) -> psycopg.Connection:
        """Return a new connection. Raises OperationalError, at once while the server is known to be away."""
        with self._lock:
            if self._is_away and monotonic() < self._next_try:
                raise psycopg.OperationalError("the database server did not answer a moment ago")
            self._next_try = monotonic() + _CONNECT_S + RETRY_S  # if it is away, others fail until this one returns
        try:
            connection = connect()
        except psycopg.OperationalError as error:
            if error.sqlstate is None:  # else the server answered, for example that it has too many connections
                with self._lock:
                    self._is_away = True
                    self._next_try = monotonic() + RETRY_S
            raise
        with self._lock:
            self._is_away = False
        return connection

    def is_away(self, connect: Callable[[], psycopg.Connection]) -> bool:
        """Whether a silent server does not accept a connection either; False while another thread finds out."""
        with self._lock:  # an older failure says nothing: connections of the pool may have worked ever since
            if self._is_away and monotonic() < self._next_try:
                return True
        if not self._probing.acquire(blocking=False):
            return False
        try:
            self.connect(connect).close()
        except psycopg.OperationalError as error:
            return error.sqlstate is None
        finally:
            self._probing.release()
        return False


class WatchedConnection(psycopg.Connection[Any]):
    """A connection that is closed, with OperationalError, when its server is away in the middle of a statement."""

    is_server_away: Callable[[], bool] | None = None

    def wait(self, gen: PQGen[T], *arguments: Any, **options: Any) -> T:
        if self.is_server_away is None:
            return super().wait(gen, *arguments, **options)
        return super().wait(self._watch(gen, self.is_server_away), *arguments, **options)

    def _watch(self, gen: PQGen[T], is_server_away: Callable[[], bool]) -> Generator[Any, Any, T]:
        heard = monotonic()
        try:
            condition = next(gen)
            while True:
                ready = yield condition
                if ready:
                    heard = monotonic()
                elif monotonic() - heard > _SILENT_S and is_server_away():
                    gen.close()
                    self.close()  # so that SQLAlchemy discards the connection
                    raise psycopg.OperationalError("the database server does not answer")
                condition = gen.send(ready)
        except StopIteration as done:
            result: T = done.value
            return result


class _Pool(QueuePool):
    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except TimeoutError as error:  # no connection was free in time
            raise RecordsAwayError from error


def make_engine(address: URL, **options: Any) -> Engine:
    """Return an engine for PostgreSQL with psycopg, with limits of time and of connections.

    The address may say how many connections a process opens: `?connections=4`.
    """
    connections = int(str(address.query.get(CONNECTIONS, DEFAULT_CONNECTIONS)))
    engine = create_engine(
        address.difference_update_query([CONNECTIONS]),
        poolclass=_Pool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_POOL_S,
        pool_pre_ping=True,
        pool_use_lifo=True,
        **options,
    )
    watch = ServerWatch()

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: Any, parameters: dict[str, Any]) -> psycopg.Connection:
        def open_connection() -> WatchedConnection:
            return WatchedConnection.connect(*arguments, **{**_CONNECTION_LIMITS, **parameters})

        connection = watch.connect(open_connection)
        if isinstance(connection, WatchedConnection):
            connection.is_server_away = lambda: watch.is_away(open_connection)
        return connection

    # In the transaction, so that pooled connections carry nothing, also with PgBouncer.
    limits = f"SET LOCAL statement_timeout = '{_STATEMENT_S}s'"
    limits += f"; SET LOCAL idle_in_transaction_session_timeout = '{_IDLE_TRANSACTION_S}s'"

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(limits)

    return engine


def is_unreachable(error: BaseException | None) -> bool:
    """Whether an error of psycopg says that the server is away, shuts down, starts, or has no connection left."""
    if not isinstance(error, psycopg.OperationalError):
        return False
    state = error.sqlstate
    return state is None or state.startswith(("08", "57P")) or state == psycopg.errors.TooManyConnections.sqlstate
