"""Opens the database of the records: SQLite by default, or another via SQLAlchemy.

Offices that share a service have a database each: the SQLite of their data folders, or a schema each of a PostgreSQL
(`?schema=` of its address), in which every transaction of theirs begins and beyond which no name of theirs leads.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from bot.errors import RecordsError
from bot.storage.migrations import upgrade
from ingest.configuration.settings import Settings
from ingest.errors import StorageError

# How long a writer waits for another one, in a process of its own, before it gives up.
BUSY_S = 10
# … and how long between two tries where SQLite does not wait by itself.
_AGAIN_S = 0.05
_SCHEMA = "schema"


def database_url(settings: Settings) -> str:
    """Return the database of the settings, by default `shirube.sqlite` in the data folder.

    Raises StorageError where several offices would share a database that keeps nobody apart.
    """
    if settings.database_url and (url := settings.database_url.get_secret_value()):
        return _tenant_url(url, settings.tenant) if settings.tenants or settings.tenant else url
    return str(URL.create("sqlite", database=str(settings.data / "shirube.sqlite")))


def _tenant_url(url: str, tenant: str) -> str:
    """Return the address of an office's schema in the database of all, of the whole's own tables without `tenant`."""
    with translate_database_errors():
        address = make_url(url)
    if address.get_backend_name() != "postgresql":
        raise StorageError(
            "役所ごとに記録を分けられるデータベースは PostgreSQL です。SHIRUBE_DATABASE_URL を"
            " postgresql+psycopg://… にするか、空にしてください（空なら、役所ごとの SQLite になります）。"
        )
    own = {_SCHEMA: f"tenant_{tenant}"} if tenant else {}
    return address.update_query_dict(own).render_as_string(hide_password=False)


def engine_at(url: str) -> Engine:
    """Return the database at `url` as it is; nothing is connected yet. Raises ArgumentError for a broken address."""
    address = make_url(url)
    if _SCHEMA in address.query:
        server = address.difference_update_query([_SCHEMA]).render_as_string(hide_password=False)
        return _with_schema(_server_engine(server), str(address.query[_SCHEMA]))
    return _engine(address)


@cache
def _server_engine(url: str) -> Engine:
    """Return the database of all offices: one pool of connections in a process, however many they are."""
    return _engine(make_url(url))


def _with_schema(server: Engine, schema: str) -> Engine:
    """Return the database as one office sees it.

    The path is set for each transaction and ends with it (`SET LOCAL`): a connection that is given back belongs to
    nobody, also behind a pooler such as PgBouncer.
    """
    own = server.execution_options(schema=schema)
    quoted = server.dialect.identifier_preparer.quote_identifier(schema)

    @event.listens_for(own, "begin")
    def stay_within(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL search_path TO {quoted}")

    return own


def _engine(address: URL) -> Engine:
    # The text of an error goes to the log, and would carry what is being recorded.
    private: dict[str, Any] = {"hide_parameters": True, "json_serializer": partial(json.dumps, ensure_ascii=False)}
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True, **private)
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"timeout": BUSY_S}, **private)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def open_database(url: str) -> Engine:
    """Return the database at `url` with the tables of this release. Raises StorageError where there is none."""
    with translate_database_errors():
        engine = engine_at(url)
        upgrade(engine)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Let readers go on while one writes, hold every row to its conversation or answer, and lose and leave nothing.

    What is told as kept survives a power cut (FULL: every transaction is synced), and what is deleted is overwritten.
    """
    _enable_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


def _enable_wal(connection: Any) -> None:
    """Let a new database have its log ahead. Where several processes ask for that at once SQLite waits for none."""
    end = monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > end:
                raise
            sleep(_AGAIN_S)
        else:
            return


def with_utc(moment: datetime) -> datetime:
    """Return a time as the database gives it with its zone, which SQLite leaves out: all times in it are UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Turn the database's own errors into StorageError, or RecordsError where it runs: what to do is in the text."""
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StorageError(
            "SHIRUBE_DATABASE_URL が正しくないか、データベースの接続部品が入っていません。"
            "sqlite:///… や postgresql+psycopg://… の形で指定し、必要な部品を pip で入れてください。"
        ) from error
    except (DatabaseError, OSError) as error:
        raise RecordsError(
            "記録を読み書きできません。データのフォルダー（SHIRUBE_DATA）に書き込めるか、空き容量があるか、"
            "SHIRUBE_DATABASE_URL のデータベースが動いているかを確かめてください。"
        ) from error
