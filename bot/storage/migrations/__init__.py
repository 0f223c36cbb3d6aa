"""Creates the tables of the database, and migrates them with Alembic.

A release that changes tables changes `bot.storage.tables`, adds a file to `versions/` with the release as its name and
number, and becomes `HEAD`. Released files are not changed.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from bot.errors import ConflictingRecordError
from bot.storage.tables import metadata
from ingest.errors import StorageError

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

# The newest revision in `versions/`; a constant, so that a start without migrations need not import Alembic.
HEAD = "0.38.0"
_FIRST_RELEASE = (0, 30)
# An arbitrary number that identifies the advisory lock.
_LOCK = 7_305_441


def upgrade(engine: Engine) -> None:
    """Create or migrate the tables of the database in one transaction.

    Of several processes that start at the same time, one does so. Raises StorageError if another release wrote the
    database that this one cannot migrate.
    """
    try:
        _upgrade(engine)
    except ConflictingRecordError:  # PostgreSQL does not see a schema that another process created during the wait
        _upgrade(engine)


def _upgrade(engine: Engine) -> None:
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # Also detects at the start that the file is not writable.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # for the wait, and to migrate large tables
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        revision = _read_revision(connection)
        if revision == "":
            # What Alembic's cookbook calls "building an up to date database from scratch", without the import of 0.2 s.
            metadata.create_all(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        elif revision != HEAD:
            _migrate(connection, revision)


def is_current(engine: Engine) -> bool:
    """Return whether the database has the tables of this release."""
    with engine.connect() as connection:
        return _read_revision(connection) == HEAD


def _read_revision(connection: Connection) -> str:
    if inspect(connection).has_table("alembic_version"):
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    return "0.0" if inspect(connection).has_table("conversations") else ""


def _migrate(connection: Connection, revision: str) -> None:
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    scripts = _load_scripts()
    if tuple(map(int, revision.split(".")[:2])) < _FIRST_RELEASE:
        raise StorageError(
            "記録のデータベースは 0.29 以前の版のしるべのもので、この版では開けません。先に 0.29 で必要な記録を書き出し"
            "（`/api/export`）、新しいデータフォルダーかデータベースで始めてください。データはそのままです。"
        )
    if revision not in {script.revision for script in scripts.walk_revisions()}:
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
