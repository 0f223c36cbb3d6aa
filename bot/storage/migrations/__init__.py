"""The history of the records' database: which release added what, and how an older database becomes today's.

One history for the one database, whichever room the tables are in. A release that changes tables adds a file to
`versions/`, named and numbered by the release, and is `HEAD` then; a file that was released is not changed any more.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.schema import CreateSchema

from ingest.errors import StorageError

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

# The newest revision in `versions/`. Known without Alembic: a start that has nothing to do need not import it.
HEAD = "0.24.0"
_TABLE = "alembic_version"
# Any number that nothing else in the database locks.
_LOCK = 7_305_441


def upgrade(engine: Engine) -> None:
    """Bring the database, or the schema of it that is an office's, to today's tables.

    In one transaction; processes that start together do it once.

    Raises StorageError for a database that a newer release wrote.
    """
    with engine.begin() as connection:
        _wait_for_others(connection)
        if schema := connection.get_execution_options().get("schema"):
            connection.execute(CreateSchema(schema, if_not_exists=True))
        if (at := _revision(connection)) != HEAD:
            _run(connection, at)


def _revision(connection: Connection) -> str | None:
    """Return the revision of the database; None for an empty one, and for one of before there were revisions."""
    if not inspect(connection).has_table(_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_TABLE}")).scalar()  # noqa: S608 -- a constant


def _wait_for_others(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # A file that cannot be written is told at the start, too.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _run(connection: Connection, at: str | None) -> None:
    # A fifth of a second that a start with nothing to do need not pay.
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    scripts = _scripts()
    if at is not None and at not in {script.revision for script in scripts.walk_revisions()}:
        raise StorageError(
            f"記録のデータベースは、より新しい版のしるべ（{at}）が書いたものです。その版で動かすか、"
            "この版のバックアップを `python -m bot restore` で戻してください。データはそのままです。"
        )
    # What `alembic upgrade head` does, which would load each revision anew; Alembic's cookbook calls this method too.
    steps = {"fn": lambda revision, _: scripts._upgrade_revs("head", revision)}  # noqa: SLF001
    context = MigrationContext.configure(connection, opts=steps)
    with Operations.context(context):
        context.run_migrations()


@cache
def _scripts() -> "ScriptDirectory":
    """Return the revisions, loaded once: each office of a service has a database of its own."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory(str(Path(__file__).parent))
