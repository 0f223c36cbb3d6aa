"""Copies all records from one database to another, SQLite or PostgreSQL.

The rows are read in the order of their primary keys within one snapshot, and written in batches, one transaction each.
A copy that was interrupted has a prefix of the rows of each table, so that a second run continues after it. Afterwards
the number of rows and a SHA-256 digest of every table are compared.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    cast,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.types import UserDefinedType

from bot.errors import RecordsCopyError, RecordsError
from bot.storage.database import engine_at, parse_address
from bot.storage.migrations import is_current, upgrade
from bot.storage.tables import metadata

# Rows per transaction; an answer takes about 5 KB.
_BATCH = 2_000
# Tables that describe the last minutes of a running server; their rows are neither copied nor refused.
_TRANSIENT = frozenset({"sign_in_failures", "start_tokens"})
_BACKENDS = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table that is equal in both databases; `written` is how many of its rows this run wrote."""

    name: str
    rows: int
    written: int
    digest: str


class _JsonText(UserDefinedType[str]):
    cache_ok = True

    def column_expression(self, colexpr: ColumnElement[str]) -> ColumnElement[str]:
        return cast(colexpr, Text)


def _copyable_tables() -> list[Table]:
    copied = MetaData()
    for table in metadata.sorted_tables:
        if table.name not in _TRANSIENT:
            for column in table.to_metadata(copied).columns:
                if isinstance(column.type, JSON):
                    column.type = _JsonText()
    return copied.sorted_tables


_TABLES = _copyable_tables()


class _Digest:
    def __init__(self) -> None:
        self.rows = 0
        self._hash = hashlib.sha256()

    def add(self, rows: Sequence[RowMapping]) -> None:
        for row in rows:
            self._hash.update(json.dumps(tuple(row.values()), ensure_ascii=False, default=_to_text).encode())
        self.rows += len(rows)

    def value(self) -> str:
        return self._hash.hexdigest()


def copy_records(source_url: str, target_url: str) -> list[CopiedTable]:
    """Copy all records and return the tables after comparing them.

    May be repeated after an interruption. Raises RecordsCopyError if the source does not exist, the target has other
    records, or the tables differ afterwards, and StorageError if a database cannot be used.
    """
    source = _open_source(source_url)
    target = _open_target(target_url)
    try:
        with _snapshot(source) as reading:
            with _snapshot(target) as connection:
                present = {table.name: _count_rows(connection, table) for table in _TABLES}
                if other := [table.name for table in _TABLES if not _is_prefix(reading, connection, table)]:
                    raise RecordsCopyError(
                        f"写す先のデータベースに、写す元にない記録があります（表 {'、'.join(other)}）。"
                        "何も変えていません。空のデータベース（PostgreSQL なら、新しく作ったもの）を指定してください。"
                    )
            return [_copy_table(reading, target, table, present[table.name]) for table in _TABLES]
    finally:
        source.dispose()
        target.dispose()


def is_copyable(url: str) -> bool:
    """Return whether records can be copied from and to the database at an address. Raises StorageError."""
    return parse_address(url).get_backend_name() in _BACKENDS


def _open_source(url: str) -> Engine:
    engine = _engine(url)
    file = engine.url.database
    if engine.dialect.name == "sqlite" and not (file and Path(file).is_file()):
        raise RecordsCopyError(f"写す元の「{file}」がありません。場所を確かめてください。")
    if not inspect(engine).has_table("conversations"):
        raise RecordsCopyError(
            "写す元に、しるべの記録がありません。データベースの名前（と schema）を確かめてください。"
        )
    if not is_current(engine):
        upgrade(engine)
    return engine


def _open_target(url: str) -> Engine:
    engine = _engine(url)
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise RecordsCopyError(
                f"写す先のデータベースの文字コードは {encoding} です。UTF8 で作ったデータベースを指定してください。"
            )
    upgrade(engine)
    return engine


def _engine(url: str) -> Engine:
    if not is_copyable(url):
        raise RecordsCopyError("写せるのは、SQLite と PostgreSQL のあいだです。アドレスを確かめてください。")
    return engine_at(url)


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ")
            # A large table takes longer than what a request may wait for, and one end waits for the other.
            for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
        yield connection


def _copy_table(reading: Connection, target: Engine, table: Table, present: int) -> CopiedTable:
    digest = _Digest()
    for batch in _batches(reading, table):
        if missing := batch[max(0, present - digest.rows) :]:
            _write(target, table, missing, digest.rows + len(batch))
        digest.add(batch)
    with _snapshot(target) as connection:
        copied = _digest(connection, table)
    if copied.value() != digest.value():
        raise RecordsCopyError(
            f"表 {table.name} が、写したあとで一致しません（元 {digest.rows:,}行、先 {copied.rows:,}行）。"
            "写す先を使っているしるべを止め、空のデータベースへ写し直してください。"
        )
    return CopiedTable(table.name, digest.rows, digest.rows - present, digest.value())


def _is_prefix(reading: Connection, writing: Connection, table: Table) -> bool:
    there = _digest(writing, table)
    return there.rows == 0 or _digest(reading, table, there.rows).value() == there.value()


def _write(target: Engine, table: Table, rows: Sequence[RowMapping], last: int) -> None:
    try:
        with target.begin() as connection:
            connection.execute(insert(table), [dict(row) for row in rows])
            column = table.autoincrement_column
            if connection.dialect.name == "postgresql" and column is not None:
                sequence = func.pg_get_serial_sequence(table.name, column.name)
                connection.execute(select(func.setval(sequence, select(func.max(column)).scalar_subquery())))
    except RecordsError as error:
        if not isinstance(error.__cause__, target.dialect.loaded_dbapi.DataError):
            raise
        raise RecordsCopyError(
            f"表 {table.name} の {last - len(rows) + 1:,}〜{last:,}行目に、写す先が受け取れない値があります"
            f"（{error.__cause__}）。それまでの行は写してあります。値を直してから、もう一度実行してください。"
        ) from error


def _digest(connection: Connection, table: Table, rows: int | None = None) -> _Digest:
    digest = _Digest()
    for batch in _batches(connection, table, rows):
        digest.add(batch)
    return digest


def _to_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else bytes(value).hex()


def _batches(connection: Connection, table: Table, limit: int | None = None) -> Iterator[Sequence[RowMapping]]:
    # In byte order in both databases.
    is_postgresql = connection.dialect.name == "postgresql"
    keys = [
        key.collate("C") if is_postgresql and isinstance(key.type, String) else key for key in table.primary_key.columns
    ]
    query = select(*sorted(table.columns, key=lambda column: column.name)).order_by(*keys).limit(limit)
    rows = connection.execute(query.execution_options(yield_per=_BATCH))
    yield from rows.mappings().partitions(_BATCH)


def _count_rows(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
