"""Tests of new databases, and of those of other releases."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from bot.storage import migrations
from bot.storage.database import engine_at, open_database, sqlite_url
from bot.storage.tables import metadata
from ingest.errors import StorageError

REVISION = """
from alembic import op
from sqlalchemy import Column, Integer
revision, down_revision = {!r}, {!r}
def upgrade():
    {}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shirube.sqlite"


def write_revision(file: Path, revision: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        database.commit()


def test_concurrent_starts_create_the_tables_once(file: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        for engine in threads.map(open_database, [sqlite_url(file)] * 4):
            engine.dispose()
    with engine_at(sqlite_url(file)).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_head_is_the_newest_revision() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == migrations.HEAD


@pytest.mark.parametrize(
    ("revision", "message"),
    [("0.28.0", r"0\.29 以前の版.*先に 0\.29 で.*書き出し"), ("9.0.0", r"より新しい版のしるべ（9\.0\.0）")],
)
def test_a_database_of_another_release_is_refused_and_unchanged(file: Path, revision: str, message: str) -> None:
    open_database(sqlite_url(file)).dispose()
    write_revision(file, revision)
    before = file.read_bytes()
    with pytest.raises(StorageError, match=message):
        open_database(sqlite_url(file))
    assert file.read_bytes() == before


def test_a_database_without_revision_is_refused(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE conversations (id)")
    with pytest.raises(StorageError, match="以前の版"):
        open_database(sqlite_url(file))


def test_a_database_of_the_release_before_is_migrated(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database(sqlite_url(file)).dispose()
    (tmp_path / "versions").mkdir()
    column = 'op.add_column("turns", Column("added", Integer))'
    for revision, before, step in (("0.30.0", None, "pass"), ("0.32.0", "0.30.0", column)):
        path = tmp_path / "versions" / f"v{revision.replace('.', '_')}.py"
        path.write_text(REVISION.format(revision, before, step))
    monkeypatch.setattr(migrations, "HEAD", "0.32.0")
    monkeypatch.setattr(migrations, "_load_scripts", lambda: ScriptDirectory(str(tmp_path)))
    engine = open_database(sqlite_url(file))
    assert "added" in {column["name"] for column in inspect(engine).get_columns("turns")}
    assert migrations.is_current(engine)
