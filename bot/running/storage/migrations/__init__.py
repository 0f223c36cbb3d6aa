"""Creates the tables of the database, and migrates them with Alembic.

A release that changes tables changes `storage/tables.py`, adds a file to `versions/` with the release as its name and
number, and becomes `HEAD`. Released files are not changed.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from bot.running.storage.tables import metadata
from ingest.errors import StorageError

# The newest revision in `versions/`; a constant, so that a start without migrations need not import Alembic.
HEAD = "0.38.0"
_FOLDER = Path(__file__).parent
# An arbitrary number that identifies the advisory lock.
_LOCK = 7_305_441


def upgrade(engine: Engine) -> None:
    """Create or migrate the tables of the database in one transaction.

    Of several processes that start at the same time, one does so. Raises StorageError if another release wrote the
    database that this one cannot migrate.
    """
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            # Also detects at the start that the file is not writable.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # for the wait, and to migrate large tables
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        inspector, revision = inspect(connection), ""
        if inspector.has_table("alembic_version"):
            revision = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
        elif inspector.has_table("conversations"):
            raise _unknown_release("0.29")
        if revision != HEAD:
            _run_alembic(connection, revision)


def _run_alembic(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER))
    if not revision:
        metadata.create_all(connection)
        return command.stamp(config, "head")
    try:
        return command.upgrade(config, "head")
    except CommandError as error:  # an unknown revision
        raise _unknown_release(revision) from error


def _unknown_release(revision: str) -> StorageError:
    return StorageError(
        f"記録のデータベースは、この版では開けない版のしるべ（{revision}）が書いたものです。その版で動かすか、"
        "この版のバックアップを `python -m bot restore` で戻してください。0.37 までの版からの移し方は CHANGELOG.md に"
        "あります。データはそのままです。"
    )
