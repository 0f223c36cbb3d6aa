"""Engines for PostgreSQL that give up on a server that does not answer."""

from collections.abc import Callable, Generator
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
_CONNECTIONS = "connections"
_DEFAULT_CONNECTIONS = 8
# Time that a request waits for a free connection of its process.
_POOL_S = 2.0
# A statement may take long, but after so long without a word a new connection finds out whether the server is there.
_SILENT_S = 1.0
# After a server did not answer, connections fail at once for this time.
_RETRY_S = 2.0
_LIMITS = "SET LOCAL statement_timeout = '30s'; SET LOCAL idle_in_transaction_session_timeout = '60s'"
_CONNECTION_LIMITS: dict[str, Any] = {
    "connect_timeout": 2,  # the least that libpq accepts
    # A host that vanished acknowledges nothing: noticed after 5 s without and 11 s with data in transit.
    "tcp_user_timeout": 5_000,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


class _WatchedConnection(psycopg.Connection[Any]):
    connect_again: Callable[[], psycopg.Connection] | None = None

    def wait(self, gen: PQGen[T], *arguments: Any, **options: Any) -> T:
        return super().wait(self._watch(gen), *arguments, **options)

    def _watch(self, gen: PQGen[T]) -> Generator[Any, Any, T]:
        heard = monotonic()
        try:
            condition = next(gen)
            while True:
                ready = yield condition
                if not ready and self.connect_again and monotonic() - heard > _SILENT_S:
                    try:
                        self.connect_again().close()
                    except psycopg.OperationalError:
                        gen.close()
                        self.close()  # so that SQLAlchemy discards the connection
                        raise
                    ready = 0
                heard = monotonic() if ready else heard
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
    engine = create_engine(
        address.difference_update_query([_CONNECTIONS]),
        poolclass=_Pool,
        pool_size=int(str(address.query.get(_CONNECTIONS, _DEFAULT_CONNECTIONS))),
        max_overflow=0,
        pool_timeout=_POOL_S,
        pool_pre_ping=True,
        pool_use_lifo=True,
        **options,
    )
    away_until = 0.0

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, arguments: Any, parameters: dict[str, Any]) -> psycopg.Connection:
        def open_connection() -> _WatchedConnection:
            nonlocal away_until
            if monotonic() < away_until:
                raise psycopg.OperationalError("the database server did not answer a moment ago")
            try:
                return _WatchedConnection.connect(*arguments, **{**_CONNECTION_LIMITS, **parameters})
            except psycopg.OperationalError as error:
                if error.sqlstate is None:  # else the server answered, for example that it has too many connections
                    away_until = monotonic() + _RETRY_S
                raise

        connection = open_connection()
        connection.connect_again = open_connection
        return connection

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(_LIMITS)

    return engine
