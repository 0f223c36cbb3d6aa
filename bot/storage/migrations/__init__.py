"""Migrates the database of the records with Alembic.

There is one history for the tables of all packages. A release that changes tables adds a file to `versions/`, with the
release as its name and number, and becomes `HEAD`. Released files are not changed.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateSchema

from ingest.errors import StorageError

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

# The newest revision in `versions/`; a constant, so that a start without migrations need not import Alembic.
HEAD = "0.28.0"
_TABLE = "alembic_version"
# An arbitrary number that identifies the advisory lock.
_LOCK = 7_305_441


def upgrade(engine: Engine) -> None:
    """Migrate the database, or a tenant's schema of it, to the tables of this release, in one transaction.

    Of several processes that start at the same time, one migrates. Raises StorageError if a newer release wrote it.
    """
    try:
        _upgrade(engine)
    except IntegrityError:  # PostgreSQL does not see a schema that another process created during the wait for the lock
        _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    with engine.begin() as connection:
        _wait_for_others(connection)
        if schema := connection.get_execution_options().get("schema"):
            connection.execute(CreateSchema(schema, if_not_exists=True))
        revision = _read_revision(connection)
        if revision != HEAD:
            _migrate(connection, revision)


def is_current(engine: Engine) -> bool:
    """Return whether the database has the tables of this release."""
    with engine.connect() as connection:
        return _read_revision(connection) == HEAD


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar()  # noqa: S608 -- a constant


def _wait_for_others(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Also detects at the start that the file is not writable.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # for the wait, and for a migration of large tables
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _migrate(connection: Connection, revision: str | None) -> None:
    # The import takes 0.2 s.
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    scripts = _load_scripts()
    if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise StorageError(
            f"記録のデータベースは、より新しい版のしるべ（{revision}）が書いたものです。その版で動かすか、"
            "この版のバックアップを `python -m bot restore` で戻してください。データはそのままです。"
        )
    # `alembic upgrade head` with cached revisions; Alembic's cookbook calls this private method too.
    steps = {"fn": lambda current, _: scripts._upgrade_revs("head", current)}  # noqa: SLF001
    context = MigrationContext.configure(connection, opts=steps)
    with Operations.context(context):
        context.run_migrations()


@cache
def _load_scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory(str(Path(__file__).parent))
