"""Opens the database of the records: SQLite by default, or another via SQLAlchemy."""

import json
import sqlite3
from functools import cache, partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, OperationalError

from bot.errors import ConflictingRecordError, RecordsAwayError, RecordsError
from bot.running.storage.migrations import upgrade
from ingest.configuration.settings import Settings
from ingest.errors import StorageError

# Time that a writer waits for a writer of another process before it fails.
BUSY_S = 10
# Delay between retries if SQLite does not wait by itself.
_RETRY_S = 0.05
_BAD_ADDRESS = (
    "SHIRUBE_DATABASE_URL が正しくないか、データベースの接続部品が入っていません。"
    "sqlite:///… や postgresql+psycopg://… の形で指定し、必要な部品を pip で入れてください。"
)
_POSTGRESQL = "postgresql+psycopg"
# Error messages are logged, so they must not contain parameters.
_OPTIONS: dict[str, Any] = {"hide_parameters": True, "json_serializer": partial(json.dumps, ensure_ascii=False)}


def database_url(settings: Settings) -> str:
    """Return the database address of the settings, by default `shirube.sqlite` in the data folder."""
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    return url or sqlite_url(settings.data / "shirube.sqlite")


def sqlite_url(file: Path) -> str:
    """Return the address of a SQLite file."""
    return str(URL.create("sqlite", database=str(file)))


def engine_at(url: str) -> Engine:
    """Return an engine for `url` without connecting or migrating. It raises RecordsError for the driver's errors.

    Raises StorageError for a broken address or a missing driver.
    """
    try:
        address = make_url(url)
        return _postgresql_engine(url) if address.drivername == _POSTGRESQL else _engine(address)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StorageError(_BAD_ADDRESS) from error
    except OSError as error:
        raise RecordsError from error


@cache
def _postgresql_engine(url: str) -> Engine:
    # Cached, so that all parts of a process share one pool of connections.
    from bot.running.storage.postgresql import make_engine  # noqa: PLC0415 - the driver is optional

    engine = make_engine(make_url(url), **_OPTIONS)
    event.listen(engine, "handle_error", _translate_error)
    return engine


def _engine(address: URL) -> Engine:
    is_sqlite = address.get_backend_name() == "sqlite"
    if is_sqlite and address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    options = {"connect_args": {"timeout": BUSY_S}} if is_sqlite else {"pool_pre_ping": True}
    engine = create_engine(address, **options, **_OPTIONS)
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "handle_error", _translate_error)
    return engine


def open_database(url: str) -> Engine:
    """Return the database at `url` with the tables of this release. Raises StorageError if there is none."""
    engine = engine_at(url)
    upgrade(engine)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    end = monotonic() + BUSY_S
    while True:  # SQLite does not wait by itself if several processes switch to write-ahead logging at once
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > end:
                raise
            sleep(_RETRY_S)
    # FULL syncs every transaction, so that a committed record survives a power cut; deleted data is overwritten.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


def _translate_error(context: ExceptionContext) -> RecordsError | None:
    error = context.sqlalchemy_exception
    if not isinstance(error, DBAPIError) or context.is_pre_ping:
        return None
    if isinstance(error, IntegrityError):
        return ConflictingRecordError()
    # Without a state there was no connection; else the server shuts down, starts, or has no connection left.
    state = getattr(error.orig, "sqlstate", "")
    is_away = isinstance(error, OperationalError) and (state is None or state.startswith(("08", "57P", "53300")))
    return RecordsAwayError() if is_away or context.is_disconnect else RecordsError()
