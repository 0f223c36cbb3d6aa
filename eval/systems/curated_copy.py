"""Copies curated answers and dictionary into a separate database, so that a run answers as the service does."""

from pathlib import Path

from sqlalchemy import Engine, insert, inspect, select
from sqlalchemy.engine import make_url

from bot.storage.database import engine_at, open_database, translate_database_errors
from bot.storage.tables import curated_answers, curated_versions, dictionary_versions, queue_groups

# In the order of their foreign keys; none refers to recorded questions.
TABLES = (queue_groups, curated_answers, curated_versions, dictionary_versions)


def copy_curated(source_url: str, copy_url: str) -> None:
    """Copy the curated answers and the dictionary between two databases; does nothing if the source does not exist.

    Raises StorageError.
    """
    if not _database_exists(source_url):
        return
    with translate_database_errors():
        source = engine_at(source_url)
        copy = open_database(copy_url)
        try:
            _copy(source, copy)
        finally:
            source.dispose()
            copy.dispose()


def _database_exists(url: str) -> bool:
    with translate_database_errors():
        address = make_url(url)
    return address.get_backend_name() != "sqlite" or Path(address.database or "").is_file()


def _copy(source: Engine, copy: Engine) -> None:
    with source.connect() as reading, copy.begin() as writing:
        source_tables = set(inspect(reading).get_table_names())
        for table in TABLES:
            rows = (
                [dict(row) for row in reading.execute(select(table)).mappings()] if table.name in source_tables else []
            )
            if rows:
                writing.execute(insert(table), rows)
