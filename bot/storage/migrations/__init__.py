"""Creates the tables of the database, and migrates them with Alembic.

A release that changes tables changes `bot.storage.tables`, adds a file to `versions/` with the release as its name and
number, and becomes `HEAD`. Released files are not changed.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from bot.storage.tables import metadata
from ingest.configuration.storage import UPGRADE_ADVICE
from ingest.errors import StorageError

# The newest revision in `versions/`; a constant, so that a start without migrations need not import Alembic.
HEAD = "0.38.0"
# Where versions before 0.38 kept what staff wrote.
_EARLIER_TABLES = ("curated_versions", "dictionary_versions")
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
        revision = _read_revision(connection)
        if revision != HEAD:
            _run_alembic(connection, revision)
        tables = set(inspect(connection).get_table_names()).intersection(_EARLIER_TABLES)
        if any(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in tables):  # noqa: S608
            raise StorageError(f"職員が 0.37 までの版で書いた回答か言葉の辞書が残っています。{UPGRADE_ADVICE}")


def _read_revision(connection: Connection) -> str:
    if inspect(connection).has_table("alembic_version"):
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    return "0.0" if inspect(connection).has_table("conversations") else ""


def _run_alembic(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER))
    if not revision:
        metadata.create_all(connection)
        return command.stamp(config, "head")
    if tuple(map(int, revision.split(".")[:2])) < (0, 38):
        raise StorageError(
            f"記録のデータベースは 0.37 以前の版のしるべのものです。{UPGRADE_ADVICE}0.29 以前の記録は移せないので、"
            "先に 0.29 で必要なものを書き出し（`/api/export`）、新しいデータフォルダーで始めてください。"
        )
    try:
        return command.upgrade(config, "head")
    except CommandError as error:  # an unknown revision
        raise StorageError(
            f"記録のデータベースは、より新しい版のしるべ（{revision}）が書いたものです。その版で動かすか、"
            "この版のバックアップを `python -m bot restore` で戻してください。データはそのままです。"
        ) from error
