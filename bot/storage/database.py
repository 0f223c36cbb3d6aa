"""Opens the database of the records: SQLite by default, or another via SQLAlchemy.

Each tenant has its own database: SQLite in its data folder, or a schema of PostgreSQL (`?schema=` in the address) that
is the search path of all its transactions.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError, TimeoutError  # noqa: A004

from bot.errors import RecordsAwayError, RecordsError
from bot.storage.migrations import upgrade
from ingest.configuration.settings import Settings
from ingest.errors import StorageError

# Time that a writer waits for a writer of another process before it fails.
BUSY_S = 10
# Delay between retries if SQLite does not wait by itself.
_RETRY_S = 0.05
_SCHEMA = "schema"
_POSTGRESQL = "postgresql+psycopg"
# Error messages are logged, so they must not contain parameters.
_OPTIONS: dict[str, Any] = {"hide_parameters": True, "json_serializer": partial(json.dumps, ensure_ascii=False)}


def database_url(settings: Settings) -> str:
    """Return the database address of the settings, by default `shirube.sqlite` in the data folder.

    Raises StorageError if several tenants would share a database without schemas.
    """
    if settings.database_url and (url := settings.database_url.get_secret_value()):
        return _tenant_url(url, settings.tenant) if settings.tenants or settings.tenant else url
    return sqlite_url(settings.data / "shirube.sqlite")


def sqlite_url(file: Path) -> str:
    """Return the address of a SQLite file."""
    return str(URL.create("sqlite", database=str(file)))


def _tenant_url(url: str, tenant: str) -> str:
    with translate_database_errors():
        address = make_url(url)
    if address.get_backend_name() != "postgresql":
        raise StorageError(
            "役所ごとに記録を分けられるデータベースは PostgreSQL です。SHIRUBE_DATABASE_URL を"
            " postgresql+psycopg://… にするか、空にしてください（空なら、役所ごとの SQLite になります）。"
        )
    schema = {_SCHEMA: f"tenant_{tenant}"} if tenant else {}
    return address.update_query_dict(schema).render_as_string(hide_password=False)


def engine_at(url: str) -> Engine:
    """Return an engine for `url` without connecting or migrating. Raises ArgumentError for a broken address."""
    address = make_url(url)
    if address.drivername != _POSTGRESQL:
        return _engine(address)
    from bot.storage.postgresql import limit_transactions  # noqa: PLC0415 - the driver is optional

    schema = address.query.get(_SCHEMA)
    server = address.difference_update_query([_SCHEMA]).render_as_string(hide_password=False)
    return limit_transactions(_postgresql_engine(server), str(schema) if schema else None)


@cache
def _postgresql_engine(url: str) -> Engine:
    from bot.storage.postgresql import make_engine  # noqa: PLC0415

    return make_engine(make_url(url), **_OPTIONS)


def _engine(address: URL) -> Engine:
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True, **_OPTIONS)
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": BUSY_S}, **_OPTIONS)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def open_database(url: str) -> Engine:
    """Return the database at `url` with the tables of this release. Raises StorageError if there is none."""
    with translate_database_errors():
        engine = engine_at(url)
        upgrade(engine)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    _enable_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


def _enable_wal(connection: Any) -> None:
    end = monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > end:
                raise
            sleep(_RETRY_S)
        else:
            return


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Translate errors of the database into StorageError (configuration) or RecordsError (operation).

    RecordsAwayError is raised if the database server cannot be reached.
    """
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StorageError(
            "SHIRUBE_DATABASE_URL が正しくないか、データベースの接続部品が入っていません。"
            "sqlite:///… や postgresql+psycopg://… の形で指定し、必要な部品を pip で入れてください。"
        ) from error
    except (SQLAlchemyError, OSError) as error:
        kind = RecordsAwayError if _is_unreachable(error) else RecordsError
        raise kind(
            "記録を読み書きできません。データのフォルダー（SHIRUBE_DATA）に書き込めるか、空き容量があるか、"
            "SHIRUBE_DATABASE_URL のデータベースが動いているかを確かめてください。"
        ) from error


def _is_unreachable(error: Exception) -> bool:
    if isinstance(error, TimeoutError):  # no connection of the pool was free in time
        return True
    if not isinstance(error, DBAPIError):
        return False
    if not type(error.orig).__module__.startswith("psycopg"):
        return error.connection_invalidated
    from bot.storage.postgresql import is_unreachable  # noqa: PLC0415 - the driver is optional

    return error.connection_invalidated or is_unreachable(error.orig)
